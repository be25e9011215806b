"""Train the weights of the title classifier: a conditional logit over the candidate lines of a text.

    python -m training.title.train DATA                 write the weights file
    python -m training.title.train DATA --folds 4       print the accuracy on held-out sites

Deterministic: the same data give the same weights. The set cleaneval is not used: its labels are HTML titles,
and its texts hold the HTML title in the first line in addition to the heading.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.metadata.line_view import LineView
from searchsvc.ingest.metadata.title import candidates
from searchsvc.ingest.metadata.title_features import title_features
from training.title.dataset import VIEWS, pages, words

SETS = ("wcxb_dev", "dragnet")
_STEPS, _RATE, _DECAY = 300, 0.03, 1e-3
WEIGHTS = Path(__file__).parents[2] / "searchsvc" / "ingest" / "metadata" / "data" / "title_weights.json"


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates of a text, and whether each is correct. `features`: (candidates,) by name."""

    origin: tuple[str, str]  # set and view
    site: str
    features: Mapping[str, NDArray[np.generic]]
    right: list[bool]


def choices(folder: Path) -> list[Choice]:
    """Return the candidates of all pages with a correct title."""
    choices_of_pages = []
    for origin in ((name, view) for name in SETS for view in VIEWS):
        for page in pages(folder, *origin):
            lines = LineView.of(page.lines)
            indexes = candidates(lines)
            right = [words(lines.texts[i]) in page.titles for i in indexes]
            if page.titles:
                features = dict(title_features([lines], [indexes]))
                choices_of_pages.append(Choice(origin, page.host or page.id, features, right))
    return choices_of_pages


def fit(data: list[Choice], names: list[str]) -> NDArray[np.float64]:
    """Return the weight of each feature, (features,) float64, by Adam over all data, features standardised."""
    data = [choice for choice in data if any(choice.right)]
    rows = np.concatenate([_matrix(choice, names) for choice in data])
    right = np.array([float(flag) for choice in data for flag in choice.right])
    sizes = np.array([len(choice.right) for choice in data])
    scale = rows.std(axis=0) + 1e-6
    weights: NDArray[np.float64] = _descend((rows - rows.mean(axis=0)) / scale, right, sizes) / scale
    return weights


def _matrix(choice: Choice, names: list[str]) -> NDArray[np.float64]:
    """Return the features of the candidates, (candidates, features) float64."""
    return np.array([choice.features[name] for name in names], np.float64).T


def _descend(rows: NDArray[np.float64], right: NDArray[np.float64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    weights = np.zeros(rows.shape[1])
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        scores = rows @ weights
        power = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        chosen = power / np.repeat(np.add.reduceat(power, starts), sizes)
        target = chosen * right
        target /= np.repeat(np.add.reduceat(target, starts) + 1e-12, sizes)
        slope = rows.T @ (chosen - target) / len(sizes) + _DECAY * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope * slope
        rate = _RATE * (1 - 0.9 * step / _STEPS)
        weights -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def report(data: list[Choice], names: list[str], folds: int) -> None:
    """Print the share of correct titles by set and view, each site scored by weights that never saw it."""
    hits: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for fold in range(folds):
        weights = fit([c for c in data if _fold(c.site, folds) != fold], names)
        for choice in (c for c in data if _fold(c.site, folds) == fold):
            hits[choice.origin].append(
                any(choice.right) and choice.right[int((_matrix(choice, names) @ weights).argmax())]
            )
    for (name, view), flags in hits.items():
        print(f"{name:<10} {view:<6} {sum(flags) / len(flags):.3f} ({len(flags)})")


def _fold(site: str, folds: int) -> int:
    return int(hashlib.sha256(site.encode()).hexdigest(), 16) % folds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the development data")
    parser.add_argument("weights", type=Path, nargs="?", default=WEIGHTS, help="file to write")
    parser.add_argument("--folds", type=int, default=0)
    options = parser.parse_args()
    data = choices(options.data)
    names = sorted(data[0].features)
    if options.folds:
        report(data, names, options.folds)
        return
    weights = {name: round(float(weight), 3) for name, weight in zip(names, fit(data, names), strict=True)}
    options.weights.write_text(json.dumps(weights, indent=2) + "\n", "utf-8")
    print(f"{options.weights}: {len(weights)} weights")


if __name__ == "__main__":
    main()
