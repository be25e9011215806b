"""Trees of Whoosh nodes as a person reads them, for golden tables.

A word looked for in every field of free text stands alone, in quotes if it is several terms, with
a × if it counts more than once; one looked for in a field has its name before it.
"""

from datetime import date
from functools import singledispatch

from whoosh.query import And, AndMaybe, Every, FuzzyTerm, Not, NumericRange, Or, Phrase, Prefix, Query, Term

from searchsvc.query import AcrossFields
from searchsvc.schema import FREE_TEXT


@singledispatch
def readable(tree: Query | None) -> str:
    """`tree` on one line."""
    assert tree is None, tree
    return "nothing"


@readable.register
def _(tree: AcrossFields) -> str:
    assert {part.fieldname: part.boost for part in tree.subqueries} == FREE_TEXT
    return _bare(tree.subqueries[0]) + (f" ×{tree.boost:g}" if tree.boost != 1 else "")


@readable.register(Term)
@readable.register(Phrase)
@readable.register(Prefix)
@readable.register(FuzzyTerm)
def _(tree: Query) -> str:
    return f"{tree.fieldname}:{_bare(tree)}"


def _bare(tree: Query) -> str:
    match tree:
        case FuzzyTerm():
            return f"{tree.text}~{tree.maxdist}"
        case Prefix():
            return f"{tree.text}*"
        case Phrase():
            return '"' + " ".join(tree.words) + '"'
    return str(tree.text)


@readable.register
def _(tree: And) -> str:
    return "all(" + ", ".join(map(readable, tree.subqueries)) + ")"


@readable.register
def _(tree: Or) -> str:
    return "any(" + ", ".join(map(readable, tree.subqueries)) + ")"


@readable.register
def _(tree: Not) -> str:
    return f"not {readable(tree.query)}"


@readable.register
def _(tree: AndMaybe) -> str:
    return f"{readable(tree.a)} better with {readable(tree.b)}"


@readable.register
def _(tree: Every) -> str:
    return "everything"


@readable.register
def _(tree: NumericRange) -> str:
    first, last = date.fromordinal(tree.start), date.fromordinal(tree.end)
    return f"days {'' if first == date.min else first}..{'' if last == date.max else last}"
