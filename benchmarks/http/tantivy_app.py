"""A bare Starlette endpoint over tantivy that does the work of a search: hits with snippets, and counts of facets.

    TANTIVY_INDEX=FOLDER uvicorn benchmarks.http.tantivy_app:app

`/search?q=WORD+OR+WORD&hits=20&facets=1` returns JSON.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from searchsvc.models.documents import FACETS, Document

_SNIPPET = 280  # characters
_FACET_VALUES = 20
_COUNTS = {name: {"terms": {"field": name, "size": _FACET_VALUES}} for name in FACETS}

tantivy: Any = import_module("tantivy")  # for whoever has installed it


def build(folder: Path, documents: Sequence[Document]) -> None:
    """Write an index of `documents` into an empty folder."""
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw")
    schema.add_text_field("title", stored=True, tokenizer_name="en_stem")
    schema.add_text_field("body", stored=True, tokenizer_name="en_stem")
    for name in FACETS:
        schema.add_text_field(name, stored=True, fast=True, tokenizer_name="raw")
    writer = tantivy.Index(schema.build(), path=str(folder)).writer(heap_size=256 << 20, num_threads=1)
    for document in documents:
        values = {name: list(document.facet_values(name)) for name in FACETS}
        writer.add_document(tantivy.Document(id=document.id, title=document.title, body=document.body, **values))
    writer.commit()
    writer.wait_merging_threads()


def search(request: Request) -> Response:
    """Respond with hits of any of the words, best first."""
    query = index.parse_query(request.query_params["q"], ["title", "body"], {"title": 2.0, "body": 1.0})
    found = searcher.search(query, int(request.query_params["hits"]), count=True)
    generator = tantivy.SnippetGenerator.create(searcher, query, index.schema, "body")
    generator.set_max_num_chars(_SNIPPET)
    hits = []
    for score, address in found.hits:
        document = searcher.doc(address)
        fields = {name: values for name, values in document.to_dict().items() if name != "body"}
        hits.append({"score": score, "snippet": generator.snippet_from_doc(document).to_html(), **fields})
    facets = searcher.aggregate(query, _COUNTS) if "facets" in request.query_params else {}
    return JSONResponse({"total": found.count, "hits": hits, "facets": facets})


index: Any = tantivy.Index.open(os.environ["TANTIVY_INDEX"]) if "TANTIVY_INDEX" in os.environ else None
searcher: Any = index.searcher() if index else None
app = Starlette(routes=[Route("/search", search)])
