"""Where the words of a query stand in a text."""

import gc
import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.query import Term

from searchsvc.analysis import (
    Analyzer,
    Token,
    analyzer,
    characters,
    fold,
    folded_parts,
    is_ideograph,
)
from searchsvc.highlight import Matcher, MatchersPerLanguage, MatchSpan
from searchsvc.highlight.piece_search import PLAIN_HAN
from searchsvc.query import HighlightTerm, highlight_terms, parse_query

ENGLISH = analyzer("en")
TODAY = date(2024, 3, 10)


def spans(text: str, query: str, field: str = "body") -> list[MatchSpan]:
    return Matcher(highlight_terms(parse_query(query, ENGLISH, TODAY).tree), ENGLISH).spans(text, field)


def marks(text: str, query: str, field: str = "body") -> list[str]:
    return [text[span.start : span.end] for span in spans(text, query, field)]


@pytest.mark.parametrize(
    ("text", "query", "words"),
    [
        pytest.param("An alliance of Alliances", "alliance", ["alliance", "Alliances"], id="every form of a word"),
        pytest.param("Café CAFE cafe\u0301", "café", ["Café", "CAFE", "cafe\u0301"], id="as written"),
        pytest.param("ＷＡＲ and w\u00adar", "war", ["ＷＡＲ", "w\u00adar"], id="full width, with soft hyphens"),
        pytest.param("the U.S. and us", "U.S.", ["U.S.", "us"], id="with the dots of an abbreviation"),
        pytest.param("“war”—(War’s)…war/wars", "war", ["war", "War’s", "war", "wars"], id="between any signs"),
        pytest.param("1,000 and 1000", "1000", ["1,000", "1000"], id="numbers however grouped"),
        pytest.param("x_war war\u200b", "war", ["war", "war\u200b"], id="with what can't be seen"),
        pytest.param("war on warm wars", "war", ["war", "wars"], id="whole words"),
        pytest.param("govern governed gov", "gov*", ["govern", "governed", "gov"], id="what a prefix completes to"),
        pytest.param("The government", "governm*", ["government"], id="though its stem is shorter"),
        pytest.param("It governs", "governments*", ["governs"], id="other forms of what was typed, which are found"),
        pytest.param("happily unhappy", "happi*", ["happily"], id="but nothing else"),
        pytest.param("NATO and NATO Russia", '"nato russia"', ["NATO Russia"], id="a phrase as a whole, else not"),
        pytest.param("NATO or Russia", '"nato russia"', [], id="no phrase over other words"),
        pytest.param("東京" + "ながい文章" * 6 + "。大阪", '"東京 大阪"', [], id="nor over others in long Japanese"),
        pytest.param("NATO – Russia, NATO\n\nRussia", '"nato russia"', ["NATO – Russia", "NATO\n\nRussia"],
                     id="a phrase through signs and line ends"),
        pytest.param("the war, the old war", '"the war"', ["the war"], id="a phrase with its function words"),
        pytest.param("NATO-Russia or Russia", "nato-russia", ["NATO-Russia", "Russia"], id="the longest comes first"),
        pytest.param("a b a b a", '"a b a"', ["a b a"], id="a phrase does not overlap itself"),
        pytest.param("東京都と京都", "東京都", ["東京都"], id="pairs of characters as one mark"),
        pytest.param("東京都と京都", "東京 京都", ["東京都", "京都"], id="pairs that overlap as one mark"),
        pytest.param("東京大阪", "東京 大阪", ["東京大阪"], id="pairs that touch as one mark"),
        pytest.param("その日本の" * 9 + "NATO加盟", "nato", ["NATO"], id="a word inside long Chinese or Japanese"),
        pytest.param("その日本のか\u3099く" * 9, "がく", ["か\u3099く"] * 9, id="voicing marks of their own"),
        pytest.param("ｶﾞｸｾｲ", "ガク", ["ｶﾞｸ"], id="half-width"),
        pytest.param("犬が水を飲む。", "水", ["水"], id="an ideograph, not the character next to it"),
        pytest.param("水水を飲む水。", "水", ["水水", "水"], id="an ideograph that is doubled, or ends a run"),
        pytest.param("犬が水を飲む", "水 水を", ["水を"], id="an ideograph inside a longer match"),
        pytest.param("犬が水を か\u3099く", "が", ["が", "か\u3099"], id="kana with a voicing mark of its own"),
        pytest.param("NATO加盟の国 「国」", '国 "nato 加盟"', ["NATO加盟", "国", "国"], id="an ideograph and a phrase"),
        pytest.param("등대는 등 대", "등대", ["등대는"], id="a Korean word with a particle"),
        pytest.param("war and peace", "peace -war", ["peace"], id="not what is excluded"),
        pytest.param("war", "title:war", [], id="not what is looked for elsewhere"),
        pytest.param("war", "peace", [], id="nothing"),
        pytest.param("", "war", [], id="nothing in nothing"),
        pytest.param("war", "", [], id="nothing for nothing"),
    ],
)  # fmt: skip
def test_marked_is(text: str, query: str, words: list[str]) -> None:
    assert marks(text, query) == words


