"""Lets so many requests work at once, so many more wait, and refuses the rest at once."""

import asyncio
import time
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from math import exp

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searchsvc.web import problems
from searchsvc.web.problems import Problem

PATIENCE = 2.0  # seconds that a request may wait for its turn
MEMORY = 1.0  # seconds in which what became of a request counts less and less, by a factor of e
OVERLOAD = 1 / 8  # of the requests refused; from then on fewer may wait
_FEWER = 8  # times


class AdmissionQueue:
    """Work places, and a queue of bounded length for them: first come, first served. For one event loop.

    A long queue takes up a burst. Under a load that lasts it stays full, and everybody waits through all of
    it for not one answer more; so it is an eighth as long while many are refused. That is what controlled
    delay is about (Nichols and Jacobson, ACM Queue 10(5), 2012), with numbers for times: the delay is
    the searches in front of one, however long each takes.
    """

    def __init__(self, places: int, waiting: int) -> None:
        self._free = places
        self._most = waiting
        self._queue: deque[asyncio.Future[None]] = deque()
        self._told = self._refused = 0.0  # of the requests of late, how many were told, and how many of them no
        self._counted = time.monotonic()

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._queue)

    @property
    def most(self) -> int:
        """How many may wait now."""
        overloaded = self._refused > self._told * OVERLOAD
        return -(-self._most // _FEWER) if overloaded else self._most

    async def acquire(self, patience: float = PATIENCE) -> bool:
        """Wait for a place, which must be given back; False if the queue is full or it took too long."""
        given = await self._given(patience)
        now = time.monotonic()
        fading = exp((self._counted - now) / MEMORY)
        self._told, self._refused = self._told * fading + 1, self._refused * fading + (not given)
        self._counted = now
        return given

    async def _given(self, patience: float) -> bool:
        if self._free > 0:
            self._free -= 1
            return True
        if len(self._queue) >= self.most:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(patience):
                await turn
        except TimeoutError:
            return self._is_given(turn)
        except asyncio.CancelledError:
            if self._is_given(turn):
                self.release()
            raise
        return True

    def release(self) -> None:
        """Let the next in the queue have the place."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _is_given(self, turn: asyncio.Future[None]) -> bool:
        """Whether the place came although waiting for it ended; else it is not waited for any more."""
        with suppress(ValueError):
            self._queue.remove(turn)
        return turn.done() and not turn.cancelled()


class ConcurrencyLimitMiddleware:
    """Holds back requests that work, in front of the routes, so that they never fill the threads and the
    processor to where nothing else is answered: `free` paths, and all below those that end in a slash,
    are let through."""

    def __init__(self, app: ASGIApp, turns: AdmissionQueue, free: Collection[str]) -> None:
        self.app = app
        self.turns = turns
        self.free = frozenset(free)
        self.folders = tuple(each for each in free if each.endswith("/") and each != "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.free or scope["path"].startswith(self.folders):
            await self.app(scope, receive, send)
            return
        if scope["method"] == "POST":  # nobody may have a place while his body is on its way
            receive = await _whole(receive)
        if await self.turns.acquire():
            await self._work(scope, receive, send)
        else:
            busy = Problem(503, "Too many searches at once. Please try again in a moment.")
            await problems.respond(Request(scope), busy)(scope, receive, send)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        working = True

        def rest() -> None:
            nonlocal working
            if working:
                working = False
                self.turns.release()

        async def resting(message: Message) -> None:
            rest()  # the answer is made; how long the client takes to read it is no matter
            await send(message)

        try:
            await self.app(scope, receive, resting)
        finally:
            rest()


async def _whole(receive: Receive) -> Receive:
    """The same body (or the client's going away) in one message; the guard bounds how long it is."""
    body, message = b"", await receive()
    while message["type"] == "http.request" and message.get("more_body", False):
        body += message.get("body", b"")
        message = await receive()
    messages = deque([{**message, "body": body + message.get("body", b"")}])

    async def again() -> Message:
        return messages.popleft() if messages else await receive()

    return again
