"""Wrapped lines: paragraphs whose lines a program broke at a fixed width, as in e-mail, Usenet and old books.

A line is full if the first word of the line below has no room at its end. Only full lines are joined with the line
below, and only in texts whose line ends are mostly explained by one width.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from searchsvc.ingest.readers.verse import is_verse

_WIDEST = 120  # columns of wrapped text
_NARROWEST = 30
_MOSTLY = 0.6  # share of line ends that the width explains
_LEAST_SHARE = 0.4  # share of the characters of all lines below each other
_ITEM = re.compile(r"(?:[-+•·–—o>»|]|\*{1,5}|\.{1,5}|#\.|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)])[ \t]+")
_QUOTE = re.compile(r"(?:[>|:][ \t]?)+")
_COLUMNS = re.compile(r"\S(?:[ ]{3,}|\t)\S|\|.*\|")
_RULE = re.compile(r"[\W_]{3,}$|\x02")  # or the placeholder of a block
_HEADER = re.compile(r"[A-Z][\w-]{1,20}: ")
_BYLINE = re.compile(r"(?i:by|from|von|par|por|di)[ \t]+[A-Z]|.{3,60}\((?i:reuters|ap|afp|dpa|upi|ansa|efe)\)")
_HEADING = re.compile(r"#{1,6}[ \t]|(?:chapter|part|book|section|kapitel|chapitre|capítulo)[ \t]+[\dIVXLC]+\b", re.I)
_IDEOGRAPH = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_LONGEST_HEAD = 60  # characters
_SENTENCE_ENDS = (".", "!", "?", "…", ":", "。", "！", "？")
_WORD = re.compile(r"[^\W\d_]+")
_BROKEN = re.compile(r"([^\W\d_]+)[-\u2010]$")
_OPENING = re.compile(r"([^\W\d_]+)(-?)")
# First parts of compounds, whose hyphen is not from wrapping.
_COMPOUNDS = frozenset((
    "all", "anti", "co", "cross", "double", "eight", "ex", "far", "five", "four", "full", "half", "hard", "high", "ill",
    "left", "long", "low", "mid", "multi", "nine", "non", "north", "old", "one", "post", "pre", "pro", "quasi", "right",
    "second", "self", "semi", "seven", "short", "six", "so", "south", "ten", "third", "three", "top", "two", "ultra",
    "un", "well", "west", "east", "vice", "world",
))  # fmt: skip


def join_wrapped(lines: Sequence[str], always: bool = False) -> list[str]:
    """Return the lines with those of each wrapped paragraph joined; the same lines if the text is not wrapped.

    `always`: whether line ends inside paragraphs never count, as in reStructuredText.
    """
    width = _WIDEST if always else wrap_width(lines)
    if not width:
        return list(lines)
    joiner = _Joiner(width, always)
    for paragraph in _paragraphs(lines):
        joiner.add(paragraph)
    return joiner.lines(lines)


def wrap_width(lines: Sequence[str]) -> int:
    """Return the width at which a text is wrapped, in characters; 0 if it is not."""
    sizes = list(map(len, lines))
    size = sum(sizes)
    if sum([each for each in sizes if each <= _WIDEST]) < 0.7 * size:
        return 0
    pairs = [
        (line, below)
        for line, below in pairwise(lines)
        if line and below and not line.isspace() and not below.isspace()
    ]
    if len(pairs) < 2:
        return 0
    lengths = sorted(len(line.rstrip()) for line, _ in pairs if len(line) <= _WIDEST)
    if len(lengths) < 2:
        return 0
    width = lengths[min(len(lengths) - 1, int(len(lengths) * 0.98))]
    if width < _NARROWEST:
        return 0
    wrapped = unexplained = running_on = 0
    for line, below in pairs:
        if _is_full(line, below, width):
            wrapped += len(line)
            running_on += len(line) * (not line.rstrip().endswith(_SENTENCE_ENDS))
        elif not line.rstrip().endswith(_SENTENCE_ENDS):
            unexplained += len(line)
    is_wrapped = wrapped >= _MOSTLY * (wrapped + unexplained) and running_on >= _MOSTLY * wrapped
    return width if is_wrapped and wrapped >= _LEAST_SHARE * size else 0


def _is_full(line: str, below: str, width: int) -> bool:
    line, below = line.rstrip(), below.lstrip("> \t")
    if line and below and _IDEOGRAPH.match(line[-1]) and _IDEOGRAPH.match(below[0]):
        return len(line) >= width - 2
    return len(line) + 1 + len(below.split(None, 1)[0] if below else "") > width - 1


def _paragraphs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the bounds of each run of lines that are not blank."""
    start = None
    for number, line in enumerate(lines):
        if line.strip():
            start = number if start is None else start
        elif start is not None:
            yield start, number
            start = None
    if start is not None:
        yield start, len(lines)


