"""Compare cleaning with text-only peers: python -m benchmarks.cleaning.run DATA [--only ...]."""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.cleaning.peers import PEERS
from searchsvc.ingest.boilerplate import network
from searchsvc.ingest.boilerplate.classifier import classify_all
from searchsvc.ingest.boilerplate.line_key_counts import find_recurring_lines
from training.boilerplate import network as training
from training.boilerplate.dataset import OTHER, SETS, VIEWS, Page, metrics_of, pages, table
from training.boilerplate.train import fit, training_pages, weights

FIGURES = ("P", "R", "F1", "lost", "bad", "noise")
PARTS = ("peers", "shipped", "corpus", "sets", "hosts", "stable")
# Sets of one origin are left out together.
SET_FOLDS = {"wcxb_dev": 0, "wcxb_test": 0, OTHER: 0, "fundus_half": 1, "dragnet": 2, "cleaneval": 3}
Outputs = list[str]


def clean_all(docs: list[Page], trained: network.NetworkWeights | None = None, recurring: object = None) -> Outputs:
    verdicts = classify_all(((page.host, page.text) for page in docs), recurring, trained)  # type: ignore[arg-type]
    return [of_page.clean(page.text) for of_page, page in zip(verdicts, docs, strict=True)]


def report(name: str, metrics: ModuleType, docs: list[Page], outputs: Outputs, seconds: float = 0) -> None:
    rows = [page.scorer.score(output) for page, output in zip(docs, outputs, strict=True)]
    total: dict[str, list[dict[str, float]]] = {view: [] for view in VIEWS}
    for data in SETS:
        for view in VIEWS:
            chosen = [row for row, page in zip(rows, docs, strict=True) if (page.set, page.view) == (data, view)]
            if chosen:
                mean_scores = metrics.aggregate(chosen)
                total[view].append(mean_scores)
                print(f"{name:<26} {data:<10} {view:<6} " + _figures(mean_scores))
    size = sum(len(page.text.encode("utf-8", "surrogatepass")) for page in docs) / 1e6
    speed = f"  {size / seconds:6.1f} MB/s" if seconds else ""
    for view in VIEWS:
        mean = {key: float(np.mean([mean_scores[key] for mean_scores in total[view]])) for key in FIGURES}
        print(f"{name:<26} {'mean':<10} {view:<6} {_figures(mean)}{speed}", flush=True)


def _figures(scores: dict[str, float]) -> str:
    return " ".join(f"{key} {scores[key]:.3f}" for key in FIGURES)


def held_out(docs: list[Page], others: list[Page], part: Callable[[Page], int]) -> Outputs:
    """Clean each part with a network trained on the other parts. `others`: pages that only train."""
    all_pages = training_pages(docs + others)
    lines = table(all_pages)
    key = np.array([part(page) for page in all_pages])
    outputs = [""] * len(docs)
    for fold in np.unique(key).tolist():
        chosen = np.flatnonzero(key != fold)
        file = io.BytesIO()
        np.savez_compressed(file, **weights(fit(lines, chosen, training.Hyperparameters())))  # type: ignore[arg-type]
        file.seek(0)
        at = [number for number, page in enumerate(docs) if part(page) == fold]
        for number, output in zip(at, clean_all([docs[number] for number in at], network.read(file)), strict=True):
            outputs[number] = output
    return outputs


def corpus_outputs(docs: list[Page]) -> Outputs:
    """Count recurring lines in each set and view as a corpus, then clean it."""
    outputs = [""] * len(docs)
    for data in SETS:
        for view in VIEWS:
            at = [number for number, page in enumerate(docs) if (page.set, page.view) == (data, view)]
            pages_of_set = [docs[number] for number in at]
            recurring = find_recurring_lines((page.host, page.text) for page in pages_of_set)
            for number, output in zip(at, clean_all(pages_of_set, recurring=recurring), strict=True):
                outputs[number] = output
    return outputs


def stability(docs: list[Page]) -> None:
    once = [replace(page, text=text) for page, text in zip(docs, clean_all(docs), strict=True)]
    for view in VIEWS:
        pages_of_view = [page for page in once if page.view == view]
        twice = clean_all(pages_of_view)
        words_before, words_after = (
            sum(len(text.split()) for text in texts) for texts in ([page.text for page in pages_of_view], twice)
        )
        print(
            f"cleaned again              {view:<6} takes out {1 - words_after / words_before:.4f} of the words",
            flush=True,
        )


def timed(work: Callable[[], Outputs]) -> tuple[Outputs, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def parts(everything: list[Page], metrics: ModuleType, only: list[str]) -> Iterator[None]:
    docs = [page for page in everything if page.set != OTHER]
    others = [page for page in everything if page.set == OTHER]
    if "shipped" in only:
        report("searchsvc, trained on all", metrics, docs, *timed(lambda: clean_all(docs)))
    if "stable" in only:
        stability(docs)
    if "corpus" in only:
        report("with recurring lines", metrics, docs, *timed(lambda: corpus_outputs(docs)))
    if "sets" in only:
        report("searchsvc, set left out", metrics, docs, held_out(docs, others, lambda page: SET_FOLDS[page.set]))
    if "hosts" in only:
        report("searchsvc, hosts left out", metrics, docs, held_out(docs, others, lambda page: page.fold))
    if "peers" in only:
        for name, peer in PEERS.items():
            report(name, metrics, docs, *timed(lambda peer=peer: [peer(page.text) for page in docs]))  # type: ignore[misc]
    yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()
    list(parts(list(pages(arguments.data, (*SETS, OTHER))), metrics_of(arguments.data), arguments.only))


if __name__ == "__main__":
    main()
