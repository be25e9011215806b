"""A matcher for each language of the documents on a page."""

from collections.abc import Sequence

from whoosh.query import Query

from searchsvc.analysis import analysed_as, analyzer
from searchsvc.highlight.matcher import Matcher
from searchsvc.highlight.token_cache import TokenCache
from searchsvc.query import distinct_highlight_terms

PIECE_BYTES = 300  # memory of a cached piece, measured


class TokenCaches:
    """Token caches by language, within one limit of memory. Safe to use from several threads."""

    def __init__(self, max_bytes: int) -> None:
        """`max_bytes`: all caches are emptied when they have more before a search."""
        self._most = max_bytes // PIECE_BYTES
        self._caches: dict[str, TokenCache] = {}

    def __call__(self, language: str) -> TokenCache:
        """Return the cache of a language."""
        if sum(map(len, list(self._caches.values()))) > self._most:
            self._caches = {}
        return self._caches.setdefault(language, TokenCache(analyzer(language)))


class MatchersPerLanguage(dict[str, Matcher]):
    """Matchers by language, created on first use. For one thread.

    `configured`: language of documents in a language without a stemmer.
    """

    def __init__(self, trees: Sequence[Query], configured: str, token_caches: TokenCaches) -> None:
        self._trees, self._configured, self._token_caches = trees, configured, token_caches

    @property
    def nothing(self) -> Matcher:
        """A matcher that matches nothing, at no cost."""
        return Matcher((), self._token_caches(self._configured))

    def __missing__(self, language: str) -> Matcher:
        stemmed_as = analysed_as(language, self._configured)
        terms = distinct_highlight_terms(self._trees, stemmed_as)
        matcher = self[language] = Matcher(terms, self._token_caches(stemmed_as))
        return matcher
