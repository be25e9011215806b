"""Expansion of prefixes, patterns and spellings to terms of the index, in one request."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from whoosh.query import Query

from searchsvc.engine.opensearch.data.mapping import WORD
from searchsvc.engine.opensearch.query.query_dsl import Clause, translate
from searchsvc.errors import InvalidRequest

MAX_EXPANDED_TERMS = 100_000  # each is sent once per field

TermLookup = Callable[[Sequence[Clause], int], Sequence[Sequence[str]]]


class TermExpansions:
    """A TermExpander with the terms of each clause; unknown clauses are collected in `missing`."""

    def __init__(self, expanded: Mapping[str, Sequence[str]]) -> None:
        self._expanded = expanded
        self.missing: dict[str, Clause] = {}

    @classmethod
    def of(cls, trees: Iterable[Query], lookup: TermLookup) -> "TermExpansions":
        """Expand all words of `trees`. Raises InvalidRequest if they are too many.

        `lookup` returns the terms of the words that match each clause, up to about a number of terms.
        """
        collector = cls({})
        for tree in trees:
            translate(tree, collector)
        terms = lookup(list(collector.missing.values()), MAX_EXPANDED_TERMS) if collector.missing else []
        if sum(map(len, terms)) > MAX_EXPANDED_TERMS:
            raise InvalidRequest("q", f"more than {MAX_EXPANDED_TERMS:,} words match; type more letters")
        return cls(dict(zip(collector.missing, terms, strict=True)))

    def prefixed(self, prefix: str) -> Sequence[str]:
        return self._terms(prefix_clause(prefix))

    def matching(self, pattern: str) -> Sequence[str]:
        return self._terms({"wildcard": {WORD: {"value": pattern.replace("\\", "\\\\")}}})

    def spelled_like(self, word: str, distance: int, prefix: int) -> Sequence[str]:
        return self._terms(fuzzy_clause(word, distance, prefix, swaps=False))

    def _terms(self, clause: Clause) -> Sequence[str]:
        name = str(clause)
        if name not in self._expanded:
            self.missing[name] = clause
        return self._expanded.get(name, ())


NOTHING_EXPANDED = TermExpansions({})  # for trees without partial words


def prefix_clause(letters: str) -> Clause:
    """Return the clause for words that start with `letters`."""
    return {"prefix": {WORD: letters}}


def fuzzy_clause(word: str, distance: int, prefix: int, *, swaps: bool) -> Clause:
    """Return the clause for words within `distance` edits; the first `prefix` characters are equal."""
    edits = {"value": word, "fuzziness": distance, "prefix_length": prefix, "transpositions": swaps}
    return {"fuzzy": {WORD: {**edits, "rewrite": "constant_score"}}}
