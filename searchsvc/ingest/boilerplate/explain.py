"""Says in words why the model dropped a line: the groups of features that spoke loudest against it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate import network
from searchsvc.ingest.boilerplate.features.feature_matrix import LineFeatures
from searchsvc.ingest.boilerplate.line_batch import Ints
from searchsvc.ingest.boilerplate.recurring_lines import STEPS, Recurrence

UNEXPLAINED = "reads like debris to the line model"
_CUES = {
    "person": "is worded like a reader's comment",
    "share": "speaks of sharing or following",
    "subscribe": "speaks of subscribing",
    "comment": "speaks of comments",
    "commenter": "is worded like the frame of a comment",
    "legal": "is worded like a legal notice",
    "nav": "is worded like a menu",
    "related": "is worded like a pointer to other articles",
    "bio": "is worded like a note on the author",
    "caption": "is worded like a caption or credit",
    "byline": "is worded like a by-line",
    "time": "is mostly a date or time",
    "url": "is a web address",
    "advert": "is worded like an advertisement",
    "tags": "is worded like a list of tags",
    "quiz": "is worded like a player, poll or rating",
    "end": "is worded like a heading of notes",
}
_MARKS = {
    "share": "a share bar",
    "subscribe": "a call to subscribe",
    "comment": "a comments heading",
    "commenter": "the frame of a comment",
    "legal": "a legal notice",
    "nav": "menu entries",
    "related": "a list of related articles",
    "bio": "a note on the author",
    "caption": "a caption",
    "byline": "a by-line",
    "time": "a line of dates",
    "advert": "an advertisement",
    "tags": "a list of tags",
    "stamp": "lines with a date and time",
    "template": "lines built alike",
}
_PLAIN = {
    "length": "has few words",
    "punctuation": "lacks the punctuation of prose",
    "ending": "does not end like a sentence",
    "opening": "does not begin like a sentence",
    "separators": "is broken up by signs",
    "case": "has its capitals like a heading or menu",
    "digits": "is mostly numbers",
    "wording": "lacks the small words of prose",
    "list": "is an entry of a list",
    "place": "stands where debris stands in a page",
    "blank lines": "is set like debris between blank lines",
    "document": "stands in a page that is mostly debris",
    "run": "stands outside the longest stretch of prose",
    "neighbours": "stands among lines that read like debris",
    "copies": "repeats other lines of the page",
    "topic": "shares few words with the article",
    "title": "stands apart from the title and its article",
    "template": "is built like other lines of the page",
    "stamp": "carries a date and time",
}


def phrase(group: str) -> str:
    """What a group of features says of a line, in words."""
    kind, _, name = group.partition(":")
    if kind == "cue":
        return _CUES[name]
    if kind in ("after", "before"):
        return f"stands {kind} {_MARKS[name]}"
    return _PLAIN[group]


@cache
def _groups(groups: tuple[str, ...]) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """The group names, and a (columns, groups) matrix that sums columns by group."""
    names = tuple(dict.fromkeys(groups))
    matrix = np.zeros((len(groups), len(names)), dtype=np.float32)
    matrix[np.arange(len(groups)), [names.index(group) for group in groups]] = 1
    return names, matrix


@dataclass(frozen=True, slots=True)
class NetworkRun:
    """A run of the model over a batch."""

    weights: network.NetworkWeights
    matrix: network.Floats  # (F, L) clipped features
    activations: network.Activations


def classifier_reasons(features: LineFeatures, run: NetworkRun, at: Ints) -> list[str]:
    """For each of these lines, the two groups that pulled its score down most, against a typical line of content."""
    if not len(at):
        return []
    rows = run.matrix[:, at].T
    pull = network.gradients(run.weights, run.activations, at) * (rows - run.weights.typical)
    names, matrix = _groups(features.matrix.groups)
    blame = pull @ matrix
    order = np.argsort(blame, axis=1)[:, :2]
    return [
        "; ".join(phrase(names[group]) for group in row if blame[line, group] < 0) or UNEXPLAINED
        for line, row in enumerate(order)
    ]


def recurrence_notes(recurrence: Recurrence, log_odds: NDArray[np.float64]) -> dict[int, str]:
    """For lines that recurrence spoke against: on how many pages they stand."""
    notes = {}
    for line in np.flatnonzero(log_odds > 0).tolist():
        pages, share = int(recurrence.in_source[line]), int(recurrence.shares[line]) * 100 // STEPS
        if share:
            notes[line] = f"repeats on {pages} pages of this source or more, {share} % of them at least"
        else:
            notes[line] = f"repeats in {int(recurrence.in_corpus[line])} documents of the corpus or more"
    return notes
