"""Other engines, for whoever has installed them: pip install tantivy bm25s; apt install python3-xapian."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bm25s
import Stemmer
import tantivy

from benchmarks.engine.engines import Run, stems, whole_text
from benchmarks.engine.queries import BenchQuery
from searchsvc.models.documents import Document


class Tantivy:
    name = "tantivy"

    def build(self, folder: Path, documents: Sequence[Document]) -> None:
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("text", tokenizer_name="en_stem")
        schema.add_integer_field("number", stored=True)
        opened = tantivy.Index(schema.build(), path=str(folder))
        writer = opened.writer(heap_size=256 << 20, num_threads=1)
        for number, document in enumerate(documents):
            writer.add_document(tantivy.Document(text=whole_text(document), number=number))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> None:
        self.index = tantivy.Index.open(str(folder))
        self.searcher = self.index.searcher()

    def prepare(self, asked: BenchQuery) -> Run:
        q, schema, words = tantivy.Query, self.index.schema, stems(asked)
        if asked.how == "phrase":
            built = q.phrase_query(schema, "text", words)
        elif asked.how == "prefix":
            built = q.regex_query(schema, "text", asked.words[0] + ".*")
        elif asked.how == "fuzzy":
            built = q.fuzzy_term_query(schema, "text", words[0], distance=1, transposition_cost_one=False)
        else:
            occur = tantivy.Occur.Must if asked.how == "all" else tantivy.Occur.Should
            terms = [q.term_query(schema, "text", stem) for stem in words]
            built = terms[0] if len(terms) == 1 else q.boolean_query([(occur, term) for term in terms])
        return lambda: int(self.searcher.search(built, 10, count=True).count)


class Bm25s:
    name = "bm25s"

    def build(self, folder: Path, documents: Sequence[Document]) -> None:
        tokens = bm25s.tokenize(
            [whole_text(document) for document in documents],
            stopwords=None, stemmer=Stemmer.Stemmer("english"), show_progress=False,
        )  # fmt: skip
        ranker = bm25s.BM25()
        ranker.index(tokens, show_progress=False)
        ranker.save(str(folder), show_progress=False)

    def open(self, folder: Path) -> None:
        self.ranker = bm25s.BM25.load(str(folder))

    def prepare(self, asked: BenchQuery) -> Run | None:
        if asked.how not in ("term", "any"):
            return None
        words = stems(asked)

        def run() -> int:
            self.ranker.retrieve([words], k=10, show_progress=False, n_threads=0)
            return -1

        return run


class Xapian:
    name = "Xapian"

    def __init__(self) -> None:
        sys.path.append("/usr/lib/python3/dist-packages")
        import xapian  # noqa: PLC0415 - only installed by the system's packager

        self.x: Any = xapian

    def build(self, folder: Path, documents: Sequence[Document]) -> None:
        x = self.x
        base = x.WritableDatabase(str(folder / "x"), x.DB_CREATE_OR_OVERWRITE)
        generator = x.TermGenerator()
        generator.set_stemmer(x.Stem("en"))
        generator.set_stemming_strategy(x.TermGenerator.STEM_ALL)
        for document in documents:
            entry = x.Document()
            generator.set_document(entry)
            generator.index_text(whole_text(document))
            base.add_document(entry)
        base.commit()
        base.close()

    def open(self, folder: Path) -> None:
        self.base = self.x.Database(str(folder / "x"))
        self.count = self.base.get_doccount()

    def prepare(self, asked: BenchQuery) -> Run | None:
        x = self.x
        if asked.how in ("fuzzy", "prefix"):  # its Python binding refuses OP_WILDCARD with one word
            return None
        kind = {"term": x.Query.OP_OR, "any": x.Query.OP_OR, "all": x.Query.OP_AND, "phrase": x.Query.OP_PHRASE}
        built = x.Query(kind[asked.how], stems(asked))

        def run() -> int:
            asking = x.Enquire(self.base)
            asking.set_query(built)
            return int(asking.get_mset(0, 10, self.count).get_matches_estimated())

        return run
