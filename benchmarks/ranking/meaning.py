"""Gain of ranking by meaning on judged collections, by its weight, and the weight chosen with each collection left out.

    python -m benchmarks.ranking.meaning DATA MODEL [COLLECTION ...]

DATA holds a folder for each collection, see collections.py. MODEL is a folder with a sentence embedding model. Prints
nDCG@10, the CPU time of a query's and of a document's vector, and the gain over the order of the words.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.ranking.collections import Collection, load
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.query import NO_DEADLINE
from searchsvc.evaluation import Ranked, evaluate
from searchsvc.models.search import EngineHit
from searchsvc.models.search_request import MAX_QUERY, SearchRequest
from searchsvc.semantic import RERANKED, SentenceModel, cosines, packed, rerank, text_to_embed
from searchsvc.service import SearchService
from searchsvc.settings import Settings

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
MEASURE = "nDCG@10"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("collections", nargs="*")
    chosen = parser.parse_args()
    names = chosen.collections or sorted(folder.name for folder in chosen.data.iterdir() if folder.is_dir())
    model = SentenceModel(chosen.model)
    print(f"{'weight':<18}" + "".join(f"{weight:>9.1f}" for weight in WEIGHTS))
    rows = []
    for name in names:
        rows.append(measured(load(chosen.data / name), model))
        print(f"{name:<18}" + "".join(f"{value:>9.4f}" for value in rows[-1]))
    gains = np.array([row / row[0] - 1 for row in rows])
    print(f"{'mean gain':<18}" + "".join(f"{gain:>+9.1%}" for gain in gains.mean(axis=0)))
    for place, name in enumerate(names if len(names) > 1 else ()):
        best = int(np.delete(gains, place, axis=0).mean(axis=0).argmax())
        print(f"chosen without {name}: {WEIGHTS[best]}, which gains {gains[place, best]:+.1%} there")


def measured(collection: Collection, model: SentenceModel) -> NDArray[np.float64]:
    """Return nDCG@10 for each of WEIGHTS, (weights,) float64."""
    started = time.process_time()
    documents = [replace(each, vector=packed(model.embed(text_to_embed(each)))) for each in collection.documents]
    per_document = (time.process_time() - started) / len(documents)
    started = time.process_time()
    vectors = [model.embed(query.text[:MAX_QUERY]) for query in collection.judged]
    per_query = (time.process_time() - started) / len(vectors)
    print(f"{collection.name}: {per_document * 1e3:.1f} ms a document, {per_query * 1e3:.1f} ms a query")
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder), "en")
        with engine.new_generation() as generation:
            for document in documents:
                generation.add(document, "")
        snapshot = SearchService(engine, Settings()).snapshot()
        requests = [
            SearchRequest(query.text[:MAX_QUERY], hits_per_page=RERANKED, facets=()) for query in collection.judged
        ]
        hits = [snapshot.find(request, NO_DEADLINE).hits.hits for request in requests]
    means = []
    for weight in WEIGHTS:
        ranked = [_ranked(each, vector, weight) for each, vector in zip(hits, vectors, strict=True)]
        means.append(evaluate(collection.judged, ranked).means[MEASURE])
    return np.array(means)


def _ranked(hits: tuple[EngineHit, ...], vector: NDArray[np.float32], weight: float) -> Ranked:
    """Order hits as the service does, with another weight."""
    names: list[str] = []
    for is_partial in (False, True):
        group = [hit for hit in hits if hit.partial_match == is_partial]
        order = rerank([hit.score for hit in group], cosines(vector, [hit.document.vector for hit in group]), weight)
        names += [group[place].document.path for place in order]
    return Ranked(tuple(names), 0.0)


if __name__ == "__main__":
    main()
