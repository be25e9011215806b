"""Gradient of the loss that the network is trained with."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.boilerplate.loss import loss_gradient

SCORES = np.linspace(-6, 6, 25, dtype=np.float32)


@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("doubt", [0.3, 0.6, 1.0])
def test_gradient_is_that_of_the_generalised_cross_entropy(label: float, doubt: float) -> None:
    def loss(score: NDArray[np.float64]) -> NDArray[np.float64]:
        chance = 1 / (1 + np.exp(-score if label else score))
        return np.asarray((1 - chance**doubt) / doubt)

    precise = SCORES.astype(np.float64)
    slope = (loss(precise + 1e-4) - loss(precise - 1e-4)) / 2e-4
    assert loss_gradient(SCORES, np.full(25, label, np.float32), doubt) == pytest.approx(slope, abs=1e-4)


def test_without_doubt_it_is_that_of_the_cross_entropy() -> None:
    cover = np.full(25, 0.7, np.float32)
    assert loss_gradient(SCORES, cover, 0) == pytest.approx(1 / (1 + np.exp(-SCORES)) - cover, abs=1e-6)


def test_a_label_that_looks_wrong_teaches_little() -> None:
    error = loss_gradient(np.array([-6, 0], np.float32), np.ones(2, np.float32), 0.6)
    assert abs(error[0]) < abs(error[1]) / 4
