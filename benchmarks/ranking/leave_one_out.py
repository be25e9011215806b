"""Constants of relevance feedback, chosen without the collection that they are measured on.

python -m benchmarks.ranking.leave_one_out DATA [COLLECTION ...]

For each collection the best constants of the other collections are chosen: highest mean gain over no feedback, where
no other collection loses more than LOSS. The last columns are known-item queries: four random words of a document,
which is the only relevant one.
"""

import argparse
import random
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.ranking.collections import Collection, load
from benchmarks.ranking.rankers import parsed
from searchsvc.analysis import FUNCTION_WORDS, WORD
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.relevance_feedback import FEEDBACK_DOCS, Feedback, expand_query
from searchsvc.engine.embedded.search.searcher import search
from searchsvc.engine.embedded.search.top_k import top_k
from searchsvc.engine.embedded.snapshot import open_index
from searchsvc.evaluation import JudgedQuery, Ranked, evaluate

GRID = tuple(Feedback(strength, agreement) for strength in (0.2, 0.4, 0.6) for agreement in (0.0, 0.5, 0.7))
NONE = Feedback(strength=0.0)
LOSS = 0.005
KNOWN_ITEMS, ITEM_WORDS = 300, 4
Gains = dict[Feedback, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("collections", nargs="*")
    options = parser.parse_args()
    names = options.collections or sorted(folder.name for folder in options.data.iterdir() if folder.is_dir())
    gains = {name: _gains(load(options.data / name)) for name in names}
    print("| left out | strength | agreement | nDCG@10 | known items, RR |\n|---|---|---|---|---|")
    for name in names:
        others = [gains[other] for other in names if other != name]
        chosen = _best(others)
        judged, known = (each[chosen] for each in gains[name])
        print(f"| {name} | {chosen.strength} | {chosen.min_agreement} | {judged:+.1%} | {known:+.1%} |")


def _best(gains: list[tuple[Gains, Gains]]) -> Feedback:
    """Return the constants with the highest mean gain; NONE, which gains nothing, if each of them loses."""
    flat = [each for pair in gains for each in pair]
    sound = [each for each in GRID if all(gain[each] >= -LOSS for gain in flat)]
    return max((*sound, NONE), key=lambda each: float(np.mean([gain[each] for gain in flat])))


def _gains(collection: Collection) -> tuple[Gains, Gains]:
    """Return the relative gains of all constants, in nDCG@10 of the judged queries and in RR of known items."""
    with tempfile.TemporaryDirectory() as work:
        engine = EmbeddedEngine(Path(work), "en")
        with engine.new_generation() as generation:
            for document in collection.documents:
                generation.add(document, "")
        folder = Path(work) / generation.name
        return (
            dict(_measured(collection, folder, collection.judged, "nDCG@10")),
            dict(_measured(collection, folder, tuple(_known_items(collection)), "RR")),
        )


def _measured(
    collection: Collection, folder: Path, judged: tuple[JudgedQuery, ...], measure: str
) -> Iterator[tuple[Feedback, float]]:
    reader = open_index(folder)
    scorer = TrueBM25F(reader)
    states = [search(reader, scorer, parsed(query.text)) for query in judged]

    def mean(feedback: Feedback) -> float:
        nodes = (expand_query(reader, each.node, each.matched, each.best(FEEDBACK_DOCS), feedback) for each in states)
        tops: Iterable[list[int]] = (
            top_k(node, state.filtered, 10, reader.id_ranks)[0].tolist()
            for node, state in zip(nodes, states, strict=True)
        )
        ranked = [Ranked(tuple(collection.documents[doc].path for doc in docs), 0.0) for docs in tops]
        return evaluate(judged, ranked).means[measure]

    without = mean(NONE)
    yield NONE, 0.0
    for feedback in GRID:
        yield feedback, mean(feedback) / without - 1


def _known_items(collection: Collection) -> Iterator[JudgedQuery]:
    rng = random.Random(4)
    for document in rng.sample(collection.documents, min(KNOWN_ITEMS, len(collection.documents))):
        words = [word for word in WORD.findall(document.body) if len(word) > 2 and word.lower() not in FUNCTION_WORDS]
        if len(words) >= 2 * ITEM_WORDS:
            yield JudgedQuery(document.path, " ".join(rng.sample(words, ITEM_WORDS)), {document.path: 1})


if __name__ == "__main__":
    main()
