"""Author of an article, from bylines, labels, a bare name below the title, and notes on the author."""

import re
from collections.abc import Iterator

from searchsvc.ingest.line_matching import fold
from searchsvc.ingest.metadata.byline_cues import COMMENTS, DATE, PICTURE, PORTRAIT_VERBS, RELATED, ROLE
from searchsvc.ingest.metadata.foreign_byline import foreign_author
from searchsvc.ingest.metadata.line_view import BULLETS, LineView
from searchsvc.ingest.metadata.person_names import is_person, is_place, is_team, names

_ABOVE, _BELOW = 4, 10  # lines around the title
_BARE = 5  # lines below the title in which a bare name counts as byline
_TOPIC_MENTIONS = 3  # lines of prose with a name that make the person a topic
_FOOT = 15  # lines after the end of the prose
_MOST_WORDS = 30  # of a line that holds a byline

_ROLE_OR_VERB = (
    r"(?:written|posted|published|story|words|text|article|reported|report|authored|created|submitted|contributed|blog|"
    r"post|author|guest post|recipe|guide|interview|essay|analysis)"
)
_BY = re.compile(
    rf"\W{{0,4}}(?:{_ROLE_OR_VERB}(?:\s+by\b|:)\s*:?|by\b:?|from:)\s*(?=\S)|\W{{0,3}}By(?=[A-Z][a-z])", re.I
)
_LATER_BY = re.compile(
    rf"(?:[|•·⋅●–—/,)-]|\d|\b(?:am|pm|read|ago|"
    rf"{_ROLE_OR_VERB[3:-1]})\b)\s{{0,3}}(?:{_ROLE_OR_VERB}\s{{1,2}})?\bby:?\s{{1,2}}(?=(?-i:[A-Z]))",
    re.I,
)
_BY_AT_FOOT = re.compile(r"\W{0,3}(?:posted |written )?by\b", re.I)
_WRITTEN_BY = re.compile(r"written by:?\s{1,2}(?=(?-i:[A-Z]))", re.I)
_REPEATED = re.compile(r"([A-Z][\w.'’-]{1,20}(?: [A-Z][\w.'’-]{0,20}){1,3}) [Bb]y (?=\1)")
_MORE_BY = re.compile(
    r"(?:latest|view all|view more|read all|read more|see all|all|more|other|recent)(?: (?:posts|articles|"
    r"stories|work))?"
    r" (?:by|from) (?=(?-i:[A-Z]))",
    re.I,
)
_DATED_BY = re.compile(
    r"(?:posted|published|updated|modified|submitted)\b[^.!?]{0,60}?\bby:?\s{1,2}(?=(?-i:[A-Z]))", re.I
)
_LABEL = re.compile(
    r"\W{0,3}(?:author|authors|written by|posted by|by|words by|story by|article by|published by|"
    r"about the author)\W{0,3}",
    re.I,
)
_LABELLED = re.compile(
    r"\W{0,3}(?:authors?|written by|words by|story by|article by|contributors?)(?:\s{0,2}[:|-]\s{0,2}|"
    r"\s{1,2})(?=(?-i:[A-Z]))",
    re.I,
)
_ABOUT = re.compile(r"about (?:the author:?\s+)?(?=(?-i:[A-Z]))", re.I)
_NOT_BY = re.compile(
    r"\b(?:reviewed|edited|photo\w*|image|illustrat\w*|powered|fact[- ]checked|verified|approved|sponsored|"
    r"presented|designed|recommended|translated|comments?)\s+by\b",
    re.I,
)
_NAME_HEAD = re.compile(r"(?:[A-Z][\w.'’-]{0,20}\s){1,4}")


def author(lines: LineView, title: int) -> str | None:
    """Return the author or authors, joined by ", ", or None if the text names none with certainty."""
    for extract in (_at_title, _labelled, _bare, _at_foot, _signed, _about, _more):
        for named in extract(lines, title):
            return named
    return None


def _at_title(lines: LineView, title: int) -> Iterator[str]:
    """Yield bylines around the title and the first prose, the nearest to the title first."""
    start, end = lines.main
    anchor = title if title >= 0 else min(start, len(lines))
    near = [*range(anchor + 1, anchor + _BELOW), *range(anchor - 1, anchor - _ABOVE, -1), *range(start - 4, start + 6)]
    for i in dict.fromkeys(near):
        if 0 <= i < end and (named := byline_author(lines, i)):
            yield named


def byline_author(lines: LineView, i: int) -> str | None:
    """Return the author that line `i` names, perhaps with the line below, or None. A line is read once."""
    if i not in lines.authors_read:
        lines.authors_read[i] = _read_author(lines, i) if lines.word_counts[i] <= _MOST_WORDS else None
    return lines.authors_read[i]


