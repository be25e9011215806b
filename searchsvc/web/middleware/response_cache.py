"""Cache of responses, valid until the index, the synonyms or the date change."""

import threading
from collections import OrderedDict
from contextlib import suppress
from datetime import date
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from searchsvc.errors import SearchServiceError
from searchsvc.service import SearchService
from searchsvc.web.cached_response import CachedResponse, CacheKey, CacheVersion
from searchsvc.web.middleware.access_log import CACHED
from searchsvc.web.schema import query_params

_OVERHEAD = 2_048  # bytes of a response besides its bodies: key, headers, dictionary entry
_LONG_ADDRESS = 2_048  # bytes of parameters; longer ones are parsed in a thread
_ADDRESSES = 2_048  # parsed addresses to remember; 8 MB at most


class ResponseCache:
    """Least recently used cache of the responses of one version. Thread-safe."""

    def __init__(self, most: int) -> None:
        """`most` is the size limit in bytes; 0 disables the cache."""
        self._most = most
        self._version: CacheVersion | None = None
        self._responses: OrderedDict[CacheKey, CachedResponse] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, question: CacheKey, edition: CacheVersion) -> CachedResponse | None:
        """Return the response for `question` if it is cached and valid for `edition`."""
        with self._lock:
            if edition != self._version or (found := self._responses.pop(question, None)) is None:
                return None
            self._responses[question] = (
                found  # under the key of this lookup, so that the next lookup with it compares by identity
            )
            return found

    def put(self, answer: CachedResponse) -> CachedResponse:
        """Add and return `answer`; drop all responses of other versions.

        A response that was started before a change of version and arrives after it empties the cache. That costs a
        few searches, never a wrong response.
        """
        with self._lock:
            if answer.version != self._version:
                self._version, self._size = answer.version, 0
                self._responses.clear()
            if (old := self._responses.pop(answer.key, None)) is not None:
                self._size -= _size(old)
            self._responses[answer.key] = answer
            self._size += _size(answer)
            while self._size > self._most:
                _, oldest = self._responses.popitem(last=False)
                self._size -= _size(oldest)
        return answer


class ResponseCacheMiddleware:
    """Send cached responses from the event loop; pass other requests to the routes, which run in threads.

    A switch to a thread and routing cost more than the response itself.
    """

    def __init__(self, app: ASGIApp, service: SearchService, cache: ResponseCache, paths: frozenset[str]) -> None:
        """`paths` are the addresses with cached responses."""
        self.app = app
        self.service = service
        self.cache = cache
        self.paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._kept(scope) if self._may_be_kept(scope) else None
        if answer is not None:
            scope[CACHED] = True
        await (answer or self.app)(scope, receive, send)

    def _may_be_kept(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["path"] in self.paths
            and scope["method"] in ("GET", "HEAD")
            and len(scope["query_string"]) <= _LONG_ADDRESS
        )

    async def _kept(self, scope: Scope) -> CachedResponse | None:
        question = _question(scope["path"], scope["query_string"])
        generation = self.service.current() or await run_in_threadpool(self._looked)
        if generation is None or question is None:
            return None
        return self.cache.get(question, CacheVersion(generation, date.today(), self.service.synonyms_stamp))

    def _looked(self) -> str | None:
        """Return the serving generation after a refresh, which may open a newer one."""
        with suppress(SearchServiceError):  # the search raises it again
            self.service.refresh()
        return self.service.current()


@lru_cache(maxsize=_ADDRESSES)  # parsing takes half the time of a cached response
def _question(path: str, typed: bytes) -> CacheKey | None:
    """Return the cache key of an address, None if a parameter is invalid."""
    read = query_params.read(QueryParams(typed))
    return None if read.invalid else CacheKey(path, read.request)


def _size(answer: CachedResponse) -> int:
    """Return the size in bytes, including a compressed body that may be added later."""
    return 2 * len(answer.body) + _OVERHEAD
