"""Pauses of expensive work while others need the processor: within a budget, and in all threads of a request."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from starlette.concurrency import run_in_threadpool

from searchsvc import pauses
from searchsvc.engine.query import Deadline
from searchsvc.pauses import Pauses, pause_if_needed
from searchsvc.web.middleware import concurrency_limit
from searchsvc.web.middleware.concurrency_limit import AdmissionQueue, ConcurrencyLimitMiddleware


def test_work_pauses_until_others_have_ended() -> None:
    answers = [True] * 5 + [False]
    Pauses(lambda: answers.pop(0)).take()
    assert answers == []


def test_the_pauses_of_a_request_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "MOST", 0.02)
    asked = []
    always = Pauses(lambda: not asked.append(1))  # type: ignore[func-returns-value]
    always.take()
    assert 15 <= len(asked) <= 25
    always.take()
    assert len(asked) <= 25, "the budget is spent"


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
        time.sleep(concurrency_limit.EXPENSIVE + 0.05)  # longer than LONG, so it gives its slot up
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

    assert asyncio.run(alone()) < pauses.MOST


async def _nothing(*_: object) -> None:
    """Neither receive nor send: the app of these tests has no use for them."""
