"""CPU of a search over HTTP, of searchsvc and of peers that do the same work, in one run.

    python -m benchmarks.http.peers --documents 100000

One worker each over the same made-up corpus: searchsvc; tantivy behind a bare Starlette endpoint; SQLite FTS5 behind
Datasette. Every query is sent to each in turn, one at a time, never twice; Datasette gets a tenth of them. CPU is that
of the server's process. Datasette ranks and cuts snippets in an SQL query; with facets it offers neither, and lists
hits as they are stored.
"""

import argparse
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import islice, product
from pathlib import Path
from statistics import median
from urllib.parse import quote_plus, urlencode

from benchmarks.http import tantivy_app
from benchmarks.http.run import cpu_seconds, index, queries, serving
from searchsvc.models.documents import FACETS, Document

SQL = (
    "select articles.id, articles.title, snippet(articles_fts, 1, '<b>', '</b>', '…', 40) as snippet, "
    + ", ".join(f"articles.{name}" for name in FACETS)
    + " from articles_fts join articles on articles.rowid = articles_fts.rowid"
    " where articles_fts match :q order by rank limit 10"
)
WITH_FACETS, WITHOUT = f"20 hits, {len(FACETS)} facets", "ten hits, no facets"
PATIENCE = 60  # seconds


@dataclass(frozen=True, slots=True)
class Peer:
    """A server: paths by kind of search, and the command that starts it."""

    paths: Mapping[str, Callable[[str], str]]
    command: Sequence[str]


def build_database(file: Path, documents: Sequence[Document]) -> None:
    """Write the documents and an FTS5 index of their titles and bodies into a new database; first facet values only."""
    names = ["id", "title", "body", *FACETS]
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"create table articles ({', '.join(names)})")
        database.executemany(
            f"insert into articles values ({', '.join('?' * len(names))})",
            (
                (each.id, each.title, each.body, *(next(iter(each.facet_values(name)), "") for name in FACETS))
                for each in documents
            ),
        )
        database.execute("create virtual table articles_fts using fts5(title, body, content=articles, tokenize=porter)")
        database.execute("insert into articles_fts(articles_fts) values ('rebuild')")


def peers(folder: Path, documents: Sequence[Document]) -> dict[str, Peer]:
    """Build what is missing in `folder`, and return the servers."""
    tantivy_folder, database = folder / "tantivy", folder / "articles.db"
    if not tantivy_folder.exists():
        tantivy_folder.mkdir()
        tantivy_app.build(tantivy_folder, documents)
    if not database.exists():
        build_database(database, documents)
    facets = "".join(f"&_facet={name}" for name in FACETS)
    limits = [part for name in ("sql", "facet") for part in ("--setting", f"{name}_time_limit_ms", f"{PATIENCE}000")]
    return {
        "searchsvc": Peer(
            {
                WITH_FACETS: lambda q: f"/search.json?q={quote_plus(q)}",
                WITHOUT: lambda q: f"/search.json?q={quote_plus(q)}&facets=,&hitsPerPage=10",
            },
            ("-c", "from searchsvc.cli import main; main()", "--index", str(folder / "index"), "serve"),
        ),
        "tantivy, Starlette": Peer(
            {
                WITH_FACETS: lambda q: f"/search?q={quote_plus(q)}&hits=20&facets=1",
                WITHOUT: lambda q: f"/search?q={quote_plus(q)}&hits=10",
            },
            ("-m", "uvicorn", "benchmarks.http.tantivy_app:app", "--log-level", "warning"),
        ),
        "SQLite FTS5, Datasette": Peer(
            {
                WITH_FACETS: lambda q: (
                    f"/articles/articles.json?_search={quote_plus(q)}&_searchmode=raw&_size=20{facets}"
                ),
                WITHOUT: lambda q: "/articles.json?" + urlencode({"sql": SQL, "q": q}),
            },
            ("-m", "datasette", "serve", str(database), *limits),
        ),
    }


def cost(peer: Peer, kind: str, asked: Sequence[str], connection: HTTPConnection, process: int) -> float:
    """Mean CPU in ms of a search. Raises RuntimeError at a response that is no success."""
    before = cpu_seconds(process)
    for query in asked:
        connection.request("GET", peer.paths[kind](query))
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status} {body[:200]!r}")
    return (cpu_seconds(process) - before) * 1e3 / len(asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--searches", type=int, default=40, help="of each kind in a round")
    parser.add_argument("--work", type=Path, default=Path("build/benchmarks/http"))
    options = parser.parse_args()
    folder = options.work / str(options.documents)
    documents = index(folder / "index", options.documents)
    asked = queries(documents)
    measured: dict[tuple[str, str], list[float]] = {}
    os.environ["TANTIVY_INDEX"] = str(folder / "tantivy")  # for its server
    every = peers(folder, documents)
    with ExitStack() as servers:
        started = {name: servers.enter_context(serving(*peer.command)) for name, peer in every.items()}
        for number, kind in product(range(options.rounds + 1), (WITH_FACETS, WITHOUT)):
            drawn = list(islice(asked, options.searches))
            for name, peer in every.items():
                port, process = started[name]
                chosen = drawn[: max(1, len(drawn) // 10)] if "Datasette" in name else drawn
                with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
                    taken = cost(peer, kind, chosen, connection, process)
                if number:  # the first round warms up
                    measured.setdefault((name, kind), []).append(taken)
    print(table(measured))
    print(f"load {os.getloadavg()[0]:.1f}")


def table(measured: Mapping[tuple[str, str], Sequence[float]]) -> str:
    """Medians of the rounds as Markdown, in ms of CPU, and the ratio of searchsvc's to each, round by round."""
    lines = ["| | " + " | ".join(f"{kind}: CPU ms | searchsvc's by it" for kind in (WITH_FACETS, WITHOUT)) + " |"]
    lines.append("|---" * 5 + "|")
    for name in dict.fromkeys(name for name, _ in measured):
        cells = []
        for kind in (WITH_FACETS, WITHOUT):
            ours, theirs = measured["searchsvc", kind], measured[name, kind]
            ratio = median(own / other for own, other in zip(ours, theirs, strict=True))
            cells += [f"{median(theirs):.2f}", f"{ratio:.2f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
