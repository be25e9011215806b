"""Modules that are imported on first use of one of their names.

A short command must not wait for code that it never runs. Importing the builders, the cluster's client and the web
application took more than half of a search's CPU time. A module is deferred only where the command line is
measurably faster for it (docs/design.md), in this form, so that type checker and import contracts see an ordinary
import:

    if TYPE_CHECKING:
        from searchsvc import indexing
    else:
        indexing = deferred("searchsvc.indexing")
"""

import importlib
from types import ModuleType
from typing import Any


class _Deferred(ModuleType):
    """A module that has not been imported yet; gets every name from the real module."""

    def __getattr__(self, name: str) -> Any:
        real = self.__dict__.get("_real_module")
        if real is None:
            real = self.__dict__["_real_module"] = importlib.import_module(self.__name__)
        return getattr(real, name)


def deferred(name: str) -> ModuleType:
    """Return a module that is imported on first use. Errors of the import are raised there."""
    return _Deferred(name)
