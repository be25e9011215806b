"""LRU caches of methods that do not keep the object alive."""

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar
from weakref import WeakMethod

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def weak_lru_cache(method: Callable[Parameters, Result], maxsize: int) -> Callable[Parameters, Result]:
    """Return the bound `method` with an LRU cache of `maxsize` results.

    A plain `lru_cache` in an attribute would be a reference cycle. A closed generation would then keep its files
    open until the garbage collector runs.
    """
    weak = WeakMethod(method)

    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        bound = weak()
        assert bound is not None  # the caller holds the object
        return bound(*args, **kwargs)

    return lru_cache(maxsize=maxsize)(call)  # type: ignore[return-value]
