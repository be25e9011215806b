"""How good a ranking is, told by queries whose relevant documents are known."""

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
