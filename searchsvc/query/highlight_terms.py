"""The terms of a query tree that are highlighted in a document."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from whoosh.query import And, AndMaybe, FuzzyTerm, Or, Phrase, Prefix, Query, Term, Wildcard

from searchsvc.analysis import DEFAULT_LANGUAGE, is_ideograph
from searchsvc.query.multilingual import AcrossLanguages


class HighlightTerm(NamedTuple):
    """Consecutive terms to highlight in `field`; `prefix` if the last one is a prefix.

    With `edits`, the single term is a word as written, folded but not stemmed, and words within that edit distance
    match too. A single ideograph or kana matches inside the pairs that are indexed.
    """

    field: str
    terms: tuple[str, ...]
    prefix: bool = False
    edits: int = 0


def highlight_terms(tree: Query | None, language: str = DEFAULT_LANGUAGE) -> Iterator[HighlightTerm]:
    """Yield the terms of `tree` that can match in a document in `language`, without exclusions, dates and languages."""
    match tree:
        case Term():
            yield HighlightTerm(tree.fieldname, (tree.text,))
        case AcrossLanguages():
            for each in tree.subqueries:
                if each.applies_to(language):
                    yield from highlight_terms(each.tree, language)
        case And() | Or() | AndMaybe():
            for child in tree.children():
                yield from highlight_terms(child, language)
        case Phrase():
            yield HighlightTerm(tree.fieldname, tuple(tree.words))
        case Prefix():
            yield HighlightTerm(tree.fieldname, (tree.text,), prefix=not is_ideograph(tree.text))
        case Wildcard() if is_ideograph(character := tree.text.strip("*")):
            yield HighlightTerm(tree.fieldname, (character,))
        case FuzzyTerm():
            yield HighlightTerm(tree.fieldname, (tree.text,), edits=tree.maxdist)


def distinct_highlight_terms(trees: Iterable[Query | None], language: str) -> tuple[HighlightTerm, ...]:
    """Return the terms of all `trees` that can match in a document in `language`, in order and without repeats."""
    return tuple(dict.fromkeys(term for tree in trees for term in highlight_terms(tree, language)))
