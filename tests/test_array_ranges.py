"""Runs of equal values."""

import random
from itertools import groupby

import numpy as np
import pytest

from searchsvc.array_ranges import runs


@pytest.mark.parametrize("size", [0, 1, 2, 50])
def test_runs_are_those_of_going_through_the_values(size: int) -> None:
    values = sorted(random.Random(size).choices(range(20), k=size))
    starts, counts = runs(np.array(values, np.int32))
    assert np.array(values, np.int32).take(starts).tolist() == sorted(set(values))
    assert counts.tolist() == [len(list(equal)) for _, equal in groupby(values)]
