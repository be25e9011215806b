"""Evaluation of ranking with judged queries."""

from searchsvc.evaluation.metrics import (
    DEPTH,
    Comparison,
    Evaluation,
    Ranked,
    compare,
    evaluate,
)
from searchsvc.evaluation.qrels import JudgedQuery, read_qrels

__all__ = [
    "DEPTH",
    "Comparison",
    "Evaluation",
    "JudgedQuery",
    "Ranked",
    "compare",
    "evaluate",
    "read_qrels",
]
