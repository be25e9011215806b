"""One thing looked for in documents of several languages, as each of them has it."""

from collections.abc import Callable, Iterable, Sequence

from whoosh.query import And, Not, Or, Query, Term


class AcrossLanguages(Or):  # type: ignore[misc]
    """One word or phrase, by the stems that it has in each language: its parts are InLanguages.

    An OR to Whoosh, one term to BM25F. A document is in one language, so it matches one part at most.
    """


class InLanguages(And):  # type: ignore[misc]
    """What to look for in the documents of some languages: a tree, and the languages or what they are not.

    The language of a generation that takes in those without stems is said by what it is not.
    """

    @property
    def tree(self) -> Query:
        return self.subqueries[0]

    @property
    def excluding(self) -> bool:
        """Whether documents are meant that are in none of `codes`."""
        return isinstance(self.subqueries[1], Not)

    @property
    def codes(self) -> tuple[str, ...]:
        clause = self.subqueries[1].query if self.excluding else self.subqueries[1]
        return tuple(term.text for term in clause.subqueries)

    def applies_to(self, language: str) -> bool:
        """Whether documents in `language` are meant."""
        return (language in self.codes) is not self.excluding


def across_languages(
    languages: Sequence[str], terms: Callable[[str], Iterable[str]], tree: Callable[[list[str]], Query]
) -> Query:
    """What `tree` makes of the terms that a text has in each of `languages`, of which the first takes in
    all that are not among them; no more than one tree if the terms are the same in all."""
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
