"""Asks several times of what a server can do, and lets slow clients hang on it, and looks at what the others get.

    python -m benchmarks.torture.load --index FOLDER

The index is one of benchmarks.engine.corpus, since the queries are made of its words; no query is asked
twice, so no kept answer helps. On loopback only, with a bounded number of connections, for a bounded
time. Told, and checked beside what is promised (exits with 1 if a promise is broken):

- unloaded: one client asks one after the other; sustainable: what so few clients get that none is refused
- overload: `--times` that (2 by default), at a steady rate whether answers come or not: refused with 503 and
  Retry-After, or admitted, within five times the unloaded 99th percentile; /livez meanwhile; memory; how soon it
  is over
- slow clients: silent ones, ones that send a byte a second, ones that don't read: the others not slowed

Each answer is timed twice: by the clock, and by the processor's time that the server took between question and
answer, for whomever. The latter is what the clock would show on a processor of its own, and what the
admitted are held to, since a server that gets a processor now and then seems slow by the clock.
"""

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from urllib.parse import quote_plus

from benchmarks.engine.corpus import generate
from benchmarks.http.run import queries
from benchmarks.torture.server import Server, on_cores_of_their_own, serving

MOST = 256  # connections
_PATIENCE = 20  # seconds for an answer
_IDLE = 3  # seconds after which a connection is not used again, as a server may be about to close it
_SLOW = 200  # clients
_AHEAD = -10  # of the server, where that is allowed: an answer that waits to be read must not seem late
_KEPT = "8"  # megabytes of answers; they are there before memory is looked at
_WORDS_OF = 2_000  # documents


@dataclass(slots=True)
class Answers:
    """How many answers of which status there were, and what each took; seconds."""

    statuses: Counter[str] = field(default_factory=Counter)
    taken: list[float] = field(default_factory=list)  # by those with 200
    worked: list[float] = field(default_factory=list)  # by the server meanwhile
    refused: list[float] = field(default_factory=list)
    unsent: int = 0


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


class Client:
    """A connection that is kept; asks one thing at a time."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.used = 0.0

    async def ask(self, path: str) -> str:
        """The status of the answer, with what is missing of a refusal, or what happened instead."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._asked(path)
        except (OSError, EOFError, TimeoutError) as error:
            self.close()
            return type(error).__name__

    async def _asked(self, path: str) -> str:
        if time.perf_counter() - self.used > _IDLE:
            self.close()
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.server.port)
        reader, writer = self.streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"\r\ncontent-length: ")
        await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        self.used = time.perf_counter()
        if b"\r\nconnection: close" in head:
            self.close()
        status = head.split(b" ", 2)[1].decode()
        return f"{status} without Retry-After" if status == "503" and b"\r\nretry-after: " not in head else status

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


async def timed(client: Client, path: str, answers: Answers) -> None:
    started, worked = time.perf_counter(), client.server.cpu()
    status = await client.ask(path)
    taken = time.perf_counter() - started
    answers.statuses[status] += 1
    if status == "200":
        answers.taken.append(taken)
        answers.worked.append(client.server.cpu() - worked)
    elif status.startswith("503"):
        answers.refused.append(taken)


async def in_turn(server: Server, paths: Iterator[str], clients: int, seconds: float) -> Answers:
    """Each client asks the next when it is answered."""
    answers, ends = Answers(), time.perf_counter() + seconds

    async def one() -> None:
        client = Client(server)
        while time.perf_counter() < ends:
            await timed(client, next(paths), answers)
        client.close()

    await asyncio.gather(*(one() for _ in range(clients)))
    return answers


async def at_rate(server: Server, paths: Iterator[str], rate: float, seconds: float) -> Answers:
    """So many requests a second, whether answers come or not, on MOST connections."""
    answers, idle = Answers(), [Client(server) for _ in range(MOST)]
    clients, asked = list(idle), set[asyncio.Task[None]]()
    started = time.perf_counter()

    async def one(client: Client, path: str) -> None:
        await timed(client, path, answers)
        idle.append(client)

    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        if not idle:
            answers.unsent += 1
            continue
        task = asyncio.create_task(one(idle.pop(), next(paths)))
        asked.add(task)
        task.add_done_callback(asked.discard)
    await asyncio.gather(*asked)
    for client in clients:
        client.close()
    return answers


async def watched(server: Server, ended: asyncio.Event) -> Answers:
    """What /livez takes, each time on a new connection."""
    answers = Answers()
    while not ended.is_set():
        client = Client(server)
        await timed(client, "/livez", answers)
        client.close()
        await asyncio.sleep(0.1)
    return answers


async def recovered(server: Server, paths: Iterator[str], usual: float) -> float:
    """Seconds until a search takes no longer than usual."""
    started, client = time.perf_counter(), Client(server)
    while time.perf_counter() - started < _PATIENCE:
        answers = Answers()
        await timed(client, next(paths), answers)
        if answers.taken and answers.taken[0] <= usual:
            break
    client.close()
    return time.perf_counter() - started


