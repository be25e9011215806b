"""Rules that are certain: what a line must look like, and where it must stand, to be debris.

Each has a name, under which it is reported, and a reason in words.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_FOLDED = re.compile(r"[^\w\s:@/]+")


@dataclass(frozen=True, slots=True)
class Context:
    """The lines of a document that hold text, and what is known of the whole."""

    lines: Sequence[str]  # without surrounding blanks, never empty
    folded: Sequence[str]  # lower case, without punctuation
    title: int  # index of the title among `lines`, -1 if no line is one
    first_prose: int  # index of the first line of running text; len(lines) if there is none
    last_prose: int  # likewise the last, -1 if there is none


@dataclass(frozen=True, slots=True)
class Rule:
    """`applies(context, index)` tells whether the line at `index` falls under the rule."""

    name: str
    reason: str
    applies: Callable[[Context, int], bool]


def fold(line: str) -> str:
    """`line` in lower case with single spaces and no punctuation, for comparing."""
    return " ".join(_FOLDED.sub(" ", line.lower().replace("’", "'")).split())


def is_prose(line: str) -> bool:
    """Running text: a dozen words or more, ended like a sentence."""
    return len(line.split()) >= 12 and line.rstrip("\"'”’)» ").endswith((".", "!", "?", "…", ":"))


def _exactly(*texts: str) -> Callable[[Context, int], bool]:
    wanted = frozenset(texts)
    return lambda context, index: context.folded[index] in wanted


def _starts(*texts: str, most_words: int) -> Callable[[Context, int], bool]:
    return lambda context, index: (
        context.folded[index].startswith(texts) and len(context.folded[index].split()) <= most_words
    )


def _is_title(context: Context, index: int) -> bool:
    return index == context.title


def _repeats_title(context: Context, index: int) -> bool:
    return context.title >= 0 and index != context.title and context.folded[index] == context.folded[context.title]


_LICENCE = re.compile(r"\bcc[ -]by\b|\bcc0\b|creative commons|©|\(c\)|getty images|shutterstock", re.I)


def _is_credit(context: Context, index: int) -> bool:
    line = context.lines[index]
    return len(line.split()) <= 30 and not is_prose(line) and bool(_LICENCE.search(line))


def _is_image_alt(context: Context, index: int) -> bool:
    """Two to six words, all of them the title's, between the title and the first prose."""
    if context.title < 0 or not context.title < index < context.first_prose:
        return False
    words = context.folded[index].split()
    return 2 <= len(words) <= 6 and set(words) <= set(context.folded[context.title].split())


_CALLS = ("subscribe to", "sign up for", "follow us on", "visit our", "join our", "like us on", "download our")
_OURS = ("newsletter", "homepage", "home page", "facebook", "twitter", "instagram", "telegram", "mailing list",
         "channel", "education page", "app store", "whatsapp")  # fmt: skip


def _is_promotion(context: Context, index: int) -> bool:
    text = context.folded[index]
    if len(text.split()) > 45 or not any(call in text for call in _CALLS):
        return False
    return any(word in text for word in _OURS) and (index > context.last_prose or " our " in f" {text} ")


_NAME = re.compile(r"about (?:the author )?\w+(?: [\w'-]+){0,4}")


def _is_about_author(context: Context, index: int) -> bool:
    """About NAME, near the end, with a paragraph after it that tells of the same name."""
    line, folded = context.lines[index], context.folded[index]
    if not _NAME.fullmatch(folded) or line.rstrip().endswith((".", "?", "!")):
        return False
    names = set(folded.split()[1:])
    following = context.folded[index + 1 : index + 2]
    capitals = all(word[0].isupper() for word in line.split()[1:])
    return capitals and bool(following) and bool(names & set(following[0].split()[:6]))


def _is_biography(context: Context, index: int) -> bool:
    return index > 0 and _is_about_author(context, index - 1)


def _after_section(context: Context, index: int) -> bool:
    """A lone rubric behind a line like "More in Politics", with no prose to follow."""
    if index <= context.last_prose or is_prose(context.lines[index]) or len(context.lines[index].split()) > 4:
        return False
    return any(_SECTION(context, earlier) for earlier in range(max(0, index - 5), index))


def _is_menu(context: Context, index: int) -> bool:
    """One of three or more short bulleted lines behind the last prose of the article."""
    return _bulleted(context, index) and sum(_bulleted(context, i) for i in _run(context, index)) >= 3


def _bulleted(context: Context, index: int) -> bool:
    line = context.lines[index]
    return line.startswith(("•", "·", "*", "»", "›", "|")) and len(line.split()) <= 4 and not is_prose(line)


def _run(context: Context, index: int) -> range:
    first = last = index
    while first and _bulleted(context, first - 1):
        first -= 1
    while last + 1 < len(context.lines) and _bulleted(context, last + 1):
        last += 1
    return range(first, last + 1)


_FORM = ("your email address will not be published", "required fields are marked")
_DATE_LINE = re.compile(
    r"(?:(?:published|posted|updated|date)(?: on)?:? )?"
    r"(?:\d{4}[ /]\d\d?[ /]\d\d?|[a-z]{3,9} \d{1,2}(?:st|nd|rd|th)? \d{4}|\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9} \d{4})"
    r"(?:[t ][\d:z]{0,12})?"
)


def _is_date(context: Context, index: int) -> bool:
    text = context.folded[index]
    return index < context.first_prose and len(text) < 60 and bool(_DATE_LINE.fullmatch(text.replace(" 0", " ")))


def _is_byline(context: Context, index: int) -> bool:
    words = context.lines[index].split()
    near_top = index <= max(context.title, 0) + 4 and index < context.first_prose
    return near_top and words[0].lower().rstrip(":") == "by" and 2 <= len(words) <= 8 and words[1][:1].isupper()


_SECTION = _starts("more in ", "more from ", "filed under", most_words=6)

_RELATED = ("also read:", "read also:", "read more:", "see also:", "related:")
_FORMS = ("leave a reply", "leave a comment", "submit a comment", "post a comment", "add a comment")
_LINKS = ("connect with us", "to top", "back to top", "skip to content", "follow us", "menu", "home")
_SHARES = ("share this", "share on", "pin it", "tweet this", "share:")

RULES = (
    Rule("title", "is the title of the article", _is_title),
    Rule("title-repeat", "repeats the title", _repeats_title),
    Rule("credit", "is the caption and credit of a picture", _is_credit),
    Rule("related", "names another article", _starts(*_RELATED, most_words=40)),
    Rule("source", "names the agency or site the text comes from", _starts("source:", most_words=12)),
    Rule("author", "names the author", _starts("author:", "written by", most_words=12)),
    Rule("byline", "names the author", _is_byline),
    Rule("date", "gives the day of publication", _is_date),
    Rule("about-author", "heads a portrait of the author", _is_about_author),
    Rule("author-bio", "is a portrait of the author, not of the news", _is_biography),
    Rule("section", "names the section and leads to its other articles", _SECTION),
    Rule("share", "asks to share", _starts(*_SHARES, most_words=8)),
    Rule("promotion", "asks to subscribe, to follow or to visit", _is_promotion),
    Rule("comment-form", "belongs to a form for comments", _exactly(*_FORMS)),
    Rule("comment-form", "belongs to a form for comments", _starts(*_FORM, most_words=30)),
    Rule("navigation", "leads to another part of the site", _exactly(*_LINKS)),
    Rule("navigation", "is a rubric behind the end of the article", _after_section),
    Rule("menu", "belongs to a list of short links", _is_menu),
    Rule("image-text", "is the stand-in text of a picture", _is_image_alt),
)
