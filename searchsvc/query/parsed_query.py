"""Typed text to a parsed query: required and optional terms, filters, and notes on ignored text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from whoosh.query import And, AndMaybe, Every, Not, Query

from searchsvc.analysis import Analyzer
from searchsvc.models.search import QueryNote, TypedFilter
from searchsvc.query.adjacent_words import phrases_of_short_query
from searchsvc.query.ast import (
    AndClause,
    AstNode,
    FieldClause,
    NotClause,
    Phrase,
    Word,
    inner,
    show,
)
from searchsvc.query.compiler import Compiler, narrows
from searchsvc.query.lexer import normal
from searchsvc.query.optional_terms import Part, optional_terms
from searchsvc.query.parser import parse, parse_literally
from searchsvc.query.query_limits import limit_terms
from searchsvc.query.query_trees import all_of, any_of, only_excludes
from searchsvc.query.search_scope import CLEAN_SCOPE, FIELDS_OF_SCOPE, typed_scope
from searchsvc.query.sign_reading import (
    AUTO_SYNTAX,
    LITERAL,
    OPERATORS,
    SIGNS_AROUND,
    is_prose,
    is_quotation,
    reads_as_text,
)
from searchsvc.query.spelling_variants import join_initials
from searchsvc.query.stopwords import ignorable_words
from searchsvc.query.synonyms import (
    NO_SYNONYMS,
    AppliedSynonym,
    Synonyms,
    expand,
)

NO_PHRASE = "no article with all of your words has this phrase, searched for its words"


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A parsed query.

    `tree` matches documents with all terms; None if the text has no searchable term. `any_tree` matches documents
    with some of the `parts` and all required units; None if no part is optional. It matches every document that
    `tree` matches. `filters` are units that only filter, such as source:reuters. `root` is the syntax tree before
    `applied_synonyms` were added. `syntax` is OPERATORS, or LITERAL if the signs are text.
    """

    text: str
    tree: Query | None
    any_tree: Query | None
    parts: tuple[Part, ...]
    normalized: str
    filters: tuple[TypedFilter, ...]
    notes: tuple[QueryNote, ...]
    root: AndClause
    applied_synonyms: tuple[AppliedSynonym, ...] = ()
    syntax: str = OPERATORS
    scope: str = CLEAN_SCOPE

    @property
    def has_quotation(self) -> bool:
        """Whether a phrase is so long that it may be a quotation or a headline, which documents have in other words."""
        return bool(_quotations(self.root))


def parse_query(
    text: str,
    analyzer: Analyzer,
    today: date,
    syntax: str = AUTO_SYNTAX,
    synonyms: Synonyms = NO_SYNONYMS,
    *,
    other_languages: Sequence[str] = (),
    unfinished: bool = False,
    quotations_as_words: bool = False,
    scope: str = CLEAN_SCOPE,
) -> ParsedQuery:
    """Parse `text` relative to the date `today`; `syntax` is one of SYNTAXES.

    If the text is `unfinished`, its last word also matches words that start with it. With `quotations_as_words`,
    quotation marks around a quotation or a headline have no meaning. `scope` is one of SCOPES, unless the text has a
    clause such as in:original.

    Documents are in the language of `analyzer`, or in one of `others`, which have stemmers of their own.
    """
    typed, written_scope = (text, None) if syntax == LITERAL else typed_scope(text)
    if written_scope:
        text, scope = typed, written_scope
        syntax = OPERATORS if syntax == AUTO_SYNTAX and not typed.strip() else syntax
    fields = dict(FIELDS_OF_SCOPE[scope])
    is_sentence = syntax == AUTO_SYNTAX and reads_as_text(normal(text))
    if syntax == AUTO_SYNTAX:
        syntax = LITERAL if is_sentence else OPERATORS
    syntax_tree, unread = parse(text) if syntax == OPERATORS else parse_literally(text)
    if is_sentence:
        syntax_tree = _without_signs(syntax_tree)
    flat = _flattened(_with_words(syntax_tree) if quotations_as_words else syntax_tree)
    if unfinished:
        flat = _with_unfinished_word(flat, len(text))
    common = ignorable_words(flat, (analyzer.language, *other_languages))
    root, cut = limit_terms(flat, analyzer, common)
    expanded, applied = expand(root, synonyms, analyzer)
    phrases = phrases_of_short_query(root, common)
    compiler = Compiler(analyzer, today, other_languages, common, common_words_rank=bool(phrases))
    clauses = compiler.clauses(expanded, fields)
    tree = all_of([tree for _, tree in clauses])
    if tree is not None and only_excludes(tree):
        tree = And([Every(), tree])
    some, parts = optional_terms(clauses, prose=is_prose(text))
    bonus = any_of([compiler.query(phrase, fields) for phrase in phrases])
    normalized = " ".join([*map(show, expanded.units), *([f"in:{written_scope}"] if written_scope else [])])
    quotations = _quotations(syntax_tree) if quotations_as_words else ()
    notes = (*unread, *(QueryNote(show(each), NO_PHRASE) for each in quotations), *cut, *compiler.notes)
    return ParsedQuery(
        text,
        _with_bonus(tree, bonus),
        _with_bonus(some, bonus),
        parts,
        normalized,
        tuple(_filters(clauses)),
        notes,
        root,
        applied,
        syntax,
        scope,
    )


