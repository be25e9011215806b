"""More requests than can be worked on: who waits, who is refused, who is answered all the same."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.middleware import concurrency_limit
from searchsvc.web.middleware.concurrency_limit import AdmissionQueue
from tests.engine.intercepted import InterceptedEngine
from tests.web.answers import assert_problem, assert_safe
from tests.web.hostile import DOCUMENTS, hostile_service

# Turns


def take_turns(work: Callable[[AdmissionQueue], Awaitable[None]], places: int, waiting: int) -> None:
    async def begun() -> None:
        await work(AdmissionQueue(places, waiting))

    asyncio.run(begun())


def test_places_are_given_in_the_order_they_were_asked_for() -> None:
    async def work(turns: AdmissionQueue) -> None:
        assert await turns.acquire()
        order: list[int] = []

        async def one(number: int) -> None:
            assert await turns.acquire()
            order.append(number)
            turns.release()

        tasks = [asyncio.create_task(one(number)) for number in range(3)]
        await asyncio.sleep(0)
        assert order == []
        turns.release()
        await asyncio.gather(*tasks)
        assert order == [0, 1, 2]

    take_turns(work, 1, 3)


def test_full_queue_refuses_at_once() -> None:
    async def work(turns: AdmissionQueue) -> None:
        assert await turns.acquire()
        waiting = asyncio.create_task(turns.acquire())
        await asyncio.sleep(0)
        assert not await asyncio.wait_for(turns.acquire(), 0.1)
        turns.release()
        assert await waiting

    take_turns(work, 1, 1)


def test_who_waited_too_long_leaves_the_queue() -> None:
    async def work(turns: AdmissionQueue) -> None:
        assert await turns.acquire()
        assert not await turns.acquire(patience=0.01)
        assert turns.waiting == 0
        turns.release()
        assert await turns.acquire()

    take_turns(work, 1, 1)


def test_place_given_to_who_has_gone_is_not_lost() -> None:
    async def work(turns: AdmissionQueue) -> None:
        assert await turns.acquire()
        waiting = asyncio.create_task(turns.acquire())
        await asyncio.sleep(0)
        turns.release()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await turns.acquire(patience=0.01)

    take_turns(work, 1, 1)


def test_place_passes_over_a_request_that_was_cancelled_while_it_waited() -> None:
    async def work(turns: AdmissionQueue) -> None:
        assert await turns.acquire()
        cancelled, waiting = (asyncio.create_task(turns.acquire()) for _ in range(2))
        await asyncio.sleep(0)
        cancelled.cancel()
        turns.release()  # before the cancelled task has run and left the queue
        assert await asyncio.wait_for(waiting, 1)

    take_turns(work, 1, 2)


async def full(turns: AdmissionQueue, waiting: int) -> list[asyncio.Task[bool]]:
    """Requests that wait, after one got the only place."""
    assert await turns.acquire()
    tasks = [asyncio.create_task(turns.acquire()) for _ in range(waiting)]
    await asyncio.sleep(0)
    return tasks


def test_queue_is_short_while_many_are_refused_and_long_again_after(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(turns: AdmissionQueue) -> None:
        burst = await full(turns, 8)
        assert not await turns.acquire()
        for _ in range(9):
            turns.release()
        assert all(await asyncio.gather(*burst))
        assert turns.most == 8  # one of ten
        overload = await full(turns, 8)
        assert [await turns.acquire() for _ in range(6)] == [False] * 6
        assert turns.most == 1
        for _ in range(9):
            turns.release()
        await asyncio.gather(*overload)
        after = time.monotonic() + 5 * concurrency_limit.MEMORY
        monkeypatch.setattr(time, "monotonic", lambda: after)
        assert await turns.acquire()
        assert turns.most == 8

    take_turns(work, 1, 8)


# The application


class HeldEngine(InterceptedEngine):
    """Searches when it is let to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "en")
        self.searches = 0
        self.let = threading.Event()

    def before_search(self) -> None:
        self.searches += 1
        assert self.let.wait(20)


