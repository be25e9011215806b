"""Compile the syntax tree to a tree of analysed `whoosh.query` nodes."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date, timedelta

from whoosh.query import And, AndMaybe, FuzzyTerm, Not, NumericRange, Or, Query, Term

from searchsvc.analysis import (
    FUNCTION_WORDS,
    WORD,
    Analyzer,
    analyzer,
    folded_parts,
    is_hangul_word,
    is_ideograph,
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
from searchsvc.query.query_trees import AcrossFields, across, all_of, any_of, containing, sequence, starting_with
from searchsvc.query.spelling_variants import is_version, spelling_variants, with_other_initials
from searchsvc.query.stopwords import is_function_word
from searchsvc.schema import FREE_TEXT, QUERY_FIELDS

MAX_FUZZY = 8  # fuzzy words per query: each takes milliseconds in a large vocabulary
MAX_IDEOGRAPHS = 8  # looked up at the end of pairs too, per query: this reads the whole vocabulary
SYNONYM_WEIGHT = 0.5  # relative to the typed word


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
        self._ideographs: set[str] = set()

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
            variants.append(starting_with(f"{text}.", fields))
        if not variants:
            return self._side_by_side(words, fields)
        return Or([self._side_by_side(words, fields), *variants])

    def _side_by_side(self, words: list[str], fields: dict[str, float]) -> Query:
        each = [self._any_ending(word, fields) for word in words]
        if len(each) == 1:
            return each[0]
        # NATO-Russia: both words are required; adjacent words score more.
        return AndMaybe(And(each), self._sequence(words, fields))

    def _any_ending(self, word: str, fields: dict[str, float]) -> Query:
        """One word. Particles may follow a Korean word, and scripts without spaces may follow a different script."""
        exact = self._sequence([word], fields)
        parts = list(folded_parts(word))
        if len(parts) == 1 and is_hangul_word(parts[0][0]):
            return AndMaybe(starting_with(parts[0][0], fields), exact)
        if len(parts) > 1 and any(is_ideograph(part[0]) for part in parts):  # 2024年: texts may have 年 in a pair only
            return AndMaybe(And([self._sequence([word[start:end]], fields) for _, start, end, _ in parts]), exact)
        return exact

    def _ideograph(self, character: str, fields: dict[str, float]) -> Query:
        """A single ideograph or kana, which is part of indexed pairs.

        After MAX_IDEOGRAPHS different ones, it is found at the beginning of pairs only: everywhere but before
        punctuation.
        """
        self._ideographs.add(character)
        if len(self._ideographs) > MAX_IDEOGRAPHS:
            return starting_with(character, fields)
        return containing(character, fields)

    def _sequence(self, words: list[str], fields: dict[str, float]) -> Query:
        """A phrase of `words` in any of `fields`, with the stems of each language."""
        terms = [part[0] for word in words for part in self.analyzer.analyse(word)]
        if len(terms) == 1 and is_ideograph(terms[0]):
            return self._ideograph(terms[0], fields)
        if len(self.languages) == 1:
            return sequence(terms, fields)
        return across_languages(
            self.languages,
            lambda language: (part[0] for word in words for part in self._analyzer(language).analyse(word)),
            lambda terms: sequence(terms, fields),
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
        if len(parts) > 1 or is_ideograph(parts[0]):  # Chinese, or words joined by _: their parts are no prefixes
            return all_of([*complete, self._sequence([last], fields)])
        return all_of([*complete, starting_with(parts[0], fields)])

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
            # author:jean-luc, title:the
            if isinstance(unit, Word) and not (unit.prefix or unit.edits or _has_endings(unit.text)):
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


def _has_endings(word: str) -> bool:
    """Return whether particles may follow a word, or one of its parts is indexed in pairs with what follows it."""
    parts = [part[0] for part in folded_parts(word)]
    return any(map(is_ideograph, parts)) or (len(parts) == 1 and is_hangul_word(parts[0]))


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
