"""What marks a search in documents of several languages: a marker for each of them."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from whoosh.query import Query

from searchsvc.analysis import analysed_as, analyzer
from searchsvc.highlight.matcher import Marker
from searchsvc.highlight.token_cache import Surfaces
from searchsvc.query import wanted

SurfacesOf = Callable[[str], Surfaces]
KEPT = 8  # languages whose surfaces are kept: 60 MB each at most


class Markers(dict[str, Marker]):
    """The marker of each language, made when a document in it is first shown. For one thread.

    `configured`: the language of documents in a language that has no stems.
    """

    def __init__(self, trees: Sequence[Query], configured: str, surfaces: SurfacesOf) -> None:
        self._trees, self._configured, self._surfaces = trees, configured, surfaces

    @property
    def nothing(self) -> Marker:
        """What marks nothing, in no time."""
        return Marker((), self._surfaces(self._configured))

    def __missing__(self, language: str) -> Marker:
        spoken = analysed_as(language, self._configured)
        looked_for = dict.fromkeys(each for tree in self._trees for each in wanted(tree, spoken))
        marker = self[language] = Marker(looked_for, self._surfaces(spoken))
        return marker


def surfaces_of_languages() -> SurfacesOf:
    """Gives the surfaces of a language, the same ones each time while they are kept."""
    return lru_cache(maxsize=KEPT)(lambda language: Surfaces(analyzer(language)))
