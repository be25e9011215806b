"""What a tree looks for in each field, for marking it in text."""

from collections.abc import Iterator
from typing import NamedTuple

from whoosh.query import And, AndMaybe, FuzzyTerm, Or, Phrase, Prefix, Query, Term


class Wanted(NamedTuple):
    """Terms, one after the other, that match in `field`; `prefix` if the last may go on.

    With `edits`, the one term is a word as written, folded but not stemmed, and words spelled
    with at most so many letters otherwise match as well.
    """

    field: str
    terms: tuple[str, ...]
    prefix: bool = False
    edits: int = 0


def wanted(tree: Query | None) -> Iterator[Wanted]:
    """What makes a document match `tree`: not what it must lack, nor days and languages."""
    match tree:
        case Term():
            yield Wanted(tree.fieldname, (tree.text,))
        case And() | Or() | AndMaybe():
            for child in tree.children():
                yield from wanted(child)
        case Phrase():
            yield Wanted(tree.fieldname, tuple(tree.words))
        case Prefix():
            yield Wanted(tree.fieldname, (tree.text,), prefix=True)
        case FuzzyTerm():
            yield Wanted(tree.fieldname, (tree.text,), edits=tree.maxdist)