def begins_as_byline(lines: LineView, i: int) -> bool:
    """Return whether line `i` names an author after a by-word at its beginning."""
    begins = _BY.match(lines.texts[i]) or foreign_author(lines.texts[i], lines.word_counts[i])
    return begins is not None and byline_author(lines, i) is not None


def _read_author(lines: LineView, i: int) -> str | None:
    text, lowered = lines.texts[i][:200], lines.lowered[i]
    if foreign := foreign_author(text, lines.word_counts[i]):
        return foreign
    has_by = "by" in lowered  # exact: `re.I` matches no other characters for these letters
    if not (has_by or ":" in lowered or "author" in lowered):
        return None
    if has_by and (match := _WRITTEN_BY.search(text)):
        return names(text[match.end() :])
    if has_by and _NOT_BY.search(text[:60]):
        return None
    if _LABEL.fullmatch(text):
        return _below(lines, i)
    head = _BY.match(text)
    if head:
        named = names(text[head.end() :])
        if named and (lines.word_counts[i] <= 8 or _only_names(text, head.end(), named)):
            return named if not text.endswith((":", "?")) else None
    later = has_by and (_DATED_BY.search(text) or _LATER_BY.search(text) or _REPEATED.match(text))
    if not later:
        return None
    is_last = text[later.end() :].isalpha()  # "Last updated on 2 August by Shannon"
    return names(text[later.end() :], alone=is_last)


def _only_names(text: str, start: int, named: str) -> bool:
    """Return whether a longer line is a byline: more names, a comma, a date or a role follow the name."""
    first = named.split(", ")[0]
    remainder = text[start + len(first) :].lstrip()
    return ", " in named or remainder[:1] in ("", *",|•·(⋅●") or bool(DATE.search(remainder) or ROLE.search(remainder))


def _below(lines: LineView, i: int) -> str | None:
    """Return the name in the line below a label. The alternative text of an image may be between them."""
    for text in lines.texts[i + 1 : i + 3]:
        if PICTURE.match(text):
            continue
        return names(text) if len(text.split()) <= 12 else _portrait_name(text)
    return None


def _labelled(lines: LineView, title: int) -> Iterator[str]:
    """Yield names after a label ("Author: NAME"), near the title or after the end of the prose."""
    start, end = lines.main
    for i in [*range(max(0, title), start), *_foot(lines, title)]:
        if i > end and COMMENTS.match(lines.texts[i]):
            return
        label = _LABELLED.match(lines.texts[i])
        if label and lines.word_counts[i] <= 14 and (named := names(lines.texts[i][label.end() :])):
            yield named


def _bare(lines: LineView, title: int) -> Iterator[str]:
    """Yield names without a label below the title, if a date, a role or a picture of the person is next to them."""
    if title < 0:
        return
    for i in range(title + 1, min(len(lines), title + 1 + _BARE)):
        if lines.texts[i].startswith(BULLETS) or lines.word_counts[i] > 14:
            continue
        named = _bare_name(lines.texts[i])
        if named and _is_not_topic(lines, title, named) and _has_support(lines, i, named):
            yield named


def _is_not_topic(lines: LineView, title: int, name: str) -> bool:
    """Return whether title and prose mention the name rarely. Authors seldom name themselves."""
    folded = fold(name)
    start, end = lines.main
    if title >= 0 and any(len(word) > 3 and word in lines.folded[title].split() for word in folded.split()):
        return False
    mentions = sum(
        folded in text for text, prose in zip(lines.folded[start:end], lines.prose[start:end], strict=True) if prose
    )
    return mentions < _TOPIC_MENTIONS


def _bare_name(text: str) -> str | None:
    """Return the name in a line that holds only a name, perhaps followed by a date or a role."""
    named = names(text, alone=False)
    if not named or is_place(named) or not all(is_person(name) or is_team(name) for name in named.split(", ")):
        return None
    remainder = text[len(named) :].strip()
    return (
        named
        if not remainder or DATE.search(remainder) or (ROLE.search(remainder) and len(remainder.split()) <= 8)
        else None
    )


def _has_support(lines: LineView, i: int, name: str) -> bool:
    """Return whether a date, a role or a picture of the person is in or next to the line, or the name is a team's."""
    text = lines.texts[i]
    if len(text) > len(name) + 3:
        return True
    if i + 1 < len(lines) and lines.texts[i + 1] == text:
        return True
    around = [lines.texts[k] for k in (i - 1, i + 1, i + 2) if 0 <= k < len(lines)]
    is_supported = any(
        len(neighbour) <= 100
        and (DATE.search(neighbour) or ROLE.search(neighbour) or _is_picture_of(neighbour, name))
        and len(neighbour.split()) <= 12
        for neighbour in around
    )
    return is_supported or is_team(name)


