"""Features of title candidates, as arrays over the lines of a batch of documents."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.metadata.line_view import LineView
from searchsvc.ingest.metadata.title_characters import TitleCharacters
from searchsvc.ingest.metadata.title_patterns import (
    bulleted,
    by,
    credited,
    dated,
    overlaps,
    site_owners,
    topic_words,
)  # fmt: skip
from searchsvc.ingest.metadata.title_words import CLUTTER, GENERIC, LOGOS

MOST_WORDS = 40  # of a candidate
BEHIND = 12  # lines after the beginning of the main prose that are still candidates
_ODD = 0x1E3779B97F4A7C15  # spreads the numbers of texts over 64 bits
_MOST_PROSE = 60  # lines of prose in which words of candidates are sought
_AROUND = 8  # lines around a candidate that its features read; as many blank rows are between documents

_LONG = 5  # words from which a line is no menu entry
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
    yield from batch.surroundings()


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
        self._heads = heads = [min(len(view), view.main[0] + BEHIND) + 8 for view in views]
        self._words = self._ints(view.word_counts for view in views)
        self._prose = self._flags(view.prose for view in views)
        texts = np.repeat(np.arange(len(views)), sizes)  # text of each line
        lines = np.arange(len(texts)) + (self._base - np.cumsum(sizes) + sizes)[texts]  # row of each line
        self._real, self._in_head = np.zeros(self._rows, np.bool_), np.zeros(self._rows, np.bool_)
        self._text = np.zeros(self._rows, np.int64)
        self._real[lines], self._text[lines] = True, texts
        self._in_head[lines] = lines - self._base[texts] < np.array(heads)[texts]
        self._dated = self._flags(map(dated, views, heads))
        self._by = self._flags(map(by, views, heads))
        self._bulleted = self._flags(map(bulleted, views, heads))
        self._credited = self._flags(map(credited, views, heads))
        self._folds = self._ints(list(map(hash, view.folded)) for view in views)
        is_line = self._in_head & ~self._bulleted & ~self._dated & ~self._by
        self._plain = is_line & (self._words >= 4) & (self._words <= 30) & ~self._prose
        self._weight, self._shared, self._long_words = map(self._ints, _known(views))
        self._log_weight = np.log1p(self._weight)

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
        characters = TitleCharacters.of(texts)
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
        yield "title case", characters.title_case()
        yield "commas", np.array([text.count(",") > 2 for text in texts])
        yield "site", characters.site()
        yield "address", np.array(["http" in text or "@" in text or "www." in text for text in texts])
        yield "quote", np.array([text[0] in "\"“'‘" and text[-1] in "\"”'’" for text in texts])
        yield "glued", characters.glued()
        yield "prose", self._prose[self._at]

    def wording(self) -> Columns:
        at, words = self._at, self._of_candidates(lambda view: view.words)
        size = np.array(list(map(len, words)))
        # Equal lines of different texts are no copies, so the number of the text is part of each key.
        _, kinds, counts = np.unique(self._folds + self._text * _ODD, return_inverse=True, return_counts=True)
        copies = counts[kinds[at]]
        log_weight, shared, long_words = self._log_weight, self._shared, self._long_words
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
        plain = self._plain
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
        fold = self._folds[at]
        yield "copy before", self._folds[at - 1] == fold
        yield "copy after", self._folds[at + 1] == fold
        yield "copy near", np.any([self._folds[at + step] == fold for step in (-3, -2, 2, 3)], axis=0)

    def surroundings(self) -> Columns:
        at, plain = self._at, self._plain
        yield "credit", self._credited[at]
        yield "credit after", self._credited[at + 1] | self._credited[at + 2]
        yield "credit before", self._credited[at - 1] | self._credited[at - 2]
        for name, flags in (("plain", plain), ("date", self._dated), ("by", self._by), ("bullet", self._bulleted)):
            sums = np.append(0, np.cumsum(flags))
            yield f"{name} above", np.minimum(4, sums[at] - sums[at - _AROUND]) / 4
            yield f"{name} below", np.minimum(4, sums[at + 1 + _AROUND] - sums[at + 1]) / 4
        around = [step for step in range(-_AROUND, _AROUND + 1) if step]
        log_weight = self._log_weight
        yield "less than most", np.max([log_weight[at + step] for step in around], axis=0) - log_weight[at]
        flags = self._overlaps()
        for place, name in enumerate(("begins neighbour", "ends neighbour", "ends with neighbour")):
            yield name, flags[place]

    def _overlaps(self) -> Flags:
        """Return (3, candidates) bool: `overlaps` of each candidate, False without a common first or last word."""
        at, steps = self._at, (-2, -1, 1, 2)
        ends = [
            self._ints(
                [hash(words[end]) if words else 0 for words in view.words[:head]]
                for view, head in zip(self._views, self._heads, strict=True)
            )
            for end in (0, -1)
        ]
        is_likely = np.any([edge[at + step] == edge[at] for edge in ends for step in steps], axis=0)
        flags = np.zeros((3, len(at)), np.bool_)
        views = self._text[at]
        for place in np.flatnonzero(is_likely).tolist():
            flags[:, place] = overlaps(self._views[views[place]], self._index[place])
        return flags


def _known(views: Sequence[LineView]) -> Iterator[list[list[int]]]:
    """Yield three numbers of each early line, per text: the lines of prose with its long words, the long words that
    the prose has, and all its long words."""
    rows = list(map(_known_in, views))
    for place in range(3):
        yield [[line[place] for line in of_text] for of_text in rows]


def _known_in(view: LineView) -> list[tuple[int, int, int]]:
    head = min(len(view), view.main[0] + BEHIND) + 2
    words_of, shortest = topic_words(view)
    long_words = [
        [word for word in words_of(i) if len(word) >= shortest] if count <= MOST_WORDS else []
        for i, count in enumerate(view.word_counts[:head])
    ]
    of_head = frozenset(chain.from_iterable(long_words))
    prose = islice((i for i in range(*view.main) if view.prose[i]), _MOST_PROSE)
    lines_with = Counter(chain.from_iterable(of_head.intersection(words_of(i)) for i in prose))
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
    owners = site_owners(view)
    if not owners:
        return [0] * len(candidates)
    return [sum(map(owners.__contains__, view.words[i])) for i in candidates]
