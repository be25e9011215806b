"""Typed text to its syntax tree, in linear time. Every string has a tree.

Text that is not valid syntax becomes words. Open quotes and parentheses are closed at the end.
"""

import re
from collections.abc import Iterator

from searchsvc.analysis import has_syllable
from searchsvc.models.search import QueryNote
from searchsvc.query.ast import (
    ALIASES,
    FIELDS,
    AndClause,
    AstNode,
    FieldClause,
    NotClause,
    OrClause,
    Phrase,
    RequiredClause,
    Word,
)
from searchsvc.query.lexer import lexemes, normal
from searchsvc.query.sign_reading import is_prose

MAX_LEXEMES = 192  # bounds the cost of a hostile text
MAX_DEPTH = 8
MIN_PREFIX = 3  # letters; one ideograph, kana or Korean syllable is enough
MIN_FUZZY = (3, 5)  # letters, for one and for two edits
LONG = 9  # letters from which `word~` allows two edits

_DATE = r"(?!0000)\d{4}(?:-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12]\d|3[01]))?)?"
# A year alone is a plain word; with a month, or in a range, it is a date.
_DAYS = re.compile(rf"{_DATE}(?:\.\.(?:{_DATE})?)?|\.\.{_DATE}", re.ASCII)
_NAMED = re.compile(r"([A-Za-z_]{2,40}):(?!//)(.*)")  # a name and its value, not a URL
_FUZZY = re.compile(r"(.*[^~*])~([0-9]*)")
_WEIGHTED = re.compile(r"(.*\w{3})\^[0-9.]+")


def parse(text: str) -> tuple[AndClause, tuple[QueryNote, ...]]:
    """Return the syntax tree of `text`, and notes on ignored text."""
    return _QueryParser(normal(text)).parse()


def parse_literally(text: str) -> tuple[AndClause, tuple[QueryNote, ...]]:
    """Return the words of `text`; no sign is an operator."""
    units = [Word(match.group(), match.start(), match.end()) for match in re.finditer(r"\S++", normal(text))]
    notes = (_unread(text[units[MAX_LEXEMES].start :]),) if len(units) > MAX_LEXEMES else ()
    return AndClause(tuple(units[:MAX_LEXEMES]), 0, len(text)), notes


def _unread(text: str) -> QueryNote:
    return QueryNote(text, f"not read: only the first {MAX_LEXEMES} words and signs are")


def _field_notes(text: str) -> Iterator[QueryNote]:
    """Yield a note if a word looks like a field clause and is none."""
    named = _NAMED.fullmatch(text)
    if named is None:
        return
    name, value = named[1].lower(), named[2]
    if name not in (*FIELDS, *ALIASES):
        if value:  # a colon after a word ends a sentence
            reason = f"{named[1]} is not a field, searched as text; the fields are {', '.join(FIELDS)}"
            yield QueryNote(text, reason)
    elif not value:
        yield QueryNote(text, f"has no value, searched as text; write {text}VALUE without a space")


