"""Limit concurrent requests, queue a bounded number, reject further requests with 503."""

import asyncio
import time
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from math import exp

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searchsvc.pauses import Pauses, set_pauses
from searchsvc.web import problems
from searchsvc.web.problems import Problem

PATIENCE = 2.0  # seconds that a request may wait
MEMORY = 1.0  # seconds in which the weight of a past request falls by a factor of e
OVERLOAD = 1 / 8  # share of rejected requests above which the queue is shortened
LONG = 0.01  # seconds after which a request gives its slot to a waiting one, and continues without one
MOST_LONG = 2  # requests without a slot for each slot
_FEWER = 8  # factor by which the queue is shortened


class AdmissionQueue:
    """Slots for concurrent requests, with a bounded first-in, first-out queue. For one event loop.

    A long queue absorbs a burst. Under lasting overload it would stay full and only add delay, so it is shortened
    to an eighth while many requests are rejected. This is controlled delay (Nichols and Jacobson, ACM Queue 10(5),
    2012) with queue lengths in place of times.

    Expensive requests must not keep others waiting: a request that takes long gives up its slot. A bounded number of
    requests runs without a slot.
    """

    def __init__(self, places: int, waiting: int) -> None:
        self._places = self._free = places
        self._most_long, self._long = places * MOST_LONG, 0
        self._most = waiting
        self._queue: deque[asyncio.Future[None]] = deque()
        self._requests = self._rejected = 0.0  # recent requests: decaying counts of all and of the rejected
        self._counted = time.monotonic()

    @property
    def waiting(self) -> int:
        """Return the number of waiting requests."""
        return len(self._queue)

    @property
    def is_in_use(self) -> bool:
        """Return whether a request has a slot or waits for one."""
        return self._free < self._places or len(self._queue) > 0

    @property
    def most(self) -> int:
        """Return the current limit of waiting requests."""
        overloaded = self._rejected > self._requests * OVERLOAD
        return -(-self._most // _FEWER) if overloaded else self._most

    async def acquire(self, patience: float = PATIENCE) -> bool:
        """Wait for a slot, to be released later; return False if the queue is full or the wait too long."""
        admitted = await self._admit(patience)
        now = time.monotonic()
        fading = exp((self._counted - now) / MEMORY)
        self._requests, self._rejected = self._requests * fading + 1, self._rejected * fading + (not admitted)
        self._counted = now
        return admitted

    async def _admit(self, patience: float) -> bool:
        if self._free > 0:
            self._free -= 1
            return True
        if len(self._queue) >= self.most:
            return False
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(waiter)
        try:
            async with asyncio.timeout(patience):
                await waiter
        except TimeoutError:
            return self._is_admitted(waiter)
        except asyncio.CancelledError:
            if self._is_admitted(waiter):
                self.release()
            raise
        return True

    def give_up(self) -> bool:
        """Release the slot of a long request, which continues; return False if too many requests do so already."""
        if self._long >= self._most_long:
            return False
        self._long += 1
        self.release()
        return True

    def end_long(self) -> None:
        """Count a request that has given up its slot as ended."""
        self._long -= 1

    def release(self) -> None:
        """Pass the slot to the next waiting request."""
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1

    def _is_admitted(self, waiter: asyncio.Future[None]) -> bool:
        """Stop waiting; return whether the slot arrived at the last moment."""
        with suppress(ValueError):
            self._queue.remove(waiter)
        return waiter.done() and not waiter.cancelled()


class ConcurrencyLimitMiddleware:
    """Limit concurrent requests before they reach the routes, so that threads and processor stay available.

    Exempt are the paths in `free`, and all paths below an entry that ends in a slash.
    """

    def __init__(self, app: ASGIApp, queue: AdmissionQueue, free: Collection[str]) -> None:
        self.app = app
        self.queue = queue
        self.free = frozenset(free)
        self.folders = tuple(each for each in free if each.endswith("/") and each != "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.free or scope["path"].startswith(self.folders):
            await self.app(scope, receive, send)
            return
        if scope["method"] == "POST":  # a slow upload must not occupy a slot
            receive = await _whole(receive)
        if await self.queue.acquire():
            await self._work(scope, receive, send)
        else:
            busy = Problem(503, "Too many requests. Try again in a moment.")
            await problems.respond(Request(scope), busy)(scope, receive, send)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        slot = _Slot(self.queue)
        set_pauses(Pauses(slot.must_pause))

        async def resting(message: Message) -> None:
            slot.release()  # the response is computed; a slow client must not occupy the slot
            await send(message)

        try:
            await self.app(scope, receive, resting)
        finally:
            slot.release()


class _Slot:
    """Slot of one running request, which it gives up when it has taken long."""

    def __init__(self, queue: AdmissionQueue) -> None:
        self._queue = queue
        self._is_long = self._is_released = False
        self._timer = asyncio.get_running_loop().call_later(LONG, self._give_up)

    def _give_up(self) -> None:
        self._is_long = self._queue.give_up()
        if not self._is_long:
            self._timer = asyncio.get_running_loop().call_later(LONG, self._give_up)

    def must_pause(self) -> bool:
        """Return whether an expensive request must leave the processor to others. Called by other threads."""
        return self._is_long and self._queue.is_in_use

    def release(self) -> None:
        """Release the slot once; further calls do nothing."""
        if self._is_released:
            return
        self._is_released = True
        self._timer.cancel()
        if self._is_long:
            self._queue.end_long()
        else:
            self._queue.release()


async def _whole(receive: Receive) -> Receive:
    """Return the body, or the client's disconnection, as one message; RequestGuardMiddleware bounds its size."""
    body, message = b"", await receive()
    while message["type"] == "http.request" and message.get("more_body", False):
        body += message.get("body", b"")
        message = await receive()
    messages = deque([{**message, "body": body + message.get("body", b"")}])

    async def replayed() -> Message:
        return messages.popleft() if messages else await receive()

    return replayed
