"""Ranking metrics, and the significance of differences between two rankings."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from searchsvc.evaluation.qrels import JudgedQuery
from searchsvc.extras import importing

DEPTH = 100  # hits per query
MEASURES = ("nDCG@10", "AP", "R@100", "RR")  # as ir-measures writes them; AP's mean is MAP, RR's is MRR
_SHUFFLES = 10_000


@dataclass(frozen=True, slots=True)
class Ranked:
    """Ranked documents of a query, best first, and the time of the search."""

    documents: tuple[str, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Mean of each metric, its values in the order of `queries`, and latencies in milliseconds."""

    queries: tuple[str, ...]
    means: Mapping[str, float]
    values: Mapping[str, tuple[float, ...]]
    median_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Means of one metric in two evaluations, and the p value of their difference."""

    measure: str
    before: float
    after: float
    p: float


def evaluate(judged: Sequence[JudgedQuery], ranked: Sequence[Ranked]) -> Evaluation:
    """Compute the metrics of one ranking per query. Raises ExtraUnusable if ir-measures cannot be imported."""
    with importing("eval", "ir_measures", "evaluating"):
        library = importlib.import_module("ir_measures")
    names = [str(number) for number in range(len(judged))]  # names of queries may repeat
    grades = {name: dict(query.grades) for name, query in zip(names, judged, strict=True)}
    runs = {
        name: {document: float(-place) for place, document in enumerate(run.documents[:DEPTH])}
        for name, run in zip(names, ranked, strict=True)
    }
    values = {measure: dict.fromkeys(names, 0.0) for measure in MEASURES}
    # Not parse_measure(): it uses ast.Num, which is deprecated since Python 3.12 and missing in 3.14.
    measures = [library.nDCG @ 10, library.AP, library.R @ 100, library.RR]
    for metric in library.iter_calc(measures, grades, runs):
        values[str(metric.measure)][metric.query_id] = float(metric.value)
    latencies = [each.milliseconds for each in ranked]
    return Evaluation(
        queries=tuple(query.name for query in judged),
        means={measure: float(np.mean(list(each.values()))) for measure, each in values.items()},
        values={measure: tuple(each.values()) for measure, each in values.items()},
        median_ms=float(np.median(latencies)),
        p99_ms=float(np.quantile(latencies, 0.99)),
    )


def compare(before: Evaluation, after: Evaluation) -> tuple[Comparison, ...]:
    """Compare two evaluations of the same queries, metric by metric."""
    return tuple(
        Comparison(name, mean, after.means[name], _permutation_p(before.values[name], after.values[name]))
        for name, mean in before.means.items()
    )


def _permutation_p(before: Sequence[float], after: Sequence[float]) -> float:
    """Two-sided p of the paired permutation test; never 0, as the observed signs count as one permutation.

    Smucker, Allan and Carterette, "A comparison of statistical significance tests for information retrieval
    evaluation", CIKM 2007. Raises ExtraUnusable if scipy cannot be imported.
    """
    differences = np.subtract(after, before)
    if len(differences) < 2:
        return 1.0  # one query shows nothing
    with importing("eval", "scipy", "comparing evaluations"):
        stats = importlib.import_module("scipy.stats")
    test = stats.permutation_test(
        (differences,), np.sum, permutation_type="samples", vectorized=True, n_resamples=_SHUFFLES, rng=0
    )
    return float(test.pvalue)