class _QueryParser:
    """One pass over the tokens, with a stack of open groups; not recursive."""

    def __init__(self, text: str) -> None:
        self._text, self._is_prose = text, is_prose(text)
        self._notes: list[QueryNote] = []
        self._groups: list[_GroupBuilder] = [_GroupBuilder(0)]
        self._ignored_depth = 0

    def parse(self) -> tuple[AndClause, tuple[QueryNote, ...]]:
        for number, lexeme in enumerate(lexemes(self._text)):
            if number == MAX_LEXEMES:
                self._notes.append(_unread(self._text[lexeme.start() :]))
                break
            self._take(lexeme)
        while len(self._groups) > 1:
            self._close(len(self._text))
        notes = tuple(dict.fromkeys(self._notes))
        return AndClause(self._groups[0].done(), 0, len(self._text)), notes

    def _take(self, lexeme: re.Match[str]) -> None:
        group, typed = self._groups[-1], lexeme.group()
        match lexeme.lastgroup:
            case "word":
                if ":" in typed and not self._is_prose:
                    self._notes += _field_notes(typed)
                group.add(self._word(typed, lexeme.start(), lexeme.end()))
            case "phrase":
                inside = typed[1:-1] if len(typed) > 1 and typed[-1] == '"' else typed[1:]
                group.add(Phrase(inside, *lexeme.span()))
            case "field":
                group.name(typed, lexeme.end())
            case "open":
                self._open(lexeme.start(), len(typed))
            case "close":
                for end in range(lexeme.start() + 1, lexeme.end() + 1):
                    self._close(end)
            case "or" | "either":
                group.join_next = bool(group.clauses)
            case "and":
                group.require_both(lexeme.start())
            case "plus":
                group.require_at = lexeme.start()
            case "minus" | "not":
                group.negate_at = lexeme.start() if group.negate_at is None else None
            case _:
                self._notes.append(QueryNote(typed, "ignored, as no word precedes it"))

    def _word(self, text: str, start: int, end: int) -> Word:
        if text.isalnum():
            return Word(text, start, end)
        if text[0] in "0123456789." and _DAYS.fullmatch(text):
            return Word(text, start, end, day=True)
        if "^" in text and (weighted := _WEIGHTED.fullmatch(text)):
            self._notes.append(QueryNote(text, "weights are not supported, ignored"))
            text = weighted[1]
        if "~" in text and (fuzzy := _FUZZY.fullmatch(text)):
            return self._fuzzy(fuzzy[1], fuzzy[2], start, end)
        if "*" in text:
            return self._prefix(text, start, end)
        return Word(text, start, end)

    def _fuzzy(self, text: str, typed: str, start: int, end: int) -> Word:
        letters = sum(map(str.isalnum, text))
        wished = int(typed[:3]) if typed else 1 + (letters >= LONG)
        edits = min(wished, sum(letters >= least for least in MIN_FUZZY))
        if edits < wished:
            one, two = MIN_FUZZY
            reason = f"searched as {text}~{edits}: ~1 needs {one} letters, ~2 needs {two} and is the maximum"
            self._notes.append(QueryNote(f"{text}~{typed}", reason if edits else reason.replace("~0", "")))
        return Word(text, start, end, edits=edits)

    def _prefix(self, text: str, start: int, end: int) -> Word:
        stem = text.rstrip("*")
        letters = sum(map(str.isalnum, stem))
        is_long_enough = letters >= MIN_PREFIX or has_syllable(stem)
        if letters and stem != text and not is_long_enough:
            self._notes.append(QueryNote(text, f"needs {MIN_PREFIX} letters before * to be completed"))
        elif letters and "*" in stem:
            self._notes.append(QueryNote(text, "* is read at the end of a word only"))
        if not letters:
            return Word(text, start, end)
        return Word(stem, start, end, prefix=stem != text and is_long_enough)

    def _open(self, start: int, count: int) -> None:
        room = MAX_DEPTH + 1 - len(self._groups)
        for number in range(min(count, room)):
            self._groups.append(_GroupBuilder(start + number))
        if count > room:
            if not self._ignored_depth:
                self._notes.append(QueryNote("(", f"parentheses deeper than {MAX_DEPTH} levels were left out"))
            self._ignored_depth += count - room

    def _close(self, end: int) -> None:
        if self._ignored_depth:
            self._ignored_depth -= 1
        elif len(self._groups) > 1:
            group = self._groups.pop()
            if units := group.done():
                self._groups[-1].add(AndClause(units, group.start, end))
            else:
                self._groups[-1].drop_pending()
                self._notes.append(QueryNote("()", "empty parentheses, ignored"))


class _Clause:
    """Alternatives joined by OR; usually a single unit."""

    def __init__(self, first: AstNode, required_from: int | None) -> None:
        self.units = [first]
        self.required_from = required_from  # start of a required unit, with its sign; None if it is not required

    def done(self) -> AstNode:
        node = self.units[0]
        if len(self.units) > 1:
            node = OrClause(tuple(map(_alternative, self.units)), node.start, self.units[-1].end)
        if self.required_from is None or isinstance(node, NotClause):
            return node
        return RequiredClause(node, min(self.required_from, node.start), node.end)


def _alternative(node: AstNode) -> AstNode:
    """`node` without parentheses and required signs, which have no meaning in an OR."""
    while isinstance(node, RequiredClause) or (isinstance(node, AndClause) and len(node.units) == 1):
        node = node.unit if isinstance(node, RequiredClause) else node.units[0]
    return node


class _GroupBuilder:
    """An open parenthesis: its clauses so far, and the signs before the next unit."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.clauses: list[_Clause] = []
        self.join_next = False
        self.negate_at: int | None = None
        self.require_at: int | None = None
        self.field: tuple[str, int] | None = None

    def add(self, unit: Word | Phrase | AndClause) -> None:
        node: AstNode = unit
        if self.field:
            name, start = self.field
            alias = name if name in ALIASES else ""
            node = FieldClause(ALIASES.get(name, name), unit, start, unit.end, alias)
        elif isinstance(unit, Word) and unit.day and ".." in unit.text:
            node = FieldClause("published", unit, unit.start, unit.end)
        if self.negate_at is not None:
            node = NotClause(node, min(self.negate_at, node.start), unit.end)
        if self.join_next:
            self.clauses[-1].units.append(node)
        else:
            self.clauses.append(_Clause(node, self.require_at))
        self.drop_pending()

    def name(self, typed: str, end: int) -> None:
        """Set the field of the next unit; in title:body:x the last name counts."""
        nearest = typed[:-1].rpartition(":")[2]
        self.field = (nearest.lower(), end - len(nearest) - 1)

    def require_both(self, at: int) -> None:
        """Apply AND: require the clauses before and after it."""
        if self.clauses:
            clause = self.clauses[-1]
            clause.required_from = clause.units[0].start if clause.required_from is None else clause.required_from
            self.require_at = at

    def drop_pending(self) -> None:
        self.join_next, self.negate_at, self.require_at, self.field = False, None, None, None

    def done(self) -> tuple[AstNode, ...]:
        return tuple(clause.done() for clause in self.clauses)
