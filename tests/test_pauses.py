"""Pauses of expensive work while others need the processor: within a budget, and in all threads of a request."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import count

import pytest
from starlette.concurrency import run_in_threadpool

from searchsvc import pauses
from searchsvc.engine.query import Deadline
from searchsvc.models.search import SearchResults
from searchsvc.models.search_request import SearchRequest
from searchsvc.pauses import Pauses, pause_if_needed, set_pauses
from searchsvc.service import SearchService
from searchsvc.web.middleware import concurrency_limit
from searchsvc.web.middleware.concurrency_limit import AdmissionQueue, ConcurrencyLimitMiddleware


@pytest.fixture
def expensive_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "EXPENSIVE", 0.0)


def spin(seconds: float) -> None:
    """Use CPU time."""
    started = time.thread_time()
    while time.thread_time() < started + seconds:
        pass


@pytest.mark.usefixtures("expensive_at_once")
def test_work_pauses_until_others_have_ended() -> None:
    answers = [True] * 5 + [False]
    Pauses(lambda: answers.pop(0)).pause()
    assert answers == []


def test_only_expensive_work_pauses() -> None:
    answers = [True, True, True, False]
    work = Pauses(lambda: answers.pop(0))
    work.pause()
    time.sleep(2 * pauses.EXPENSIVE)  # waiting is no CPU time
    work.pause()
    assert answers == [True, False], "asked once for each step"
    spin(pauses.EXPENSIVE)
    work.pause()
    assert answers == []


@pytest.mark.usefixtures("expensive_at_once")
def test_the_pauses_of_a_request_have_a_budget_beside_busy_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "MAX_SECONDS", 0.1)
    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(spin, 1.0)
        work, started = Pauses(lambda: True), time.monotonic()
        work.pause()
        assert 0.09 < time.monotonic() - started < 0.5
        work.pause()
        assert not busy.done(), "the budget is spent"


@pytest.mark.usefixtures("expensive_at_once")
def test_a_pause_ends_with_the_time_limit_of_the_search() -> None:
    set_pauses(Pauses(lambda: True))
    started = time.monotonic()
    assert not Deadline(50).allows_more()
    assert time.monotonic() - started < pauses.MAX_SECONDS / 2


def steps_of_search(service: SearchService, hits: int) -> int:
    """The number of times that a search for all documents could have paused."""
    steps = count()

    def search() -> SearchResults:
        set_pauses(Pauses(lambda: next(steps) < 0))
        return service.search(SearchRequest("", facets=(), hits_per_page=hits))

    assert len(copy_context().run(search).hits) == hits
    return next(steps)


def test_a_search_can_pause_before_it_reads_a_hit_and_before_it_shows_one(service: SearchService) -> None:
    assert steps_of_search(service, 5) - steps_of_search(service, 1) == 2 * 4


def test_nothing_pauses_outside_of_a_request() -> None:
    def work() -> bool:
        pause_if_needed()
        return Deadline(None).allows_more()

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(copy_context().run, work).result(10)


def test_an_expensive_request_pauses_while_another_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next step of the expensive request waits for the short one, which keeps its slot."""
    monkeypatch.setattr(concurrency_limit, "MOST_LONG", 1)
    order: list[str] = []

    def expensive() -> None:
        pause_if_needed()
        spin(pauses.EXPENSIVE + 0.05)  # longer than LONG, so it gives its slot up
        Deadline(None).allows_more()
        order.append("expensive")

    def short() -> None:
        time.sleep(0.1)
        order.append("short")

    async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await run_in_threadpool(expensive if scope["path"] == "/expensive" else short)

    async def both() -> None:
        limited = ConcurrencyLimitMiddleware(app, AdmissionQueue(1, 5), ())
        scopes = [{"type": "http", "path": path, "method": "GET"} for path in ("/expensive", "/short")]
        first = asyncio.create_task(limited(scopes[0], _nothing, _nothing))  # type: ignore[arg-type]
        await asyncio.sleep(concurrency_limit.LONG + 0.03)
        await limited(scopes[1], _nothing, _nothing)  # type: ignore[arg-type]
        await first

    asyncio.run(both())
    assert order == ["short", "expensive"]


def test_a_request_with_a_slot_never_pauses() -> None:
    async def alone() -> float:
        async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
            await run_in_threadpool(pause_if_needed)

        limited = ConcurrencyLimitMiddleware(app, AdmissionQueue(1, 5), ())
        started = time.monotonic()
        await limited({"type": "http", "path": "/", "method": "GET"}, _nothing, _nothing)  # type: ignore[arg-type]
        return time.monotonic() - started

    assert asyncio.run(alone()) < pauses.MAX_SECONDS


async def _nothing(*_: object) -> None:
    """Neither receive nor send: the app of these tests has no use for them."""
