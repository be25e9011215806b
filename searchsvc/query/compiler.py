"""Compile the syntax tree to a tree of analysed `whoosh.query` nodes."""

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
from searchsvc.query.spelling_variants import is_version, spelling_variants, with_other_initials
from searchsvc.query.stopwords import is_function_word
from searchsvc.schema import FREE_TEXT, QUERY_FIELDS

MAX_FUZZY = 8  # fuzzy words per query: each takes milliseconds in a large vocabulary
SYNONYM_WEIGHT = 0.5  # relative to the typed word


class AcrossFields(Or):  # type: ignore[misc]
    """One word, phrase or prefix in several fields.

    Whoosh evaluates it as an OR, BM25F as one term. A Prefix matches words as written, folded but not stemmed, and
    so the terms they are indexed as: governm* matches governments.
    """


class Compiler:
    """Compile syntax trees relative to the date `today`. `notes` collects what was ignored, without repeats.

    Documents are in the language of `analyzer`, or in one of `other_languages`, which have stemmers of their own.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        today: date,
        other_languages: Iterable[str] = (),
        stopwords: AbstractSet[str] = FUNCTION_WORDS,
        *,
        common_words_rank: bool = False,
    ) -> None:
        """`common_words_rank`: function words, which decide no match, affect the order."""
        self.analyzer = analyzer
        self.languages = (analyzer.language, *other_languages)
        self.today = today
        self._stopwords = stopwords
        self._reason = "too common, affects only the order" if common_words_rank else "too common, ignored"
        self.notes: dict[QueryNote, None] = {}  # in order, each once
        self._fuzzy_words = 0

    def note(self, text: str, reason: str) -> None:
        self.notes[QueryNote(text, reason)] = None

    def query(self, node: AstNode, fields: dict[str, float]) -> Query | None:
        """Compile `node` for `fields`, a map of names to weights; return None if it has no term."""
        match node:
            case Word():
                return self._word(node, fields)
            case Phrase():
                return self._phrase(node, fields)
            case Synonym():
                phrase = self._phrase(node, fields)
                return phrase and phrase.with_boost(phrase.boost * SYNONYM_WEIGHT)
            case FieldClause():
                return self._field(node, fields)
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
        """Compile the units of `node` that decide which documents match.

        Function words are left out, unless there is nothing else.
        """
        common: list[AstNode] = []
        significant: list[AstNode] = []
        for unit in node.units:
            (common if is_function_word(unit, self._stopwords) else significant).append(unit)
        clauses = self._compiled(significant, fields)
        if all(isinstance(tree, Not) for _, tree in clauses):
            return clauses + self._compiled(common, fields)
        for unit in common:
            self.note(show(unit), self._reason)
        return clauses

    def _compiled(self, units: Iterable[AstNode], fields: dict[str, float]) -> list[tuple[AstNode, Query]]:
        return [(unit, tree) for unit in units if (tree := self.query(unit, fields)) is not None]

    def _words(self, text: str, source: str) -> list[str]:
        """Words of `text` that have a term."""
        words = [word for word in WORD.findall(text) if self.analyzer.analyse(word)]
        if not words:
            self.note(source, "has no letter or digit, ignored")
        return words

    def _word(self, node: Word, fields: dict[str, float]) -> Query | None:
        if node.day and fields == FREE_TEXT:
            return self._as_word_or_day(node, fields)
        words = self._words(node.text, node.text)
        if not words:
            return None
        if node.prefix:
            return self._prefix(words, fields)
        if node.unfinished:
            return AndMaybe(self._prefix(words, fields), self._side_by_side(words, fields))
        if node.edits:
            return all_of([self._fuzzy(word, node.edits, fields) for word in words])
        return self._any_spelling(node.text, words, fields)

    def _any_spelling(self, text: str, words: list[str], fields: dict[str, float]) -> Query:
        """`words` of `text`, or another way to write it, such as email for e-mail."""
        variants: list[Query | None] = [self._sequence(list(variant), fields) for variant in spelling_variants(text)]
        if is_version(text):
            variants.append(across([Prefix(name, f"{text}.", boost=weight) for name, weight in fields.items()]))
        if not variants:
            return self._side_by_side(words, fields)
        return Or([self._side_by_side(words, fields), *variants])

    def _side_by_side(self, words: list[str], fields: dict[str, float]) -> Query:
        each = [self._sequence([word], fields) for word in words]
        if len(each) == 1:
            return each[0]
        # NATO-Russia: both words are required; adjacent words score more.
        return AndMaybe(And(each), self._sequence(words, fields))

    def _sequence(self, words: list[str], fields: dict[str, float]) -> Query:
        """A phrase of `words` in any of `fields`, with the stems of each language."""
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
        """Words similar to `word`; an exact match scores more."""
        exact = self._sequence([word], fields)
        parts = [part[0] for part in folded_parts(word)]
        if len(parts) > 1:  # Chinese, or words joined by _: not fuzzy
            return exact
        self._fuzzy_words += 1
        if self._fuzzy_words > MAX_FUZZY:
            self.note(word, f"searched as typed: a query may have {MAX_FUZZY} fuzzy words")
            return exact
        variants = [FuzzyTerm(n, parts[0], w, maxdist=edits, prefixlength=0) for n, w in fields.items()]
        return AndMaybe(across(variants), exact)

    def _prefix(self, words: list[str], fields: dict[str, float]) -> Query | None:
        *whole, last = words
        complete = [self._sequence([word], fields) for word in whole]
        parts = [part[0] for part in folded_parts(last)]
        if len(parts) > 1:  # Chinese, or words joined by _: their parts are no prefixes
            return all_of([*complete, self._sequence([last], fields)])
        return all_of([*complete, across([Prefix(name, parts[0], boost=weight) for name, weight in fields.items()])])

    def _phrase(self, node: Phrase | Synonym, fields: dict[str, float]) -> Query | None:
        words = self._words(node.text, f'"{node.text}"')
        if not words:
            return None
        variant = with_other_initials(words)
        as_typed = self._sequence(words, fields)
        return Or([as_typed, self._sequence(list(variant), fields)]) if variant else as_typed

    def _field(self, node: FieldClause, fields: dict[str, float]) -> Query | None:
        if node.field in QUERY_FIELDS:
            name = QUERY_FIELDS[node.field]
            unit = node.unit
            if isinstance(unit, Word) and not unit.prefix and not unit.edits:  # author:jean-luc, title:the
                unit = Phrase(unit.text, unit.start, unit.end)
            return self.query(unit, {name: 1.0})
        if isinstance(node.unit, AndClause):
            return self.query(_distribute_field(node, node.unit), fields)
        text = node.unit.text.strip()
        tree = self._dates(node.field, text) if node.field in DATE_FIELDS else self._language(text)
        return tree or self._as_text(node, f"{node.alias or node.field} {text}" if text else "", fields)

    def _as_text(self, node: FieldClause, text: str, fields: dict[str, float]) -> Query | None:
        kind, example = ("date", "2024-03") if node.field in DATE_FIELDS else ("language", "en")
        self.note(show(node), f"not a {kind}, searched as text; try {example}")
        words = self._words(text, show(node)) if text else []
        return self._side_by_side(words, fields) if words else None

    def _dates(self, field: str, text: str) -> Query | None:
        days = dates.span(text, self.today)
        if days is None:
            return None
        if dates.is_reversed(text, self.today):
            self.note(text, f"read as {days.first}..{days.last}, since the earlier day comes first")
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
    """A term or phrase in any of `fields`."""
    if len(terms) == 1:
        trees = [Term(name, terms[0], boost=weight) for name, weight in fields.items()]
    else:
        trees = [PhraseQuery(name, terms, boost=weight) for name, weight in fields.items()]
    return across(trees)


def across(trees: list[Query]) -> Query:
    """Return a query for one term or phrase in one or several fields."""
    return trees[0] if len(trees) == 1 else AcrossFields(trees)


def all_of(queries: list[Query | None]) -> Query | None:
    """Return the conjunction of queries. Exclusions are ANDed as NOT nodes, because Whoosh's AndNot returns wrong
    results."""
    trees = [query for query in queries if query is not None]
    return trees[0] if len(trees) == 1 else And(trees) if trees else None


def any_of(queries: list[Query | None]) -> Query | None:
    """Return the disjunction of queries."""
    trees = [And([Every(), query]) if only_excludes(query) else query for query in queries if query is not None]
    return trees[0] if len(trees) == 1 else Or(trees) if trees else None


def only_excludes(tree: Query) -> bool:
    """Return whether `tree` consists of exclusions only."""
    return isinstance(tree, Not) or (type(tree) is And and all(only_excludes(child) for child in tree.children()))


def _distribute_field(field: FieldClause, node: AstNode) -> AstNode:
    """`node` with the field name before each word, as in date:(2023 OR 2024)."""
    match node:
        case Word() | Phrase():
            return replace(field, unit=node, start=node.start, end=node.end)
        case AndClause() | OrClause():
            return replace(node, units=tuple(_distribute_field(field, unit) for unit in node.units))
        case NotClause() | RequiredClause():
            return replace(node, unit=_distribute_field(field, node.unit))
        case FieldClause() | Synonym():
            return node  # the nearest name counts


def narrows(node: AstNode, tree: Query) -> bool:
    """Return whether `node` is a valid field clause. date:soon is not one."""
    return isinstance(node, FieldClause) and (
        node.field in QUERY_FIELDS or not isinstance(tree, AcrossFields | AcrossLanguages | AndMaybe)
    )
