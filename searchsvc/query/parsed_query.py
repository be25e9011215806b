"""Typed text to a parsed query: required and optional terms, filters, and notes on ignored text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from whoosh.query import And, Every, Not, Query

from searchsvc.analysis import Analyzer
from searchsvc.models.search import QueryNote, TypedFilter
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
from searchsvc.query.compiler import (
    Compiler,
    all_of,
    narrows,
    only_excludes,
)
from searchsvc.query.lexer import is_prose
from searchsvc.query.optional_terms import Part, optional_terms
from searchsvc.query.parser import parse, parse_literally
from searchsvc.query.query_limits import limit_terms
from searchsvc.query.stopwords import ignorable_words
from searchsvc.query.synonyms import (
    NO_SYNONYMS,
    AppliedSynonym,
    Synonyms,
    expand,
)
from searchsvc.schema import FREE_TEXT

OPERATORS, LITERAL = "operators", "literal"
SYNTAXES = (OPERATORS, LITERAL)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A parsed query.

    `tree` matches documents with all terms; None if the text has no searchable term. `any_tree` matches documents
    with some of the `parts` and all required units; None if no part is optional. It matches every document that
    `tree` matches. `filters` are units that only filter, such as source:reuters. `root` is the syntax tree before
    `applied_synonyms` were added.
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


def parse_query(
    text: str,
    analyzer: Analyzer,
    today: date,
    syntax: str = OPERATORS,
    synonyms: Synonyms = NO_SYNONYMS,
    *,
    other_languages: Sequence[str] = (),
    unfinished: bool = False,
) -> ParsedQuery:
    """Parse `text` relative to the date `today`; `syntax` is one of SYNTAXES.

    If the text is `unfinished`, its last word also matches words that start with it.

    Documents are in the language of `analyzer`, or in one of `others`, which have stemmers of their own.
    """
    syntax_tree, unread = parse(text) if syntax == OPERATORS else parse_literally(text)
    flat = _flattened(syntax_tree)
    if unfinished:
        flat = _with_unfinished_word(flat, len(text))
    common = ignorable_words(flat, (analyzer.language, *other_languages))
    root, cut = limit_terms(flat, analyzer, common)
    expanded, applied = expand(root, synonyms, analyzer)
    compiler = Compiler(analyzer, today, other_languages, common)
    clauses = compiler.clauses(expanded, dict(FREE_TEXT))
    tree = all_of([tree for _, tree in clauses])
    if tree is not None and only_excludes(tree):
        tree = And([Every(), tree])
    some, parts = optional_terms(clauses, prose=is_prose(text))
    normalized = " ".join(map(show, expanded.units))
    notes = (*unread, *cut, *compiler.notes)
    return ParsedQuery(text, tree, some, parts, normalized, tuple(_filters(clauses)), notes, root, applied)


def _flattened(root: AndClause) -> AndClause:
    """`root` without redundant parentheses: (a b) c means a b c."""
    units = root.units
    while any(isinstance(unit, AndClause) for unit in units):
        units = tuple(each for unit in units for each in (unit.units if isinstance(unit, AndClause) else (unit,)))
    return replace(root, units=units)


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
