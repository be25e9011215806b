"""Sends different requests, and compares the memory of the server after a quarter of them with that at the end.

    python -m benchmarks.torture.memory --index FOLDER --count 200000

The index is one of benchmarks.torture.corpus. No two requests are equal: searches with different words, filters,
prefixes, misspellings and pages, suggestions, documents, and words that no document has. Prints the resident memory
without the pages of files. Exits with 1 if it grows by more than a tenth.
"""

import argparse
import json
import os
import random
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from itertools import islice
from pathlib import Path
from urllib.parse import quote_plus
from urllib.request import urlopen

from benchmarks.engine.corpus import generate
from benchmarks.http.run import queries
from benchmarks.torture.server import serving

_WORDS_OF = 2_000  # documents
_LOOKS = 20  # at memory
_LETTERS = "abcdefghijklmnopqrstuvwxyzéüßñøДжкя漢字仮名"


def addresses(ids: list[str], seed: int = 1) -> Iterator[str]:
    """Yield addresses without end, all different."""
    draw, number = random.Random(seed), 0
    known = queries(list(islice(generate(_WORDS_OF), _WORDS_OF)))
    while True:
        number += 1
        words, made = next(known), "".join(draw.choices(_LETTERS, k=draw.randint(3, 40)))
        yield f"/search.json?q={quote_plus(words)}"
        yield f"/search.json?q={quote_plus(f'{words} {made}')}&hitsPerPage={draw.randint(1, 100)}"
        yield f"/search?q={quote_plus(f'{words[:5]}* OR {made[:3]}* OR {words[:6]}~1')}&page={draw.randint(1, 5)}"
        yield f"/api/v1/suggest?q={quote_plus(words[: draw.randint(2, 9)])}{number}"
        yield f"/search.json?q={quote_plus(made)}&filter=source:{quote_plus(made)}"
        yield f"/doc/{draw.choice(ids)}/x{number}?q={quote_plus(words)}"
        if number % 10 == 0:
            many = " OR ".join("".join(draw.choices(_LETTERS, k=12)) for _ in range(60))
            yield f"/search.json?q={quote_plus(many)}"


def read(connection: HTTPConnection, address: str) -> None:
    """Read a response; once more on a new connection if the server has closed this one, as after a pause."""
    for is_last in (False, True):
        try:
            connection.request("GET", address)
            connection.getresponse().read()
            return
        except (ConnectionError, HTTPException):
            connection.close()
            if is_last:
                raise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200_000)
    options = parser.parse_args()
    with serving(options.index) as server:
        page = f"http://127.0.0.1:{server.port}/search.json?hitsPerPage=100&attributesToRetrieve=id&page="
        ids = [hit["id"] for number in range(1, 11) for hit in json.load(urlopen(f"{page}{number}"))["hits"]]
        connection, sizes = HTTPConnection("127.0.0.1", server.port, timeout=30), [server.memory()]
        print(f"at the start: {sizes[0] / 1e6:.0f} MB")
        for number, address in enumerate(islice(addresses(ids), options.count), 1):
            read(connection, address)
            if number % (options.count // _LOOKS) == 0:
                sizes.append(server.memory())
                print(f"after {number:,} requests: {sizes[-1] / 1e6:.0f} MB", flush=True)
    growth = sizes[-1] / sizes[_LOOKS // 4] - 1
    print(f"from a quarter of the requests to the end: {growth:+.1%}; load {os.getloadavg()[0]:.1f}")
    sys.exit(growth > 0.1)


if __name__ == "__main__":
    main()
