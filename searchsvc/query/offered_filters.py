"""Filters offered for a query that names a facet value, such as the source Reuters."""

from collections.abc import Iterator, Mapping, Sequence

from searchsvc.analysis import WORD, fold
from searchsvc.models.search import FacetValue, OfferedFilter
from searchsvc.models.search_request import SearchRequest

OFFERED_FACETS = ("source", "author", "section", "topics", "folder")


def offered_filters(request: SearchRequest, facets: Mapping[str, Sequence[FacetValue]]) -> Iterator[OfferedFilter]:
    """Yield the facet values that the query names as a whole, without those that are filtered already."""
    words = _folded_words(request.query) if facets else []
    if not words:
        return
    for field in OFFERED_FACETS:
        filtered = {value for each in request.filters if each.field == field for value in each.values}
        for each in facets.get(field, ()):
            if _may_have(each.value, words[0]) and each.value not in filtered and _folded_words(each.value) == words:
                yield OfferedFilter(field, each.value, each.count)


def _folded_words(text: str) -> list[str]:
    return [fold(word) for word in WORD.findall(text)]


def _may_have(text: str, folded: str) -> bool:
    """Whether `text` may have a folded word: a quick check, as ASCII folds to its lower case."""
    return not text.isascii() or folded in text.lower()
