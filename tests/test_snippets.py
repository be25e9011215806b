"""The passage that shows why a document matched."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.analysis import analyzer
from searchsvc.models import Fragment, Snippet
from searchsvc.query import parse_query, wanted
from searchsvc.snippets import Span, marked, snippet, spans

ENGLISH = analyzer("en")
FILLER = "Nothing of note happened here. " * 20


def found(text: str, query: str, field: str = "body") -> list[Span]:
    looked_for = wanted(parse_query(query, ENGLISH, date(2024, 3, 10)).tree)
    return spans(text, looked_for, field, ENGLISH)


def marks(text: str, query: str, field: str = "body") -> list[str]:
    return [text[span.start : span.end] for span in found(text, query, field)]


def passage(text: str, query: str, length: int = 100) -> Snippet:
    return snippet(text, found(text, query), "body", length)


def shown(passage: Snippet) -> str:
    return "".join(fragment.text for fragment in passage.fragments)


@pytest.mark.parametrize(
    ("text", "query", "words"),
    [
        pytest.param("An alliance of Alliances", "alliance", ["alliance", "Alliances"], id="every form of a word"),
        pytest.param("Café CAFE cafe\u0301", "café", ["Café", "CAFE", "cafe\u0301"], id="as written"),
        pytest.param("the U.S. and us", "U.S.", ["U.S.", "us"], id="with the dots of an abbreviation"),
        pytest.param("war on warm wars", "war", ["war", "wars"], id="whole words"),
        pytest.param("govern governed gov", "gov*", ["govern", "governed", "gov"], id="what a prefix completes to"),
        pytest.param("The government", "governm*", ["government"], id="though its stem is shorter"),
        pytest.param("It governs", "governments*", ["governs"], id="other forms of what was typed, which are found"),
        pytest.param("happily unhappy", "happi*", ["happily"], id="but nothing else"),
        pytest.param("NATO and NATO Russia", '"nato russia"', ["NATO Russia"], id="a phrase as a whole, else not"),
        pytest.param("NATO-Russia or Russia", "nato-russia", ["NATO-Russia", "Russia"], id="the longest comes first"),
        pytest.param("a b a b a", '"a b a"', ["a b a"], id="a phrase does not overlap itself"),
        pytest.param("東京都と京都", "東京都", ["東京都"], id="pairs of characters as one mark"),
        pytest.param("war and peace", "peace -war", ["peace"], id="not what is excluded"),
        pytest.param("war", "title:war", [], id="not what is looked for elsewhere"),
        pytest.param("war", "peace", [], id="nothing"),
        pytest.param("", "war", [], id="nothing in nothing"),
        pytest.param("war", "", [], id="nothing for nothing"),
    ],
)
def test_marked_is(text: str, query: str, words: list[str]) -> None:
    assert marks(text, query) == words


def test_a_query_for_a_field_is_marked_there() -> None:
    assert marks("The war", "title:war", field="title") == ["war"]


def test_matches_are_numbered_through_the_text() -> None:
    text = "war, peace, war"
    assert marked(text, found(text, "war")) == (Fragment("war", 0), Fragment(", peace, "), Fragment("war", 1))


def test_numbers_count_from_the_start_of_the_text_not_of_the_piece() -> None:
    text = "war, peace, war"
    assert marked(text, found(text, "war"), begin=5) == (Fragment("peace, "), Fragment("war", 1))


def test_a_match_cut_by_the_edge_is_text() -> None:
    assert marked("a war", found("a war", "war"), end=4) == (Fragment("a wa"),)


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
def test_marks_stand_in_order_and_never_overlap(text: str, query: str) -> None:
    here = found(text, query)
    assert all(left.end <= right.start for left, right in pairwise(here))
    assert all(0 <= span.start < span.end <= len(text) for span in here)


@settings(deadline=None)
@given(TEXTS, QUERIES)
def test_marking_loses_no_character(text: str, query: str) -> None:
    assert "".join(fragment.text for fragment in marked(text, found(text, query))) == text


@settings(deadline=None)
@given(TEXTS, QUERIES)
def test_every_mark_is_numbered_once(text: str, query: str) -> None:
    here = found(text, query)
    numbers = [fragment.match for fragment in marked(text, here) if fragment.match is not None]
    assert numbers == list(range(len(here)))