def _at_foot(lines: LineView, title: int) -> Iterator[str]:
    """Yield the only byline between the end of the prose and the readers' comments, if there is exactly one."""
    named = []
    for i in _foot(lines, title):
        text = lines.texts[i]
        if COMMENTS.match(text):
            break
        if lines.word_counts[i] <= 14 and _BY_AT_FOOT.match(text) and (name := byline_author(lines, i)):
            named.append(name)
    if len(set(named)) == 1:
        yield named[0]


def _signed(lines: LineView, title: int) -> Iterator[str]:
    """Yield the only name after the end of the prose with a portrait, a role or a copy of the name below it."""
    _, end = lines.main
    persons: list[str] = []
    for i in range(max(0, title + 1, end - _FOOT), min(len(lines), end + _FOOT)):
        text = lines.texts[i]
        if i > end and (COMMENTS.match(text) or RELATED.match(text)):
            break
        if lines.word_counts[i] > 5 or not is_person(text) or is_place(text) or i + 1 >= len(lines):
            continue
        below = lines.texts[i + 1]
        if below == text or _is_portrait(text, below) or (lines.word_counts[i + 1] <= 8 and ROLE.search(below)):
            persons.append(text)
    if len(set(persons)) == 1 and _is_not_topic(lines, title, persons[0]):
        yield persons[0]


def _is_portrait(name: str, below: str) -> bool:
    """Return whether a text begins like a portrait of the person: "Ada Example lives ...", "Ada covers ..."."""
    first = name.split()[0]
    words = below.removeprefix(name).removeprefix(first).split(maxsplit=1)
    return below.startswith(first) and bool(words) and words[0].strip(",") in PORTRAIT_VERBS


def _is_picture_of(text: str, name: str) -> bool:
    """Return whether `text` describes a picture of the person: "Picture of NAME", or the name alone."""
    remainder = PICTURE.sub("", text)
    return text == name or (remainder != text and remainder.startswith(name))


def _foot(lines: LineView, title: int) -> range:
    """Return the lines around the end of the prose. A short paragraph below the byline may shift the end."""
    _, end = lines.main
    return range(min(end, max(0, title + _BELOW, end - _FOOT)), min(len(lines), end + _FOOT))


def _more(lines: LineView, title: int) -> Iterator[str]:
    """Yield NAME of "More posts by NAME", if all such lines give the same name."""
    _, end = lines.main
    named = []
    for i in range(max(0, title, end - _FOOT), min(len(lines), end + 60)):
        text, lowered = lines.texts[i], lines.lowered[i]
        match = _MORE_BY.match(text) if "by " in lowered or "from " in lowered else None
        name = names(text[match.end() :], alone=False) if match else None
        if name and is_person(name):
            named.append(name)
    if len(set(named)) == 1:
        yield named[0]


def _about(lines: LineView, title: int) -> Iterator[str]:
    """Yield NAME of "About NAME", or of "About the author" with a note below it, after the end of the prose."""
    start, end = lines.main
    for i in range(max(start, title + 1), min(len(lines), end + 60)):
        text = lines.texts[i]
        if lines.word_counts[i] > 7 or not lines.lowered[i].startswith("about "):
            continue
        below = lines.texts[i + 1] if i + 1 < len(lines) else ""
        if re.fullmatch(r"about the (?:author|writer|contributor)s?:?", text, re.I):
            named = names(below) if _bare_name(below) else _portrait_name(below)
        else:
            named = _portrayed(text, below)
        if named and _is_not_topic(lines, title, named):
            yield named


def _portrayed(text: str, below: str) -> str | None:
    """Return NAME of "About NAME" if the note below begins with the name."""
    about = _ABOUT.match(text)
    named = names(text[about.end() :]) if about else None
    opening_words = set(below.lower().split()[:8])
    return named if named and is_person(named) and opening_words & set(named.lower().split()) else None


def _portrait_name(text: str) -> str | None:
    """Return NAME of "NAME is a writer ..."."""
    head = _NAME_HEAD.match(text)
    remainder = text[head.end() :].split(maxsplit=1) if head else []
    if head is None or not remainder or remainder[0].strip(",") not in PORTRAIT_VERBS:
        return None
    named = names(head[0].strip(" ,"))
    return named if named and " " in named else None