async def slow_client(port: int, kind: int, ended: asyncio.Event) -> None:
    """A client that is silent, sends a byte a second, or asks and does not read; again when it is dropped."""
    while not ended.is_set():
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        try:
            writer.write((b"", b"GET / HTTP/1.1\r\n", b"GET /search HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")[kind])
            while not ended.is_set() and not writer.is_closing():
                if kind == 1:
                    writer.write(b"X")
                    await writer.drain()
                await asyncio.sleep(1)
        except OSError:
            pass
        finally:
            writer.close()


@dataclass(frozen=True, slots=True)
class Options:
    seconds: float
    clients: int
    times: float


async def attack(server: Server, paths: Iterator[str], options: Options) -> list[str]:
    """Tells what was measured; what was promised and broken is returned."""
    broken: list[str] = []

    def check(holds: bool, promise: str) -> None:
        if not holds:
            broken.append(promise)

    await in_turn(server, paths, 2, 2)  # warm
    alone = await in_turn(server, paths, 1, 8)
    together = await in_turn(server, paths, options.clients, 8)
    rate, usual = len(together.taken) / 8, percentile(alone.taken, 0.99)
    print(f"unloaded: {summary(alone)}")
    print(f"sustainable: {rate:.0f} a second, {dict(together.statuses)}")

    before, ended = server.memory(), asyncio.Event()
    watching = asyncio.create_task(watched(server, ended))
    worked, asking, started = server.cpu(), time.process_time(), time.perf_counter()
    answers = await at_rate(server, paths, options.times * rate, options.seconds)
    lasting = time.perf_counter() - started
    worked, asking = (server.cpu() - worked) / lasting, (time.process_time() - asking) / lasting
    ended.set()
    back, alive = await recovered(server, paths, usual), await watching
    grown = (server.memory() - before) / 1e6
    ratio = percentile(answers.worked, 0.99) / percentile(alone.worked, 0.99)
    by_clock = percentile(answers.taken, 0.99) / usual
    print(f"overload: {dict(answers.statuses)}, {answers.unsent} not sent for want of a connection")
    print(f"  admitted: {summary(answers)}; {len(answers.taken) / lasting:.0f} a second")
    print(f"  their 99th percentile beside the unloaded: {ratio:.1f} times, {by_clock:.1f} by the clock")
    print(f"  refused: 99 % within {percentile(answers.refused, 0.99) * 1e3:.0f} ms by the clock")
    print(f"  /livez: {dict(alive.statuses)}, {summary(alive)}")
    print(f"  memory grew by {grown:.1f} MB; over after {back:.2f} s")
    print(f"  the server had {worked:.2f} of a processor, this program {asking:.2f}")
    check(set(answers.statuses) <= {"200", "503"}, "all are answered, or refused with 503 and Retry-After")
    check(percentile(answers.taken, 0.99) < 2, "the admitted within two seconds by the clock")
    check(answers.statuses["503"] > 0, "this many times the sustainable load is more than all of it")
    check(ratio <= 5, "the admitted within five times the unloaded 99th percentile")
    check(set(alive.statuses) == {"200"}, "/livez always answers")
    check(grown < 64, "memory is flat")
    check(back < 2, "recovery within two seconds")

    alone = await in_turn(server, paths, 1, 8)
    ended = asyncio.Event()
    slow = [asyncio.create_task(slow_client(server.port, number % 3, ended)) for number in range(_SLOW)]
    await asyncio.sleep(2)
    beside = await in_turn(server, paths, 1, 8)
    ended.set()
    await asyncio.gather(*slow)
    slowed = median(beside.worked) / median(alone.worked)
    print(f"{_SLOW} slow clients: {summary(beside)}, {dict(beside.statuses)}; {slowed:.2f} times as long as without")
    check(set(beside.statuses) == {"200"}, "slow clients keep nobody out")
    check(slowed < 1.5, "slow clients slow nobody down")
    return broken


def summary(answers: Answers) -> str:
    """Median and 99th percentile, of the server's time and by the clock."""
    figures = [percentile(values, share) * 1e3 for values in (answers.worked, answers.taken) for share in (0.5, 0.99)]
    return "median {:.1f} ms, 99 % within {:.1f} ms (by the clock {:.1f} and {:.1f})".format(*figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60, help="of overload")
    parser.add_argument("--clients", type=int, default=4, help="that ask in turn to find what can be sustained")
    parser.add_argument("--times", type=float, default=2, help="the load that can be sustained")
    options = parser.parse_args()
    paths = (f"/search.json?q={quote_plus(each)}" for each in queries(list(islice(generate(_WORDS_OF), _WORDS_OF))))
    with serving(options.index, SEARCHSVC_CACHE_MB=_KEPT) as server:
        on_cores_of_their_own(server)
        with suppress(PermissionError):
            os.nice(_AHEAD)
        broken = asyncio.run(attack(server, paths, Options(options.seconds, options.clients, options.times)))
    print(f"load {os.getloadavg()[0]:.1f}")
    for promise in broken:
        print(f"BROKEN: {promise}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
