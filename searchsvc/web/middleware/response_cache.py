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
from searchsvc.web.cached_response import Answer, Edition, Question
from searchsvc.web.middleware.access_log import KEPT
from searchsvc.web.schema import query_params

_OVERHEAD = 2_048  # bytes that an answer takes besides its bodies: question, headers, dictionary
_LONG_ADDRESS = 2_048  # bytes of parameters; reading more than that is work for a thread
_ADDRESSES = 2_048  # so many of them are remembered: 8 MB at most


class AnswerCache:
    """Answers of one edition, the least recently asked for given up first. Safe from several threads."""

    def __init__(self, most: int) -> None:
        """`most`: bytes that the answers may take together; 0 keeps none."""
        self._most = most
        self._edition: Edition | None = None
        self._answers: OrderedDict[Question, Answer] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def find(self, question: Question, edition: Edition) -> Answer | None:
        """The answer to `question` if it is kept and holds for `edition`."""
        with self._lock:
            if edition != self._edition or (found := self._answers.pop(question, None)) is None:
                return None
            self._answers[question] = found  # under the key it was asked with: the same one is found without comparing
            return found

    def keep(self, answer: Answer) -> Answer:
        """Keep `answer`, which is returned, and nothing of any other edition.

        An answer that was begun before a change of edition and comes after it empties the cache
        again: that costs a few searches and never gives a wrong answer.
        """
        with self._lock:
            if answer.edition != self._edition:
                self._edition, self._size = answer.edition, 0
                self._answers.clear()
            if (old := self._answers.pop(answer.question, None)) is not None:
                self._size -= _size(old)
            self._answers[answer.question] = answer
            self._size += _size(answer)
            while self._size > self._most:
                _, oldest = self._answers.popitem(last=False)
                self._size -= _size(oldest)
        return answer


class KeptAnswers:
    """Gives what is kept at once; everything else goes on to the routes, which run in threads.

    A hop to a thread and the way through the routes cost more than the answer itself.
    """

    def __init__(self, app: ASGIApp, service: SearchService, cache: AnswerCache, paths: frozenset[str]) -> None:
        """`paths`: the addresses of which answers are kept."""
        self.app = app
        self.service = service
        self.cache = cache
        self.paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._kept(scope) if self._may_be_kept(scope) else None
        if answer is not None:
            scope[KEPT] = True
        await (answer or self.app)(scope, receive, send)

    def _may_be_kept(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["path"] in self.paths
            and scope["method"] in ("GET", "HEAD")
            and len(scope["query_string"]) <= _LONG_ADDRESS
        )

    async def _kept(self, scope: Scope) -> Answer | None:
        question = _question(scope["path"], scope["query_string"])
        generation = self.service.serving() or await run_in_threadpool(self._looked)
        if generation is None or question is None:
            return None
        return self.cache.find(question, Edition(generation, date.today(), self.service.synonyms_stamp))

    def _looked(self) -> str | None:
        """The serving generation after a look at the disk, which may open another one."""
        with suppress(SearchServiceError):  # the search itself says it again
            self.service.look()
        return self.service.serving()


@lru_cache(maxsize=_ADDRESSES)  # reading takes half the time of answering
def _question(path: str, typed: bytes) -> Question | None:
    """What an address asks, None if part of it can't be read."""
    read = query_params.read(QueryParams(typed))
    return None if read.refused else read.question(path)


def _size(answer: Answer) -> int:
    """Bytes, with room for the packed body, which is made when it is first asked for."""
    return 2 * len(answer.body) + _OVERHEAD
