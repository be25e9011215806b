"""Title of a text: the line with the highest score of a small network over position, form and wording."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.metadata.byline import begins_as_byline, byline_author
from searchsvc.ingest.metadata.dates import is_dateline
from searchsvc.ingest.metadata.line_view import BULLETS, LineView
from searchsvc.ingest.metadata.title_features import BEHIND, MOST_WORDS, title_features
from searchsvc.models.documents import MAX_TITLE_LENGTH

Floats = NDArray[np.floating[Any]]
_HEADLINE_LINES, _HEADLINE_WORDS = 2, 15  # lines above the prose of a plain text, and words of its headline
_HEAD = 15  # lines at the beginning, one of which is the title if no better line is
_NUMBERED = re.compile(r"(\d{1,3})[.)]\s")
_NAME = re.compile(r"[^\W\d_]{2,}|[^\W\d_][\u0900-\u0e7f]")
_MOST_LINES = 800  # candidates, nearest to the main prose


def title_line(lines: LineView) -> int:
    """Return the index of the title in `lines`, -1 if no line is a candidate."""
    (index,) = title_lines([lines])
    return index


def title_lines(views: Sequence[LineView]) -> list[int]:
    """Return the index of the title in each text, -1 for a text without a candidate.

    Many times faster than one call per text.
    """
    indexes = [candidates(view) for view in views]
    bounds = np.cumsum([0, *map(len, indexes)]).tolist()
    if not bounds[-1]:
        return [-1] * len(views)
    network, names = title_network()
    features = dict(title_features(views, indexes))
    scores = network.scores(np.array([features[name] for name in names], np.float32).T)
    chosen = [
        of_text[int(scores[begin:end].argmax())] if of_text else -1
        for of_text, begin, end in zip(indexes, bounds, bounds[1:], strict=False)
    ]
    return [_or_first_line(view, i) for view, i in zip(views, chosen, strict=True)]


def _or_first_line(lines: LineView, i: int) -> int:
    """Return the index of a short first line, if the title at `i` is a step or a sentence of the prose.

    Of a by-line, the nearest short line above it counts.
    """
    if not 0 < i < _HEAD:
        return i
    if begins_as_byline(lines, i):
        return next((k for k in reversed(range(i)) if _may_replace(lines, k)), i)
    if is_step(lines, i):
        return next((k for k in range(i) if _may_replace(lines, k)), i)
    if not lines.prose[i] or i > lines.main[0] + 1 or lines.main[0] > _HEADLINE_LINES:
        return i
    return 0 if _is_headline(lines, 0) else i


def is_step(lines: LineView, i: int) -> bool:
    """Return whether line `i` is one of the neighbouring lines with successive numbers, such as steps of a recipe."""
    number = _number(lines, i)
    return number is not None and number in (_number(lines, i - 1, 1), _number(lines, i + 1, -1))


def _number(lines: LineView, i: int, step: int = 0) -> int | None:
    """Return the number before line `i`, plus `step`, or None."""
    match = _NUMBERED.match(lines.texts[i]) if 0 <= i < len(lines) else None
    return int(match[1]) + step if match else None


def _may_replace(lines: LineView, i: int) -> bool:
    """Return whether line `i` is like a headline, and no by-line, date or step."""
    is_other = is_step(lines, i) or byline_author(lines, i) is not None or is_dateline(lines, i)
    return not is_other and _is_headline(lines, i)


def _is_headline(lines: LineView, i: int) -> bool:
    text = lines.texts[i]
    is_plain = not lines.prose[i] and not text.startswith(BULLETS) and not text.endswith((":", ","))
    return (
        is_plain and not lines.rules[i] and lines.word_counts[i] <= _HEADLINE_WORDS and _NAME.search(text) is not None
    )


@dataclass(frozen=True, slots=True)
class TitleNetwork:
    """Hidden and direct layer: `hidden` (features, units), `bias` and `out` (units,), `direct` (features,)."""

    hidden: Floats
    bias: Floats
    out: Floats
    direct: Floats

    def scores(self, features: Floats) -> Floats:
        """Return the score of each candidate, (candidates,). `features`: (candidates, features)."""
        units = np.tanh(features @ self.hidden + self.bias)
        scores: Floats = units @ self.out + features @ self.direct
        return scores


@cache
def title_network() -> tuple[TitleNetwork, Sequence[str]]:
    """Return the network and the names of its features, as `training.title.train` writes them. Read once."""
    file = resources.files("searchsvc.ingest.metadata") / "data" / "title_weights.npz"
    with np.load(BytesIO(file.read_bytes())) as arrays:
        layers = [arrays[name].astype(np.float32) for name in ("hidden", "bias", "out", "direct")]
        return TitleNetwork(*layers), arrays["names"].tolist()


def candidates(lines: LineView) -> list[int]:
    """Return the indexes of lines that may be the title, ascending."""
    start, _ = lines.main
    last = min(len(lines), start + BEHIND) if start < len(lines) else len(lines)
    first = max(0, last - _MOST_LINES)
    return [i for i in range(first, last) if _may_be_title(lines, i)]


def _may_be_title(lines: LineView, i: int) -> bool:
    """Rule out menu entries cheaply before features are computed; they are most lines of a page."""
    word_count, text = lines.word_counts[i], lines.texts[i]
    if lines.rules[i] or word_count > MOST_WORDS or len(text) > MAX_TITLE_LENGTH or len(lines.folded[i]) <= 2:
        return False
    if word_count == 1:
        return i < 3
    return word_count > 3 or not text.startswith(BULLETS)
