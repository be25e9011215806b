"""The network's matrix products, in blocks that one thread computes."""

import time

import numpy as np
import pytest

from searchsvc.ingest.boilerplate.network import product

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("lines", [0, 1, 31, 32, 2_600])
def test_blocks_give_the_whole_product(lines: int) -> None:
    weights, values = RNG.random((48, 174), np.float32), RNG.random((174, lines), np.float32)

    assert product(weights, values) == pytest.approx(weights @ values, rel=1e-5)


def test_product_uses_no_other_thread() -> None:
    weights, values = RNG.random((48, 174), np.float32), RNG.random((174, 200_000), np.float32)
    process, thread = time.process_time(), time.thread_time()
    product(weights, values)

    assert time.process_time() - process <= 1.2 * (time.thread_time() - thread)
