"""Reasons for the classifier's removals: the groups of features that lowered a line's score most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate import network
from searchsvc.ingest.boilerplate.features.feature_matrix import LineFeatures
from searchsvc.ingest.boilerplate.line_batch import Ints
from searchsvc.ingest.boilerplate.recurring_lines import STEPS, Recurrence

UNEXPLAINED = "reads like clutter"
_CUES = {
    "person": "worded like a reader's comment",
    "share": "about sharing or following",
    "subscribe": "about subscribing",
    "comment": "about comments",
    "commenter": "comment header",
    "legal": "worded like a legal notice",
    "nav": "reads like a menu",
    "related": "worded like a link to other articles",
    "bio": "worded like a note on the author",
    "caption": "worded like a caption or credit",
    "byline": "worded like a byline",
    "time": "mostly a date or time",
    "url": "web address",
    "advert": "worded like an advertisement",
    "tags": "worded like a list of tags",
    "quiz": "worded like a player, poll or rating",
    "end": "worded like a heading of notes",
}
_MARKS = {
    "share": "a share bar",
    "subscribe": "a call to subscribe",
    "comment": "a comments heading",
    "commenter": "a comment header",
    "legal": "a legal notice",
    "nav": "menu entries",
    "related": "a list of related articles",
    "bio": "a note on the author",
    "caption": "a caption",
    "byline": "a byline",
    "time": "a line of dates",
    "advert": "an advertisement",
    "tags": "a list of tags",
    "stamp": "lines with a date and time",
    "template": "lines of the same form",
}
_PLAIN = {
    "length": "few words",
    "punctuation": "little punctuation",
    "ending": "does not end like a sentence",
    "opening": "does not begin like a sentence",
    "separators": "many symbols for its length",
    "case": "capitalised like a heading",
    "digits": "mostly numbers",
    "wording": "few function words",
    "words": "words that are rare in articles",
    "list": "list entry",
    "place": "sits where menus and footers usually sit",
    "blank lines": "isolated short line",
    "document": "on a page that is mostly clutter",
    "run": "outside the longest stretch of prose",
    "neighbours": "next to other clutter",
    "copies": "repeats other lines of the page",
    "topic": "shares few words with the article",
    "title": "far from the title and its article",
    "template": "same form as other lines of the page",
    "stamp": "has a date and time",
}


def phrase(group: str) -> str:
    """Return the reason for a group of features, in words."""
    kind, _, name = group.partition(":")
    if kind == "cue":
        return _CUES[name]
    if kind in ("after", "before"):
        return f"{kind} {_MARKS[name]}"
    return _PLAIN[group]


@cache
def _groups(groups: tuple[str, ...]) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return the distinct group names, and a (features, groups) float32 matrix that sums features by group."""
    names = tuple(dict.fromkeys(groups))
    matrix = np.zeros((len(groups), len(names)), dtype=np.float32)
    matrix[np.arange(len(groups)), [names.index(group) for group in groups]] = 1
    return names, matrix


@dataclass(frozen=True, slots=True)
class NetworkRun:
    """Inputs and outputs of the network for one batch."""

    weights: network.NetworkWeights
    matrix: network.Floats  # (features, lines) float32, clipped
    activations: network.Activations


def classifier_reasons(features: LineFeatures, run: NetworkRun, at: Ints) -> list[str]:
    """Return a reason for each of the lines `at`, (chosen,) int64.

    A reason names the two groups of features that lowered the score most, compared with a typical line of content.
    """
    if not len(at):
        return []
    rows = run.matrix[:, at].T
    pull = network.gradients(run.weights, run.activations, at) * (rows - run.weights.typical)
    names, matrix = _groups(features.matrix.groups)
    blame = network.product(matrix.T, pull.T)
    most = _lowest(blame)
    blame[np.minimum(most, len(names) - 1), np.arange(len(at))] = 0
    pairs, index = np.unique(most * (len(names) + 1) + _lowest(blame), return_inverse=True)
    texts = [_reason(names, *divmod(int(pair), len(names) + 1)) for pair in pairs]
    return [texts[number] for number in index.tolist()]


def _lowest(blame: network.Floats) -> Ints:
    """Return the row of the least value of each column, (columns,) int64, or the number of rows if none is negative."""
    row = blame.argmin(axis=0)
    return np.where(np.take_along_axis(blame, row[None], axis=0)[0] < 0, row, len(blame))


def _reason(names: Sequence[str], most: int, second: int) -> str:
    """Return the reason for two groups of features. `len(names)` is no group."""
    return ", ".join(phrase(names[group]) for group in (most, second) if group < len(names)) or UNEXPLAINED


def recurrence_notes(recurrence: Recurrence, log_odds: NDArray[np.float64]) -> dict[int, str]:
    """Return a note for each line that recurs, by row of the batch. `log_odds`: (lines,) float64, 0 without effect."""
    notes = {}
    for line in np.flatnonzero(log_odds > 0).tolist():
        percent = int(recurrence.shares[line]) * 100 // STEPS
        if percent:
            share = "half" if percent == 50 else f"{percent} %"
            notes[line] = f"on at least {share} of this source's pages"
        elif recurrence.in_corpus[line] < 3:
            notes[line] = "below a line that heads recurring lines of this source"
        else:
            notes[line] = f"in at least {int(recurrence.in_corpus[line])} documents of the corpus"
    return notes
