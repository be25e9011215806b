"""Matching strategies: full matches, any match, or full matches followed by partial ones.

`auto` returns documents with all words. If there are fewer than MIN_EXACT, partial matches follow them as a second
group. For queries of more than SHORT_QUERY words, where one missing word matters less, both are ranked as one
group. The choice depends on the query and its filters, never on the page, so that pages fit together. Both groups
are sorted as requested, and both count in totals and facets.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from whoosh.query import NullQuery, Query

from searchsvc.engine.interface import Snapshot
from searchsvc.engine.query import EngineQuery
from searchsvc.models.search import EngineHit, EngineHits, QueryInfo
from searchsvc.query import ParsedQuery

AUTO: Final = "auto"
ALL: Final = "all"
ANY: Final = "any"
STRATEGIES = (AUTO, ALL, ANY)
MIN_EXACT = 20  # the default page size
SHORT_QUERY = 3  # informative words; measured in docs/ranking.md


@dataclass(frozen=True, slots=True)
class StrategyResult:
    """Hits of an engine, and the query trees to highlight."""

    hits: EngineHits
    trees: tuple[Query, ...]
    info: QueryInfo
    parsed: ParsedQuery

    @property
    def lacks_quotation(self) -> bool:
        """Whether the query has a quotation, and no document matches fully."""
        return self.parsed.has_quotation and self.hits.total == self.hits.partial_matches

    @property
    def few(self) -> bool:
        """Whether so few documents match fully that spelling correction is worthwhile."""
        return self.hits.total - self.hits.partial_matches < MIN_EXACT

    def better_than(self, other: "StrategyResult") -> bool:
        """Return whether more documents match fully, or as many do and more match partially."""
        one, two = self.hits, other.hits
        return (one.total - one.partial_matches, one.total) > (two.total - two.partial_matches, two.total)

    def missing(self, hit: EngineHit) -> tuple[str, ...]:
        """Return the words, as typed, that a hit lacks; without repeats.

        A hit with a word in a different spelling lacks no part of the word.
        """
        parts = self.parsed.parts
        if not hit.missing_parts:
            return ()
        respelt = {part.word for place, part in enumerate(parts) if part.is_variant and place not in hit.missing_parts}
        missing = (parts[place] for place in hit.missing_parts)
        return tuple(dict.fromkeys(part.label for part in missing if not part.is_variant and part.word not in respelt))


def search_with_strategy(snapshot: Snapshot, query: EngineQuery, parsed: ParsedQuery, strategy: str) -> StrategyResult:
    """Search `snapshot` for a parsed query, with the filters and limits of `query`; `strategy` is one of STRATEGIES."""
    hits = snapshot.search(plan_query(query, parsed, strategy))
    has_partial = strategy == ANY or hits.partial_matches > 0
    info = QueryInfo(
        parsed=parsed.normalized,
        strategy=strategy,
        optional_words=_labels(parsed) if has_partial and parsed.any_tree is not None else (),
        ignored=parsed.notes,
        synonyms=tuple((each.typed, other) for each in parsed.applied_synonyms for other in each.alternatives),
        syntax=parsed.syntax,
    )
    return StrategyResult(hits, _trees(parsed, has_partial), info, parsed)


def plan_query(query: EngineQuery, parsed: ParsedQuery, strategy: str) -> EngineQuery:
    """Return `query` with the trees of `parsed` that `strategy` needs."""
    if parsed.tree is None:
        return replace(query, tree=NullQuery if parsed.text.strip() else None)
    if strategy == ALL or parsed.any_tree is None:
        return replace(query, tree=parsed.tree)
    parts = tuple(part.tree for part in parsed.parts)
    if strategy == ANY:
        return replace(query, tree=parsed.any_tree, parts=parts)
    interleave = sum(not part.is_variant for part in parsed.parts) > SHORT_QUERY
    return replace(
        query, tree=parsed.tree, fallback=parsed.any_tree, min_exact=MIN_EXACT, interleave=interleave, parts=parts
    )


def _labels(parsed: ParsedQuery) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.label for part in parsed.parts))


def _trees(parsed: ParsedQuery, has_partial: bool) -> tuple[Query, ...]:
    trees: Iterable[Query | None] = (parsed.tree, parsed.any_tree) if has_partial else (parsed.tree,)
    return tuple(tree for tree in trees if tree is not None)
