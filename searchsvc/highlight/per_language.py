"""A matcher for each language of the documents on a page."""

from collections.abc import Sequence

from whoosh.query import Query

from searchsvc.analysis import analysed_as, analyzer
from searchsvc.highlight.matcher import Matcher
from searchsvc.query import distinct_highlight_terms


class MatchersPerLanguage(dict[str, Matcher]):
    """Matchers by language, created on first use. For one thread.

    `configured`: language of documents in a language without a stemmer.
    """

    def __init__(self, trees: Sequence[Query], configured: str) -> None:
        self._trees, self._configured = trees, configured

    @property
    def nothing(self) -> Matcher:
        """A matcher that matches nothing, at no cost."""
        return Matcher((), analyzer(self._configured))

    def __missing__(self, language: str) -> Matcher:
        stemmed_as = analysed_as(language, self._configured)
        terms = distinct_highlight_terms(self._trees, stemmed_as)
        matcher = self[language] = Matcher(terms, analyzer(stemmed_as))
        return matcher