@dataclass(slots=True)
class _Joiner:
    width: int
    always: bool
    bounds: list[tuple[int, int]] = field(default_factory=list)

    def add(self, bounds: tuple[int, int]) -> None:
        self.bounds.append(bounds)

    def lines(self, lines: Sequence[str]) -> list[str]:
        """Return all lines, joined inside the paragraphs."""
        words = Counter(word.lower() for line in lines for word in _WORD.findall(line)) if _has_hyphens(lines) else None
        joined, at = list[str](), 0
        for start, end in self.bounds:
            joined += lines[at:start]
            paragraph = lines[start:end]
            joined += self._joined(paragraph, words or Counter()) if self._is_wrapped(paragraph) else paragraph
            at = end
        return joined + list(lines[at:])

    def _is_wrapped(self, lines: Sequence[str]) -> bool:
        """Return whether most lines of a paragraph are full, or end for another reason."""
        if len(lines) < 2 or is_verse([line.strip() for line in lines]):
            return False
        if self.always:
            return True
        full = sum(self._may_join(line, below) for line, below in pairwise(lines))
        return full >= 0.5 * sum(not _begins_block(below) for below in lines[1:])

    def _may_join(self, line: str, below: str) -> bool:
        """Return whether a line runs on in the line below."""
        if _begins_block(below) or _is_block(line) or _is_block(below):
            return False
        if not self.always and _is_full(line, below, self.width):
            return True
        if _is_head(line) or _is_head(below):
            return False
        text = line.rstrip()
        if self.always:
            return True
        return len(text) > self.width / 2 and not text.endswith(_SENTENCE_ENDS) and below.lstrip("> \t")[:1].islower()

    def _joined(self, lines: Sequence[str], words: Counter[str]) -> list[str]:
        joined = [list[str]([lines[0].rstrip()])]
        for line, below in pairwise(lines):
            is_indented = len(below) - len(below.lstrip()) > len(line) - len(line.lstrip()) and line.rstrip().endswith(
                _SENTENCE_ENDS
            )
            if self._may_join(line, below) and not (is_indented and not _ITEM.match(line.lstrip())):
                quote = _QUOTE.match(below)
                joined[-1].append(below[quote.end() :] if quote and _QUOTE.match(line) else below)
            else:
                joined.append([below])
        return [_unwrapped(paragraph, words) for paragraph in joined]


def _has_hyphens(lines: Sequence[str]) -> bool:
    return any(line.endswith(("-", "\u2010")) for line in lines)


def _begins_block(line: str) -> bool:
    """Return whether a line begins something other than the continuation of a paragraph."""
    text = line.lstrip()
    return bool(_ITEM.match(text) and not text.startswith(">")) or bool(_HEADING.match(text))


def _is_block(line: str) -> bool:
    """Return whether the ends of a line count, as in tables, rules and headings in capitals."""
    text = line.strip()
    return bool(_COLUMNS.search(text) or _RULE.match(text)) or (text.isupper() and len(text) > 3 and " " in text)


def _is_head(line: str) -> bool:
    """Return whether a line is a by-line or a header of metadata."""
    text = line.strip()
    return len(text) < _LONGEST_HEAD and bool(_BYLINE.match(text) or _HEADER.match(text)) and text[-1:] not in ",;"


def _unwrapped(lines: Sequence[str], words: Counter[str]) -> str:
    """Return the lines as one, with words that were broken at line ends whole again."""
    parts = [lines[0].rstrip()]
    for line in lines[1:]:
        text = line.strip()
        parts.append(_between(parts[-1], text, words))
        parts[-2] = parts[-2][:-1] if _ends_broken(parts[-2], text, words) else parts[-2]
        parts.append(text)
    return "".join(parts)


def _between(above: str, below: str, words: Counter[str]) -> str:
    """Return the text between two joined lines: a space, or nothing."""
    if above.endswith(("--", "—")) or (
        above.endswith(("-", "\u2010", "\xad")) and not above.endswith((" -", " \u2010"))
    ):
        return ""
    return "" if above and below and _IDEOGRAPH.match(above[-1]) and _IDEOGRAPH.match(below[0]) else " "


def _ends_broken(above: str, below: str, words: Counter[str]) -> bool:
    """Return whether the hyphen at the end of a line is from wrapping, or soft.

    It is, unless the text has the compound elsewhere, both parts are words of the text, or the first part begins
    compounds.
    """
    if above.endswith("\xad"):
        return True
    broken, opening = _BROKEN.search(above[-80:]), _OPENING.match(below)
    if not broken or not opening or above.endswith("--") or not opening[1][0].islower():
        return False
    first, second = broken[1].lower(), opening[1].lower()
    if words[first + second]:
        return True
    if opening[2] or above[: -len(broken[0])].endswith("-") or first in _COMPOUNDS:
        return False
    return not (words[first] > 1 and words[second] > 1 and len(first) > 2)
