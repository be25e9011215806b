"""The syntax tree of a query. Every node has its span in the typed text; nothing is analysed yet.

    query  := clause*                       all of them; OR or | binds tighter than that
    clause := ['+' | '-'] unit              '+' and '-' count only at the start of a token
    unit   := "phrase" | field:unit | (query) | word['*' | '~' | '~1' | '~2'] | days..days

`a AND b` is `+a +b`: required words never become optional.
"""

from dataclasses import dataclass

from searchsvc.schema import QUERY_FIELDS

DATE_FIELDS = ("published", "after", "before")
LANGUAGE = "language"
ALIASES = {"topic": "topics", "lang": "language", "date": "published"}  # accepted as well
FIELDS = (*QUERY_FIELDS, LANGUAGE, *DATE_FIELDS)


@dataclass(frozen=True, slots=True)
class Word:
    """Text without spaces. `start` and `end` are its span in the typed text, in code points.

    `prefix`: matches words that start with it. `unfinished`: also matches words that start with it.
    `edits`: number of letters that may differ. `day`: can also be read as a month or day of publication.
    """

    text: str
    start: int
    end: int
    prefix: bool = False
    edits: int = 0
    day: bool = False
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text in double quotes."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Synonym:
    """An alternative from the synonym file for the words at `start` to `end`; it weighs less than the words."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FieldClause:
    """A unit to match in one field; `alias` is the name as typed, if it is an alias."""

    field: str
    unit: "Word | Phrase | AndClause"
    start: int
    end: int
    alias: str = ""


@dataclass(frozen=True, slots=True)
class NotClause:
    """A unit that must not match."""

    unit: "AstNode"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RequiredClause:
    """A unit that must match, even where partial matches are allowed."""

    unit: "AstNode"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OrClause:
    """At least one of the units matches."""

    units: tuple["AstNode", ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AndClause:
    """Every unit matches."""

    units: tuple["AstNode", ...]
    start: int
    end: int


AstNode = Word | Phrase | Synonym | FieldClause | NotClause | RequiredClause | OrClause | AndClause


def children(node: AstNode) -> tuple[AstNode, ...]:
    """Return the child nodes of `node`."""
    match node:
        case AndClause() | OrClause():
            return node.units
        case NotClause() | RequiredClause() | FieldClause():
            return (node.unit,)
        case _:
            return ()


def inner(node: AstNode) -> AstNode:
    """Return `node` without its sign."""
    return node.unit if isinstance(node, NotClause | RequiredClause) else node


def show(node: AstNode) -> str:
    """Return the tree as query text."""
    match node:
        case Word():
            return node.text + ("*" if node.prefix or node.unfinished else f"~{node.edits}" if node.edits else "")
        case Phrase():
            return f'"{node.text}"'
        case Synonym():
            return f'"{node.text}"' if " " in node.text else node.text
        case FieldClause():
            return f"{node.alias or node.field}:{show(node.unit)}"
        case NotClause():
            return f"-{_signed(node.unit)}"
        case RequiredClause():
            return f"+{_signed(node.unit)}"
        case OrClause():
            return "(" + " OR ".join(map(show, node.units)) + ")"
        case AndClause():
            inside = " ".join(map(show, node.units))
            return f"({inside})" if len(node.units) > 1 else inside


def _signed(node: AstNode) -> str:
    text = show(node)
    return f"({text})" if text.startswith(("-", "+")) else text