def test_a_query_for_a_field_is_marked_there() -> None:
    assert marks("The war", "title:war", field="title") == ["war"]


def test_a_match_at_the_end_of_a_long_text_is_found() -> None:
    assert marks("Nothing of note. " * 60_000 + "war", "war") == ["war"]


def test_one_matcher_serves_several_texts() -> None:
    marker = Matcher([HighlightTerm("body", ("war",))], ENGLISH)
    assert [len(marker.spans(text, "body")) for text in ("war", "wars", "warred", "war wars")] == [1, 1, 1, 2]


@pytest.mark.parametrize("query", ["war", '"war peace"', "war*", "title:war"])
def test_matches_in_several_texts_are_those_in_each(query: str) -> None:
    texts = ["peace, a war", "", "peace", "war’s end: war peace", "wars. War"]
    marker = Matcher(highlight_terms(parse_query(query, ENGLISH, TODAY).tree), ENGLISH)
    assert marker.spans_of(texts, "body") == [marker.spans(text, "body") for text in texts]


def test_each_language_has_a_matcher() -> None:
    matchers = MatchersPerLanguage([Term("body", "war")], "en")
    assert [len(matchers[language].spans("a war", "body")) for language in ("en", "de", "en")] == [1, 1, 1]


def test_every_character_taken_for_plain_stands_for_itself() -> None:
    *ranges, alone = re.findall("(.)-(.)|(.)", PLAIN_HAN)
    points = [p for first, last, _ in ranges for p in range(ord(first), ord(last) + 1)] + [ord(alone[2])]
    assert all(fold(chr(p)) == chr(p) for p in points)
    assert all([part[:3] for part in folded_parts("東" + chr(p))] == [("東" + chr(p), 0, 2)] for p in points)


# The slow way, which the fast one has to equal: every token of the text is looked at.


def plainly(text: str, looked_for: list[HighlightTerm], analysis: Analyzer) -> list[tuple[int, int]]:
    tokens = list(analysis.tokens(text))
    found: list[tuple[int, int]] = []
    last = 0
    for index, token in enumerate(tokens):
        length = max((fits(tokens[index:], text, each, analysis) for each in looked_for), default=0)
        if length:
            start, end = token.start, tokens[index + length - 1].end
        elif inside := ideographs_inside(token, text, looked_for):
            length, start, end = 1, token.start + inside[0], token.start + inside[1]
        else:
            continue
        begin_of_last = tokens[index + length - 1].start
        if not found or start > found[-1][1]:
            found.append((start, end))
        elif last < token.start and end > found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            continue
        last = begin_of_last
    return found


