"""Classifier of lines: certain rules, then the network with recurrence, then a threshold per document."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate import (
    explain,
    network,
    recurring_lines,
    rules,
)
from searchsvc.ingest.boilerplate.batching import batches
from searchsvc.ingest.boilerplate.features.feature_matrix import LineFeatures, extract_features
from searchsvc.ingest.boilerplate.line_batch import Ints, LineBatch, make_line_batch
from searchsvc.ingest.boilerplate.recurring_lines import RecurringLines
from searchsvc.ingest.boilerplate.rule_context import rule_context
from searchsvc.models.clean_document import Verdict

CLASSIFIER = "classifier"  # the rule shown for lines that no certain rule removes
_LEAN = 1.0  # log-odds towards keeping: a lost sentence is worse than a share button
_FEW, _MANY = 10, 20  # lines
_LEAN_IF_FEW = 3.0
_LEAN_TO_PROSE = 4.0  # for prose in a document of few lines; falls to the ordinary value for one of many lines
_LEAST_CONTENT = 0.12  # chance of being content below which a line is removed from any document
_ROUNDS = 5
_SECTION = 300_000  # characters; a longer text is classified in sections
# Confidence of the network and share of clutter among removed lines with it, on sites left out of training. Above .95
# fewer than 3 in 1,000 lines were article; to keep it so, .997 to .9996 are shown lower than measured.
_NETWORK_CONFIDENCE = (
    0.5, 0.65, 0.79, 0.86, 0.9, 0.93, 0.95, 0.97, 0.985, 0.9925, 0.997, 0.9985, 0.9996, 0.9998, 0.9999, 1.0,
)  # fmt: skip
_CALIBRATED = (
    0.6, 0.612, 0.662, 0.719, 0.756, 0.8, 0.83, 0.866, 0.914, 0.938, 0.945, 0.948, 0.95, 0.993, 0.997, 1.0,
)  # fmt: skip

Bytes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Removed lines of a text. A text of nothing but clutter has no removed lines and `only_clutter` set."""

    lines: Ints  # (removed,) int64, line numbers from 1, ascending
    rules: Bytes  # (removed,) int8, index into rules.NAMES, -1 for the classifier
    confidence: NDArray[np.float32]  # (removed,) 0 to 1
    reasons: tuple[str, ...] = ()  # (removed,), empty unless explained
    only_clutter: bool = False

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One verdict per removed line, with the rule's name and a reason."""
        names = [rules.NAMES[rule] if rule >= 0 else CLASSIFIER for rule in self.rules]
        reasons = self.reasons or [rules.REASONS.get(name, explain.UNEXPLAINED) for name in names]
        rows = zip(self.lines.tolist(), names, reasons, self.confidence.tolist(), strict=True)
        return tuple(Verdict(line, name, reason, round(sure, 3)) for line, name, reason, sure in rows)

    def clean(self, text: str) -> str:
        """Return the text without the removed lines."""
        lines = text.split("\n")
        for number in reversed(self.lines.tolist()):
            del lines[number - 1]
        return "\n".join(lines)


NO_VERDICTS = Verdicts(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int8), np.zeros(0, dtype=np.float32))


def classify(text: str, recurring: RecurringLines | None = None, source: str = "") -> Verdicts:
    """Classify the lines of one text, without reasons for the classifier's removals."""
    return next(classify_all([(source, text)], recurring))


def classify_all(
    documents: Iterable[tuple[str, str]],
    recurring: RecurringLines | None = None,
    weights: network.NetworkWeights | None = None,
) -> Iterator[Verdicts]:
    """Classify each (source, text) pair, in order. Several times faster than one call per text."""
    yield from _verdicts(documents, recurring, weights or network.shipped(), explained=False)


def explain_all(
    documents: Iterable[tuple[str, str]],
    recurring: RecurringLines | None = None,
    weights: network.NetworkWeights | None = None,
) -> Iterator[Verdicts]:
    """Classify each (source, text) pair, in order, with a reason for every removed line."""
    yield from _verdicts(documents, recurring, weights or network.shipped(), explained=True)


def _verdicts(
    documents: Iterable[tuple[str, str]],
    recurring: RecurringLines | None,
    weights: network.NetworkWeights,
    *,
    explained: bool,
) -> Iterator[Verdicts]:
    waiting: deque[list[str]] = deque()

    def pieces() -> Iterator[tuple[str, str]]:
        for source, text in documents:
            waiting.append(sections(text))
            for piece in waiting[-1]:
                yield source, piece

    done: list[Verdicts] = []
    for group in batches(pieces(), size=lambda piece: len(piece[1])):
        done += _classify_batch(group, recurring, weights, explained=explained)
        while waiting and len(waiting[0]) <= len(done):
            parts = waiting.popleft()
            yield _joined(list(zip(done[: len(parts)], parts, strict=True)))
            del done[: len(parts)]


def sections(text: str) -> list[str]:
    """Split a very long text between lines, so that memory stays bounded."""
    pieces, start = [], 0
    while len(text) - start > _SECTION:
        cut = text.find("\n", start + _SECTION)
        if cut < 0:
            break
        pieces.append(text[start:cut])
        start = cut + 1
    return [*pieces, text[start:]]