def _with_bonus(tree: Query | None, bonus: Query | None) -> Query | None:
    return tree if tree is None or bonus is None else AndMaybe(tree, bonus)


def _flattened(root: AndClause) -> AndClause:
    """`root` without redundant parentheses: (a b) c means a b c."""
    units = root.units
    while any(isinstance(unit, AndClause) for unit in units):
        units = tuple(each for unit in units for each in (unit.units if isinstance(unit, AndClause) else (unit,)))
    return replace(root, units=tuple(join_initials(units)))


def _without_signs(root: AndClause) -> AndClause:
    """`root`, which has only words, without the signs around words and without words of signs alone."""
    words = (unit for unit in root.units if isinstance(unit, Word))
    return replace(root, units=tuple(_stripped(word) for word in words if any(map(str.isalnum, word.text))))


def _stripped(word: Word) -> Word:
    text = word.text.lstrip(SIGNS_AROUND)
    start = word.end - len(text)
    text = text.rstrip(SIGNS_AROUND)
    return replace(word, text=text, start=start, end=start + len(text)) if text else word


def _quotations(root: AndClause) -> tuple[Phrase, ...]:
    return tuple(unit for unit in root.units if isinstance(unit, Phrase) and is_quotation(unit.text))


def _with_words(root: AndClause) -> AndClause:
    """`root` with the words of each quotation in place of the phrase."""
    quotations = _quotations(root)
    return replace(root, units=tuple(_words_of(unit) if unit in quotations else unit for unit in root.units))


def _words_of(phrase: Phrase) -> AndClause:
    words, _ = parse_literally(phrase.text)
    start = phrase.start + 1  # after the quotation mark
    moved = (replace(word, start=word.start + start, end=word.end + start) for word in words.units)
    return AndClause(tuple(moved), phrase.start, phrase.end)


def _with_unfinished_word(root: AndClause, end: int) -> AndClause:
    """`root` with its last unit as an unfinished word, if that is a plain word that ends the text."""
    *others, last = root.units or (None,)
    if not isinstance(last, Word) or last.end != end or last.prefix or last.edits:
        return root
    return replace(root, units=(*others, replace(last, unfinished=True)))


def _filters(clauses: list[tuple[AstNode, Query]]) -> Iterator[TypedFilter]:
    for node, tree in clauses:
        unit = inner(node)
        if isinstance(unit, FieldClause) and narrows(unit, tree.query if isinstance(tree, Not) else tree):
            value = unit.unit.text if isinstance(unit.unit, Word | Phrase) else show(unit.unit)
            yield TypedFilter(unit.field, value, isinstance(node, NotClause), node.start, node.end)
