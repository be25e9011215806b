"""Search requests: bodies for OpenSearch, and its responses as hits and facet counts."""

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

_DAYS = "days"  # name of the aggregation by day of publication
_MAX_DAYS = 60_000  # 164 years; a cluster returns at most 65,535 values by default
HITS = ""  # in place of a facet's name: the hits themselves
_SHARD_SIZES = (1_000, 20_000, 400_000)  # values counted per shard; the next size is tried if counts are not exact


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
    key: str | int
    doc_count: int
    doc_count_error_upper_bound: int = 0


class _Values(msgspec.Struct):
    buckets: tuple[_Bucket, ...]
    doc_count_error_upper_bound: int = 0


class _Facet(msgspec.Struct):
    values: _Values


class SearchResponse(msgspec.Struct):
    """The parts of a search response that are read."""

    hits: _Hits
    aggregations: dict[str, _Facet] = {}

    def engine_hits(self, parts: int, *, partial_match: bool = False) -> list[EngineHit]:
        """Return the hits, each with its missing ones among `parts` parts."""
        return [_engine_hit(hit, parts, partial_match) for hit in self.hits.hits]


def _engine_hit(hit: _Hit, parts: int, partial_match: bool) -> EngineHit:
    matched = set(map(int, hit.matched_queries))
    missing = tuple(index for index in range(parts) if index not in matched)
    return EngineHit(as_document(hit.fields.stored[0]), hit.score or 0.0, missing, partial_match)


@dataclass(frozen=True, slots=True)
class SearchBody:
    """One search as clauses.

    `parts` are reported per hit. Matches of `excluded` are counted but are not hits. `suppressed` matches
    near-duplicates to leave out: of hits and their total under HITS, of facet counts under the name of the facet.
    `freshness`: half-life of the recency boost in days, 0 for off.
    """

    query: EngineQuery
    clause: Clause | None
    parts: Sequence[Clause] = ()
    excluded: Clause | None = None
    suppressed: Mapping[str, Clause] = field(default_factory=dict)
    freshness: int = 0

    def body(self, offset: int, limit: int, attempt: int = 0) -> dict[str, Any]:
        """Return the request body for a page of hits, the exact total and the facet counts.

        A filter on a counted facet is a post-filter, as the counts of a facet ignore its own filter.
        """
        query = self.query
        facet_filters = [each for each in query.filters if each.field in query.facets and not each.exclude]
        query_filters = [each for each in query.filters if each not in facet_filters]
        return {
            "query": _with_recency(filtered_clause(self.clause, query_filters, query.published), self.freshness),
            "post_filter": self._post_filter(facet_filters),
            "aggs": {
                name: _facet_aggregation(
                    name,
                    [*map(_filter, other_filters(facet_filters, name)), *self._without_suppressed(name)],
                    query.facet_limit,
                    attempt,
                )
                for name in query.facets
            }
            | ({_DAYS: self._day_aggregation(facet_filters)} if query.months else {}),
            "from": offset,
            "size": limit,
            "stored_fields": ["stored"],
            "track_total_hits": True,
            "track_scores": True,
            "sort": _sort_order(query.sort),
        }

    def _day_aggregation(self, facet_filters: Iterable[Filter]) -> dict[str, Any]:
        """Return the aggregation of the hits by day of publication."""
        days = {"field": "published", "size": _MAX_DAYS, "shard_size": _MAX_DAYS, "show_term_doc_count_error": True}
        filters = [*map(_filter, facet_filters), *self._without_suppressed(HITS)]
        return {"filter": {"bool": {"filter": filters}}, "aggs": {"values": {"terms": days}}}

    def _without_suppressed(self, name: str) -> list[Clause]:
        """Return the clause that removes suppressed near-duplicates from the counts of the facet `name`."""
        return [{"bool": {"must_not": [self.suppressed[name]]}}] if name in self.suppressed else []

    def _post_filter(self, facet_filters: Iterable[Filter]) -> Clause:
        named_parts = [
            {"constant_score": {"filter": part, "_name": str(index)}} for index, part in enumerate(self.parts)
        ]
        return {
            "bool": {
                "filter": [*map(_filter, facet_filters), {"match_all": {}}],
                "must_not": [clause for clause in (self.excluded, self.suppressed.get(HITS)) if clause],
                "should": named_parts,  # optional, so it filters nothing, but hits report the clauses they match
            }
        }