SEARCH, KEPT = "/api/v1/search?q=zebra", "/search.json?q=zebra"


@dataclass(frozen=True, slots=True)
class Busy:
    """A service with one place and a queue of one, both taken by `searches`; its answer to KEPT is kept."""

    client: TestClient
    engine: HeldEngine
    searches: tuple["Future[Response]", ...]


@pytest.fixture
def keeping_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that take long keep their slots."""
    monkeypatch.setattr(concurrency_limit, "MOST_LONG", 0)


@contextmanager
def busy(folder: Path) -> Iterator[Busy]:
    hostile_service(folder)
    engine = HeldEngine(folder)
    app = create_app(SearchService(engine, Settings(index=folder)), Settings(max_concurrent=1, max_queued=1))
    with TestClient(app) as client, ThreadPoolExecutor(2) as threads:
        engine.let.set()
        client.get(KEPT)
        engine.let.clear()
        begun = engine.searches
        try:
            working = threads.submit(client.get, SEARCH)
            until(lambda: engine.searches > begun)
            waiting = threads.submit(client.get, f"{SEARCH}&hitsPerPage=7")
            until(lambda: app.state.admission_queue.waiting == 1)
            yield Busy(client, engine, (working, waiting))
        finally:
            engine.let.set()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.usefixtures("keeping_slots")
def test_beyond_the_queue_requests_are_refused_and_told_when_to_come_back(tmp_path: Path) -> None:
    with busy(tmp_path) as full:
        response = full.client.get(SEARCH)
        assert_problem(response, 503)
        assert int(response.headers["Retry-After"]) > 0
        page = full.client.get("/search?q=zebra+lion")
        assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
        assert_safe(page)


@pytest.mark.usefixtures("keeping_slots")
def test_health_checks_static_files_and_kept_answers_do_not_wait(tmp_path: Path) -> None:
    with busy(tmp_path) as full:
        for path in ("/livez", "/readyz", "/static/style.css", KEPT):
            assert full.client.get(path).status_code == 200, path


@pytest.mark.usefixtures("keeping_slots")
def test_everybody_admitted_is_answered(tmp_path: Path) -> None:
    with busy(tmp_path) as full:
        full.engine.let.set()
        assert [each.result(20).json()["totalHits"] for each in full.searches] == [len(DOCUMENTS)] * 2
        assert full.client.get(SEARCH).status_code == 200


def test_a_long_request_gives_its_slot_to_a_waiting_one(tmp_path: Path) -> None:
    hostile_service(tmp_path)
    engine = HeldEngine(tmp_path)
    app = create_app(SearchService(engine, Settings(index=tmp_path)), Settings(max_concurrent=1, max_queued=9))
    with TestClient(app) as client, ThreadPoolExecutor(9) as threads:
        engine.let.set()
        client.get(SEARCH)
        engine.let.clear()
        begun = engine.searches
        requests = [threads.submit(client.get, f"{SEARCH}&hitsPerPage={number}") for number in range(1, 8)]
        until(lambda: engine.searches == begun + 1 + concurrency_limit.MOST_LONG)
        until(lambda: app.state.admission_queue.waiting == 6 - concurrency_limit.MOST_LONG)
        time.sleep(3 * concurrency_limit.LONG)  # in which no further request may begin
        assert engine.searches == begun + 1 + concurrency_limit.MOST_LONG
        engine.let.set()
        assert [each.result(20).status_code for each in requests] == [200] * 7


def test_a_slot_that_was_given_up_is_not_released_twice() -> None:
    async def work(queue: AdmissionQueue) -> None:
        assert await queue.acquire()
        assert queue.give_up()
        assert await queue.acquire()
        assert not await queue.acquire(patience=0.01)
        queue.end_long()
        assert not await queue.acquire(patience=0.01)
        queue.release()
        assert await queue.acquire()

    take_turns(work, 1, 1)
