"""Methods whose results are kept, without keeping the object."""

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar
from weakref import WeakMethod

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def weak_lru_cache(method: Callable[Parameters, Result], most: int) -> Callable[Parameters, Result]:
    """`method`, a bound one, with its last `most` results kept.

    An `lru_cache` in an attribute of the object would be a cycle, and what has read a generation would
    hold its files open until the collector comes by.
    """
    weak = WeakMethod(method)

    def call(*args: Parameters.args, **named: Parameters.kwargs) -> Result:
        bound = weak()
        assert bound is not None  # who calls has the object
        return bound(*args, **named)

    return lru_cache(maxsize=most)(call)  # type: ignore[return-value]
