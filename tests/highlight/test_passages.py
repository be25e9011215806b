"""The passage that shows why a document matched."""

from datetime import date
from itertools import accumulate, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.analysis import analyzer
from searchsvc.highlight import (
    Matcher,
    MatchersPerLanguage,
    MatchSpan,
    hit_matches,
    mark_matches,
    passages,
)
from searchsvc.highlight.fragmenter import _best_run, body_passages
from searchsvc.highlight.highlighted_text import HighlightedText
from searchsvc.models.documents import Document
from searchsvc.models.search import EngineHit, Fragment, Snippet
from searchsvc.query import highlight_terms, parse_query

ENGLISH = analyzer("en")
Terms = tuple[str, ...]
FILLER = "Nothing of note happened here. " * 20


def marker(query: str) -> Matcher:
    return Matcher(highlight_terms(parse_query(query, ENGLISH, date(2024, 3, 10)).tree), ENGLISH)


def found(text: str, query: str) -> list[MatchSpan]:
    return marker(query).spans(text, "body")


def both(text: str, query: str, length: int = 100) -> tuple[Snippet, ...]:
    return body_passages(HighlightedText.whole(text), found(text, query), length)


def passage(text: str, query: str, length: int = 100) -> Snippet:
    return both(text, query, length)[0]


def hit_passages(document: Document, query: str) -> tuple[Snippet, ...]:
    matchers = MatchersPerLanguage([parse_query(query, ENGLISH, date(2024, 3, 10)).tree], "en")
    [matches] = hit_matches([EngineHit(document, 1.0)], matchers, lambda: True, in_bodies=True)
    return passages(document, matches, 100)


def run_score(run: list[MatchSpan]) -> tuple[int, int, int]:
    terms = {term for span in run for term in span.terms}
    return len(terms), len({span.terms for span in run if len(span.terms) > 1}), len(run) - 1


def shown(passage: Snippet) -> str:
    return "".join(fragment.text for fragment in passage.fragments)


def test_matches_are_numbered_through_the_text() -> None:
    text = "war, peace, war"
    assert mark_matches(text, found(text, "war")) == (Fragment("war", 0), Fragment(", peace, "), Fragment("war", 1))


def test_numbers_count_from_the_start_of_the_text_not_of_the_piece() -> None:
    text = "war, peace, war"
    assert mark_matches(text, found(text, "war"), begin=5) == (Fragment("peace, "), Fragment("war", 1))


def test_a_match_cut_by_the_edge_is_text() -> None:
    assert mark_matches("a war", found("a war", "war"), end=4) == (Fragment("a wa"),)


def test_a_short_text_is_shown_whole() -> None:
    assert passage("An old war.", "war") == Snippet(
        "body", 0, (Fragment("An old "), Fragment("war", 0), Fragment(".")), before=False, after=False
    )


def test_a_passage_begins_with_the_sentence_of_the_match() -> None:
    text = FILLER + "Then a war broke out. " + FILLER
    assert shown(passage(text, "war")).startswith("Then a war broke out.")


def test_a_sentence_may_begin_behind_any_end_of_another() -> None:
    text = FILLER + "Was it peace? No, a war. " + FILLER
    assert shown(passage(text, "war")).startswith("No, a war.")


def test_a_passage_deep_inside_says_that_text_was_cut_on_both_sides() -> None:
    found_inside = passage(FILLER + "A war. " + FILLER, "war")
    assert (found_inside.before, found_inside.after) == (True, True)


def test_a_passage_at_the_end_says_that_nothing_follows() -> None:
    found_last = passage(FILLER + "A war.\n", "war")
    assert (found_last.before, found_last.after) == (True, False)


def test_without_a_match_the_beginning_is_shown_up_to_a_whole_word() -> None:
    assert shown(passage("word " * 100, "war", length=12)) == "word word"


def test_the_passage_with_more_of_the_query_wins() -> None:
    text = "A war. " + FILLER + "A war about peace. " + FILLER + "War war war."
    assert shown(passage(text, "war peace")).startswith("A war about peace.")


def test_a_phrase_wins_over_one_of_its_words() -> None:
    text = "Russia. " + FILLER + "The NATO-Russia Council. " + FILLER
    assert shown(passage(text, "nato-russia", length=60)).startswith("The NATO-Russia Council.")


def test_a_match_in_a_long_sentence_is_shown_with_words_before_it() -> None:
    assert "go war" in shown(passage("on we go " * 100 + "war " + "on we go " * 100, "war"))


def test_a_match_longer_than_the_passage_is_shown_whole() -> None:
    text = FILLER + "nato russia council talks " + FILLER
    assert "nato russia council talks" in shown(passage(text, '"nato russia council talks"', length=10))


def test_a_passage_is_about_as_long_as_asked_for() -> None:
    assert 60 <= len(shown(passage(FILLER + "A war. " + FILLER, "war", length=100))) <= 100