def facets(reply: SearchResponse, limit: int) -> dict[str, tuple[FacetValue, ...]]:
    """Return the facet counts of a response, most first, ties by value."""
    return {
        name: tuple(FacetValue(str(bucket.key), bucket.doc_count) for bucket in facet.values.buckets[:limit])
        for name, facet in reply.aggregations.items()
        if name != _DAYS
    }


def months(reply: SearchResponse) -> dict[date, int]:
    """Return the counts of a response by month of publication, ascending."""
    counts: dict[date, int] = {}
    buckets = reply.aggregations[_DAYS].values.buckets if _DAYS in reply.aggregations else ()
    for bucket in sorted(buckets, key=lambda each: int(each.key)):
        month = date.fromordinal(int(bucket.key)).replace(day=1)
        counts[month] = counts.get(month, 0) + bucket.doc_count
    return counts


def counts_are_exact(reply: SearchResponse, limit: int, attempt: int) -> bool:
    """Return whether the counts are exact, despite rare values that shards did not report."""
    return attempt + 1 == len(_SHARD_SIZES) or all(
        _values_are_exact(facet.values, limit) for name, facet in reply.aggregations.items() if name != _DAYS
    )


def _values_are_exact(values: _Values, limit: int) -> bool:
    error_bound = values.doc_count_error_upper_bound
    if not error_bound:
        return True
    buckets = values.buckets[:limit]
    is_exact = not any(bucket.doc_count_error_upper_bound for bucket in buckets)
    return is_exact and len(buckets) == limit and buckets[-1].doc_count > error_bound


def other_filters(filters: Iterable[Filter], name: str) -> list[Filter]:
    """Return the filters that apply to the counts of the facet `name`."""
    return [each for each in filters if each.field != name or each.exclude]


def filtered_clause(clause: Clause | None, filters: Iterable[Filter], published: DateRange | None) -> Clause:
    """Return the clause for documents that match `clause` (None: every document) and pass the filters."""
    clauses: list[Clause] = [{"term": {"kind": DOCUMENT}}, *map(_filter, filters)]
    if published and (published.first or published.last):
        ends = {"gte": published.first, "lte": published.last}
        clauses.append({"range": {"published": {key: day.toordinal() for key, day in ends.items() if day}}})
    return {"bool": {"must": [clause] if clause else [], "filter": clauses}}


def _with_recency(clause: Clause, half_life: int) -> Clause:
    """Multiply each score by 1 + 2 ** (-age / half-life), the age in days; undated documents keep their score."""
    if not half_life:
        return clause
    today = date.today().toordinal()
    past: Clause = {"range": {"published": {"lte": today}}}
    decay = {"published": {"origin": today, "scale": half_life, "decay": 0.5}}
    newest = {"filter": {"range": {"published": {"gt": today}}}, "weight": 1}
    functions = [{"weight": 1}, {"filter": past, "exp": decay}, newest]
    return {"function_score": {"query": clause, "functions": functions, "score_mode": "sum", "boost_mode": "multiply"}}


def _filter(facet_filter: Filter) -> Clause:
    terms = {"terms": {filter_field(facet_filter.field): [value.casefold() for value in facet_filter.values]}}
    return {"bool": {"must_not": [terms]}} if facet_filter.exclude else terms


def _facet_aggregation(name: str, filters: Sequence[Clause], limit: int, attempt: int) -> dict[str, Any]:
    values = {
        "field": facet_field(name),
        "size": limit,
        "shard_size": max(_SHARD_SIZES[attempt], limit),
        "order": [{"_count": "desc"}, {"_key": "asc"}],
        "show_term_doc_count_error": True,
    }
    return {"filter": {"bool": {"filter": list(filters)}}, "aggs": {"values": {"terms": values}}}


def _sort_order(sort: str) -> list[Mapping[str, Any]]:
    """Return the sort order, ties by id as in the embedded engine, so that pages never overlap."""
    if sort == RELEVANCE:
        return [{"_score": "desc"}, {"id": "asc"}]
    day = {"order": "desc" if sort == NEWEST_FIRST else "asc", "missing": "_last"}
    return [{"published": day}, {"id": "asc"}]
