"""Answers that are kept and given again, for as long as they hold."""

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

_OVERHEAD = 2_048  # bytes that an answer takes besides its bodies: question, headers, dictionary
_LONG_ADDRESS = 2_048  # bytes of parameters; reading more than that is work for a thread
_ADDRESSES = 2_048  # so many of them are remembered: 8 MB at most


class ResponseCache:
    """Answers of one edition, the least recently asked for given up first. Safe from several threads."""

    def __init__(self, most: int) -> None:
        """`most`: bytes that the answers may take together; 0 keeps none."""
        self._most = most
        self._version: CacheVersion | None = None
        self._responses: OrderedDict[CacheKey, CachedResponse] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, question: CacheKey, edition: CacheVersion) -> CachedResponse | None:
        """The answer to `question` if it is kept and holds for `edition`."""
        with self._lock:
            if edition != self._version or (found := self._responses.pop(question, None)) is None:
                return None
            self._responses[question] = (
                found  # under the key it was asked with: the same one is found without comparing
            )
            return found

    def put(self, answer: CachedResponse) -> CachedResponse:
        """Keep `answer`, which is returned, and nothing of any other edition.

        An answer that was begun before a change of edition and comes after it empties the cache
        again: that costs a few searches and never gives a wrong answer.
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
    """Gives what is kept at once; everything else goes on to the routes, which run in threads.

    A hop to a thread and the way through the routes cost more than the answer itself.
    """

    def __init__(self, app: ASGIApp, service: SearchService, cache: ResponseCache, paths: frozenset[str]) -> None:
        """`paths`: the addresses of which answers are kept."""
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
        """The serving generation after a look at the disk, which may open another one."""
        with suppress(SearchServiceError):  # the search itself says it again
            self.service.refresh()
        return self.service.current()


@lru_cache(maxsize=_ADDRESSES)  # reading takes half the time of answering
def _question(path: str, typed: bytes) -> CacheKey | None:
    """What an address asks, None if part of it can't be read."""
    read = query_params.read(QueryParams(typed))
    return None if read.invalid else CacheKey(path, read.request)


def _size(answer: CachedResponse) -> int:
    """Bytes, with room for the packed body, which is made when it is first asked for."""
    return 2 * len(answer.body) + _OVERHEAD
