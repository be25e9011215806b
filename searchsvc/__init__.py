"""Search that people trust over a folder of scraped articles.

The public names are documented in docs/library.md. Each is imported when it is first used, so that the command line
starts quickly.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from searchsvc.errors import (
        DocumentNotFound,
        EngineUnavailable,
        IndexBusy,
        IndexDamaged,
        IndexMissing,
        InvalidRequest,
        NothingToIndex,
        SchemaChanged,
        SearchServiceError,
        SettingsError,
        StoreError,
    )
    from searchsvc.library import Cleaned, clean, open
    from searchsvc.models.search import Filter
    from searchsvc.models.search_request import SearchRequest
    from searchsvc.search_snapshot import SearchSnapshot
    from searchsvc.service import SearchService
    from searchsvc.settings import Settings

__all__ = [
    "Cleaned",
    "DocumentNotFound",
    "EngineUnavailable",
    "Filter",
    "IndexBusy",
    "IndexDamaged",
    "IndexMissing",
    "InvalidRequest",
    "NothingToIndex",
    "SchemaChanged",
    "SearchRequest",
    "SearchService",
    "SearchServiceError",
    "SearchSnapshot",
    "Settings",
    "SettingsError",
    "StoreError",
    "__version__",
    "clean",
    "open",
]

_MODULES = {
    "Cleaned": "library",
    "clean": "library",
    "open": "library",
    "Filter": "models.search",
    "SearchRequest": "models.search_request",
    "SearchSnapshot": "search_snapshot",
    "SearchService": "service",
    "Settings": "settings",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
