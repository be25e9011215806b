"""Runs of equal values, and membership."""

import random
from itertools import groupby

import numpy as np
import pytest

from searchsvc.array_ranges import is_in, runs


@pytest.mark.parametrize("size", [0, 1, 2, 50])
def test_runs_are_those_of_going_through_the_values(size: int) -> None:
    values = sorted(random.Random(size).choices(range(20), k=size))
    starts, counts = runs(np.array(values, np.int32))
    assert np.array(values, np.int32).take(starts).tolist() == sorted(set(values))
    assert counts.tolist() == [len(list(equal)) for _, equal in groupby(values)]


def test_membership_is_that_of_a_set() -> None:
    values, ordered = np.array([3, 0, 9, 3, 7], np.uint64), np.array([0, 3, 8], np.uint64)
    assert is_in(values, ordered).tolist() == [True, True, False, True, False]
    assert is_in(values, ordered[:0]).tolist() == [False] * 5
    assert is_in(values[:0], ordered).tolist() == []
