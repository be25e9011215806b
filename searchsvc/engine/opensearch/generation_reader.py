"""Requests to the index of one generation."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from searchsvc.engine.opensearch.client.indices import Indices, PublishedIndex, checked_json, encode_json
from searchsvc.engine.opensearch.data.documents import as_document, source_id
from searchsvc.engine.opensearch.query.query_dsl import Clause
from searchsvc.engine.opensearch.query.search_request import (
    SearchBody,
    SearchResponse,
    counts_are_exact,
    filtered_clause,
)
from searchsvc.errors import DocumentNotFound, IndexMissing, InvalidRequest
from searchsvc.models.documents import DOCUMENT_ID, Document

_TOGETHER = 500  # documents per request
_PAGE = 50  # hits per request of an export
_WINDOW = 10_000  # hits that a cluster reaches by their number, by default
_PATIENCE = 60.0  # seconds, for requests of a build or an export
_WHOLE = "allow_partial_search_results=false"  # never answer from some of the shards
_WHOLE_OF_EACH = {"allow_partial_search_results": False}
_TOO_MANY = (b'"too_many_nested_clauses"', b'"too_many_clauses"')  # over 1,024 clauses, the default limit of a cluster


@dataclass(frozen=True, slots=True)
class GenerationReader:
    """Reads the index of one generation. Searches and reads raise IndexMissing if the cluster has deleted it."""

    indices: Indices
    serving: PublishedIndex

    def health(self) -> str:
        """Return the state of the index: green, yellow, or red if a part is lost."""
        reply = self.indices.request("GET", f"/_cluster/health/{self.serving.index}", seconds=_PATIENCE)
        return str(checked_json(reply)["status"])

    def search(self, body_builder: SearchBody, offset: int, limit: int) -> SearchResponse:
        """Return the response with exact facet counts: shards are asked for more values until counts are certain."""
        attempt = 0
        while True:
            body = body_builder.body(offset, limit, attempt)
            if offset + limit > _WINDOW:
                body |= {"from": 0, "search_after": self._sort_values_before(body, offset)}
            reply_bytes = self._searched(body, f"search_type=dfs_query_then_fetch&{_WHOLE}", None)
            reply = msgspec.json.decode(reply_bytes, type=SearchResponse)
            if counts_are_exact(reply, body_builder.query.facet_limit, attempt):
                return reply
            attempt += 1

    def search_json(self, body: Mapping[str, Any], *, seconds: float | None = None) -> Any:
        """Return the JSON of a search."""
        return msgspec.json.decode(self._searched(body, _WHOLE, seconds))

    def multi_search_json(self, bodies: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the JSON of several searches, in one request."""
        if not bodies:
            return []
        lines = (encode_json(line) + b"\n" for body in bodies for line in (_WHOLE_OF_EACH, body))
        reply = self.indices.request("POST", f"/{self.serving.index}/_msearch", b"".join(lines))
        answers = checked_json(reply)["responses"]
        # A failed search is repeated alone, with retries and a proper error.
        return [
            answer if answer["status"] == 200 else self.search_json(body)
            for body, answer in zip(bodies, answers, strict=True)
        ]

    def all_hits(self, body_builder: SearchBody) -> Iterator[Any]:
        """Yield every hit of a search, in order."""
        body = body_builder.body(0, _PAGE) | {"track_total_hits": False}
        while True:
            hits = self._page(body)
            yield from hits
            if len(hits) < _PAGE:
                return
            body["search_after"] = hits[-1]["sort"]

    def sorted_hits(self, clause: Clause, order: str, size: int, options: Mapping[str, Any]) -> Iterator[Any]:
        """Yield every hit of `clause`, sorted by a field with unique values; `options` extend the request."""
        body: dict[str, Any] = {"query": clause, "size": size, "sort": [{order: "asc"}], "track_total_hits": False}
        body |= options
        while True:
            hits = self.search_json(body, seconds=_PATIENCE)["hits"]["hits"]
            yield from hits
            if len(hits) < size:
                return
            body["search_after"] = hits[-1]["sort"]

    def documents(self, ids: Sequence[str]) -> dict[str, Document]:
        """Return documents by id; all of them must exist."""
        documents: dict[str, Document] = {}
        for start in range(0, len(ids), _TOGETHER):
            some = ids[start : start + _TOGETHER]
            body = {"query": {"terms": {"id": some}}, "size": len(some), "stored_fields": ["stored"]}
            for hit in self.search_json(body, seconds=_PATIENCE)["hits"]["hits"]:
                documents[hit["_id"]] = as_document(base64.b64decode(hit["fields"]["stored"][0]))
        return documents

    def stored_fields_of_all(self, size: int, *names: str) -> Iterator[tuple[str, list[bytes]]]:
        """Yield id and stored fields of every document, page by page in document order."""
        for hit in self.sorted_hits(filtered_clause(None, (), None), "number", size, {"stored_fields": list(names)}):
            yield hit["_id"], [base64.b64decode(hit["fields"][name][0]) for name in names]

    def stored_field(self, document_id: str, field: str) -> bytes:
        """Return a stored field of a document. Raises DocumentNotFound."""
        data = self._fetched(document_id, field) if DOCUMENT_ID.fullmatch(document_id) else None
        if data is None:
            raise DocumentNotFound("no document has this address; it may have been removed since")
        return data

    def stored_bytes(self, name: str) -> bytes:
        """Return bytes that the build stored under `name`. Raises KeyError."""
        return b"".join(piece or b"" for piece in self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes | None]:
        """Yield the pieces stored under `name`; None for a lost piece. Raises KeyError."""
        for number in range(self.serving.manifest.piece_counts[name]):
            yield self._fetched(source_id(name, number), "stored")

    def deleted_error(self) -> IndexMissing:
        """Return the error for an index that no longer exists."""
        return IndexMissing(f"generation {self.serving.name} is gone from OpenSearch; run `searchsvc rebuild`")

    def _sort_values_before(self, body: Mapping[str, Any], offset: int) -> Any:
        """Sort values of the last hit that precedes `offset`, or of the last hit of all."""
        page = {**body, "from": 0, "aggs": {}, "stored_fields": "_none_", "track_total_hits": False}
        while offset > 0 and (hits := self._page(page | {"size": min(offset, _WINDOW)})):
            page["search_after"] = hits[-1]["sort"]
            offset -= len(hits)
        return page.get("search_after")

    def _page(self, body: Mapping[str, Any]) -> Any:
        reply = self._searched(body, f"search_type=dfs_query_then_fetch&{_WHOLE}", _PATIENCE)
        return msgspec.json.decode(reply)["hits"]["hits"]

    def _searched(self, body: Mapping[str, Any], how: str, seconds: float | None) -> bytes:
        reply = self.indices.request("POST", f"/{self.serving.index}/_search?{how}", body, seconds=seconds)
        if reply.status == 404:
            raise self.deleted_error()
        if reply.status >= 400 and any(name in reply.body for name in _TOO_MANY):
            raise InvalidRequest("q", "the query looks for more at once than OpenSearch takes: leave out some words")
        if reply.status >= 400:
            checked_json(reply)
        return reply.body

    def _fetched(self, document_id: str, field: str) -> bytes | None:
        """A stored field of a document, or None if there is no such document."""
        reply = self.indices.request("GET", f"/{self.serving.index}/_doc/{document_id}?stored_fields={field}")
        if reply.status == 404 and b'"found":false' in reply.body:
            return None
        if reply.status == 404:
            raise self.deleted_error()
        return base64.b64decode(checked_json(reply)["fields"][field][0])
