"""Matches in titles and bodies of a page of hits, searched in many texts of a language at once."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from searchsvc.highlight.highlighted_text import HighlightedText
from searchsvc.highlight.matcher import Matcher, MatchSpan
from searchsvc.highlight.per_language import MatchersPerLanguage
from searchsvc.models.search import EngineHit

BATCH = 65_536  # code points that are searched at once, between two checks of the time limit


class HitMatches(msgspec.Struct, frozen=True):
    """Matches in the title and the body of one hit. `matcher` finds them in its other fields."""

    matcher: Matcher
    title: list[MatchSpan]
    body: HighlightedText
    in_body: list[MatchSpan]


def hit_matches(
    hits: Sequence[EngineHit], matchers: MatchersPerLanguage, allows_more: Callable[[], bool], *, in_bodies: bool
) -> list[HitMatches]:
    """Return the matches in each of `hits`, in titles alone unless `in_bodies`.

    Hits that are left when `allows_more` returns False have no matches.
    """
    matches: dict[int, HitMatches] = {}
    for language, places in _batches(hits):
        matcher = matchers[language] if allows_more() else matchers.nothing
        titles = [hits[place].document.title for place in places]
        bodies = [HighlightedText.of(hits[place].document.body, hits[place].excerpts) for place in places]
        body_texts = [body.text if in_bodies else "" for body in bodies]
        spans = zip(matcher.spans_of(titles, "title"), bodies, matcher.spans_of(body_texts, "body"), strict=True)
        matches.update((place, HitMatches(matcher, *each)) for place, each in zip(places, spans, strict=True))
    return [matches[place] for place in range(len(hits))]


def _batches(hits: Sequence[EngineHit]) -> Iterator[tuple[str, list[int]]]:
    """Yield languages, and indices of hits in the language whose bodies have about BATCH code points together."""
    by_language: dict[str, list[int]] = {}
    for place, hit in enumerate(hits):
        by_language.setdefault(hit.document.language, []).append(place)
    for language, places in by_language.items():
        batch, size = list[int](), 0
        for place in places:
            batch.append(place)
            size += len(hits[place].document.body)
            if size >= BATCH:
                yield language, batch
                batch, size = [], 0
        if batch:
            yield language, batch
