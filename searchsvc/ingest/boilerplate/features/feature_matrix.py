"""Features of each line of a batch, stacked into one matrix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features import cue_phrases, datelines, position
from searchsvc.ingest.boilerplate.features.columns import Columns, FeatureMatrix, stack
from searchsvc.ingest.boilerplate.features.prose import Prose, find_prose
from searchsvc.ingest.boilerplate.features.repetition import copy_columns, line_keys, topic_columns
from searchsvc.ingest.boilerplate.features.shape import capital_columns, end_columns, shape_columns
from searchsvc.ingest.boilerplate.features.word_scores import WordScores, word_columns
from searchsvc.ingest.boilerplate.line_batch import Hashes, Ints, LineBatch, alphabet, line_sums

MARKED = (
    "share", "subscribe", "comment", "commenter", "legal", "nav", "related",
    "bio", "caption", "byline", "time", "advert", "tags",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineFeatures:
    """Features of the lines of a batch, with intermediate results that rules and reasons use."""

    batch: LineBatch
    matrix: FeatureMatrix
    prose: Prose
    share: NDArray[np.float32]  # (kinds, lines) share of a line's words that cue phrases cover
    keys: Hashes  # (lines,) keys of whole lines
    title: Ints  # (docs,) row of the most likely title, -1 for none
    capitals: NDArray[np.float32]  # (lines,) share of capitalised words


def extract_features(batch: LineBatch, scores: WordScores | None = None) -> LineFeatures:
    """Return the features of each line. A line's features never depend on other documents of the batch.

    Without `scores`, the features have no scores of words.
    """
    count = batch.word_counts
    entries = batch.entries.astype(np.float32)
    share = cue_phrases.match(batch, cue_phrases.shipped()) / entries
    capitals = line_sums(batch, alphabet().kind["upper"][batch.first]) / entries
    prose = find_prose(batch)
    keys = line_keys(batch)
    topic, title = topic_columns(batch, prose, share)

    def parts() -> Iterator[Columns]:
        marks = {kind: (share[cue_phrases.KINDS.index(kind)] >= 0.5) & (count <= 10) for kind in MARKED}
        marks["stamp"] = datelines.stamp_lines(batch, share)
        yield shape_columns(batch)
        yield capital_columns(capitals)
        yield end_columns(batch)
        yield cue_phrases.cue_columns(share)
        template, marks["template"] = datelines.template_columns(batch, marks["stamp"])
        yield template
        yield position.place_columns(batch, prose, marks)
        yield position.distance_columns(batch, prose, marks)
        yield copy_columns(batch, keys)
        yield topic
        yield position.window_columns(batch, prose, share)
        if scores is not None:
            yield word_columns(batch, scores)

    return LineFeatures(batch, stack(parts(), len(batch.doc)), prose, share, keys, title, capitals)
