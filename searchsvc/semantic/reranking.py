"""Re-ranking of the best hits: the score of the words and the cosine of the meanings, weighted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RERANKED = 50  # best hits of a search that change places
WEIGHT = 0.4  # of the meaning, 0 to 1; measured in docs/ranking.md


def rerank(scores: Sequence[float], cosines: NDArray[np.float64], weight: float = WEIGHT) -> list[int]:
    """Return the indices of hits in their new order; equal hits keep theirs.

    `scores`: of the words, descending, (hits,). `cosines`: (hits,) float64, NaN where there is no vector; such a hit
    counts like the mean of the others. Both are scaled to 0 to 1: the scores by the highest, the cosines by the lowest
    and the highest.
    """
    lexical = np.array(scores, np.float64)
    highest = lexical.max(initial=0.0)
    lexical = lexical / highest if highest > 0 else np.zeros(len(lexical))
    is_known = ~np.isnan(cosines)
    if is_known.sum() < 2:
        return list(range(len(lexical)))
    low, high = cosines[is_known].min(), cosines[is_known].max()
    meaning = (cosines - low) / (high - low) if high > low else np.zeros(len(cosines))
    meaning = np.where(is_known, meaning, meaning[is_known].mean())
    order: list[int] = np.argsort(-((1 - weight) * lexical + weight * meaning), kind="stable").tolist()
    return order
