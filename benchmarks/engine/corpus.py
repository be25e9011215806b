"""A corpus of any size that is like news where it matters to an engine, the same for a seed.

Word frequencies follow Zipf's law (exponent 1.07 over a made-up vocabulary); every document has
one of 300 topics that gives it a fifth of its words, a third are English function words, a tenth
repeat what the document said before. Lengths are log-normal, 1.4 KB on average.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import FUNCTION_WORDS
from searchsvc.models.documents import Document

WORDS = 300_000
TOPICS, TOPIC_WORDS = 300, 3_000
MEAN_LENGTH = 235  # words
SECTIONS = ["World", "Politics", "Business", "Science", "Sport", "Arts", "Health"]

_ONSETS = [
    "", "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w",
    "br", "ch", "cl", "cr", "dr", "fl", "gr", "pl", "pr", "sh", "sp", "st", "th", "tr",
]  # fmt: skip
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou", "io", "ie"]
_CODAS = ["", "", "n", "r", "l", "s", "t", "m", "d", "nd", "nt", "st", "ck", "ll", "rt"]
_ENDINGS = ["", "", "", "", "s", "ed", "ing", "ion", "ment", "al", "er", "ly", "ity", "able", "ness", "ism"]

Cumulated = NDArray[np.float64]


def vocabulary(size: int, rng: np.random.Generator) -> list[str]:
    """Function words, then made-up words, short ones first on the whole."""

    def one(pieces: list[str]) -> str:
        return pieces[int(rng.integers(len(pieces)))]

    made: dict[str, None] = {}
    while len(made) < size - len(FUNCTION_WORDS):
        syllables = [one(_ONSETS) + one(_VOWELS) + one(_CODAS) for _ in range(1 + int(rng.integers(0, 3)))]
        word = "".join(syllables) + one(_ENDINGS)
        if len(word) > 2 and word not in FUNCTION_WORDS:
            made[word] = None
    return [*sorted(FUNCTION_WORDS), *sorted(made, key=lambda word: len(word) + rng.random() * 6)]


def zipf(size: int, shift: float, exponent: float) -> Cumulated:
    """The cumulated shares of `size` ranks, each 1 / (rank + shift) ** exponent before scaling."""
    shares = 1 / (np.arange(1, size + 1) + shift) ** exponent
    cumulated: Cumulated = np.cumsum(shares / shares.sum())
    cumulated[-1] = 1.0  # which no draw reaches
    return cumulated


class _Writer:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.words = np.array(vocabulary(WORDS, self.rng), dtype=object)
        self.topics = [self.rng.permutation(20_000)[:TOPIC_WORDS] + 150 for _ in range(TOPICS)]
        self.any, self.own = zipf(WORDS, 2.7, 1.07), zipf(TOPIC_WORDS, 5.0, 1.0)
        self.common = zipf(len(FUNCTION_WORDS), 1.5, 0.9)
        self.names = [
            f"{a.title()} {b.title()}" for a, b in zip(self.words[3000:3400], self.words[4000:4400], strict=True)
        ]
        self.sources = [f"{word.title()} News" for word in self.words[5000:5040]]

    def drawn(self, shares: Cumulated, count: int) -> NDArray[np.intp]:
        return shares.searchsorted(self.rng.random(count))

    def document(self, number: int) -> Document:
        rng, topic = self.rng, int(self.rng.integers(TOPICS))
        title = self.words[self.topics[topic][self.drawn(self.own, 7)]].tolist()
        return Document(
            id=f"{number:016x}",
            slug="s",
            path=f"p/{number}.txt",
            content_hash="",
            title=" ".join(title).capitalize(),
            body=self.body(topic),
            headings=(" ".join(title[:3]).capitalize(),) if rng.random() < 0.2 else (),
            author=self.names[int(rng.integers(400))] if rng.random() < 0.7 else None,
            source=self.sources[int(rng.integers(40))],
            section=SECTIONS[int(rng.integers(7))],
            topics=(self.words[200 + topic].title(),),
            published=date(2015, 1, 1) + timedelta(days=int(rng.integers(3500))) if rng.random() < 0.9 else None,
        )

    def body(self, topic: int) -> str:
        length = int(np.clip(self.rng.lognormal(np.log(MEAN_LENGTH) - 0.18, 0.6), 30, 4000))
        kind = self.rng.random(length)
        chosen = np.where(kind < 0.22, self.topics[topic][self.drawn(self.own, length)], self.drawn(self.any, length))
        chosen = np.where((kind > 0.45) & (kind < 0.80), self.drawn(self.common, length), chosen)
        repeated = np.flatnonzero(kind > 0.90)
        chosen[repeated] = chosen[(repeated * self.rng.random(len(repeated))).astype(int)]
        words = self.words[chosen].tolist()
        sentences: list[str] = []
        while words:
            size = int(self.rng.integers(8, 25))
            sentences.append(" ".join(words[:size]).capitalize() + ".")
            words = words[size:]
        return "\n".join(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))


def generate(count: int, seed: int = 1) -> Iterator[Document]:
    """`count` documents."""
    writer = _Writer(seed)
    return map(writer.document, range(count))
