"""What marks a search in documents of several languages: a marker for each of them."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from whoosh.query import Query

from searchsvc.analysis import analysed_as, analyzer
from searchsvc.highlight.matcher import Matcher
from searchsvc.highlight.token_cache import TokenCache
from searchsvc.query import highlight_terms

TokenCaches = Callable[[str], TokenCache]
CACHED_LANGUAGES = 8  # languages whose surfaces are kept: 60 MB each at most


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
        stemmed_as = analysed_as(language, self._configured)
        terms = dict.fromkeys(each for tree in self._trees for each in highlight_terms(tree, stemmed_as))
        matcher = self[language] = Matcher(terms, self._surfaces(stemmed_as))
        return matcher


def token_caches() -> TokenCaches:
    """Gives the surfaces of a language, the same ones each time while they are kept."""
    return lru_cache(maxsize=CACHED_LANGUAGES)(lambda language: TokenCache(analyzer(language)))
