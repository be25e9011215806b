"""One published generation: what is asked of its index, which never changes."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from searchsvc.analysis import Analyzer
from searchsvc.engine.interface import EngineQuery
from searchsvc.engine.opensearch.encoding import as_document, as_original, kept_id
from searchsvc.engine.opensearch.indices import Indices, Serving, done
from searchsvc.engine.opensearch.searching import Asked, SearchReply, certain, facets, narrowed
from searchsvc.engine.opensearch.similar import like
from searchsvc.engine.opensearch.translation import Clause, translate
from searchsvc.engine.opensearch.vocabulary import IndexVocabulary
from searchsvc.errors import DocumentNotFound, IndexMissing
from searchsvc.models import Document, DuplicateCluster, EngineHit, EngineHits

_ID = re.compile("[0-9a-f]{16}")
_TOGETHER = 500  # documents fetched at once
_PAGE = 50  # documents of an export in one answer
_PAIRS = 5_000  # copies in one answer
_PATIENCE = 60.0  # seconds for an answer that no person waits for
_WHOLE = "allow_partial_search_results=false"  # a part of the documents is no answer


@dataclass(frozen=True, slots=True)
class IndexReader:
    """Answers from one generation. Every method raises IndexMissing if it was deleted, and EngineUnavailable."""

    indices: Indices
    serving: Serving
    analyzer: Analyzer
    freshness: int = 0

    @property
    def vocabulary(self) -> IndexVocabulary:
        return IndexVocabulary(self.asked, self.analyzer)

    def search(self, query: EngineQuery) -> EngineHits:
        clause = None if query.tree is None else translate(query.tree, self.vocabulary)
        parts = [translate(part, self.vocabulary) for part in query.parts]
        if query.relaxed is None:
            reply = self._counted(Asked(query, clause, parts, None, self.freshness), query.offset, query.limit)
            return self._hits(query, reply.engine_hits(len(parts)), reply, reply.hits.total.value)
        first = self._counted(Asked(query, clause, (), None, self.freshness), query.offset, query.limit)
        hits, ahead = first.engine_hits(0), first.hits.total.value
        if ahead >= query.enough:
            return self._hits(query, hits, first, ahead)
        wide = translate(query.relaxed, self.vocabulary)
        if query.mixed:
            reply = self._counted(Asked(query, wide, parts, None, self.freshness), query.offset, query.limit)
            total = reply.hits.total.value
            return self._hits(query, reply.engine_hits(len(parts)), reply, total, total - ahead)
        behind = Asked(query, wide, parts, clause, self.freshness)
        rest = self._counted(behind, max(query.offset - ahead, 0), query.limit - len(hits))
        hits += rest.engine_hits(len(parts), relaxed=True)
        return self._hits(query, hits, rest, ahead + rest.hits.total.value, rest.hits.total.value)

    def document(self, document_id: str) -> Document:
        return as_document(self._stored(document_id, "stored"))

    def original(self, document_id: str) -> str:
        return as_original(self._stored(document_id, "original"))

    def documents(self) -> Iterator[tuple[Document, str]]:
        """Page by page, by number: a generation never changes, so that pages fit together."""
        for hit in self._paged(narrowed(None, (), None), "number", _PAGE, ["stored", "original"]):
            stored, original = (base64.b64decode(hit["fields"][name][0]) for name in ("stored", "original"))
            yield as_document(stored), as_original(original)

    def similar(self, document_id: str, limit: int) -> list[EngineHit]:
        tree = like(self.document(document_id), self.analyzer, self.vocabulary, self.serving.manifest.documents)
        if tree is None:
            return []
        own = self._faces([document_id]).get(document_id, document_id)
        copies = [hit["fields"]["copy"][0] for hit in self._pairs({"term": {"face": own}})]
        query = EngineQuery(tree, limit=limit * 2)
        asked = Asked(query, translate(tree, self.vocabulary), ahead={"terms": {"id": [own, *copies]}})
        hits = self._counted(asked, 0, query.limit).engine_hits(0)
        faces = self._faces([hit.document.id for hit in hits])
        best: dict[str, EngineHit] = {}
        for hit in hits:
            best.setdefault(faces.get(hit.document.id, hit.document.id), hit)
        return list(best.values())[:limit]

    def duplicates(self) -> list[DuplicateCluster]:
        clusters: dict[str, list[str]] = {}
        for hit in self._pairs({"exists": {"field": "copy"}}):
            clusters.setdefault(hit["fields"]["face"][0], []).append(hit["fields"]["copy"][0])
        ordered = sorted(clusters.items(), key=lambda each: (-len(each[1]), each[0]))
        documents = self._several([each for face, copies in ordered for each in (face, *copies)])
        return [
            DuplicateCluster(documents[face], tuple(map(documents.__getitem__, copies))) for face, copies in ordered
        ]

    def kept(self, name: str) -> bytes:
        """What the build kept. Raises KeyError if it kept nothing under `name`."""
        pieces = range(self.serving.manifest.kept[name])
        return b"".join(self._fetched(kept_id(name, number), "stored") or b"" for number in pieces)

    def asked(self, body: Mapping[str, Any], *, seconds: float | None = None) -> Any:
        """The JSON of any search."""
        return msgspec.json.decode(self._searched(body, _WHOLE, seconds))

    def found(self, clause: Clause, query: EngineQuery) -> list[EngineHit]:
        """The hits of `clause` instead of the query's tree."""
        return self._counted(Asked(query, clause), query.offset, query.limit).engine_hits(0)

    def _hits(
        self, query: EngineQuery, hits: Sequence[EngineHit], last: SearchReply, total: int, relaxed: int = 0
    ) -> EngineHits:
        """`last` is the answer that counted facets."""
        return EngineHits(tuple(hits), total, facets(last, query.facet_limit), self.serving.name, relaxed)

    def _counted(self, asked: Asked, offset: int, limit: int) -> SearchReply:
        """The answer with exact counts: shards are asked for more values until these are certain."""
        attempt = 0
        while True:
            body = asked.body(offset, limit, attempt)
            found = self._searched(body, f"search_type=dfs_query_then_fetch&{_WHOLE}", None)
            reply = msgspec.json.decode(found, type=SearchReply)
            if certain(reply, asked.query.facet_limit, attempt):
                return reply
            attempt += 1

    def _searched(self, body: Mapping[str, Any], how: str, seconds: float | None) -> bytes:
        reply = self.indices.ask("POST", f"/{self.serving.index}/_search?{how}", body, seconds=seconds)
        if reply.status == 404:
            raise self._gone()
        if reply.status >= 400:
            done(reply)
        return reply.body

    def _stored(self, document_id: str, field: str) -> bytes:
        found = self._fetched(document_id, field) if _ID.fullmatch(document_id) else None
        if found is None:
            raise DocumentNotFound("no document has this address; it may have been removed since")
        return found

    def _fetched(self, document_id: str, field: str) -> bytes | None:
        """A stored field of the document with this id, None if there is none."""
        reply = self.indices.ask("GET", f"/{self.serving.index}/_doc/{document_id}?stored_fields={field}")
        if reply.status == 404 and b'"found":false' in reply.body:
            return None
        if reply.status == 404:
            raise self._gone()
        return base64.b64decode(done(reply)["fields"][field][0])

    def _several(self, ids: Sequence[str]) -> dict[str, Document]:
        """The documents with these ids, which must all be there."""
        found: dict[str, Document] = {}
        for start in range(0, len(ids), _TOGETHER):
            some = ids[start : start + _TOGETHER]
            body = {"query": {"terms": {"id": some}}, "size": len(some), "stored_fields": ["stored"]}
            for hit in self.asked(body, seconds=_PATIENCE)["hits"]["hits"]:
                found[hit["_id"]] = as_document(base64.b64decode(hit["fields"]["stored"][0]))
        return found

    def _faces(self, ids: Sequence[str]) -> dict[str, str]:
        """Of those of `ids` that are copies, the documents they are copies of."""
        pairs = self._pairs({"terms": {"copy": list(ids)}}) if ids else ()
        return {hit["fields"]["copy"][0]: hit["fields"]["face"][0] for hit in pairs}

    def _pairs(self, clause: Clause) -> Iterator[Any]:
        return self._paged(clause, "copy", _PAIRS, None)

    def _paged(self, clause: Clause, order: str, size: int, stored: list[str] | None) -> Iterator[Any]:
        """Every hit of `clause`, in the order of a field in which no two are equal."""
        body: dict[str, Any] = {"query": clause, "size": size, "sort": [{order: "asc"}], "track_total_hits": False}
        body |= {"stored_fields": stored} if stored else {"docvalue_fields": ["copy", "face"]}
        while True:
            hits = self.asked(body, seconds=_PATIENCE)["hits"]["hits"]
            yield from hits
            if len(hits) < size:
                return
            body["search_after"] = hits[-1]["sort"]

    def _gone(self) -> IndexMissing:
        return IndexMissing(f"generation {self.serving.name} is gone from OpenSearch; run `searchsvc rebuild`")