def ideographs_inside(token: Token, text: str, looked_for: list[HighlightTerm]) -> tuple[int, int] | None:
    """From the first ideograph of a token that is a term of its own to the end of the last such one."""
    alone = {each.terms[0] for each in looked_for if len(each.terms) == 1 and not each.prefix and not each.edits}
    if not any(is_ideograph(each) and each in token.term for each in alone):
        return None
    spans = [(start, end) for each, start, end in characters(text[token.start : token.end]) if each in alone]
    return (spans[0][0], spans[-1][1]) if spans else None


def fits(tokens: list[Token], text: str, each: HighlightTerm, analysis: Analyzer) -> int:
    """How many tokens from the first on are what `each` wants."""
    terms = (tuple(analysis.terms(each.terms[0])) or each.terms) if each.prefix else each.terms
    if tuple(token.term for token in tokens[: len(terms)]) == terms:
        return len(terms)
    here = folded_parts(text[tokens[0].start : tokens[0].end])
    return int(each.prefix and any(part[0].startswith(each.terms[0]) for part in here))


# Letters that meet in any order: accents, marks of other scripts, kana with and without voicing
# marks, half and full width, what can't be seen, and all that stands inside some words.
LETTERS = (
    "aAeé\u0301\u0308ıİßſǅyiswarＷＡＲ東京都大豈がかハバﾊﾞｶ\u3099\u309a\u309b\u309fﾟーヶ々हि\u094dน้조ёй"
    "\u00ad\u200b\u200d\ufeff'’ʼ＇..,,__-–19٣９ \n\t\u00a0\u2028\u3000。、（"
)
WORDS = ["war", "Wars", "U.S.", "don't", "3.5", "1,000", "東京", "ながい文章" * 6, "https://x.example/a_b?c=war&d="]
CHUNKS = st.sampled_from([*LETTERS, *WORDS, *WORDS, " ", " "])
# Few different chunks a text, so that they meet often, in different company.
TEXTS = st.lists(CHUNKS, min_size=2, max_size=7).flatmap(
    lambda few: st.lists(st.sampled_from([*few, " "]), max_size=30).map("".join)
)


@st.composite
def texts_and_wanted(draw: st.DrawFn) -> tuple[str, list[HighlightTerm]]:
    """A text, and words, runs of words and beginnings of words that stand in it, or nearly."""
    text = draw(TEXTS)
    terms = [*ENGLISH.terms(text), *ENGLISH.terms(draw(TEXTS)), "war", "東", "が"]
    looked = []
    for _ in range(draw(st.integers(1, 3))):
        start, step = draw(st.integers(0, len(terms) - 1)), draw(st.integers(1, 2))
        term = terms[start]
        run = tuple(terms[start : start + draw(st.integers(1, 6)) : step])
        beginning = (term[: draw(st.integers(1, len(term)))],)
        looked.append(
            draw(st.sampled_from([HighlightTerm("body", run), HighlightTerm("body", beginning, prefix=True)]))
        )
    return text, looked


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(texts_and_wanted(), TEXTS)
def test_marks_are_those_of_the_slow_way(case: tuple[str, list[HighlightTerm]], before: str) -> None:
    text, looked_for = case
    marker = Matcher(looked_for, ENGLISH)
    marker.spans(before, "body")
    assert [(span.start, span.end) for span in marker.spans(text, "body")] == plainly(text, looked_for, ENGLISH)


@settings(deadline=None)
@given(texts_and_wanted())
def test_marks_stand_in_order_and_never_touch(case: tuple[str, list[HighlightTerm]]) -> None:
    text, looked_for = case
    here = Matcher(looked_for, ENGLISH).spans(text, "body")
    assert all(left.end < right.start for left, right in pairwise(here))
    assert all(0 <= span.start < span.end <= len(text) for span in here)


def test_marking_leaves_nothing_to_the_garbage_collector() -> None:
    gc.collect()
    assert spans("The storms were stopped.", "storm OR sto*")
    assert gc.collect() == 0
