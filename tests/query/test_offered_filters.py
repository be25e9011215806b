"""Filters offered for a query that names a facet value."""

import pytest

from searchsvc.models.search import FacetValue, OfferedFilter
from searchsvc.models.search_request import SearchRequest
from searchsvc.query.offered_filters import offered_filters

SOURCES = [FacetValue(name, 3) for name in ("Reuters", "Neue Zürcher", "A.F.P.", "Le Monde – Paris", "Zürich", "…")]


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("reuters", ["Reuters"]),
        ("REUTERS?", ["Reuters"]),
        ("reuter", []),
        ("neue zurcher", ["Neue Zürcher"]),
        ("Neue  Zürcher", ["Neue Zürcher"]),
        ("a.f.p.", ["A.F.P."]),
        ("le monde paris", ["Le Monde – Paris"]),
        ("monde le paris", []),
        ("zurich", ["Zürich"]),
        ("…", []),
        ("", []),
    ],
)
def test_a_value_is_offered_if_the_query_has_its_words_and_no_further_ones(query: str, values: list[str]) -> None:
    offered = offered_filters(SearchRequest(query), {"source": SOURCES})
    assert list(offered) == [OfferedFilter("source", value, 3) for value in values]
