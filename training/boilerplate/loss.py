"""Loss of the network: a cross entropy that learns little from labels that look wrong."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def loss_gradient(score: Floats, cover: Floats, doubt: float) -> Floats:
    """Return the gradient of the generalised cross entropy by the log-odds, (rows,) float32.

    Zhang and Sabuncu 2018, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels": the
    error of a line is multiplied by the power `doubt` of the chance that the network gives its label. `score`:
    log-odds, (rows,). `cover`: label, (rows,), 0 to 1. With `doubt` 0 it is the gradient of the cross entropy.
    """
    chance = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
    of_label = np.where(cover > 0.5, chance, 1 - chance)
    out: Floats = ((chance - cover) * of_label**doubt).astype(np.float32)
    return out
