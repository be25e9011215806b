"""Views of the sources: all of them, and one with its articles, dates, authors and removed lines."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from searchsvc.models.documents import RemovedLine
from searchsvc.models.search import FacetValue, Filter, SearchResults
from searchsvc.models.search_request import MAX_FACET_VALUES, MAX_QUERY, SearchRequest
from searchsvc.removal_counts import keep_entry
from searchsvc.search_snapshot import SearchSnapshot
from searchsvc.service import SearchService
from searchsvc.web.removed_lines import SAMPLE, RemovedLineCounts
from searchsvc.web.replies import link
from searchsvc.web.templating import page
from searchsvc.web.views.facets import FACET_TITLES, Choice, labelled, search_address

_NEWEST = 5
_VALUES = 10  # of each facet


@dataclass(frozen=True, slots=True)
class Sources:
    """Views of the sources."""

    service: SearchService
    removed_lines: RemovedLineCounts

    def page(self, request: Request) -> Response:
        """Return the page of the source `name`, or else of all sources."""
        name = request.query_params.get("name", "")[:MAX_QUERY]
        return self._source(request, name) if name else self._all(request)

    def _all(self, request: Request) -> Response:
        values = self.service.facet_values(SearchRequest(), "source", "", MAX_FACET_VALUES).values
        return page(request, "sources.html", {"sources": values, "cut": len(values) == MAX_FACET_VALUES})

    def _source(self, request: Request, name: str) -> Response:
        filters = (Filter("source", (name,)),)
        results, removed = self.service.run(lambda snapshot: self._of_source(snapshot, filters))
        if not results.total:
            raise HTTPException(404, "No article has this source.")
        return page(
            request,
            "source.html",
            {
                "name": name,
                "results": results,
                "articles": [(hit.document, link(hit.document)) for hit in results.hits],
                "all_articles": search_address(SearchRequest(filters=filters)),
                "facets": [
                    (title, [_choice(filters[0], field, each) for each in results.facets[field]])
                    for field, title in FACET_TITLES.items()
                    if field != "source" and results.facets[field]
                ],
                "removed": [(line, keep_entry([line.text])) for line in removed],
                "sample": min(SAMPLE, results.total),
            },
        )

    def _of_source(
        self, snapshot: SearchSnapshot, filters: tuple[Filter, ...]
    ) -> tuple[SearchResults, list[RemovedLine]]:
        request = SearchRequest(filters=filters, hits_per_page=_NEWEST, months=True, facet_limit=_VALUES)
        return snapshot.search(request), self.removed_lines.lines(snapshot.engine, filters)


def _choice(source: Filter, field: str, value: FacetValue) -> Choice:
    return labelled(field, value, search_address(SearchRequest(filters=(source, Filter(field, (value.value,))))))
