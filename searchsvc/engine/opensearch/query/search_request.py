"""One search as the body that OpenSearch is asked, and its answer as hits and counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from searchsvc.engine.opensearch.data.documents import as_document
from searchsvc.engine.opensearch.data.mapping import DOCUMENT, facet_field, filter_field
from searchsvc.engine.opensearch.query.query_dsl import Clause
from searchsvc.engine.query import NEWEST_FIRST, RELEVANCE, EngineQuery
from searchsvc.models.search import DateRange, EngineHit, FacetValue, Filter

HITS = ""  # in place of the name of a facet: what is found, rather than counted
_COUNTED = (1_000, 20_000, 400_000)  # values a shard counts: the next if the counts are not certain


class _Stored(msgspec.Struct):
    stored: tuple[bytes]


class _Hit(msgspec.Struct):
    fields: _Stored
    score: float | None = msgspec.field(name="_score", default=None)
    matched_queries: tuple[str, ...] = ()


class _Total(msgspec.Struct):
    value: int


class _Hits(msgspec.Struct):
    total: _Total
    hits: tuple[_Hit, ...] = ()


class _Bucket(msgspec.Struct):
    key: str
    doc_count: int
    doc_count_error_upper_bound: int = 0


class _Values(msgspec.Struct):
    buckets: tuple[_Bucket, ...]
    doc_count_error_upper_bound: int = 0


class _Facet(msgspec.Struct):
    values: _Values


class SearchResponse(msgspec.Struct):
    """What is read of an answer."""

    hits: _Hits
    aggregations: dict[str, _Facet] = {}

    def engine_hits(self, parts: int, *, relaxed: bool = False) -> list[EngineHit]:
        """The hits, with which of so many `parts` each lacks."""
        return [_engine_hit(hit, parts, relaxed) for hit in self.hits.hits]


def _engine_hit(hit: _Hit, parts: int, relaxed: bool) -> EngineHit:
    had = set(map(int, hit.matched_queries))
    lacks = tuple(place for place in range(parts) if place not in had)
    return EngineHit(as_document(hit.fields.stored[0]), hit.score or 0.0, lacks, relaxed)


@dataclass(frozen=True, slots=True)
class SearchBody:
    """One search as clauses. `parts` are told of each hit; what `ahead` finds is counted, but no hit.

    `covered` finds the copies that are left out: of hits and their total, under HITS, and of the counts of
    a facet, under its name.
    `freshness`: in how many days half of what newness adds to a score is lost, 0 if it adds nothing.
    """

    query: EngineQuery
    clause: Clause | None
    parts: Sequence[Clause] = ()
    ahead: Clause | None = None
    covered: Mapping[str, Clause] = field(default_factory=dict)
    freshness: int = 0

    def body(self, offset: int, limit: int, attempt: int = 0) -> dict[str, Any]:
        """The page, the exact total, and the counts of facets.

        A filter on a facet that is counted comes after the counting, since a facet disregards its own.
        """
        query = self.query
        own = [each for each in query.filters if each.field in query.facets and not each.exclude]
        common = [each for each in query.filters if each not in own]
        return {
            "query": _aged(narrowed(self.clause, common, query.published), self.freshness),
            "post_filter": self._after(own),
            "aggs": {
                name: _counted(name, [*map(_filter, others(own, name)), *self._left(name)], query.facet_limit, attempt)
                for name in query.facets
            },
            "from": offset,
            "size": limit,
            "stored_fields": ["stored"],
            "track_total_hits": True,
            "track_scores": True,
            "sort": _order(query.sort),
        }

    def _left(self, name: str) -> list[Clause]:
        """What leaves out the copies that the counts of the facet `name` don't count."""
        return [{"bool": {"must_not": [self.covered[name]]}}] if name in self.covered else []

    def _after(self, own: Iterable[Filter]) -> Clause:
        named = [{"constant_score": {"filter": part, "_name": str(place)}} for place, part in enumerate(self.parts)]
        return {
            "bool": {
                "filter": [*map(_filter, own), {"match_all": {}}],
                "must_not": [clause for clause in (self.ahead, self.covered.get(HITS)) if clause],
                "should": named,  # decides nothing here, but a hit tells which of them it matches
            }
        }


def facets(reply: SearchResponse, limit: int) -> dict[str, tuple[FacetValue, ...]]:
    """The counts of an answer, most first, equals by value."""
    return {
        name: tuple(FacetValue(bucket.key, bucket.doc_count) for bucket in facet.values.buckets[:limit])
        for name, facet in reply.aggregations.items()
    }


def certain(reply: SearchResponse, limit: int, attempt: int) -> bool:
    """Whether the counts are exact, whatever shards did not tell of their rarer values."""
    return attempt + 1 == len(_COUNTED) or all(_exact(facet.values, limit) for facet in reply.aggregations.values())


def _exact(values: _Values, limit: int) -> bool:
    unseen = values.doc_count_error_upper_bound
    if not unseen:
        return True
    shown = values.buckets[:limit]
    told = not any(bucket.doc_count_error_upper_bound for bucket in shown)
    return told and len(shown) == limit and shown[-1].doc_count > unseen


def others(filters: Iterable[Filter], name: str) -> list[Filter]:
    """The filters that the counts of the facet `name` regard."""
    return [each for each in filters if each.field != name or each.exclude]


def narrowed(clause: Clause | None, filters: Iterable[Filter], published: DateRange | None) -> Clause:
    """The documents that `clause` finds (None: every one) and filters leave."""
    clauses: list[Clause] = [{"term": {"kind": DOCUMENT}}, *map(_filter, filters)]
    if published and (published.first or published.last):
        ends = {"gte": published.first, "lte": published.last}
        clauses.append({"range": {"published": {key: day.toordinal() for key, day in ends.items() if day}}})
    return {"bool": {"must": [clause] if clause else [], "filter": clauses}}


def _aged(clause: Clause, half: int) -> Clause:
    """Each score times 1 + 2 ** (-age / half), the age in days until today; what has no date keeps its score."""
    if not half:
        return clause
    today = date.today().toordinal()
    past: Clause = {"range": {"published": {"lte": today}}}
    decay = {"published": {"origin": today, "scale": half, "decay": 0.5}}
    newest = {"filter": {"range": {"published": {"gt": today}}}, "weight": 1}
    functions = [{"weight": 1}, {"filter": past, "exp": decay}, newest]
    return {"function_score": {"query": clause, "functions": functions, "score_mode": "sum", "boost_mode": "multiply"}}


def _filter(each: Filter) -> Clause:
    having = {"terms": {filter_field(each.field): [value.casefold() for value in each.values]}}
    return {"bool": {"must_not": [having]}} if each.exclude else having


def _counted(name: str, kept: Sequence[Clause], limit: int, attempt: int) -> dict[str, Any]:
    values = {
        "field": facet_field(name),
        "size": limit,
        "shard_size": max(_COUNTED[attempt], limit),
        "order": [{"_count": "desc"}, {"_key": "asc"}],
        "show_term_doc_count_error": True,
    }
    return {"filter": {"bool": {"filter": list(kept)}}, "aggs": {"values": {"terms": values}}}


def _order(sort: str) -> list[Mapping[str, Any]]:
    """Equals by id, as in the embedded engine, so that pages never overlap."""
    if sort == RELEVANCE:
        return [{"_score": "desc"}, {"id": "asc"}]
    day = {"order": "desc" if sort == NEWEST_FIRST else "asc", "missing": "_last"}
    return [{"published": day}, {"id": "asc"}]
