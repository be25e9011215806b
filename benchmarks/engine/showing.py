"""Pages of hits: ten documents with their snippets, or with counts of five facets. Documents are stored."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.engine.engines import Run, stems, whole_text
from benchmarks.engine.queries import BenchQuery
from searchsvc.engine.embedded.engine import EmbeddedEngine
from searchsvc.models.documents import FACETS, Document
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings


class Searchsvc:
    """The whole of a search, from the words typed to the passages with their marks."""

    name = "searchsvc"

    def build(self, folder: Path, documents: Sequence[Document]) -> None:
        with EmbeddedEngine(folder, "en").new_generation() as generation:
            for document in documents:
                generation.add(document, document.body)

    def open(self, folder: Path) -> None:
        self.service = SearchService(EmbeddedEngine(folder, "en"), Settings())

    def prepare(self, asked: BenchQuery) -> Run:
        facets = FACETS if asked.how == "facets" else ()
        request = SearchRequest(" OR ".join(asked.words), hits_per_page=10, facets=facets)
        return lambda: self.service.search(request).total


class Tantivy:
    """Snippets by its SnippetGenerator, of the whole text; facets as aggregations, without snippets."""

    name = "tantivy"

    def build(self, folder: Path, documents: Sequence[Document]) -> None:
        tantivy = import_module("tantivy")  # for whoever has installed it
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("text", stored=True, tokenizer_name="en_stem")
        for name in FACETS:
            schema.add_text_field(name, fast=True, tokenizer_name="raw")
        opened = tantivy.Index(schema.build(), path=str(folder))
        writer = opened.writer(heap_size=256 << 20, num_threads=1)
        for document in documents:
            values = {name: list(document.facet_values(name)) for name in FACETS}
            writer.add_document(tantivy.Document(text=whole_text(document), **values))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> None:
        self.tantivy = import_module("tantivy")
        self.index = self.tantivy.Index.open(str(folder))
        self.searcher = self.index.searcher()

    def prepare(self, asked: BenchQuery) -> Run:
        schema, q = self.index.schema, self.tantivy.Query
        tree = q.boolean_query(
            [(self.tantivy.Occur.Should, q.term_query(schema, "text", stem)) for stem in stems(asked)]
        )
        counts = {name: {"terms": {"field": name, "size": 20}} for name in FACETS}

        def facets() -> int:
            self.searcher.aggregate(tree, counts)
            return int(self.searcher.search(tree, 10, count=True).count)

        def snippets() -> int:
            found = self.searcher.search(tree, 10, count=True)
            generator = self.tantivy.SnippetGenerator.create(self.searcher, tree, schema, "text")
            generator.set_max_num_chars(280)
            for _, address in found.hits:
                passage = generator.snippet_from_doc(self.searcher.doc(address))
                passage.fragment(), passage.highlighted()
            return int(found.count)

        return facets if asked.how == "facets" else snippets
