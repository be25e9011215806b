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
    bodies = [HighlightedText.of(hit.document.body, hit.excerpts) for hit in hits]
    matches: dict[int, HitMatches] = {}
    for language, places in _batches(hits, bodies):
        matcher = matchers[language] if allows_more() else matchers.nothing
        titles = matcher.spans_of([hits[place].document.title for place in places], "title")
        spans = matcher.spans_of([bodies[place].text if in_bodies else "" for place in places], "body")
        for place, in_title, in_body in zip(places, titles, spans, strict=True):
            matches[place] = HitMatches(matcher, in_title, bodies[place], in_body)
    return [matches[place] for place in range(len(hits))]


def _batches(hits: Sequence[EngineHit], bodies: Sequence[HighlightedText]) -> Iterator[tuple[str, list[int]]]:
    """Yield languages, and indices of hits in the language whose bodies have about BATCH code points together."""
    batches: dict[str, list[int]] = {}
    sizes: dict[str, int] = {}
    for place, (hit, body) in enumerate(zip(hits, bodies, strict=True)):
        language = hit.document.language
        batches.setdefault(language, []).append(place)
        sizes[language] = sizes.get(language, 0) + len(body.text)
        if sizes[language] >= BATCH:
            yield language, batches.pop(language)
            del sizes[language]
    yield from batches.items()
