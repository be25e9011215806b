"""States of the gated layer: equal to a loop over the lines, within each document, and equal to training's."""

from typing import Any, cast

import numpy as np
import pytest

from searchsvc.ingest.boilerplate.gated_layer import gated_states
from training.boilerplate import gated_layer as training

RNG = np.random.default_rng(5)


def states_by_loop(inputs: Any, doc: Any) -> Any:
    units = len(inputs) // 2
    candidate, keep = np.maximum(inputs[:units], 0), 1 / (1 + np.exp(-inputs[units:]))
    out = np.zeros((units, len(doc)))
    for unit in range(units):
        order = range(len(doc)) if unit < units // 2 else range(len(doc) - 1, -1, -1)
        state, document = 0.0, -1
        for line in order:
            if doc[line] != document:
                state, document = 0.0, doc[line]
            state = keep[unit, line] * state + (1 - keep[unit, line]) * candidate[unit, line]
            out[unit, line] = state
    return out


@pytest.mark.parametrize("sizes", [[1], [3, 1, 40], [200, 7]])
def test_states_equal_a_loop_over_the_lines_of_each_document(sizes: list[int]) -> None:
    doc = np.repeat(np.arange(len(sizes)), sizes)
    inputs = RNG.standard_normal((16, len(doc))).astype(np.float32)

    states = gated_states(inputs.copy(), np.zeros(16, dtype=np.float32), doc)

    assert states == pytest.approx(states_by_loop(inputs, doc), abs=1e-4)


def test_training_computes_the_same_states() -> None:
    doc = np.repeat([0, 1, 2], [5, 1, 30])
    inputs = RNG.standard_normal((8, len(doc))).astype(np.float32)
    first = np.append(True, doc[1:] != doc[:-1])
    last = np.append(doc[1:] != doc[:-1], True)

    trained = training.forward(inputs.T, np.eye(8, dtype=np.float32), np.zeros(8, dtype=np.float32), (first, last))

    shipped = gated_states(inputs, np.zeros(8, dtype=np.float32), doc)
    assert shipped == pytest.approx(trained.states.T, abs=1e-5)


def test_gradients_equal_differences() -> None:
    doc = np.repeat([0, 1], [6, 4])
    inputs, weights, bias, pull = (cast("Any", RNG.standard_normal(size)) for size in ((10, 3), (3, 8), 8, (10, 4)))
    ends = (np.append(True, doc[1:] != doc[:-1]), np.append(doc[1:] != doc[:-1], True))

    def loss(changed: Any) -> float:
        return float((training.forward(inputs, changed, bias, ends).states * pull).sum())

    gradient = training.backward(training.forward(inputs, weights, bias, ends), pull, weights)[0]
    step = np.zeros_like(weights)
    for at in [(0, 0), (1, 3), (2, 5), (0, 7)]:
        step[:] = 0
        step[at] = 1e-5
        difference = (loss(weights + step) - loss(weights - step)) / 2e-5
        assert gradient[at] == pytest.approx(difference, rel=1e-3, abs=1e-5)
