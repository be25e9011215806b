"""The engines that need nothing installed besides searchsvc, and what an engine in the comparison is."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from whoosh import fields, index, query

from benchmarks.engine.queries import BenchQuery
from searchsvc.analysis import analyzer
from searchsvc.engine.embedded.build.index_builder import BuildOptions
from searchsvc.engine.embedded.build.single_segment import write_single_segment
from searchsvc.engine.embedded.search.bm25f import TrueBM25F
from searchsvc.engine.embedded.search.searcher import search
from searchsvc.engine.embedded.snapshot import open_index
from searchsvc.engine.embedded.whoosh_compat.whoosh_schema import SearchAnalyzer
from searchsvc.models.documents import Document
from searchsvc.query import AcrossFields
from searchsvc.schema import FREE_TEXT

Run = Callable[[], int]  # searches: top 10 and the exact total, which it returns


class Peer(Protocol):
    """An engine in the comparison; `prepare` is not timed and gives None for what it can't do."""

    name: str

    def build(self, folder: Path, documents: Sequence[Document]) -> None: ...

    def open(self, folder: Path) -> None: ...

    def prepare(self, asked: BenchQuery) -> Run | None: ...


def stems(asked: BenchQuery) -> list[str]:
    return [analyzer("en").terms(word)[0] for word in asked.words]


def whole_text(document: Document) -> str:
    """All free text as one field: the other engines get the easier task."""
    parts = [document.title, *document.headings, document.body, document.author or "", document.source or ""]
    return "\n".join(parts)


class Searchsvc:
    name = "searchsvc"

    def build(self, folder: Path, documents: Sequence[Document]) -> None:
        write_single_segment(folder, documents, BuildOptions())

    def open(self, folder: Path) -> None:
        self.reader = open_index(folder)
        self.scorer = TrueBM25F(self.reader)

    def tree(self, asked: BenchQuery) -> query.Query:
        weights, words = FREE_TEXT.items(), stems(asked)
        match asked.how:
            case "phrase":
                return AcrossFields([query.Phrase(name, words, boost=weight) for name, weight in weights])
            case "prefix":
                return AcrossFields([query.Prefix(name, asked.words[0], boost=weight) for name, weight in weights])
            case "fuzzy":
                near = [query.FuzzyTerm(name, asked.words[0], boost=w, prefixlength=0) for name, w in weights]
                return AcrossFields(near)
        each = [AcrossFields([query.Term(name, stem, boost=weight) for name, weight in weights]) for stem in words]
        return each[0] if asked.how == "term" else {"any": query.Or, "all": query.And}[asked.how](each)

    def prepare(self, asked: BenchQuery) -> Run:
        tree = self.tree(asked)

        def run() -> int:
            answer = search(self.reader, self.scorer, tree)
            answer.page(0, 10)
            return answer.filtered.count

        return run


class Fts5:
    name = "SQLite FTS5"

    def build(self, folder: Path, documents: Sequence[Document]) -> None:
        base = sqlite3.connect(folder / "fts.db")
        base.execute("CREATE VIRTUAL TABLE t USING fts5(text, content='', tokenize='porter unicode61')")
        rows = ((number, whole_text(document)) for number, document in enumerate(documents))
        base.executemany("INSERT INTO t(rowid, text) VALUES (?, ?)", rows)
        base.commit()
        base.execute("INSERT INTO t(t) VALUES ('optimize')")
        base.commit()
        base.close()

    def open(self, folder: Path) -> None:
        self.base = sqlite3.connect(folder / "fts.db")
        self.base.execute("PRAGMA cache_size = -400000")
        self.base.execute("PRAGMA mmap_size = 2000000000")

    def prepare(self, asked: BenchQuery) -> Run | None:
        quoted = [f'"{word}"' for word in asked.words]
        match asked.how:
            case "fuzzy":
                return None
            case "phrase":
                text = '"' + " ".join(asked.words) + '"'
            case "prefix":
                text = quoted[0] + " *"
            case "any":
                text = " OR ".join(quoted)
            case _:
                text = " AND ".join(quoted)

        def run() -> int:
            self.base.execute("SELECT rowid, rank FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10", (text,)).fetchall()
            return int(self.base.execute("SELECT count(*) FROM t WHERE t MATCH ?", (text,)).fetchone()[0])

        return run


class StockWhoosh:
    name = "stock Whoosh"

    def build(self, folder: Path, documents: Sequence[Document]) -> None:
        made = index.create_in(folder, fields.Schema(text=fields.TEXT(analyzer=SearchAnalyzer())))
        writer = made.writer(limitmb=512)
        for document in documents:
            writer.add_document(text=whole_text(document))
        writer.commit()

    def open(self, folder: Path) -> None:
        self.searcher = index.open_dir(folder).searcher()

    def prepare(self, asked: BenchQuery) -> Run:
        words = stems(asked)
        terms = [query.Term("text", word) for word in words]
        tree = {
            "term": lambda: terms[0],
            "any": lambda: query.Or(terms),
            "all": lambda: query.And(terms),
            "phrase": lambda: query.Phrase("text", words),
            "prefix": lambda: query.Prefix("text", asked.words[0]),
            "fuzzy": lambda: query.FuzzyTerm("text", words[0]),
        }[asked.how]()
        return lambda: len(self.searcher.search(tree, limit=10))