def _joined(parts: list[tuple[Verdicts, str]]) -> Verdicts:
    if len(parts) == 1:
        return parts[0][0]
    offsets = np.cumsum([0] + [piece.count("\n") + 1 for _, piece in parts[:-1]])
    return Verdicts(
        np.concatenate([part.lines + offset for (part, _), offset in zip(parts, offsets, strict=True)]),
        np.concatenate([part.rules for part, _ in parts]),
        np.concatenate([part.confidence for part, _ in parts]),
        tuple(reason for part, _ in parts for reason in part.reasons),
        all(part.only_clutter for part, _ in parts),
    )


def _classify_batch(
    group: Sequence[tuple[str, str]],
    recurring: RecurringLines | None,
    weights: network.NetworkWeights,
    *,
    explained: bool,
) -> Iterator[Verdicts]:
    batch = make_line_batch([text for _, text in group])
    if not len(batch.doc):
        yield from (NO_VERDICTS for _ in group)
        return
    features = extract_features(batch, weights.word_scores)
    matrix = features.matrix.values
    run = explain.NetworkRun(weights, matrix, network.activations(weights, batch, matrix))
    score = network.scores(weights, run.activations) + _lean(batch, features.prose.is_prose)
    rule, doubtful = rules.split_doubtful(rules.match_rules(rule_context(features)))
    score -= rules.log_odds_against(doubtful)
    notes: dict[int, str] = {}
    if recurring is not None:
        recurrence = recurring_lines.recurrence(batch, features.keys, [source for source, _ in group], recurring)
        log_odds, certain = recurring_lines.recurrence_log_odds(recurrence, batch, features.prose)
        score -= log_odds
        rule[(rule < 0) & certain] = rules.NAMES.index("recurs-in-source")
        notes = explain.recurrence_notes(recurrence, log_odds)
    content = np.where(rule >= 0, 1 - rules.confidence(rule), 1 / (1 + np.exp(-np.clip(score, -30, 30))))
    drop = lines_to_remove(content, rule, batch)
    confidence = np.where(rule >= 0, 1 - content, calibrated(1 - content))
    named = np.where(rule >= 0, rule, doubtful)
    reasons = _reasons(features, run, drop, named, notes) if explained else {}
    yield from _split(batch, drop, named, confidence, reasons)


def _lean(batch: LineBatch, is_prose: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (lines,) float64 log-odds in favour of keeping. Short documents give little context, so they get more.

    `is_prose`: (lines,) bool. Prose gets more than other lines.
    """
    lines = np.diff(batch.doc_bounds)
    lean = np.where(lines < _FEW, _LEAN_IF_FEW, _LEAN)
    to_prose = np.maximum(lean, np.interp(lines, (_FEW, _MANY), (_LEAN_TO_PROSE, _LEAN)))
    return np.where(is_prose, to_prose[batch.doc], lean[batch.doc])


def calibrated(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of clutter among lines removed with this confidence of the network, (lines,) float64.

    `confidence`: (lines,) float64.
    """
    return np.interp(confidence, _NETWORK_CONFIDENCE, _CALIBRATED)


def lines_to_remove(content: NDArray[np.float64], rule: Bytes, batch: LineBatch) -> NDArray[np.bool_]:
    """Return (lines,) bool: the removal that maximises the expected F1 of each document's words.

    `content`: (lines,) float64, chance of being content. `rule`: (lines,) int8, -1 for none; a rule always removes.
    The best threshold is half of the best F1 (Lipton et al. 2014, "Optimal thresholding of classifiers to maximize
    F1"). So an uncertain document loses less.
    """
    docs, count = len(batch.doc_bounds) - 1, batch.word_counts
    content_words = np.bincount(batch.doc, content * count, docs)
    best_f1 = np.full(docs, 0.9)
    for _ in range(_ROUNDS):
        is_kept = content > np.maximum(best_f1 / 2, _LEAST_CONTENT)[batch.doc]
        true_words = np.bincount(batch.doc, is_kept * content * count, docs)
        best_f1 = 2 * true_words / np.maximum(np.bincount(batch.doc, is_kept * count, docs) + content_words, 1e-9)
    out: NDArray[np.bool_] = (content <= np.maximum(best_f1 / 2, _LEAST_CONTENT)[batch.doc]) | (rule >= 0)
    return out


def _reasons(
    features: LineFeatures, run: explain.NetworkRun, drop: NDArray[np.bool_], rule: Bytes, notes: dict[int, str]
) -> dict[int, str]:
    """Return a reason for each removed line, by row of the batch."""
    at = np.flatnonzero(drop & (rule < 0))
    reasons = dict(zip(at.tolist(), explain.classifier_reasons(features, run, at), strict=True))
    for line in np.flatnonzero(drop & (rule >= 0)).tolist():
        reasons[line] = rules.REASONS[rules.NAMES[rule[line]]]
    for line, note in notes.items():
        if drop[line]:
            reasons[line] = note if rule[line] >= 0 else f"{note}; {reasons[line]}"
    return reasons


def _split(
    batch: LineBatch, drop: NDArray[np.bool_], rule: Bytes, confidence: NDArray[np.float64], reasons: dict[int, str]
) -> Iterator[Verdicts]:
    bounds = batch.doc_bounds.tolist()
    for begin, end in pairwise(bounds):
        at = np.flatnonzero(drop[begin:end]) + begin
        if len(at) and len(at) == end - begin:
            yield Verdicts(at[:0], rule[:0], np.zeros(0, dtype=np.float32), (), only_clutter=True)
            continue
        why = tuple(reasons[line] for line in at.tolist()) if reasons else ()
        yield Verdicts(batch.number[at] + 1, rule[at], confidence[at].astype(np.float32), why)
