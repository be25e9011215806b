"""What marks a search in documents of several languages: a marker for each of them."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from whoosh.query import Query

from searchsvc.analysis import analysed_as, analyzer
from searchsvc.highlight.matcher import Matcher
from searchsvc.highlight.token_cache import TokenCache
from searchsvc.query import highlight_terms

TokenCaches = Callable[[str], TokenCache]
KEPT = 8  # languages whose surfaces are kept: 60 MB each at most


class MatchersPerLanguage(dict[str, Matcher]):
    """The marker of each language, made when a document in it is first shown. For one thread.

    `configured`: the language of documents in a language that has no stems.
    """

    def __init__(self, trees: Sequence[Query], configured: str, surfaces: TokenCaches) -> None:
        self._trees, self._configured, self._surfaces = trees, configured, surfaces

    @property
    def nothing(self) -> Matcher:
        """What marks nothing, in no time."""
        return Matcher((), self._surfaces(self._configured))

    def __missing__(self, language: str) -> Matcher:
        spoken = analysed_as(language, self._configured)
        looked_for = dict.fromkeys(each for tree in self._trees for each in highlight_terms(tree, spoken))
        marker = self[language] = Matcher(looked_for, self._surfaces(spoken))
        return marker


def token_caches() -> TokenCaches:
    """Gives the surfaces of a language, the same ones each time while they are kept."""
    return lru_cache(maxsize=KEPT)(lambda language: TokenCache(analyzer(language)))
