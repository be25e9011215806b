"""Ranking by meaning, as an option: vectors of texts from a sentence embedding model, and re-ranking of the best hits.

Nothing here decides which documents match. Without a model nothing is imported (onnxruntime, tokenizers).
"""

from searchsvc.semantic.reranking import RERANKED, WEIGHT, rerank
from searchsvc.semantic.sentence_model import MODEL_KEY, SentenceModel
from searchsvc.semantic.vectors import cosines, packed, text_to_embed, unpacked

__all__ = [
    "MODEL_KEY",
    "RERANKED",
    "WEIGHT",
    "SentenceModel",
    "cosines",
    "packed",
    "rerank",
    "text_to_embed",
    "unpacked",
]
