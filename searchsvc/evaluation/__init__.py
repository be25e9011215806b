"""How good a ranking is, told by queries whose relevant documents are known."""

from searchsvc.evaluation.judged import JudgedQuery, read_judged
from searchsvc.evaluation.measures import DEPTH, Comparison, Evaluation, Ranked, compared, measured

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
