"""Typed text to a syntax tree: total (every string has one), linear, and honest about cuts.

    query  := clause*                       all of them; OR or | binds tighter than that
    clause := ['-'] unit                    '-' counts only at the start of a token
    unit   := "phrase" | field:unit | (query) | word['*']

Nothing typed is an error. What can't be read as syntax is text; quotes and parentheses that
are left open close at the end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from searchsvc.analysis import FUNCTION_WORDS, fold
from searchsvc.models import QueryNote
from searchsvc.schema import QUERY_FIELDS

MAX_TERMS = 64  # so many words of a query are looked up
MAX_DEPTH = 8
MIN_PREFIX = 3

DATE_FIELDS = ("date", "after", "before")
FIELDS = (*QUERY_FIELDS, "lang", *DATE_FIELDS)


@dataclass(frozen=True, slots=True)
class Word:
    """Text without spaces; `start` and `end` are its span in the input, in code points."""

    text: str
    start: int
    end: int
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text in double quotes."""

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


Node = Word | Phrase | Fielded | Without | Either | All


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str  # word, phrase, field, open, close, minus, or
    text: str
    start: int
    end: int


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»〝〞＂", '"') | {"（": "(", "）": ")", "：": ":", "｜": "|"})
_LEXEME = re.compile(
    r'(?P<phrase>"(?P<inside>[^"]*+)"?)'
    r"|(?P<open>\()"
    r"|(?P<close>\))"
    rf"|(?P<field>(?:{'|'.join(FIELDS)}):(?=[^\s)]))"
    r"|(?P<or>\|++|OR(?=[\s()\"]|$))"
    r'|(?P<minus>-(?=[^\s\-"()]|["(])|NOT(?=[\s(]))'
    r"|(?P<and>AND(?=[\s()\"]|$)|\+(?=\S))"
    r'|(?P<word>[^\s"()|]++)',
    re.IGNORECASE,
)
_OPERATORS = frozenset({"or", "and", "minus"})
_OPERATOR_WORDS = re.compile(r"\b(?:OR|AND|NOT)\b")


def _lexemes(text: str) -> Iterator[_Lexeme]:
    rest = _OPERATOR_WORDS.sub(" ", text)
    # NATO OR EU is an alternative, TO BE OR NOT TO BE is a title in capitals.
    shouted = rest.isupper() and any(fold(word) in FUNCTION_WORDS for word in rest.split())
    reads_operators = not shouted and any(map(str.isalnum, rest))
    position = 0
    while match := _LEXEME.search(text, position):
        kind = match.lastgroup or "word"
        kind = "phrase" if kind == "inside" else kind
        typed = match.group()
        if kind in _OPERATORS and typed.isalpha() and not (typed.isupper() and reads_operators):
            kind = "word"  # "or" is a word, and in a title in capitals "OR" is one too
        inside = match.group("inside") if kind == "phrase" else typed
        yield _Lexeme(kind, inside, match.start(), match.end())
        position = match.end()


class _Parser:
    """One pass over the lexemes with a stack of open groups; never recursive."""

    def __init__(self, text: str) -> None:
        self._text = text.translate(_QUOTES)
        self._notes: list[QueryNote] = []
        self._units = 0
        self._groups: list[_Group] = [_Group(0)]
        self._ignored_depth = 0

    def parse(self) -> tuple[All, tuple[QueryNote, ...]]:
        for lexeme in _lexemes(self._text):
            self._take(lexeme)
        while len(self._groups) > 1:
            self._close(len(self._text))
        root = self._groups[0]
        return All(root.done(), 0, len(self._text)), tuple(self._notes)

    def _take(self, lexeme: _Lexeme) -> None:
        group = self._groups[-1]
        match lexeme.kind:
            case "open":
                self._open(lexeme.start)
            case "close":
                self._close(lexeme.end)
            case "or":
                group.join_next = bool(group.units)
            case "and":
                pass
            case "minus":
                group.negate_at = lexeme.start if group.negate_at is None else None
            case "field":
                group.fields.append((lexeme.text[:-1].lower(), lexeme.start))
            case "phrase":
                self._unit(Phrase(lexeme.text, lexeme.start, lexeme.end))
            case _:
                self._unit(self._word(lexeme))

    def _word(self, lexeme: _Lexeme) -> Word:
        text = lexeme.text
        stem = text.rstrip("*")
        if stem in (text, ""):
            return Word(text, lexeme.start, lexeme.end)
        long_enough = sum(map(str.isalnum, stem)) >= MIN_PREFIX
        if not long_enough:
            self._notes.append(QueryNote(text, f"needs {MIN_PREFIX} letters before * to be completed"))
        return Word(stem, lexeme.start, lexeme.end, prefix=long_enough)

    def _unit(self, node: Word | Phrase) -> None:
        self._units += 1
        if self._units == MAX_TERMS + 1:
            self._notes.append(QueryNote(self._text[node.start :], f"only the first {MAX_TERMS} words were looked up"))
        if self._units <= MAX_TERMS:
            self._groups[-1].add(node)

    def _open(self, start: int) -> None:
        if len(self._groups) > MAX_DEPTH:
            if not self._ignored_depth:
                self._notes.append(QueryNote("(", f"parentheses deeper than {MAX_DEPTH} levels were left out"))
            self._ignored_depth += 1
        else:
            self._groups.append(_Group(start))

    def _close(self, end: int) -> None:
        if self._ignored_depth:
            self._ignored_depth -= 1
        elif len(self._groups) > 1:
            group = self._groups.pop()
            if units := group.done():
                self._groups[-1].add(All(units, group.start, end))
            else:
                self._groups[-1].drop_pending()


class _Group:
    """An open parenthesis: the units so far and what was said just before the next one."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.units: list[list[Node]] = []  # a clause is a list: more than one were joined by OR
        self.join_next = False
        self.negate_at: int | None = None
        self.fields: list[tuple[str, int]] = []

    def add(self, unit: Word | Phrase | All) -> None:
        node: Node = unit
        if self.fields:  # of title:body:x the nearest name counts
            name, start = self.fields[-1]
            node = Fielded(name, unit, start, unit.end)
        if self.negate_at is not None:
            node = Without(node, min(self.negate_at, node.start), unit.end)
        if self.join_next:
            self.units[-1].append(node)
        else:
            self.units.append([node])
        self.drop_pending()

    def drop_pending(self) -> None:
        self.join_next, self.negate_at = False, None
        self.fields.clear()

    def done(self) -> tuple[Node, ...]:
        return tuple(
            clause[0] if len(clause) == 1 else Either(tuple(clause), clause[0].start, clause[-1].end)
            for clause in self.units
        )


def parse(text: str) -> tuple[All, tuple[QueryNote, ...]]:
    """The syntax tree of `text`, and notes on what was left out."""
    return _Parser(text).parse()


def show(node: Node) -> str:
    """How a tree was understood, as a person would write it."""
    match node:
        case Word():
            return node.text + ("*" if node.prefix else "")
        case Phrase():
            return f'"{node.text}"'
        case Fielded():
            return f"{node.field}:{show(node.unit)}"
        case Without():
            inner = show(node.unit)
            return f"-({inner})" if inner.startswith("-") else f"-{inner}"
        case Either():
            return "(" + " OR ".join(map(show, node.units)) + ")"
        case All():
            inside = " AND ".join(map(show, node.units))
            return f"({inside})" if len(node.units) > 1 else inside
