"""What beginnings, patterns and other spellings in a query stand for: terms of the index, looked up together."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from whoosh.query import Query

from searchsvc.engine.opensearch.query.query_dsl import Clause, translate
from searchsvc.errors import InvalidRequest

MOST = 100_000  # terms that may be looked for in place of what was typed; each is sent once a field

LookUp = Callable[[Sequence[Clause], int], Sequence[Sequence[str]]]


class TermExpansions:
    """A translation.Vocabulary: the terms that were found for each clause; other clauses are noted in `wanted`."""

    def __init__(self, found: Mapping[str, Sequence[str]]) -> None:
        self._found = found
        self.wanted: dict[str, Clause] = {}

    @classmethod
    def of(cls, trees: Iterable[Query], look_up: LookUp) -> "TermExpansions":
        """All that `trees` stand for. `look_up`: the terms of the words that each clause finds, at most
        about so many. Raises InvalidRequest."""
        noted = cls({})
        for tree in trees:
            translate(tree, noted)
        terms = look_up(list(noted.wanted.values()), MOST) if noted.wanted else []
        if sum(map(len, terms)) > MOST:
            raise InvalidRequest("q", f"more than {MOST:,} words begin or are spelled like that; write more letters")
        return cls(dict(zip(noted.wanted, terms, strict=True)))

    def prefixed(self, prefix: str) -> Sequence[str]:
        return self._terms(beginning(prefix))

    def matching(self, pattern: str) -> Sequence[str]:
        return self._terms({"wildcard": {"word": {"value": pattern.replace("\\", "\\\\")}}})

    def spelled_like(self, word: str, distance: int, prefix: int) -> Sequence[str]:
        return self._terms(near(word, distance, prefix, swaps=False))

    def _terms(self, clause: Clause) -> Sequence[str]:
        name = str(clause)
        if name not in self._found:
            self.wanted[name] = clause
        return self._found.get(name, ())


NOTHING_EXPANDED = TermExpansions({})  # for trees of whole words


def beginning(letters: str) -> Clause:
    """Words that begin with `letters`."""
    return {"prefix": {"word": letters}}


def near(word: str, distance: int, prefix: int, *, swaps: bool) -> Clause:
    """Words within `distance` edits of `word`; its first `prefix` characters are kept."""
    edits = {"value": word, "fuzziness": distance, "prefix_length": prefix, "transpositions": swaps}
    return {"fuzzy": {"word": {**edits, "rewrite": "constant_score"}}}
