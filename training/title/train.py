"""Train the title classifier: small networks that score the candidate lines of a text, averaged.

    python -m training.title.train DATA                 write the weights file
    python -m training.title.train DATA --folds 4       print the accuracy on held-out sites

Deterministic: the same data give the same weights. The set cleaneval is not used: its labels are HTML titles,
and its texts hold the HTML title in the first line in addition to the heading.
"""

import argparse
import hashlib
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.metadata.line_view import LineView
from searchsvc.ingest.metadata.title import TitleNetwork, candidates
from searchsvc.ingest.metadata.title_features import title_features
from training.title.dataset import VIEWS, pages, words

Floats = NDArray[np.floating[Any]]
SETS = {"wcxb_dev": 1.0, "wcxb_test": 1.0, "dragnet": 1.0, "fundus_half": 4.0}  # weight of a text in training
_NETWORKS, _HIDDEN, _DROPPED = 5, 16, 0.1
_STEPS, _RATE, _DECAY = 400, 0.01, 3e-3
WEIGHTS = Path(__file__).parents[2] / "searchsvc" / "ingest" / "metadata" / "data" / "title_weights.npz"


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates of a text: `features` (candidates, features) float32, `right` (candidates,) bool."""

    origin: tuple[str, str]  # set and view
    site: str
    features: Floats
    right: NDArray[np.bool_]


def choices(folder: Path) -> tuple[list[Choice], list[str]]:
    """Return the candidates of all pages with a correct title, and the names of the features, sorted."""
    choices_of_pages: list[Choice] = []
    names: list[str] = []
    for origin in ((name, view) for name in SETS for view in VIEWS):
        for page in pages(folder, *origin):
            lines = LineView.of(page.lines)
            indexes = candidates(lines)
            if not page.titles or not indexes:
                continue
            features = dict(title_features([lines], [indexes]))
            names = names or sorted(features)
            rows = np.array([features[name] for name in names], np.float32).T
            right = np.array([words(lines.texts[i]) in page.titles for i in indexes])
            choices_of_pages.append(Choice(origin, page.host or page.id, rows, right))
    return choices_of_pages, names


def fit(data: list[Choice]) -> TitleNetwork:
    """Return the networks, trained one by one on standardised features, as one network."""
    data = [choice for choice in data if choice.right.any()]
    rows = np.concatenate([choice.features for choice in data])
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    rows = (rows - mean) / scale
    right = np.concatenate([choice.right for choice in data]).astype(np.float32)
    sizes = np.array([len(choice.right) for choice in data])
    weights = np.array([SETS[choice.origin[0]] for choice in data], np.float32)
    trained = [_descend(_Texts(rows, right, sizes, weights / weights.sum()), seed) for seed in range(_NETWORKS)]
    hidden, bias, out, direct = zip(*trained, strict=True)
    inputs = np.concatenate(hidden, axis=1) / scale[:, None]
    return TitleNetwork(
        inputs,
        np.concatenate(bias) - mean @ inputs,
        np.concatenate(out) / _NETWORKS,
        np.mean(direct, axis=0) / scale,
    )


@dataclass(frozen=True, slots=True)
class _Texts:
    """Candidates of all texts: `rows` (candidates, features), `right` (candidates,), `sizes` and `weights` (texts,)."""

    rows: Floats
    right: Floats
    sizes: NDArray[np.int64]
    weights: Floats


def _descend(texts: _Texts, seed: int) -> list[Floats]:
    """Return the arrays of a network: Adam over all texts, cross entropy, dropout of hidden units."""
    rng = np.random.default_rng(seed)
    starts = np.concatenate(([0], np.cumsum(texts.sizes)[:-1]))
    weights = np.repeat(texts.weights, texts.sizes)
    count = texts.rows.shape[1]
    arrays = [
        rng.normal(0, count**-0.5, (count, _HIDDEN)).astype(np.float32),
        np.zeros(_HIDDEN, np.float32),
        rng.normal(0, 0.1, _HIDDEN).astype(np.float32),
        np.zeros(count, np.float32),
    ]
    means, squares = [np.zeros_like(each) for each in arrays], [np.zeros_like(each) for each in arrays]
    for step in range(1, _STEPS + 1):
        used = (rng.random(_HIDDEN) > _DROPPED).astype(np.float32) / (1 - _DROPPED)
        hidden, bias, out, direct = arrays
        units = np.tanh(texts.rows @ hidden + bias)
        scores = (units * used) @ out + texts.rows @ direct
        power = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), texts.sizes))
        chosen = power / np.repeat(np.add.reduceat(power, starts), texts.sizes)
        target = chosen * texts.right
        target /= np.repeat(np.add.reduceat(target, starts) + 1e-12, texts.sizes)
        slope = (chosen - target) * weights
        inner = np.outer(slope, out * used) * (1 - units * units)
        slopes = [
            texts.rows.T @ inner + _DECAY * hidden,
            inner.sum(axis=0),
            (units * used).T @ slope + _DECAY * out,
            texts.rows.T @ slope + _DECAY * direct,
        ]
        rate = _RATE * (1 - 0.95 * step / _STEPS)
        for array, mean, square, each in zip(arrays, means, squares, slopes, strict=True):
            mean += 0.1 * (each - mean)
            square += 0.001 * (each * each - square)
            array -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return arrays


def report(data: list[Choice], folds: int) -> None:
    """Print the share of correct titles by set and view, each site scored by networks that never saw it."""
    hits: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for fold in range(folds):
        network = fit([choice for choice in data if _fold(choice.site, folds) != fold])
        for choice in (choice for choice in data if _fold(choice.site, folds) == fold):
            hits[choice.origin].append(bool(choice.right[network.scores(choice.features).argmax()]))
    for (name, view), flags in hits.items():
        print(f"{name:<12} {view:<6} {sum(flags) / len(flags):.3f} ({len(flags)})")


def _fold(site: str, folds: int) -> int:
    return int(hashlib.sha256(site.encode()).hexdigest(), 16) % folds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the development data")
    parser.add_argument("weights", type=Path, nargs="?", default=WEIGHTS, help="file to write")
    parser.add_argument("--folds", type=int, default=0)
    options = parser.parse_args()
    data, names = choices(options.data)
    if options.folds:
        report(data, options.folds)
        return
    network = fit(data)
    arrays = {name: array.astype(np.float16) for name, array in asdict(network).items()}
    np.savez_compressed(options.weights, names=np.array(names), **arrays)
    print(f"{options.weights}: {len(names)} features, {len(network.out)} units")


if __name__ == "__main__":
    main()
