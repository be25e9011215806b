"""Synonyms, read from TOML and added to a query's syntax tree.

[alike]                         # each matches the others
car = ["automobile", "motor car"]
"north atlantic treaty organization" = ["nato"]

[one-way]                       # vehicle also matches car and lorry, not the reverse
vehicle = ["car", "lorry"]
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from searchsvc.analysis import Analyzer
from searchsvc.errors import SettingsError
from searchsvc.query.ast import (
    AndClause,
    AstNode,
    OrClause,
    RequiredClause,
    Synonym,
    Word,
)

MAX_BYTES = 1_000_000
MAX_ENTRIES = 10_000
MAX_ALTERNATIVES = 20  # of one entry
MAX_WORDS = 8  # of a phrase
MAX_ADDED = 32  # to one query

ALIKE, ONE_WAY = "alike", "one-way"

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppliedSynonym:
    """A word or phrase of the query, and the alternatives searched as well."""

    typed: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Alternatives as written, by the terms of a word or phrase; `longest` is the greatest number of terms."""

    entries: Mapping[Terms, tuple[str, ...]] = field(default_factory=dict)
    longest: int = 0


def read_synonyms(data: bytes, name: str, analyzer: Analyzer) -> Synonyms:
    """Parse the synonym file `name`. Raises SettingsError with the line."""
    if len(data) > MAX_BYTES:
        raise SettingsError(f"{name} has {len(data):,} bytes; {MAX_BYTES:,} is the most")
    text = _decoded(data, name)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error).replace("at end of document", f"at line {text.count(chr(10)) + 1}, the end")
        raise SettingsError(f"{name} cannot be read: {message}") from error
    except RecursionError as error:
        raise SettingsError(f"{name} cannot be read: lists may not be nested") from error
    return _Reader(text, name, analyzer).synonyms(tables)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{name}, line {line}: the file must be UTF-8") from error


class _Reader:
    def __init__(self, text: str, name: str, analyzer: Analyzer) -> None:
        self._text, self._name, self._analyzer = text, name, analyzer

    def synonyms(self, tables: Mapping[str, Any]) -> Synonyms:
        texts_by_terms: dict[Terms, dict[str, None]] = {}
        for table, entries in tables.items():
            if table not in (ALIKE, ONE_WAY) or not isinstance(entries, dict):
                raise self._error("", table, f"only the tables [{ALIKE}] and [{ONE_WAY}] are known")
            if len(entries) > MAX_ENTRIES:
                raise self._error("", table, f"{len(entries):,} entries; {MAX_ENTRIES:,} is the most")
            for word, alternatives in entries.items():
                group = self._group(table, word, alternatives)
                for each in group if table == ALIKE else group[:1]:
                    terms = self._terms(table, word, each)
                    texts_by_terms.setdefault(terms, {}).update(dict.fromkeys(group))
        entries = {terms: self._without_self(terms, texts) for terms, texts in texts_by_terms.items()}
        return Synonyms(entries, max(map(len, entries), default=0))

    def _group(self, table: str, word: str, alternatives: Any) -> tuple[str, ...]:
        if not isinstance(alternatives, list) or not all(isinstance(other, str) for other in alternatives):
            raise self._error(table, word, "must be a list of texts in quotes")
        if not 1 <= len(alternatives) <= MAX_ALTERNATIVES:
            raise self._error(table, word, f"must have from 1 to {MAX_ALTERNATIVES} synonyms")
        for each in alternatives:
            self._terms(table, word, each)
        return tuple(" ".join(each.split()) for each in (word, *alternatives))

    def _terms(self, table: str, word: str, text: str) -> Terms:
        terms = tuple(self._analyzer.terms(text))
        if not 1 <= len(terms) <= MAX_WORDS:
            raise self._error(table, word, f"{text[:80]!r} must have from 1 to {MAX_WORDS} words")
        return terms

    def _without_self(self, terms: Terms, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(text for text in texts if tuple(self._analyzer.terms(text)) != terms)

    def _error(self, table: str, key: str, why: str) -> SettingsError:
        return SettingsError(f"{self._name}, line {_line_of(self._text, table, key)}: {key[:80]}: {why}")


_HEADER = re.compile(r"\s*\[\s*[\"']?([^\"'\]]+?)[\"']?\s*\]")
_KEY = re.compile(r"""\s*(?:"(?P<quoted>[^"]*)"|'(?P<literal>[^']*)'|(?P<bare>[\w-]+))\s*[=.]""")


def _line_of(text: str, table: str, key: str) -> int:
    """Line of `key` in `table`, or of the table, from 1; tomllib does not report it."""
    inside, best = "", 1
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            inside = header[1]
            if inside in (table, key):
                best = number
        elif inside == table and (match := _KEY.match(line)) and key in match.groups():
            return number
    return best


NO_SYNONYMS = Synonyms()


@dataclass(slots=True)
class _Expansion:
    synonyms: Synonyms
    analyzer: Analyzer
    applied: list[AppliedSynonym] = field(default_factory=list)
    room: int = MAX_ADDED

    def node(self, node: AstNode) -> AstNode:
        match node:
            case Word() if not (node.prefix or node.edits):
                return self._either((node,)) or node
            case AndClause():
                return replace(node, units=tuple(self.sequence(node.units)))
            case OrClause():
                return replace(node, units=tuple(map(self.node, node.units)))
            case RequiredClause():
                return replace(node, unit=self.node(node.unit))
            case _:  # quoted, excluded or in a field: meant as it is typed
                return node

    def sequence(self, units: tuple[AstNode, ...]) -> Iterator[AstNode]:
        """The units, with each run of words that has synonyms replaced; the longest run counts."""
        at = 0
        while at < len(units):
            run = _run(units[at : at + self.synonyms.longest])
            for length in range(len(run), 0, -1):
                if units_found := self._either(run[:length]):
                    yield units_found
                    at += length
                    break
            else:
                yield self.node(units[at]) if not run else units[at]
                at += 1

    def _either(self, words: tuple[Word, ...]) -> OrClause | None:
        terms = tuple(term for word in words for term in self.analyzer.terms(word.text))
        alternatives = self.synonyms.entries.get(terms, ())[: self.room]
        if not alternatives:
            return None
        self.room -= len(alternatives)
        start, end = words[0].start, words[-1].end
        typed = words[0] if len(words) == 1 else AndClause(words, start, end)
        self.applied.append(AppliedSynonym(" ".join(word.text for word in words), alternatives))
        return OrClause((typed, *(Synonym(other, start, end) for other in alternatives)), start, end)


def _run(units: tuple[AstNode, ...]) -> tuple[Word, ...]:
    """The words of free text at the start of `units`."""
    run: list[Word] = []
    for unit in units:
        if not isinstance(unit, Word) or unit.prefix or unit.edits:
            break
        run.append(unit)
    return tuple(run)


def expand(root: AndClause, synonyms: Synonyms, analyzer: Analyzer) -> tuple[AndClause, tuple[AppliedSynonym, ...]]:
    """Return `root` with synonyms as alternatives, and the synonyms that were applied."""
    if not synonyms.entries:
        return root, ()
    expansion = _Expansion(synonyms, analyzer)
    units = tuple(expansion.sequence(root.units))
    return replace(root, units=units), tuple(expansion.applied)
