"""Train the network that scores lines: python -m training.boilerplate.train DATA [weights.npz]."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features.word_scores import SCORE_NAMES
from training.boilerplate import network as training
from training.boilerplate import word_scores
from training.boilerplate.dataset import OTHER, SETS, Page, Table, cleaned, pages, stitched, table

WEIGHTS = Path(__file__).parents[2] / "searchsvc" / "ingest" / "boilerplate" / "data" / "weights.npz"
# Features that some converters drop: blank lines, bullets and indents. Columns, and the share of documents.
FORGOTTEN = ((("blank_above", "blank_below", "doc_spaced"), 0.25), (("indent", "bullet"), 0.2))


def training_pages(docs: list[Page]) -> list[Page]:
    """Return the pages, their bare articles, and articles in the frame of another page of the same set and fold.

    Pages that are no plain article are returned as they are.
    """
    random = np.random.default_rng(0)
    articles = [page for page in docs if page.set != OTHER]
    kin: dict[tuple[str, str, int], list[Page]] = {}
    for page in articles:
        kin.setdefault((page.set, page.view, page.fold), []).append(page)
    mixed = [
        stitched(page, group[int(random.integers(len(group)))], random) for group in kin.values() for page in group
    ]
    return docs + [cleaned(page) for page in articles if page.view == "light"] + mixed


@dataclass(frozen=True, slots=True)
class Fit:
    """A trained network, and the other arrays of its weights file."""

    network: training.Network
    names: tuple[str, ...]
    data: training.Standardised
    typical: NDArray[np.float32]  # (features,) mean of lines of content
    tables: Mapping[str, NDArray[np.int8]]  # scores of words


def fit(lines: Table, docs: NDArray[np.int64], plan: training.Hyperparameters) -> Fit:
    """Train scores of words and the network on the documents `docs`."""
    columns, tables = word_scores.cross_fitted(lines.words, docs)
    lines = replace(lines, names=(*lines.names, *SCORE_NAMES), x=np.concatenate([lines.x, columns], axis=1))
    data = training.standardise(lines, docs)
    forgotten = [(np.array([lines.names.index(name) for name in names]), chance) for names, chance in FORGOTTEN]
    trained = training.train(lines, data, docs, plan, forgotten)
    return Fit(trained, lines.names, data, typical(lines, docs), tables)


def typical(lines: Table, docs: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the mean features of lines of content, weighted as in the loss, (features,) float32.

    Scores of words are 0.
    """
    weight = lines.cost * (lines.cover > 0.5) * np.isin(lines.doc, docs)
    mean: NDArray[np.float32] = (weight @ lines.x / weight.sum()).astype(np.float32)
    mean[[name in SCORE_NAMES for name in lines.names]] = 0  # words without a score are no reason
    return mean


def weights(fitted: Fit) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of the weights file, with standardisation folded in; 16 bits where that suffices."""
    data = fitted.data
    p = {name: value.astype(np.float64) for name, value in fitted.network.p.items()}
    enter = p["enter"] / data.deviation[:, None]
    out: dict[str, NDArray[np.generic]] = {
        "names": np.array(fitted.names),
        "low": data.low.astype(np.float32), "high": data.high.astype(np.float32),
        "typical": fitted.typical,
        "enter": enter.astype(np.float32),
        "enter_bias": (p["enter_bias"] - data.mean @ enter).astype(np.float32),
        "leave": p["leave"][:, 0].astype(np.float16), "leave_bias": p["leave_bias"].astype(np.float32),
    }  # fmt: skip
    for name in p.keys() - out.keys():
        out[name] = p[name].astype(np.float16)
    return out | {f"scores_{name}": table for name, table in fitted.tables.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("weights", type=Path, nargs="?", default=WEIGHTS)
    arguments = parser.parse_args()
    docs = training_pages(list(pages(arguments.data, (*SETS, OTHER))))
    lines = table(docs)
    everything = np.arange(len(docs))
    np.savez_compressed(arguments.weights, **weights(fit(lines, everything, training.Hyperparameters())))  # type: ignore[arg-type]
    print(f"{arguments.weights}: {arguments.weights.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
