"""Syntax to a tree of analysed Whoosh nodes."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.query import And, AndMaybe, Every, Not, NumericRange, Or, Phrase, Prefix, Query, Term

from searchsvc.analysis import analyzer
from searchsvc.models.search import TypedFilter
from searchsvc.query import (
    LITERAL,
    AcrossFields,
    ParsedQuery,
    highlight_terms,
    parse_query,
)
from searchsvc.query.query_limits import MAX_TERMS
from searchsvc.schema import FREE_TEXT

TODAY = date(2024, 3, 10)
FOREVER = date.max.toordinal()


def parsed(text: str) -> ParsedQuery:
    return parse_query(text, analyzer("en"), TODAY)


def anywhere(*terms: str) -> AcrossFields:
    if len(terms) == 1:
        return AcrossFields([Term(name, terms[0], boost=weight) for name, weight in FREE_TEXT.items()])
    return AcrossFields([Phrase(name, list(terms), boost=weight) for name, weight in FREE_TEXT.items()])


def joined(*terms: str) -> AndMaybe:
    return AndMaybe(And([anywhere(term) for term in terms]), anywhere(*terms))


def days(first: int, last: int) -> NumericRange:
    return NumericRange("published", first, last)


def on(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal()


def reasons(text: str) -> list[tuple[str, str]]:
    return [(note.text, note.reason) for note in parsed(text).notes]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        pytest.param("alliances", anywhere("allianc"), id="a word is its stem in every field of free text"),
        pytest.param("nato war", And([anywhere("nato"), anywhere("war")]), id="all words"),
        pytest.param("nato OR war", Or([anywhere("nato"), anywhere("war")]), id="either word"),
        pytest.param('"nato war"', anywhere("nato", "war"), id="a phrase within one field"),
        pytest.param('"bank of england"', anywhere("bank", "of", "england"), id="a phrase keeps its function words"),
        pytest.param('"nato"', anywhere("nato"), id="a phrase of one word is a word"),
        pytest.param("title:alliances", Term("title", "allianc"), id="a field"),
        pytest.param("topic:russia", Term("topics", "russia"), id="a field under the name people type"),
        pytest.param("author:jean-luc", Phrase("author", ["jean", "luc"]), id="a hyphenated name is one name"),
        pytest.param("title:the", Term("title", "the"), id="a function word in a field is looked up"),
        pytest.param("U.S.", Or([anywhere("us"), anywhere("u", "s")]), id="an abbreviation, joined or apart"),
        pytest.param("東京都", anywhere("東京", "京都"), id="Japanese pairs are a phrase"),
        pytest.param(
            "nato-war",
            joined("nato", "war"),
            id="a hyphen: both words, side by side counts for more",
        ),
        pytest.param("-war", And([Every(), Not(anywhere("war"))]), id="nothing but an exclusion: everything else"),
        pytest.param("nato -war", And([anywhere("nato"), Not(anywhere("war"))]), id="And with Not: AndNot is wrong"),
        pytest.param(
            "nato OR -war",
            Or([anywhere("nato"), And([Every(), Not(anywhere("war"))])]),
            id="an exclusion as a choice needs something to exclude from",
        ),
        pytest.param(
            "expand the nato -war",
            And([anywhere("expand"), anywhere("nato"), Not(anywhere("war"))]),
            id="function words do not decide",
        ),
        pytest.param(
            "What? nato -war", And([anywhere("nato"), Not(anywhere("war"))]), id="whatever their case and signs"
        ),
        pytest.param(
            "the who",
            AndMaybe(And([anywhere("the"), anywhere("who")]), anywhere("the", "who")),
            id="unless there is nothing else",
        ),
        pytest.param(
            "the -war", And([Not(anywhere("war")), anywhere("the")]), id="and an exclusion is nothing to look up"
        ),
        pytest.param(
            "the -war -nato",
            And([Not(anywhere("war")), Not(anywhere("nato")), anywhere("the")]),
            id="nor are two",
        ),
        pytest.param("war -", anywhere("war"), id="a dash is left out"),
        pytest.param("lang:EN", Term("language", "en"), id="a language"),
        pytest.param("date:2024-02", days(on(2024, 2, 1), on(2024, 2, 29)), id="within a month"),
        pytest.param("after:2024-02", days(on(2024, 3, 1), FOREVER), id="after a month is after its last day"),
        pytest.param("before:2024-02", days(1, on(2024, 1, 31)), id="before a month is before its first day"),
        pytest.param('after:"2024-02"', days(on(2024, 3, 1), FOREVER), id="quotes around a day do not matter"),
        pytest.param("date:yesterday", days(on(2024, 3, 9), on(2024, 3, 9)), id="a day by its name"),
        pytest.param("after:9999-12-31", days(FOREVER, FOREVER), id="there is no day after the last"),
        pytest.param("before:0001-01-01", days(1, 1), id="there is no day before the first"),
        pytest.param("date:soon", joined("date", "soon"), id="no date: text after all"),
        pytest.param("lang:c++", joined("lang", "c"), id="no language: text after all"),
        pytest.param(
            "lang:(en OR de)", Or([Term("language", "en"), Term("language", "de")]), id="a choice of languages"
        ),
        pytest.param("title:Gov*", Prefix("title", "gov"), id="a prefix, of words as they are written"),
        pytest.param("title:Governments*", Prefix("title", "governments"), id="a prefix is not stemmed"),
        pytest.param(
            "governm*",
            AcrossFields([Prefix(name, "governm", boost=weight) for name, weight in FREE_TEXT.items()]),
            id="a prefix in every field of free text is one thing",
        ),
        pytest.param(
            "title:e-mai*", And([Term("title", "e"), Prefix("title", "mai")]), id="the last part of a word goes on"
        ),
        pytest.param("title:_-mai*", Prefix("title", "mai"), id="a part without a letter is left out"),
        pytest.param("title:東京都*", Phrase("title", ["東京", "京都"]), id="nothing goes on from pairs"),
        pytest.param("", None, id="no query"),
        pytest.param("!!! -- ()", None, id="no letter"),
        pytest.param("-!!!", None, id="excluding nothing"),
        pytest.param('""', None, id="an empty phrase"),
        pytest.param("title:!!!", None, id="nothing in a field"),
    ],
)
def test_query_becomes(text: str, tree: Query | None) -> None:
    assert parsed(text).tree == tree


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("nato war", []),
        ("what is nato", [("what", "too common, affects only the order"),
                          ("is", "too common, affects only the order")]),
        ("to be or not", []),
        ("war -", [("-", "has no letter or digit, ignored")]),
        ("*", [("*", "has no letter or digit, ignored")]),
        ('"…" war', [('"…"', "has no letter or digit, ignored")]),
        ("go*", [("go*", "needs 3 letters before * to be completed")]),
        ("date:soon", [("date:soon", "not a date, searched as text; try 2024-03")]),
        ("lang:12", [("lang:12", "not a language, searched as text; try en")]),
    ],
)  # fmt: skip
def test_what_was_ignored_or_changed_is_told(text: str, notes: list[tuple[str, str]]) -> None:
    assert reasons(text) == notes


def test_shown_query_has_no_parentheses_around_everything() -> None:
    assert parsed("nato (war OR peace) -talks").normalized == "nato (war OR peace) -talks"


def test_typed_text_is_kept_as_it_was() -> None:
    assert parsed(" “Nato ").text == " “Nato "


@pytest.mark.parametrize(
    ("typed", "same"),
    [("café", "cafe\u0301"), ("NATO", "ＮＡＴＯ"), ("don't", "don’t"), ("“a b”", '"a b"'), ("alliance", "ALLIANCES")],
)
def test_ways_of_typing_the_same_mean_the_same(typed: str, same: str) -> None:
    assert parsed(typed).tree == parsed(same).tree


def test_another_language_has_its_own_stems() -> None:
    assert parse_query("title:Häuser", analyzer("de"), TODAY).tree == Term("title", "haus")


PIECES = ["war", "The ", "é", "東京", "12", " ", "-", "_", "*", "'", '"', "(", ")", "|", ":", ".", "~", "\0", "\ud800"]
PIECES += [" OR ", " NOT ", "title:", "date:", "after:", "lang:", "2024-", ".."]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=100).map("".join) | st.text(max_size=200))
def test_no_text_is_an_error(text: str) -> None:
    parsed(text)


@settings(deadline=None)
@given(st.text(["a", "_", "*", "-", "²", "ª", "\u0301", "\u200b", "'", "東", "ｶ", "ﾞ"], max_size=12))
def test_no_prefix_is_an_error(stem: str) -> None:
    parsed(f"abc{stem}*")


@pytest.mark.parametrize(
    "piece",
    [
        "a ", "a-", "a* ", "abc* ", "abc*", '"a ', '"a" ', "(a OR ", "-(", "title:", "date:2024 ", "the ", "NOT ", "| ",
        "東", "U.", "1,", "\u200b", "e\u0301", "ﷺ", "!", "_", "_-",
    ],
)  # fmt: skip
def test_the_longest_hostile_query_is_understood_at_once(piece: str) -> None:
    text = (piece * 2_048)[:2_048]
    started = time.process_time()
    parsed(text)
    assert time.process_time() - started < 0.5  # seconds


@pytest.mark.parametrize("text", ["steel-" * 341, '"' + "the " * 500 + '"', "東" * 2000, "steel " * 400])
def test_a_query_has_room_for_sixty_four_terms_however_they_are_typed(text: str) -> None:
    tree = parsed(text).tree
    assert tree is not None
    assert sum(len(each.terms) for each in highlight_terms(tree) if each.field == "body") <= 2 * MAX_TERMS


def test_words_beyond_the_room_are_told_once() -> None:
    notes = parsed("steel-" * 200 + " " + "iron-" * 100).notes
    assert [note.reason for note in notes] == ["left out: a query may have 64 terms"]


def test_only_so_many_words_are_looked_for_in_other_spellings() -> None:
    words = ["alpha", "bravo", "charlie", "delta", "eagle", "foxtrot", "gamma", "hotel", "india"]
    found = parsed("~ ".join(words) + "~")
    assert [note.text for note in found.notes] == ["india"]


def weights_of(text: str) -> dict[str, float]:
    tree = parse_query(text, analyzer("en"), TODAY).any_tree
    assert tree is not None
    return {part.subqueries[0].text: part.boost for part in tree.subqueries}


def test_repeated_word_counts_less_in_a_sentence_than_in_a_short_or_a_long_text() -> None:
    sentence = "lock gate chains rust water lock barge miller heron lock lock"
    assert weights_of("lock gate lock")["lock"] == 2
    assert weights_of(sentence) == dict.fromkeys(weights_of(sentence), 1.0) | {"lock": 2.0}
    assert weights_of(f"{sentence} {sentence} {sentence} {sentence}")["lock"] == 16


def test_literal_text_has_no_operators() -> None:
    found = parse_query("nato OR -war*", analyzer("en"), TODAY, LITERAL)
    words = And([anywhere("nato"), anywhere("war")])
    assert found.tree == AndMaybe(words, anywhere("nato", "or", "war"))


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ('nato source:"Prensa Latina"', [TypedFilter("source", "Prensa Latina", False, 5, 27)]),
        ("-author:tass x", [TypedFilter("author", "tass", True, 0, 12)]),
        ("+topic:(sea OR air)", [TypedFilter("topics", "(sea OR air)", False, 0, 19)]),
        ("2023..2024 x", [TypedFilter("published", "2023..2024", False, 0, 10)]),
        (
            "date:2023 lang:en",
            [TypedFilter("published", "2023", False, 0, 9), TypedFilter("language", "en", False, 10, 17)],
        ),
        ("date:soon lang:12", []),
        ("title:a OR title:b", []),
        ("author:tass", [TypedFilter("author", "tass", False, 0, 11)]),
    ],
)
def test_filters_in_the_text_are_found_with_their_spans(text: str, filters: list[TypedFilter]) -> None:
    assert list(parsed(text).filters) == filters
