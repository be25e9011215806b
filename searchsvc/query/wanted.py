"""What a tree looks for in each field, for marking it in text."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from whoosh.query import And, AndMaybe, FuzzyTerm, Or, Phrase, Prefix, Query, Term


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
def wanted(tree: Query | None) -> Iterator[Wanted]:
    """What makes a document match `tree`: not what it must lack, nor days and languages."""
    yield from ()


@wanted.register
def _(tree: Term) -> Iterator[Wanted]:
    yield Wanted(tree.fieldname, (tree.text,))


@wanted.register
def _(tree: Phrase) -> Iterator[Wanted]:
    yield Wanted(tree.fieldname, tuple(tree.words))


@wanted.register
def _(tree: Prefix) -> Iterator[Wanted]:
    yield Wanted(tree.fieldname, (tree.text,), prefix=True)


@wanted.register
def _(tree: FuzzyTerm) -> Iterator[Wanted]:
    yield Wanted(tree.fieldname, (tree.text,), edits=tree.maxdist)


@wanted.register(And)
@wanted.register(Or)
@wanted.register(AndMaybe)
def _(tree: Query) -> Iterator[Wanted]:
    for child in tree.children():
        yield from wanted(child)
