"""Matches in the hits of a page, each in its language."""

from whoosh.query import Term

from searchsvc.highlight import HitMatches, MatchersPerLanguage, hit_matches
from searchsvc.highlight.hit_matches import BATCH
from searchsvc.models.documents import Document
from searchsvc.models.search import BodyExcerpts, EngineHit, Excerpt


def hit(title: str, body: str, language: str = "en", excerpts: BodyExcerpts | None = None) -> EngineHit:
    document = Document(id="1", slug="s", path="s.txt", content_hash="", title=title, body=body, language=language)
    return EngineHit(document, 1.0, excerpts=excerpts)


HITS = [hit("War", "no"), hit("Krieg", "a war", "de"), hit("Wars", "war, war"), hit("Peace", "Élan, war")]


def found(*, in_bodies: bool = True, times: int = 9) -> list[HitMatches]:
    matchers = MatchersPerLanguage([Term("title", "war"), Term("body", "war")], "en")
    steps = iter(range(times))
    return hit_matches(HITS, matchers, lambda: next(steps, None) is not None, in_bodies=in_bodies)


def test_hits_have_their_own_matches_in_their_order() -> None:
    starts = [([span.start for span in each.title], [span.start for span in each.in_body]) for each in found()]
    assert starts == [([0], []), ([], [2]), ([0], [0, 5]), ([], [6])]


def test_bodies_are_searched_only_when_they_are_shown() -> None:
    assert [len(each.in_body) for each in found(in_bodies=False)] == [0, 0, 0, 0]
    assert [len(each.title) for each in found(in_bodies=False)] == [1, 0, 1, 0]


def test_hits_after_the_time_limit_have_no_matches() -> None:
    assert [len(each.in_body) for each in found(times=1)] == [0, 0, 2, 1]


def test_long_bodies_are_searched_apart() -> None:
    long = hit("War", "war " * BATCH)
    times = iter(range(1))
    matchers = MatchersPerLanguage([Term("body", "war")], "en")
    first, second = hit_matches([long, long], matchers, lambda: next(times, None) is not None, in_bodies=True)
    assert (len(first.in_body), len(second.in_body)) == (BATCH, 0)


def test_excerpts_count_as_the_text_that_they_are() -> None:
    excerpts = BodyExcerpts((Excerpt(40_000, "war " * BATCH),), 9 * BATCH)
    long = hit("War", "", excerpts=excerpts)
    times = iter(range(1))
    matchers = MatchersPerLanguage([Term("body", "war")], "en")
    first, second = hit_matches([long, long], matchers, lambda: next(times, None) is not None, in_bodies=True)
    assert (len(first.in_body), len(second.in_body)) == (BATCH, 0)


def test_of_a_long_body_the_excerpts_are_searched() -> None:
    excerpts = BodyExcerpts((Excerpt(40_000, "a war"),), 90_000)
    matchers = MatchersPerLanguage([Term("body", "war")], "en")
    [matches] = hit_matches([hit("", "war", excerpts=excerpts)], matchers, lambda: True, in_bodies=True)
    assert [matches.body.offset(span.start) for span in matches.in_body] == [40_002]
