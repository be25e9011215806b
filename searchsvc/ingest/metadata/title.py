"""Title of a text: the line with the highest score of a linear classifier over position, form and wording."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import msgspec
import numpy as np

from searchsvc.ingest.metadata.line_view import BULLETS, LineView
from searchsvc.ingest.metadata.title_features import BEHIND, MOST_WORDS, title_features
from searchsvc.models.documents import MAX_TITLE_LENGTH

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
    scores = np.zeros(bounds[-1])
    if bounds[-1]:
        weights = title_weights()
        for name, values in title_features(views, indexes):
            scores += weights.get(name, 0.0) * values
    return [
        of_text[int(scores[begin:end].argmax())] if of_text else -1
        for of_text, begin, end in zip(indexes, bounds, bounds[1:], strict=False)
    ]


@cache
def title_weights() -> Mapping[str, float]:
    """Return the weight of each feature, by name, as `training.title.train` writes them. Read once."""
    file = resources.files("searchsvc.ingest.metadata") / "data" / "title_weights.json"
    return msgspec.json.decode(file.read_bytes(), type=dict[str, float])


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
