"""A matcher for each language of the documents on a page."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from whoosh.query import Query

from searchsvc.analysis import analysed_as, analyzer
from searchsvc.highlight.matcher import Matcher
from searchsvc.highlight.token_cache import TokenCache
from searchsvc.query import highlight_terms

TokenCaches = Callable[[str], TokenCache]
CACHED_LANGUAGES = 8  # languages; up to 60 MB each


class MatchersPerLanguage(dict[str, Matcher]):
    """Matchers by language, created on first use. For one thread.

    `configured`: language of documents in a language without a stemmer.
    """

    def __init__(self, trees: Sequence[Query], configured: str, surfaces: TokenCaches) -> None:
        self._trees, self._configured, self._surfaces = trees, configured, surfaces

    @property
    def nothing(self) -> Matcher:
        """A matcher that matches nothing, at no cost."""
        return Matcher((), self._surfaces(self._configured))

    def __missing__(self, language: str) -> Matcher:
        stemmed_as = analysed_as(language, self._configured)
        terms = dict.fromkeys(each for tree in self._trees for each in highlight_terms(tree, stemmed_as))
        matcher = self[language] = Matcher(terms, self._surfaces(stemmed_as))
        return matcher


def token_caches() -> TokenCaches:
    """Return a function that returns the token cache of a language."""
    return lru_cache(maxsize=CACHED_LANGUAGES)(lambda language: TokenCache(analyzer(language)))
