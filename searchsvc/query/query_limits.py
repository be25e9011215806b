"""A bound on the terms of a long query."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from searchsvc.analysis import FUNCTION_WORDS, Analyzer
from searchsvc.models.search import QueryNote
from searchsvc.query.ast import (
    AndClause,
    AstNode,
    FieldClause,
    NotClause,
    OrClause,
    Phrase,
    RequiredClause,
    Synonym,
    Word,
    children,
    show,
)
from searchsvc.query.stopwords import is_function_word

MAX_TERMS = 64


class _Leaf(NamedTuple):
    """A leaf of the tree. Leaves are kept by `rank`, then longest first, then in typed order."""

    rank: int
    shortness: int
    order: int
    node: Word | Phrase
    terms: int


def limit_terms(
    root: AndClause, analyzer: Analyzer, stopwords: AbstractSet[str] = FUNCTION_WORDS
) -> tuple[AndClause, tuple[QueryNote, ...]]:
    """Return `root` with at most MAX_TERMS terms, and a note on omitted words.

    Exclusions and fields are kept first, since more documents would match without them. Then come the first
    mentions of words, long words before short ones, which tend to be common. Repeats and function words come last.
    Document frequencies are not used, so a text has the same tree in every generation.
    """
    if root.end - root.start <= MAX_TERMS:  # every term takes a character at least
        return root, ()
    leaves = _leaves(root, analyzer, stopwords)
    if sum(leaf.terms for leaf in leaves) <= MAX_TERMS:
        return root, ()
    kept_leaves: dict[int, Word | Phrase] = {}
    room = MAX_TERMS
    for leaf in sorted(leaves):
        if room and leaf.terms:
            kept_leaves[leaf.node.start] = leaf.node if leaf.terms <= room else _cut(leaf.node, analyzer, room)
            room -= min(room, leaf.terms)
    omitted = [show(leaf.node) for leaf in leaves if leaf.terms and kept_leaves.get(leaf.node.start) != leaf.node]
    note = QueryNote(" ".join(omitted), f"left out: a query may have {MAX_TERMS} terms")
    pruned = _pruned(root, kept_leaves)
    return (pruned if isinstance(pruned, AndClause) else replace(root, units=())), (note,)


def _leaves(root: AndClause, analyzer: Analyzer, grammar: AbstractSet[str]) -> list[_Leaf]:
    """Leaves in typed order."""
    leaves: list[_Leaf] = []
    rank_by_text: dict[str, tuple[int, int]] = {}  # of each text, its place and its terms
    stack: list[tuple[AstNode, bool]] = [(root, False)]
    while stack:
        node, bound = stack.pop()
        if not isinstance(node, Word | Phrase):
            bound = bound or isinstance(node, FieldClause | NotClause)
            stack.extend((child, bound) for child in reversed(children(node)))
            continue
        text = node.text
        place, terms = rank_by_text.get(text) or (
            3 if is_function_word(node, grammar) else 1,
            len(analyzer.terms(text)),
        )
        rank_by_text[text] = max(place, 2), terms  # another mention is a repeat
        leaves.append(_Leaf(0 if bound else place, 0 if bound else -len(text), len(leaves), node, terms))
    return leaves


def _cut(node: Word | Phrase, analyzer: Analyzer, room: int) -> Word | Phrase:
    """The start of `node` with exactly `room` terms."""
    ends = [token.end for token, _ in zip(analyzer.tokens(node.text), range(room), strict=False)]
    return replace(node, text=node.text[: ends[-1]])


def _pruned(node: AstNode, kept_leaves: Mapping[int, Word | Phrase]) -> AstNode | None:
    """`node` with only the leaves in `kept_leaves`, by their start; None if none is left."""
    match node:
        case Word() | Phrase():
            return kept_leaves.get(node.start)
        case Synonym():
            return node
        case FieldClause() | NotClause() | RequiredClause():
            unit = _pruned(node.unit, kept_leaves)
            return replace(node, unit=unit) if unit else None  # type: ignore[arg-type]
        case AndClause() | OrClause():
            units = tuple(unit for child in node.units if (unit := _pruned(child, kept_leaves)))
            return replace(node, units=units) if units else None
