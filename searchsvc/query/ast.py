"""The syntax tree of a query: what was typed, each node with its span, before any analysis.

    query  := clause*                       all of them; OR or | binds tighter than that
    clause := ['+' | '-'] unit              '+' and '-' count only at the start of a token
    unit   := "phrase" | field:unit | (query) | word['*' | '~' | '~1' | '~2'] | days..days

`a AND b` is `+a +b`: words that are asked for expressly are never given up.
"""

from dataclasses import dataclass

from searchsvc.schema import QUERY_FIELDS

DATE_FIELDS = ("date", "after", "before")
LANGUAGE = "lang"
FIELDS = (*QUERY_FIELDS, LANGUAGE, *DATE_FIELDS)


@dataclass(frozen=True, slots=True)
class Word:
    """Text without spaces; `start` and `end` are its span in the input, in code points.

    `prefix`: it may go on. `edits`: so many letters may be wrong. `day`: it may as well be meant
    as a month or day of publication.
    """

    text: str
    start: int
    end: int
    prefix: bool = False
    edits: int = 0
    day: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text in double quotes."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Synonym:
    """What an operator says stands for the words at `start` to `end`: weighs less than they do."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fielded:
    """A unit to be looked for in one field."""

    field: str
    unit: "Word | Phrase | All"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Without:
    """A unit that must not match."""

    unit: "Node"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Required:
    """A unit that must match, even where some of the words are enough."""

    unit: "Node"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the units matches."""

    units: tuple["Node", ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class All:
    """Every unit matches."""

    units: tuple["Node", ...]
    start: int
    end: int


Node = Word | Phrase | Synonym | Fielded | Without | Required | Either | All


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below `node`."""
    match node:
        case All() | Either():
            return node.units
        case Without() | Required() | Fielded():
            return (node.unit,)
        case _:
            return ()


def inner(node: Node) -> Node:
    """`node` without the sign before it."""
    return node.unit if isinstance(node, Without | Required) else node


def show(node: Node) -> str:
    """How a tree was understood, as a person would write it."""
    match node:
        case Word():
            return node.text + ("*" if node.prefix else f"~{node.edits}" if node.edits else "")
        case Phrase():
            return f'"{node.text}"'
        case Synonym():
            return f'"{node.text}"' if " " in node.text else node.text
        case Fielded():
            return f"{node.field}:{show(node.unit)}"
        case Without():
            return f"-{_signed(node.unit)}"
        case Required():
            return f"+{_signed(node.unit)}"
        case Either():
            return "(" + " OR ".join(map(show, node.units)) + ")"
        case All():
            inside = " ".join(map(show, node.units))
            return f"({inside})" if len(node.units) > 1 else inside


def _signed(node: Node) -> str:
    shown = show(node)
    return f"({shown})" if shown.startswith(("-", "+")) else shown
