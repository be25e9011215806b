"""How long suggestions, more like this and correction take on a large made-up index.

    python -m benchmarks.suggestions.run --documents 100000 --terms 500000

Every document has 90 words by Zipf's law and its share of rare ones, so that the index has all terms.
What is typed are beginnings of two to six letters of the documents' words, half of them behind one or
two words of the same document, a tenth with a slip. Each is asked once: nothing asked before helps but
what other questions left in the caches. Prints milliseconds of CPU time: median, 99th percentile, most.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.engine.corpus import vocabulary, zipf
from benchmarks.spelling.run import slip
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.errors import IndexMissing
from searchsvc.models.documents import Document
from searchsvc.models.search_request import MAX_QUERY
from searchsvc.query import correct_spelling, parse
from searchsvc.service import SearchService
from searchsvc.settings import Settings

WORDS = 90


def documents(count: int, terms: int, seed: int = 1) -> Iterator[Document]:
    rng = np.random.default_rng(seed)
    words = np.array(vocabulary(terms, rng), dtype=object)
    shares, rare = zipf(terms // 5, 2.7, 1.07), np.array_split(rng.permutation(terms), count)
    for number in range(count):
        title, body = shares.searchsorted(rng.random(7)), shares.searchsorted(rng.random(WORDS))
        text = " ".join([*words[body], *words[rare[number]]])
        yield Document(f"{number:016x}", "slug", f"{number}.txt", "", " ".join(words[title]).capitalize(), text)


def typed(engine: EmbeddedEngine, count: int, rng: random.Random, documents: int) -> Iterator[str]:
    for _ in range(count):
        words = engine.snapshot().document(f"{rng.randrange(documents):016x}").body.split()
        at = rng.randrange(2, len(words))
        beginning = words[at][: rng.randint(2, 6)]
        if rng.random() < 0.1 and len(beginning) > 3:
            beginning = slip(beginning, rng)
        before = words[at - rng.randint(1, 2) : at] if rng.random() < 0.5 else []
        yield " ".join([*before, beginning])


def told(what: str, ask: Callable[[str], object], questions: Iterable[str]) -> None:
    taken = []
    for question in questions:
        start = time.process_time()
        ask(question)
        taken.append((time.process_time() - start) * 1e3)
    print(f"| {what} | {np.median(taken):.2f} | {np.percentile(taken, 99):.2f} | {max(taken):.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--terms", type=int, default=500_000)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--work", type=Path, default=Path("build/benchmarks/suggestions"))
    options = parser.parse_args()
    folder = options.work / f"{options.documents}-{options.terms}"
    engine = EmbeddedEngine(folder, "en")
    try:
        engine.snapshot()
    except IndexMissing:
        with engine.new_generation() as generation:
            for document in documents(options.documents, options.terms):
                generation.add(document, "")
    service = SearchService(engine, Settings(index=folder))
    rng = random.Random(1)
    asked = list(typed(engine, options.questions, rng, options.documents))
    words = [word for text in asked for word in text.split() if len(word) > 4]
    misspelt = [slip(word, rng) for word in words]
    too_much = [" ".join(slip(rng.choice(words) + rng.choice(words), rng) for _ in range(200)) for _ in range(20)]
    vocabulary_in_force = engine.snapshot().vocabulary

    def put_right(text: str) -> object:
        return correct_spelling(text, parse(text)[0], vocabulary_in_force)

    put_right("warmingup")
    print("| | median | 99 % | most |\n|---|---|---|---|")
    told("suggestions", service.suggest, asked)
    told("suggestions, two letters", service.suggest, [text[:2] for text in asked])
    told("more like this", service.similar, [f"{rng.randrange(options.documents):016x}" for _ in asked])
    told("correction of a word", put_right, misspelt)
    told("correction of 2,048 characters", put_right, [text[:MAX_QUERY] for text in too_much])


if __name__ == "__main__":
    main()
