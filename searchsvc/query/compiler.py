"""Syntax to trees of analysed `whoosh.query` nodes, the one form every engine interprets."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date, timedelta

from whoosh.query import And, AndMaybe, Every, FuzzyTerm, Not, NumericRange, Or, Prefix, Query, Term
from whoosh.query import Phrase as PhraseQuery

from searchsvc.analysis import (
    FUNCTION_WORDS,
    WORD,
    Analyzer,
    analyzer,
    folded_parts,
)
from searchsvc.models.search import QueryNote
from searchsvc.query import dates
from searchsvc.query.ast import (
    DATE_FIELDS,
    AndClause,
    AstNode,
    FieldClause,
    NotClause,
    OrClause,
    Phrase,
    RequiredClause,
    Synonym,
    Word,
    show,
)
from searchsvc.query.multilingual import AcrossLanguages, across_languages
from searchsvc.query.stopwords import is_function_word
from searchsvc.schema import FREE_TEXT, QUERY_FIELDS

MAX_FUZZY = 8  # words looked for in other spellings: each takes milliseconds in a large vocabulary
SYNONYM_WEIGHT = 0.5  # of a synonym beside the word that was typed


class AcrossFields(Or):  # type: ignore[misc]
    """One word, phrase or beginning of a word looked for in several fields.

    An OR to Whoosh, one term to BM25F. A Prefix stands for the words as people write them, folded
    but not stemmed, and so for the terms these are indexed as: governm* finds governments.
    """


class Compiler:
    """Turns syntax into trees on the day `today`; `notes` gathers what was ignored, each once.

    Documents are in the language of `analyzer`, if in none of `others`; `grammar` are function words.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        today: date,
        others: Iterable[str] = (),
        grammar: AbstractSet[str] = FUNCTION_WORDS,
    ) -> None:
        self.analyzer = analyzer
        self.languages = (analyzer.language, *others)
        self.today = today
        self._grammar = grammar
        self.notes: dict[QueryNote, None] = {}  # in order, each once
        self._fuzzy_words = 0

    def note(self, text: str, reason: str) -> None:
        self.notes[QueryNote(text, reason)] = None

    def query(self, node: AstNode, fields: dict[str, float]) -> Query | None:
        """The tree of `node` within `fields` (name to weight); None if it holds no term."""
        match node:
            case Word():
                return self._word(node, fields)
            case Phrase():
                return self._phrase(node, fields)
            case Synonym():
                found = self._phrase(node, fields)
                return found and found.with_boost(found.boost * SYNONYM_WEIGHT)
            case FieldClause():
                return self._fielded(node, fields)
            case RequiredClause():
                return self.query(node.unit, fields)
            case NotClause():
                inner = self.query(node.unit, fields)
                return Not(inner) if inner else None
            case OrClause():
                return any_of([self.query(unit, fields) for unit in node.units])
            case AndClause():
                return all_of([tree for _, tree in self.clauses(node, fields)])

    def clauses(self, node: AndClause, fields: dict[str, float]) -> list[tuple[AstNode, Query]]:
        """The units of `node` that decide what matches, with their trees: function words don't,
        unless nothing else is left."""
        common: list[AstNode] = []
        telling: list[AstNode] = []
        for unit in node.units:
            (common if is_function_word(unit, self._grammar) else telling).append(unit)
        found = self._looked_up(telling, fields)
        if all(isinstance(tree, Not) for _, tree in found):
            return found + self._looked_up(common, fields)
        for unit in common:
            self.note(show(unit), "too common to decide which documents match")
        return found

    def _looked_up(self, units: Iterable[AstNode], fields: dict[str, float]) -> list[tuple[AstNode, Query]]:
        return [(unit, tree) for unit in units if (tree := self.query(unit, fields)) is not None]

    def _words(self, text: str, shown: str) -> list[str]:
        """The words of `text` that hold a term."""
        words = [word for word in WORD.findall(text) if self.analyzer.analyse(word)]
        if not words:
            self.note(shown, "holds no letter or digit to look up")
        return words

    def _word(self, node: Word, fields: dict[str, float]) -> Query | None:
        if node.day and fields == FREE_TEXT:
            return self._as_word_or_day(node, fields)
        words = self._words(node.text, node.text)
        if not words:
            return None
        if node.prefix:
            return self._prefix(words, fields)
        if node.edits:
            return all_of([self._fuzzy(word, node.edits, fields) for word in words])
        return self._side_by_side(words, fields)

    def _side_by_side(self, words: list[str], fields: dict[str, float]) -> Query:
        each = [self._sequence([word], fields) for word in words]
        if len(each) == 1:
            return each[0]
        # NATO-Russia: both words must be there; side by side counts for more.
        return AndMaybe(And(each), self._sequence(words, fields))

    def _sequence(self, words: list[str], fields: dict[str, float]) -> Query:
        """The terms of `words` one after the other, in any of `fields`, by the stems of each language."""
        if len(self.languages) == 1:
            return _sequence([part[0] for word in words for part in self.analyzer.analyse(word)], fields)
        return across_languages(
            self.languages,
            lambda language: (part[0] for word in words for part in self._analyzer(language).analyse(word)),
            lambda terms: _sequence(terms, fields),
        )

    def _analyzer(self, language: str) -> Analyzer:
        return self.analyzer if language == self.analyzer.language else analyzer(language)

    def _as_word_or_day(self, node: Word, fields: dict[str, float]) -> Query:
        words = self._side_by_side(WORD.findall(node.text), fields)
        days = self._dates("date", node.text)
        return Or([words, days]) if days else words

    def _fuzzy(self, word: str, edits: int, fields: dict[str, float]) -> Query:
        """Words spelled like `word`; what is spelled the same counts for more."""
        exact = self._sequence([word], fields)
        parts = [part[0] for part in folded_parts(word)]
        if len(parts) > 1:  # Chinese, or words joined by _: no spelling to be wrong
            return exact
        self._fuzzy_words += 1
        if self._fuzzy_words > MAX_FUZZY:
            self.note(word, f"looked up as typed: only {MAX_FUZZY} words are looked for in other spellings")
            return exact
        looked = [FuzzyTerm(n, parts[0], w, maxdist=edits, prefixlength=0) for n, w in fields.items()]
        return AndMaybe(across(looked), exact)

    def _prefix(self, words: list[str], fields: dict[str, float]) -> Query | None:
        *whole, last = words
        before = [self._sequence([word], fields) for word in whole]
        parts = [part[0] for part in folded_parts(last)]
        if len(parts) > 1:  # Chinese, or words joined by _: nothing goes on from their pieces
            return all_of([*before, self._sequence([last], fields)])
        return all_of([*before, across([Prefix(name, parts[0], boost=weight) for name, weight in fields.items()])])

    def _phrase(self, node: Phrase | Synonym, fields: dict[str, float]) -> Query | None:
        words = self._words(node.text, f'"{node.text}"')
        return self._sequence(words, fields) if words else None

    def _fielded(self, node: FieldClause, fields: dict[str, float]) -> Query | None:
        if node.field in QUERY_FIELDS:
            name = QUERY_FIELDS[node.field]
            unit = node.unit
            if isinstance(unit, Word) and not unit.prefix and not unit.edits:  # author:jean-luc, title:the
                unit = Phrase(unit.text, unit.start, unit.end)
            return self.query(unit, {name: 1.0})
        if isinstance(node.unit, AndClause):
            return self.query(_each_fielded(node, node.unit), fields)
        text = node.unit.text.strip()
        found = self._dates(node.field, text) if node.field in DATE_FIELDS else self._language(text)
        return found or self._as_text(node, f"{node.alias or node.field} {text}" if text else "", fields)

    def _as_text(self, node: FieldClause, text: str, fields: dict[str, float]) -> Query | None:
        kind = "a date like 2024, 2024-03 or 2024-03-31" if node.field in DATE_FIELDS else "a language like en"
        self.note(show(node), f"looked up as text: {node.alias or node.field}: wants {kind}")
        words = self._words(text, show(node)) if text else []
        return self._side_by_side(words, fields) if words else None

    def _dates(self, field: str, text: str) -> Query | None:
        days = dates.span(text, self.today)
        if days is None:
            return None
        first, last = days.first, days.last
        if field == "after":
            first, last = (last + timedelta(days=1) if last and last < date.max else date.max), None
        elif field == "before":
            first, last = None, (first - timedelta(days=1) if first and first > date.min else date.min)
        start, end = (first or date.min).toordinal(), (last or date.max).toordinal()
        return NumericRange("published", start, end)

    def _language(self, text: str) -> Query | None:
        return Term("language", text.casefold()) if text.isascii() and text.isalpha() else None


