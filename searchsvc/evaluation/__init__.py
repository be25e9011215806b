"""How good a ranking is, told by queries whose relevant documents are known."""

from searchsvc.evaluation.metrics import (
    DEPTH,
    Comparison,
    Evaluation,
    Ranked,
    compared,
    measured,
)
from searchsvc.evaluation.qrels import JudgedQuery, read_judged

__all__ = [
    "DEPTH",
    "Comparison",
    "Evaluation",
    "JudgedQuery",
    "Ranked",
    "compared",
    "measured",
    "read_judged",
]
