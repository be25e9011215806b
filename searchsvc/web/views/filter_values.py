"""View of the page that finds values of a facet, for those that a results page does not list."""

from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from searchsvc.models.search_request import MAX_FACET_VALUES, MAX_QUERY
from searchsvc.service import SearchService
from searchsvc.web.schema import query_params
from searchsvc.web.templating import page
from searchsvc.web.views.facets import FACET_TITLES, Choice, chosen_values, has_value, search_address, toggled

_FIND = "find"  # parameter with the beginning of a value


@dataclass(frozen=True, slots=True)
class FilterValues:
    """View of the page that finds values of a facet."""

    service: SearchService

    def page(self, request: Request) -> Response:
        name = request.path_params["field"]
        if name not in FACET_TITLES:
            raise HTTPException(404, f"No filter has this name; there are {', '.join(FACET_TITLES)}.")
        pairs = request.query_params.multi_items()
        find = dict(pairs).get(_FIND, "")[:MAX_QUERY]
        search = query_params.read_pairs([pair for pair in pairs if pair[0] != _FIND]).request
        search = replace(search, cursor="", page=1, offset=None)
        values = self.service.facet_values(search, name, find, MAX_FACET_VALUES).values
        chosen = chosen_values(search, name)
        choices = [
            Choice(
                each.value, search_address(toggled(search, name, each.value)), each.count, has_value(chosen, each.value)
            )
            for each in values
        ]
        return page(
            request,
            "filters.html",
            {
                "title": FACET_TITLES[name],
                "find": find,
                "choices": choices,
                "cut": len(choices) == MAX_FACET_VALUES,
                "hidden": query_params.to_pairs(search),
                "back": search_address(search),
            },
        )
