"""Asks for long documents in the most expensive ways, and looks at what ordinary searches get meanwhile.

    python -m benchmarks.torture.long_documents

Makes an index of ordinary articles and of texts of 1.9 MB, and serves it. Prints the CPU of each expensive request,
and the median and 99th percentile of ordinary searches, alone and while two clients send expensive requests without a
pause. Exits with 1 if a request takes more than 250 ms of CPU, or if the 99th percentile grows more than threefold.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote_plus

from benchmarks.engine.corpus import generate
from benchmarks.http.run import queries
from benchmarks.torture.load import Answers, Client, in_turn, percentile, summary, timed
from benchmarks.torture.server import Server, on_cores_of_their_own, serving
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document

_LONG = 1_900_000  # characters
_LIMIT = 250  # milliseconds of CPU
_WORDS_OF = 2_000  # documents


def make_index(folder: Path, articles: Sequence[Document], long: int) -> None:
    """Write a generation of `articles` and of `long` long texts that are made of them."""
    with EmbeddedEngine(folder, "en").new_generation() as generation:
        for article in articles:
            generation.add(article, article.body)
        bodies = iter([article.body for article in articles] * (1 + long * _LONG // sum(len(a.body) for a in articles)))
        for number in range(long):
            body = next(bodies)
            while len(body) < _LONG:
                body += "\n" + next(bodies)
            document = replace(articles[number], id=f"f{number:015x}", slug="x", title=f"Long {number}", body=body)
            generation.add(document, body)


def expensive(words: Sequence[str]) -> Iterator[str]:
    """Yield addresses of expensive requests without end, all different."""
    some = [word for query in words for word in query.split(" OR ")]
    for number in count():
        first = number % (len(some) - 60)
        many, few = some[first : first + 60], some[first : first + 8]
        yield f"/search.json?q={quote_plus(' OR '.join(many))}+x{number}&hitsPerPage=100"
        yield f"/search.json?q={quote_plus(' '.join(f'{word[:3]}*' for word in few))}+x{number}&hitsPerPage=20"
        yield f"/search?q={few[0]}+{few[1]}&matchingStrategy=any&page={number % 10 + 1}&cropLength={20 + number % 1900}"
        yield f"/search.json?q={few[2]}+x{number}&attributesToRetrieve=body&hitsPerPage=100"
        yield f"/doc/f{number % 10:015x}/x?q={few[3]}"
        yield f"/doc/f{number % 10:015x}/x?q={few[4]}&view=original&part={number % 30}"


async def cost(server: Server, paths: Iterator[str]) -> float:
    """Print the CPU of some expensive requests; return that of the most expensive, in milliseconds."""
    most, client = 0.0, Client(server)
    for path in paths:
        answers = Answers()
        await timed(client, path, answers)
        worked = max(answers.worked, default=float("inf")) * 1e3
        most = max(most, worked)
        print(f"{worked:7.1f} ms of CPU, {dict(answers.statuses)}  {path[:90]}")
    client.close()
    return most


async def beside(server: Server, ordinary: Iterator[str], attack: Iterator[str], seconds: float) -> Answers:
    """Ordinary searches, one after the other, while two clients send the requests of `attack`."""
    ended = asyncio.Event()

    async def attacker() -> None:
        client = Client(server)
        while not ended.is_set():
            await client.ask(next(attack))
        client.close()

    attackers = [asyncio.create_task(attacker()) for _ in range(2)]
    answers = await in_turn(server, ordinary, 1, seconds)
    ended.set()
    await asyncio.gather(*attackers)
    return answers


async def attack(server: Server, words: Sequence[str], seconds: float) -> bool:
    """Print all figures; return whether they are within the limits."""
    ordinary = (
        f"/search.json?q={quote_plus(query)}" for query in queries(list(islice(generate(_WORDS_OF), _WORDS_OF)))
    )
    await in_turn(server, ordinary, 1, 3)
    most = await cost(server, islice(expensive(words), 6, 42))
    quiet = await in_turn(server, ordinary, 1, seconds)
    busy = await beside(server, ordinary, islice(expensive(words), 1_000, None), seconds)
    ratio = percentile(busy.taken, 0.99) / percentile(quiet.taken, 0.99)
    print(f"ordinary searches alone: {summary(quiet)}, {dict(quiet.statuses)}")
    print(f"beside two clients with expensive requests: {summary(busy)}, {dict(busy.statuses)}; {ratio:.1f} times")
    print(f"most expensive request: {most:.0f} ms of CPU; load {os.getloadavg()[0]:.1f}")
    return most <= _LIMIT and ratio <= 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--long", type=int, default=50, help="texts of 1.9 MB")
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        make_index(Path(folder), list(generate(options.articles)), options.long)
        words = list(islice(queries(list(generate(_WORDS_OF)), seed=8), 2_000))
        with serving(Path(folder)) as server:
            on_cores_of_their_own(server)
            within = asyncio.run(attack(server, words, options.seconds))
    sys.exit(not within)


if __name__ == "__main__":
    main()
