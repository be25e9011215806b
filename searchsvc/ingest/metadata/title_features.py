"""Features of title candidates, as arrays over the lines of a batch of documents."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.metadata.line_view import BULLETS, LineView
from searchsvc.ingest.metadata.title_words import CLUTTER, COMMON, GENERIC, LOGOS

MOST_WORDS = 40  # of a candidate
BEHIND = 12  # lines after the beginning of the main prose that are still candidates
_AROUND = 8  # lines around a candidate that its features read; as many blank rows are between documents

_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d{1,2}\b"
    r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b(?:minutes?|min|hours?|days?|months?) (?:read|ago)\b"
    r"|\d{1,2}[.:h]\d\d\s?(?:uhr|h\b)|\bvor \d+ (?:min|stunde|tag)|\bil y a \d|\bhace \d|\d{1,2}月\d{1,2}日"
    r"|\d\d:\d\d(?:\s|$)",
    re.I,
)
_DIGIT = re.compile(r"\d")
_BYLINE = re.compile(
    r"\W{0,3}(?:by|author|written|posted|published|updated|last updated|reviewed|story by|from"
    r"|von|par|por|di|da|door|av|af|przez|od|autor(?:en|in|e|a)?|auteur|autore|redaktion|redacción|redazione|text"
    r"|texte|texto|testo|tekst|foto|photo|yazan|автор|текст|stand|aktualisiert|veröffentlicht|publié|publicado"
    r"|actualizado|aggiornato|pubblicato|gepubliceerd|opublikowano|publicerad|publisert|oppdatert|güncelleme)\b"
    r"|\W{0,3}(?:文|取材|記者|记者|作者|編集|编辑|責編|责编|更新|公開)",
    re.I,
)
_COPYRIGHT = re.compile(r"©|\(c\)|\bcopyright\b|all rights reserved", re.I)
_LONG = 5  # words from which a line is no menu entry
_GLUED = re.compile(r"[a-z][A-Z][a-z]")
_LENGTHS = (
    (1, "1 word"), (2, "2 words"), (3, "3 words"), (4, "4 words"), (6, "5-6 words"), (9, "7-9 words"),
    (13, "10-13 words"), (18, "14-18 words"), (25, "19-25 words"), (10**9, "more words"),
)  # fmt: skip

Value = TypeVar("Value")
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Columns = Iterator[tuple[str, NDArray[np.float64 | np.int64 | np.bool_]]]


def title_features(views: Sequence[LineView], candidates: Sequence[Sequence[int]]) -> Columns:
    """Yield the name and the values of each feature, (candidates,) float64, int64 or bool.

    `candidates`: per text, the indexes of its candidates; the values are in this order, one text after the other.
    """
    batch = _TitleBatch(views, candidates)
    yield from batch.place()
    yield from batch.shape()
    yield from batch.wording()
    yield from batch.neighbours()


class _TitleBatch:
    """Lines of some texts as arrays over rows, with blank rows before, between and behind the texts."""

    def __init__(self, views: Sequence[LineView], candidates: Sequence[Sequence[int]]) -> None:
        self._views, self._candidates = views, candidates
        sizes = np.array([len(view) for view in views])
        ends = np.cumsum(sizes + _AROUND)
        self._base = ends - sizes  # row of the first line of each text
        self._rows = int(ends[-1]) + _AROUND
        counts = [len(indexes) for indexes in candidates]
        self._first = np.repeat(self._base, counts)  # (candidates,)
        self._index = np.fromiter(chain.from_iterable(candidates), np.int64, sum(counts))
        self._at = self._first + self._index
        self._start = np.repeat([view.main[0] for view in views], counts)
        self._texts = self._of_candidates(lambda view: view.texts)
        heads = [min(len(view), view.main[0] + BEHIND) + 8 for view in views]
        self._words = self._ints(view.word_counts for view in views)
        self._prose = self._flags(view.prose for view in views)
        self._real = self._flags([True] * len(view) for view in views)
        self._dated = self._flags(map(_dated, views, heads))
        self._by = self._flags(map(_by, views, heads))
        self._bulleted = self._flags(map(_bulleted, views, heads))
        self._in_head = self._flags([True] * min(len(view), head) for view, head in zip(views, heads, strict=True))

    def _of_candidates(self, lines: Callable[[LineView], Sequence[Value]]) -> list[Value]:
        pairs = zip(map(lines, self._views), self._candidates, strict=True)
        return [values[i] for values, indexes in pairs for i in indexes]

    def _ints(self, values: Iterable[Sequence[int]]) -> Ints:
        """Return (rows,) int64: the values of the first lines of each text, 0 in all other rows."""
        of_texts = list(values)
        counts = np.array(list(map(len, of_texts)))
        total = int(counts.sum())
        out = np.zeros(self._rows, np.int64)
        rows = np.repeat(self._base - (counts.cumsum() - counts), counts) + np.arange(total)
        out[rows] = np.fromiter(chain.from_iterable(of_texts), np.int64, total)
        return out

    def _flags(self, values: Iterable[Sequence[bool]]) -> Flags:
        return self._ints(values).astype(np.bool_)

    def place(self) -> Columns:
        index, gap = self._index, self._start - self._index
        prose_words = np.append(0, np.cumsum(self._words * self._prose))
        yield "index", np.log1p(index)
        yield "first", index == 0
        yield "early", index < 3
        yield "top", index < 8
        yield "gap", np.log1p(np.maximum(0, gap))
        yield "gap1", gap == 1
        yield "gap23", (gap > 1) & (gap <= 3)
        yield "gap48", (gap > 3) & (gap <= 8)
        yield "inside", gap <= 0
        yield "far inside", np.log1p(np.maximum(0, -gap))
        yield "prose before", np.log1p(prose_words[self._at] - prose_words[self._first])

    def shape(self) -> Columns:
        texts, words = self._texts, self._words[self._at]
        least = 0
        for most, name in _LENGTHS:
            yield name, (words > least) & (words <= most)
            least = most
        yield "ends .", np.array([text.endswith(".") for text in texts])
        yield "ends ?", np.array([text.endswith(("?", "!")) for text in texts])
        yield "ends :", np.array([text.endswith((":", ",", "…", "...", ";")) for text in texts])
        yield "bullet", self._bulleted[self._at]
        yield "number", np.array([t[0].isdigit() and t[:4].rstrip().endswith((".", ")")) for t in texts])
        yield "lower", np.array([text[0].islower() for text in texts])
        yield "capitals", np.array([text.isupper() for text in texts])
        yield "title case", np.array(list(map(_title_case, texts)))
        yield "commas", np.array([text.count(",") > 2 for text in texts])
        yield "site", np.array(list(map(_names_site, texts)))
        yield "address", np.array(["http" in text or "@" in text or "www." in text for text in texts])
        yield "quote", np.array([text[0] in "\"“'‘" and text[-1] in "\"”'’" for text in texts])
        yield "glued", np.array([_GLUED.search(text) is not None for text in texts])
        yield "prose", self._prose[self._at]

    def wording(self) -> Columns:
        at, words = self._at, self._of_candidates(lambda view: view.words)
        size = np.array(list(map(len, words)))
        copies = np.array(
            [
                counter[view.folded[i]]
                for view, indexes in zip(self._views, self._candidates, strict=True)
                for counter in (Counter(view.folded),)
                for i in indexes
            ]
        )
        weight, shared, long_words = map(self._ints, _known(self._views))
        log_weight = np.log1p(weight)
        yield "likeness", shared[at] / np.maximum(long_words[at], 1)
        yield "known", np.log1p(shared[at])
        yield "weight", log_weight[at]
        yield "more than before", log_weight[at] - log_weight[at - 1]
        yield "more than before that", log_weight[at] - log_weight[at - 2]
        yield "more than after", log_weight[at] - log_weight[at + 1]
        yield "more than after that", log_weight[at] - log_weight[at + 2]
        yield "debris start", np.array([line[0] in CLUTTER for line in words])
        yield "debris share", np.array([sum(map(CLUTTER.__contains__, line)) for line in words]) / size
        yield "generic", np.array([len(line) <= 3 and not GENERIC.isdisjoint(line) for line in words])
        yield "twice", copies == 2
        yield "often", copies > 2
        yield "repeats", (copies > 1) & (size > 2)
        yield "within", np.array(list(chain.from_iterable(map(_within, self._views, self._candidates))))
        owned = np.array(list(chain.from_iterable(map(_owned, self._views, self._candidates))))
        yield "owner", owned / size
        yield "owned", owned == size
        yield "logo", np.array([line[-1] in LOGOS for line in words])
        yield "dated", self._dated[at]
        yield "by", self._by[at]

    def neighbours(self) -> Columns:
        at, words, prose = self._at, self._words, self._prose
        here = words[at]
        is_short = self._real & (words <= 4)
        around = [step for step in range(-6, 7) if step]
        shorts, lines = (sum(flags[at + step].astype(np.int64) for step in around) for flags in (is_short, self._real))
        longest = np.max([np.where(prose, 0, words)[at + step] for step in (-3, -2, -1, 1, 2, 3)], axis=0)
        longs = np.append(0, np.cumsum(words >= _LONG))  # long lines before each row
        plain = self._in_head & ~self._bulleted & ~self._dated & ~self._by & (words >= 4) & (words <= 30) & ~prose
        same = np.zeros(self._rows, np.bool_)  # lines equal to the line below
        for base, view in zip(self._base.tolist(), self._views, strict=True):
            same[base : base + len(view) - 1] = [a == b for a, b in zip(view.folded, view.folded[1:], strict=False)]
        yield "by after", self._by[at + 1] | self._by[at + 2] | self._by[at + 3]
        yield "date after", self._dated[at + 1] | self._dated[at + 2] | self._dated[at + 3]
        yield "date before", self._dated[at - 1] | self._dated[at - 2] | self._dated[at - 3]
        yield "prose after", prose[at + 1]
        yield "prose before it", prose[at - 1]
        yield "bullet after", self._bulleted[at + 1]
        yield "bullet before", self._bulleted[at - 1]
        yield "short around", shorts / np.maximum(lines, 1)
        yield "long before", np.minimum(6, longs[at] - longs[at - 8]) / 6
        below = self._first + np.maximum(self._start, self._index + 1)
        yield "long after", np.minimum(6, longs[below] - longs[at + 1]) / 6
        yield "short before", words[at - 1] <= 3
        yield "short after", self._real[at + 1] & (words[at + 1] <= 3)
        yield "plain before", plain[at - 1]
        yield "plain before that", plain[at - 2]
        yield "plain after", plain[at + 1]
        yield "plain after that", plain[at + 2]
        yield "longer than before", plain[at - 1] & (here > words[at - 1])
        yield "shorter than after", plain[at + 1] & (here < words[at + 1])
        yield "longer", here > longest
        yield "copy before", same[at - 1]
        yield "copy after", same[at]


def _dated(view: LineView, head: int) -> list[bool]:
    """Return whether each of the first `head` lines is short and has a date or a time."""
    return [
        len(text) < 120
        and (_DIGIT.search(text) is not None or " ago" in lowered or " read" in lowered)
        and _DATE.search(text) is not None
        for text, lowered in zip(view.texts[:head], view.lowered[:head], strict=True)
    ]


def _by(view: LineView, head: int) -> list[bool]:
    """Return whether each of the first `head` lines begins like a byline."""
    return [len(text) < 160 and _BYLINE.match(text) is not None for text in view.texts[:head]]


def _bulleted(view: LineView, head: int) -> list[bool]:
    """Return whether each of the first `head` lines begins with a bullet."""
    return [text.startswith(BULLETS) for text in view.texts[:head]]


def _names_site(text: str) -> bool:
    """Return whether the text has a sign that separates titles from names of sites."""
    # Not any() with a generator, which takes four times as long for each of the many lines.
    return (
        "|" in text or "::" in text or " - " in text or " – " in text or " — " in text or " » " in text or " • " in text
    )


def _title_case(text: str) -> float:
    """Return the share of long words that begin with a capital."""
    initials = [word[0] for word in text.split() if len(word) > 3]
    return sum(map(str.isupper, initials)) / len(initials) if initials else 0.0


def _prose_lines_with(words: frozenset[str], view: LineView) -> Counter[str]:
    """Return the number of lines of the main prose with each of some words."""
    start, end = view.main
    lines = [line for line, prose in zip(view.words[start:end], view.prose[start:end], strict=True) if prose]
    return Counter(chain.from_iterable(map(words.intersection, lines[:60])))


def _known(views: Sequence[LineView]) -> Iterator[list[list[int]]]:
    """Yield three numbers of each early line, per text: the lines of prose with its long words, the long words that
    the prose has, and all its long words."""
    rows = list(map(_known_in, views))
    for place in range(3):
        yield [[line[place] for line in of_text] for of_text in rows]


def _known_in(view: LineView) -> list[tuple[int, int, int]]:
    head = min(len(view), view.main[0] + BEHIND) + 2
    long_words = [
        [word for word in words if len(word) > 3] if count <= MOST_WORDS else []
        for words, count in zip(view.words[:head], view.word_counts, strict=False)
    ]
    lines_with = _prose_lines_with(frozenset(chain.from_iterable(long_words)), view)
    counts = [list(filter(None, map(lines_with.get, words))) for words in long_words]
    return [(sum(of_line), len(of_line), len(words)) for of_line, words in zip(counts, long_words, strict=True)]


def _within(view: LineView, candidates: Sequence[int]) -> Iterator[bool]:
    """Yield whether another early line contains the candidate and more, like "Title | Site"."""
    joined = [f" {text} " for text in view.folded[: min(len(view), view.main[0] + BEHIND)]]
    window, near, text = (-1, -1), joined, ""
    for i in candidates:
        bounds = max(0, i - 60), min(i + 20, len(joined))
        if bounds != window:
            window, near = bounds, joined[slice(*bounds)] + joined[:3]
            text = "\n".join(near)
        # A line equal to the candidate holds it once, a longer line at least once.
        yield joined[i].count(" ") >= 4 and text.count(joined[i]) > near.count(joined[i])


def _owned(view: LineView, candidates: Sequence[int]) -> list[int]:
    """Return the number of words of each candidate that are in copyright lines: the site's name, which is no title."""
    owners = _owners(view)
    if not owners:
        return [0] * len(candidates)
    return [sum(map(owners.__contains__, view.words[i])) for i in candidates]


def _owners(view: LineView) -> frozenset[str]:
    owner_words: set[str] = set()
    for text, lowered, folded in zip(view.texts[-200:], view.lowered[-200:], view.folded[-200:], strict=True):
        is_likely = "©" in lowered or "(c)" in lowered or "copyr" in lowered or "all r" in lowered
        if is_likely and len(text) < 160 and _COPYRIGHT.search(text):
            owner_words.update(folded.split())
    return frozenset(owner_words) - COMMON
