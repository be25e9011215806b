"""Signs of a line that title features read: dates, bylines, photo credits, names of sites, words of any script."""

import re
from collections.abc import Callable, Iterator, Sequence

from searchsvc.analysis import UNSPACED
from searchsvc.ingest.metadata.line_signs import DIGIT, LATIN, WIDE
from searchsvc.ingest.metadata.line_view import BULLETS, LineView, may_begin, openings
from searchsvc.ingest.metadata.title_words import COMMON, CREDITS

_DATE = re.compile(
    r"\b(?:(?:19|20)\d\d\b|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d{1,2}\b"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|(?:minutes?|min|hours?|days?|months?) (?:read|ago)\b"
    r"|vor \d+ (?:min|stunde|tag)|il y a \d|hace \d)"
    r"|\d{1,2}(?:[.:h]\d\d\s?(?:uhr|h\b)|月\d{1,2}日)|\d\d:\d\d(?:\s|$)",
    re.I,
)
_BY_WORDS = (
    "by", "author", "written", "posted", "published", "updated", "last updated", "reviewed", "story by", "from",
    "von", "par", "por", "di", "da", "door", "av", "af", "przez", "od", "autor(?:en|in|e|a)?", "auteur", "autore",
    "redaktion", "redacción", "redazione", "text", "texte", "texto", "testo", "tekst", "foto", "photo", "yazan",
    "автор", "текст", "stand", "aktualisiert", "veröffentlicht", "publié", "publicado", "actualizado", "aggiornato",
    "pubblicato", "gepubliceerd", "opublikowano", "publicerad", "publisert", "oppdatert", "güncelleme",
)  # fmt: skip
_BYLINE_OPENINGS = openings(_BY_WORDS)
_BYLINE = re.compile(
    rf"\W{{0,3}}(?:{'|'.join(_BY_WORDS)})\b"
    r"|\W{0,3}(?:文|取材|記者|记者|作者|編集|编辑|責編|责编|更新|公開)",
    re.I,
)
_COPYRIGHT = re.compile(r"©|\(c\)|\bcopyright\b|all rights reserved", re.I)
_UNSPACED = re.compile(f"[{UNSPACED}]+")
_HIRAGANA = re.compile("[\u3040-\u309f]+")  # endings and particles, which all sentences share
_OTHER_SCRIPT = re.compile(
    "[\u0900-\u1fff\u3040-\ua4ff\ua840-\ud7ff]"
)  # Scripts with combining marks or without spaces, and others
_LONG_WORD = 4  # characters
_OVERLAP = 9  # characters of a line with which another line ends
_CREDIT_ENDS = ("拡大", "撮影", "提供", "摄")
_PUNCTUATION = "।,.:;!?\"'“”‘’()"


def dated(view: LineView, head: int) -> list[bool]:
    """Return whether each of the first `head` lines is short and has a date or a time."""
    return [
        len(text) < 120
        and (signs & DIGIT > 0 or " ago" in lowered or " read" in lowered)
        and _DATE.search(text) is not None
        for text, lowered, signs in zip(view.texts[:head], view.lowered[:head], view.signs[:head], strict=True)
    ]


def by(view: LineView, head: int) -> list[bool]:
    """Return whether each of the first `head` lines begins like a byline."""
    return [
        len(text) < 160 and may_begin(lowered, _BYLINE_OPENINGS) and _BYLINE.match(text) is not None
        for text, lowered in zip(view.texts[:head], view.lowered[:head], strict=True)
    ]


def bulleted(view: LineView, head: int) -> list[bool]:
    """Return whether each of the first `head` lines begins with a bullet."""
    return [text.startswith(BULLETS) for text in view.texts[:head]]


def site_owners(view: LineView) -> frozenset[str]:
    """Return the words of copyright lines, which hold the site's name."""
    lowered = view.lowered[-200:]
    joined = "\n".join(lowered)
    # Each match of _COPYRIGHT has a sign. Finding the signs first takes a third of the time.
    signs = [sign for sign in ("©", "(c)", "copyr", "all r") if sign in joined]
    owner_words: set[str] = set()
    for i, text in enumerate(lowered, len(view) - len(lowered)) if signs else ():
        is_likely = len(text) < 160 and any(sign in text for sign in signs)
        if is_likely and _COPYRIGHT.search(text):
            owner_words.update(view.words[i])
    return frozenset(owner_words) - COMMON


def credited(view: LineView, head: int) -> list[bool]:
    """Return whether each of the first `head` lines names a photographer or an agency, as captions do."""
    return [
        not CREDITS.isdisjoint(words) or (signs & (LATIN | WIDE) > 0 and ("©" in text or text.endswith(_CREDIT_ENDS)))
        for text, words, signs in zip(view.texts[:head], view.words[:head], view.signs[:head], strict=True)
    ]


def topic_words(view: LineView) -> tuple[Callable[[int], Sequence[str]], int]:
    """Return the words of a line, or pieces of them, given its index, and the minimum length of a topic word.

    Pieces in scripts without spaces, and in scripts of India, whose words Python's \\w splits at combining marks.
    The first lines of the main prose show the script.
    """
    start = view.main[0]
    is_other = any(sign & WIDE for sign in view.signs[start : start + 3])
    if not is_other or not _OTHER_SCRIPT.search("".join(view.lowered[start : start + 3])):
        return view.words.__getitem__, _LONG_WORD
    return lambda i: [piece for word in view.lowered[i].split() for piece in _pieces(word)], 1


def _pieces(word: str) -> Iterator[str]:
    runs = _UNSPACED.findall(word)
    if not runs and len(word) >= _LONG_WORD:
        yield word.strip(_PUNCTUATION)
    for run in (part for each in runs for part in _HIRAGANA.split(each)):
        size = 2 if run > "\u2e80" else 4  # characters: Chinese and Japanese words are short, Thai words are not
        yield from (run[i : i + size] for i in range(len(run) - size + 1))


def overlaps(view: LineView, i: int) -> tuple[bool, bool, bool]:
    """Return whether line `i` begins a line near it, ends such a line, and ends like such a line, word for word."""
    here = view.folded[i]
    start, end, size = f"{here} ", f" {here}", len(here)
    near = [*view.folded[max(0, i - 2) : i], *view.folded[i + 1 : i + 3]]
    return (
        any(text.startswith(start) for text in near),
        any(text.endswith(end) for text in near),
        any(_OVERLAP <= len(text) < size and here.endswith(f" {text}") for text in near),
    )
