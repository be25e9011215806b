"""A word or phrase in documents of several languages, with the stems of each."""

from collections.abc import Callable, Iterable, Sequence

from whoosh.query import And, Not, Or, Query, Term


class AcrossLanguages(Or):  # type: ignore[misc]
    """One word or phrase with its stems in each language. Its parts are InLanguages nodes.

    Whoosh evaluates it as an OR, BM25F as one term. A document has one language, so it matches at most one part.
    """


class InLanguages(And):  # type: ignore[misc]
    """A query tree restricted to documents in some languages, or to documents in none of them.

    The second form is for the configured language, which also covers languages without a stemmer.
    """

    @property
    def tree(self) -> Query:
        return self.subqueries[0]

    @property
    def excluding(self) -> bool:
        """Whether the tree is for documents in none of `codes`."""
        return isinstance(self.subqueries[1], Not)

    @property
    def codes(self) -> tuple[str, ...]:
        clause = self.subqueries[1].query if self.excluding else self.subqueries[1]
        return tuple(term.text for term in clause.subqueries)

    def applies_to(self, language: str) -> bool:
        """Return whether the tree is for documents in `language`."""
        return (language in self.codes) is not self.excluding


def across_languages(
    languages: Sequence[str], terms: Callable[[str], Iterable[str]], tree: Callable[[list[str]], Query]
) -> Query:
    """Build the query for a text in documents of all `languages`.

    `terms` analyses the text in a language, and `tree` builds the query of its terms. The first language also
    covers all languages that are not listed. If every language has the same terms, the result is one tree.
    """
    languages_by_terms: dict[tuple[str, ...], list[str]] = {}
    for language in languages:
        languages_by_terms.setdefault(tuple(terms(language)), []).append(language)
    if len(languages_by_terms) == 1:
        return tree(list(next(iter(languages_by_terms))))
    clauses = [
        _not_in(languages, group) if languages[0] in group else _in(group) for group in languages_by_terms.values()
    ]
    parts = [InLanguages([tree(list(each)), clause]) for each, clause in zip(languages_by_terms, clauses, strict=True)]
    return AcrossLanguages(parts)


def _in(languages: Iterable[str]) -> Query:
    return Or([Term("language", each, boost=0.0) for each in languages])


def _not_in(languages: Sequence[str], included: Sequence[str]) -> Query:
    return Not(_in(each for each in languages if each not in included))
