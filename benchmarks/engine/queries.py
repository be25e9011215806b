"""Queries by kind, as words that every engine can put in its own way."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from searchsvc.analysis import FUNCTION_WORDS, WORD, analyzer
from searchsvc.models.documents import Document

SHOWN = ("snippets", "facets")  # any of the words, with what a page of hits shows; asked of `showing` only


@dataclass(frozen=True, slots=True)
class BenchQuery:
    """`how` is term, any, all, phrase, prefix or fuzzy, or one of SHOWN; `words` as a person writes them."""

    kind: str
    how: str
    words: tuple[str, ...]


def draw(documents: Sequence[Document], each: int, seed: int = 7) -> list[BenchQuery]:
    """`each` queries of every kind, with words by the share of documents that have them."""
    return list(_Drawer(documents, np.random.default_rng(seed)).draw(each))


class _Drawer:
    def __init__(self, documents: Sequence[Document], rng: np.random.Generator) -> None:
        self.documents, self.rng = documents, rng
        step = max(1, len(documents) // 20_000)
        sample = documents[::step]
        counts: Counter[str] = Counter()
        for document in sample:
            counts.update({w.lower() for w in WORD.findall(document.body) if w.isascii() and w.isalpha()})
        size = len(sample)
        stem = analyzer("en").terms
        plain = {w: c / size for w, c in sorted(counts.items()) if w not in FUNCTION_WORDS and len(w) > 2 and stem(w)}
        self.bands = {
            "rare": [w for w, s in plain.items() if s < 0.0005],
            "middle": [w for w, s in plain.items() if 0.004 < s < 0.02],
            "common": [w for w, s in plain.items() if s > 0.05],
        }

    def words(self, band: str, count: int) -> tuple[str, ...]:
        return tuple(str(w) for w in self.rng.choice(self.bands[band], count, replace=False))

    def draw(self, each: int) -> Iterator[BenchQuery]:
        for _ in range(each):
            for band in self.bands:
                yield BenchQuery(f"term, {band}", "term", self.words(band, 1))
            for count in (2, 3, 5):
                yield BenchQuery(f"OR of {count}, common", "any", self.words("common", count))
            yield BenchQuery("OR of 3, middle", "any", self.words("middle", 3))
            mixed = self.words("rare", 1) + self.words("middle", 1) + self.words("common", 1)
            yield BenchQuery("OR of 3, mixed", "any", mixed)
            yield from (BenchQuery(f"OR of 3, mixed, with {how}", how, mixed) for how in SHOWN)
            yield BenchQuery("AND of 2, common", "all", self.words("common", 2))
            yield BenchQuery("AND of 3, common", "all", self.words("common", 3))
            yield BenchQuery("AND of 2, mixed", "all", self.words("middle", 1) + self.words("common", 1))
            yield BenchQuery("phrase of 2", "phrase", self.phrase(2))
            yield BenchQuery("phrase of 3", "phrase", self.phrase(3))
            long = [w for w in self.words("middle", 20) if len(w) > 4] + ["govern"]
            yield BenchQuery("prefix of 4", "prefix", (long[0][:4],))
            yield BenchQuery("fuzzy, 1 edit", "fuzzy", (long[0],))

    def phrase(self, length: int) -> tuple[str, ...]:
        """Words that stand side by side in some document, at least half of them no function words."""
        while True:
            words = WORD.findall(self.documents[int(self.rng.integers(len(self.documents)))].body)
            start = int(self.rng.integers(max(1, len(words) - length)))
            chosen = [w.lower() for w in words[start : start + length]]
            telling = sum(w not in FUNCTION_WORDS for w in chosen)
            if len(chosen) == length and telling * 2 >= length and all(w.isalpha() for w in chosen):
                return tuple(chosen)