def _sequence(terms: list[str], fields: dict[str, float]) -> Query:
    """`terms` one after the other, in any of `fields`."""
    if len(terms) == 1:
        looked = [Term(name, terms[0], boost=weight) for name, weight in fields.items()]
    else:
        looked = [PhraseQuery(name, terms, boost=weight) for name, weight in fields.items()]
    return across(looked)


def across(looked: list[Query]) -> Query:
    """One thing looked for in several fields, or just in one."""
    return looked[0] if len(looked) == 1 else AcrossFields(looked)


def all_of(queries: list[Query | None]) -> Query | None:
    """All of the queries. Exclusions stand beside what they exclude from: AndNot is wrong in Whoosh."""
    found = [query for query in queries if query is not None]
    return found[0] if len(found) == 1 else And(found) if found else None


def any_of(queries: list[Query | None]) -> Query | None:
    """At least one of the queries."""
    found = [And([Every(), query]) if only_excludes(query) else query for query in queries if query is not None]
    return found[0] if len(found) == 1 else Or(found) if found else None


def only_excludes(tree: Query) -> bool:
    """Whether `tree` says nothing but what must not match."""
    return isinstance(tree, Not) or (type(tree) is And and all(only_excludes(child) for child in tree.children()))


def _each_fielded(field: FieldClause, node: AstNode) -> AstNode:
    """`node` with the field's name before each word in it: date:(2023 OR 2024)."""
    match node:
        case Word() | Phrase():
            return replace(field, unit=node, start=node.start, end=node.end)
        case AndClause() | OrClause():
            return replace(node, units=tuple(_each_fielded(field, unit) for unit in node.units))
        case NotClause() | RequiredClause():
            return replace(node, unit=_each_fielded(field, node.unit))
        case FieldClause() | Synonym():
            return node  # the nearest name counts


def narrows(node: AstNode, tree: Query) -> bool:
    """Whether `node` is something in a field, and not a field whose value was no value: date:soon."""
    return isinstance(node, FieldClause) and (
        node.field in QUERY_FIELDS or not isinstance(tree, AcrossFields | AcrossLanguages | AndMaybe)
    )