def test_a_second_passage_shows_what_the_first_lacks() -> None:
    text = "A war and a treaty. " + FILLER + "Then peace. " + FILLER + "War again."
    assert [shown(each).partition(".")[0] for each in both(text, "war treaty peace")] == [
        "A war and a treaty",
        "Then peace",
    ]


def test_a_second_passage_may_stand_before_the_first() -> None:
    text = "Then peace. " + FILLER + "A war and a treaty. " + FILLER
    assert [each.start for each in both(text, "war treaty peace")] == [text.index("A war"), 0]


def test_what_a_first_passage_shows_already_gets_no_second() -> None:
    assert len(both("A war. " + FILLER + "Another war. " + FILLER, "war")) == 1


def test_of_long_and_equal_passages_the_first_is_shown() -> None:
    assert passage("war " * 100_000, "war").start == 0


def test_a_match_at_the_end_of_a_long_text_is_shown() -> None:
    assert "A war." in shown(passage(FILLER * 2_000 + "A war.", "war"))


def document(**fields: object) -> Document:
    return Document(id="1", slug="s", path="s.txt", content_hash="", **{"title": "Title", "body": FILLER, **fields})  # type: ignore[arg-type]


def test_a_hit_by_another_field_shows_the_beginning_and_that_field() -> None:
    shown_here = hit_passages(document(author="Jane Doe", topics=("Doe", "Deer")), "doe")
    assert [each.field for each in shown_here] == ["body", "author"]
    assert shown_here[1].fragments == (Fragment("Jane "), Fragment("Doe", 0))


def test_a_hit_by_its_title_shows_the_beginning_only() -> None:
    shown_here = hit_passages(document(title="Jane Doe", author="Jane Doe"), "doe")
    assert [(each.field, each.start) for each in shown_here] == [("body", 0)]


WORDS = st.sampled_from(
    ["war", "wars", "peace", "NATO", "nato-russia", "Russia", "café", "東京都", "x", "\n", "U.S.", "don’t"]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", ". ", "", ", ", "\n", "。", "\u0301", "  "])), max_size=60).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)
QUERIES = st.sampled_from(
    [
        "war",
        "peace war",
        "nato-russia",
        '"nato russia" russia',
        "war* nato",
        "東京都 京都",
        "café",
        '"war peace war"',
        "us",
        "q",
    ]
)


@settings(deadline=None)
@given(TEXTS, QUERIES, st.integers(1, 120))
def test_a_passage_is_what_stands_at_its_start(text: str, query: str, length: int) -> None:
    found_here = passage(text, query, length)
    whole = shown(found_here)
    assert text[found_here.start : found_here.start + len(whole)] == whole


@settings(deadline=None)
@given(TEXTS, QUERIES, st.integers(1, 120))
def test_a_passage_shows_a_match_if_there_is_one(text: str, query: str, length: int) -> None:
    fragments = passage(text, query, length).fragments
    assert any(fragment.match is not None for fragment in fragments) == bool(found(text, query))


@settings(deadline=None)
@given(TEXTS, QUERIES)
def test_marking_loses_no_character(text: str, query: str) -> None:
    assert "".join(fragment.text for fragment in mark_matches(text, found(text, query))) == text


@settings(deadline=None)
@given(TEXTS, QUERIES)
def test_every_mark_is_numbered_once(text: str, query: str) -> None:
    here = found(text, query)
    numbers = [fragment.match for fragment in mark_matches(text, here) if fragment.match is not None]
    assert numbers == list(range(len(here)))


@settings(deadline=None)
@given(TEXTS, QUERIES, st.integers(40, 120))
def test_two_passages_never_overlap(text: str, query: str, length: int) -> None:
    stretches = sorted((each.start, each.start + len(shown(each))) for each in both(text, query, length))
    assert stretches == [(0, len(text))] or all(a[1] <= b[0] for a, b in pairwise(stretches))


@settings(deadline=None)
@given(TEXTS, QUERIES, st.integers(1, 120))
def test_a_second_passage_adds_a_term(text: str, query: str, length: int) -> None:
    here = found(text, query)
    first, *second = both(text, query, length)
    numbers = {piece.match for each in second for piece in each.fragments if piece.match is not None}
    held = {term for piece in first.fragments if piece.match is not None for term in here[piece.match].terms}
    assert all({term for number in numbers for term in here[number].terms} - held for _ in second)


MATCHES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from([("a",), ("b",), ("a", "b"), ("b", "a")])),
    min_size=1,
    max_size=12,
)


@given(MATCHES, st.integers(5, 90))
def test_the_best_run_is_the_first_of_the_best_of_all_runs(matches: list[tuple[int, int, Terms]], length: int) -> None:
    ends = accumulate(gap + width for gap, width, _ in matches)
    spans = [MatchSpan(end - width, end, terms) for end, (_, width, terms) in zip(ends, matches, strict=True)]
    ends_of_runs = (sum(span.end <= each.start + length for span in spans) for each in spans)
    runs = [spans[first : max(end, first + 1)] for first, end in enumerate(ends_of_runs)]
    best = max(runs, key=run_score)
    assert _best_run(spans, length) == (best, run_score(best))
