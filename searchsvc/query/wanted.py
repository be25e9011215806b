"""What a tree looks for in each field, for marking it in text."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from whoosh.query import And, AndMaybe, FuzzyTerm, Or, Phrase, Prefix, Query, Term

from searchsvc.analysis import DEFAULT_LANGUAGE
from searchsvc.query.languages import AcrossLanguages


@dataclass(frozen=True, slots=True)
class Wanted:
    """Terms, one after the other, that match in `field`; `prefix` if the last may go on.

    With `edits`, the one term is a word as written, folded but not stemmed, and words spelled
    with at most so many letters otherwise match as well.
    """

    field: str
    terms: tuple[str, ...]
    prefix: bool = False
    edits: int = 0


@singledispatch
def wanted(tree: Query | None, language: str = DEFAULT_LANGUAGE) -> Iterator[Wanted]:
    """What makes a document in `language` match `tree`: not what it must lack, nor days and languages."""
    yield from ()


@wanted.register
def _(tree: Term, language: str = DEFAULT_LANGUAGE) -> Iterator[Wanted]:
    yield Wanted(tree.fieldname, (tree.text,))


@wanted.register
def _(tree: Phrase, language: str = DEFAULT_LANGUAGE) -> Iterator[Wanted]:
    yield Wanted(tree.fieldname, tuple(tree.words))


@wanted.register
def _(tree: Prefix, language: str = DEFAULT_LANGUAGE) -> Iterator[Wanted]:
    yield Wanted(tree.fieldname, (tree.text,), prefix=True)


@wanted.register
def _(tree: FuzzyTerm, language: str = DEFAULT_LANGUAGE) -> Iterator[Wanted]:
    yield Wanted(tree.fieldname, (tree.text,), edits=tree.maxdist)


@wanted.register(And)
@wanted.register(Or)
@wanted.register(AndMaybe)
def _(tree: Query, language: str = DEFAULT_LANGUAGE) -> Iterator[Wanted]:
    for child in tree.children():
        yield from wanted(child, language)


@wanted.register
def _(tree: AcrossLanguages, language: str = DEFAULT_LANGUAGE) -> Iterator[Wanted]:
    for each in tree.subqueries:
        if each.speaks(language):
            yield from wanted(each.tree, language)
