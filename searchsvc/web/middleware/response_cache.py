"""Cache of responses, valid until the index, the synonyms or the date change."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from searchsvc.errors import SearchServiceError
from searchsvc.service import SearchService
from searchsvc.web.cached_response import CachedResponse, CacheKey, CacheVersion
from searchsvc.web.middleware.access_log import CACHED
from searchsvc.web.schema import query_params

_KEYS = 2_048  # keys to cache; their requests are those of query_params

Variant = Callable[[Scope], str]


class ResponseCache:
    """Least recently used cache of the responses of one version. Thread-safe."""

    def __init__(self, most: int) -> None:
        """`most` is the size limit in bytes; 0 disables the cache."""
        self._most = most
        self._version: CacheVersion | None = None
        self._responses: OrderedDict[CacheKey, CachedResponse] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: CacheKey, version: CacheVersion) -> CachedResponse | None:
        """Return the response for `key` if it is cached and valid for `version`."""
        with self._lock:
            if version != self._version or (response := self._responses.pop(key, None)) is None:
                return None
            # Stored under the key of this lookup, so that the next lookup with it compares by identity.
            self._responses[key] = response
            return response

    def put(self, response: CachedResponse) -> CachedResponse:
        """Add and return `response`; drop all responses of other versions.

        A response that was started before a change of version and arrives after it empties the cache. That costs a
        few searches, never a wrong response.
        """
        with self._lock:
            if response.version != self._version:
                self._version, self._size = response.version, 0
                self._responses.clear()
            if (old := self._responses.pop(response.key, None)) is not None:
                self._size -= old.size
            self._responses[response.key] = response
            self._size += response.size
            while self._size > self._most:
                _, oldest = self._responses.popitem(last=False)
                self._size -= oldest.size
        return response


class ResponseCacheMiddleware:
    """Send cached responses from the event loop; pass other requests to the routes, which run in threads.

    A switch to a thread and routing cost more than the response itself.
    """

    def __init__(
        self, app: ASGIApp, service: SearchService, cache: ResponseCache, variants: Mapping[str, Variant]
    ) -> None:
        """`variants`: the paths with cached responses, each with a function that returns the variant for a request."""
        self.app = app
        self.service = service
        self.cache = cache
        self.variants = variants

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cacheable = scope["type"] == "http" and scope["path"] in self.variants and scope["method"] in ("GET", "HEAD")
        response = (
            await self._cached(scope) if cacheable and len(scope["query_string"]) <= query_params.LONG_ADDRESS else None
        )
        if response is not None:
            scope[CACHED] = True
        await (response or self.app)(scope, receive, send)

    async def _cached(self, scope: Scope) -> CachedResponse | None:
        key = _key(scope["path"], scope["query_string"], self.variants[scope["path"]](scope))
        generation = self.service.current() or await run_in_threadpool(self._refreshed)
        if generation is None or key is None:
            return None
        return self.cache.get(key, CacheVersion(generation, date.today(), self.service.synonyms_stamp))

    def _refreshed(self) -> str | None:
        """Return the serving generation after a refresh, which may open a newer one."""
        with suppress(SearchServiceError):  # the search raises it again
            self.service.refresh()
        return self.service.current()


@lru_cache(maxsize=_KEYS)
def _key(path: str, query: bytes, variant: str) -> CacheKey | None:
    """Return the cache key of an address, None if a parameter is invalid."""
    read = query_params.read_address(query)
    return None if read.invalid else CacheKey(path, read.request, variant)
