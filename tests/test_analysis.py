"""Text to terms: what counts as the same word, and where it stands."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.analysis import (
    LONGEST_TERM,
    MARKED,
    Analyzer,
    analysed_as,
    analyzer,
    fold,
    function_words,
)

ENGLISH = analyzer("en")

LETTERS = st.text(
    "abcdeijklmnostzßàáâäçèéñöøœřšžǽǿαάέήςώбежийёКрымガイドﾄﾞ東京都가أا\u0651\u06400123456789.,'’-_ \n", max_size=60
)


def full_width(text: str) -> str:
    return text.translate({code: code + 0xFEE0 for code in range(0x30, 0x7B) if chr(code).isalnum()})


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        pytest.param("NATO Nato nato", ["nato", "nato", "nato"], id="case does not matter"),
        pytest.param("alliance alliances", ["allianc", "allianc"], id="one stem for singular and plural"),
        pytest.param("running runs", ["run", "run"], id="Whoosh's own stemmer makes runn of running"),
        pytest.param("naïve café", ["naiv", "cafe"], id="accents do not matter"),
        pytest.param("Straße", ["strass"], id="sharp s is ss"),
        pytest.param("İstanbul", ["istanbul"], id="the Turkish capital i has a dot that lower() leaves behind"),
        pytest.param("Ærø ǽ ǿ", ["aero", "ae", "o"], id="letters that Unicode does not decompose"),
        pytest.param("ещё еще", ["еще", "еще"], id="ё is mostly written е"),
        pytest.param("мой", ["мой"], id="й is a letter of its own"),
        pytest.param("Ἀρχή αρχή", ["αρχη", "αρχη"], id="Greek breathings and accents do not matter"),
        pytest.param("हिन्दी", ["हिन्दी"], id="Hindi vowels are marks, and stay"),
        pytest.param("U.S. US u.s.", ["us", "us", "us"], id="dots of an abbreviation do not matter"),
        pytest.param("end.Start", ["end", "start"], id="a dot without a space is no abbreviation"),
        pytest.param("don't don’t", ["don't", "don't"], id="both apostrophes are the same"),
        pytest.param("'quoted'", ["quot"], id="quotes around a word are not part of it"),
        pytest.param("members'", ["member"], id="a possessive plural is a plural"),
        pytest.param("NATO-Russia", ["nato", "russia"], id="hyphenated words are adjacent words"),
        pytest.param("x_y _", ["x", "y"], id="an underscore parts words and is none"),
        pytest.param(
            "3.5 1,000 1000", ["3.5", "1000", "1000"], id="numbers stay whole, thousands commas do not matter"
        ),
        pytest.param("co\u00adop wo\u200brld", ["coop", "world"], id="invisible characters do not matter"),
        pytest.param("ＷＯＲＬＤ", ["world"], id="full-width letters do not matter"),
        pytest.param("東京都", ["東京", "京都"], id="no spaces in Japanese: overlapping pairs"),
        pytest.param("東", ["東"], id="a lone character is a term"),
        pytest.param("NATO東京", ["nato", "東京"], id="a change of script ends a word"),
        pytest.param("ｶﾞｲﾄﾞ ガイド", ["ガイ", "イド", "ガイ", "イド"], id="half-width kana does not matter"),
        pytest.param("a.ř. a.r\u030c.", ["ar", "ar"], id="an abbreviation may have accents, however they are written"),
        pytest.param("الكِتَابُ الكتـــاب", ["الكتاب", "الكتاب"], id="Arabic points and lengthening do not matter"),
        pytest.param("أحمد احمد إسلام", ["احمد", "احمد", "اسلام"], id="the forms of alef are one"),
        pytest.param("שָׁלוֹם שלום", ["שלום", "שלום"], id="Hebrew points do not matter"),
        pytest.param("\u0640 \u064e", [], id="a stroke or a point alone is no word"),
        pytest.param("the of and", ["the", "of", "and"], id="function words are kept, phrases need them"),
        pytest.param("!?… – \n", [], id="no letter, no term"),
    ],
)
def test_text_gives_these_terms(text: str, terms: list[str]) -> None:
    assert ENGLISH.terms(text) == terms


@settings(deadline=None)
@given(LETTERS)
def test_composed_and_decomposed_text_give_the_same_terms(text: str) -> None:
    assert ENGLISH.terms(unicodedata.normalize("NFD", text)) == ENGLISH.terms(unicodedata.normalize("NFC", text))


@settings(deadline=None)
@given(st.text("abcxyzABCXYZ019 ", max_size=40))
def test_full_width_text_gives_the_same_terms(text: str) -> None:
    assert ENGLISH.terms(full_width(text)) == ENGLISH.terms(text)


@settings(deadline=None)
@given(st.characters(exclude_categories=["Cs"]))
def test_folding_a_folded_character_changes_nothing(character: str) -> None:
    assert fold(fold(character)) == fold(character)


@settings(deadline=None)
@given(LETTERS)
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_tokens_stand_in_order_inside_the_text(text: str) -> None:
    tokens = list(ENGLISH.tokens(text))
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    assert [token.position for token in tokens] == list(range(len(tokens)))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_every_term_holds_something_and_is_bounded(text: str) -> None:
    assert all(0 < len(term) <= LONGEST_TERM for term in ENGLISH.terms(text))


@settings(deadline=None)
@given(LETTERS)
def test_terms_are_those_of_the_tokens(text: str) -> None:
    assert ENGLISH.terms(text) == [token.term for token in ENGLISH.tokens(text)]


def test_offsets_point_at_the_word_as_written() -> None:
    text = "Das Cafe\u0301 in U.S. don’t 東京都"
    assert [text[token.start : token.end] for token in analyzer("de").tokens(text)] == [
        "Das", "Cafe\u0301", "in", "U.S.", "don’t", "東京", "京都",
    ]  # fmt: skip


def test_an_endless_word_is_cut() -> None:
    assert ENGLISH.terms("a" * 100_000) == ["a" * LONGEST_TERM]


def test_languages_have_their_own_stems() -> None:
    assert analyzer("de").terms("Häuser Haus") == ["haus", "haus"]


def test_a_language_without_a_stemmer_keeps_whole_words() -> None:
    assert Analyzer("xx").terms("running alliances") == ["running", "alliances"]


def test_stems_are_those_of_the_own_language_if_it_has_any() -> None:
    assert [analysed_as(each, "de") for each in ("fr", "zh")] == ["fr", "de"]


def test_function_words_are_known_as_written_and_without_accents() -> None:
    assert {"für", "fur"} <= function_words("de")
    assert not function_words("zh")


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "nl", "ru", "ar"])
def test_languages_that_are_listed_have_function_words(language: str) -> None:
    assert len(function_words(language)) > 50


def test_a_full_cache_changes_no_term(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Analyzer, "CACHED_WORDS", 2)
    assert Analyzer("en").terms("one two three one two three") == ["one", "two", "three"] * 2


@pytest.mark.parametrize(
    "piece", ["a", "a.", "1,", "a'", "'", "_", "東", "e\u0301", "\u0301", "\u200b", "ﷺ", "a-", "🂡"]
)
def test_hostile_text_is_cut_in_linear_time(piece: str) -> None:
    started = time.process_time()
    ENGLISH.terms(piece * 100_000)
    assert time.process_time() - started < 2  # seconds; anything quadratic takes minutes


@pytest.mark.parametrize("clause", ["東京都は日本の首都", "ＡＢ東京ｶﾞｷﾞ都", "が\u3099か\u3099くせい", "東\u3400京豈更車"])
def test_pairs_are_folded_the_same_whether_their_clause_is_folded_already(clause: str) -> None:
    analyzer = Analyzer("en")
    for term, start, end in analyzer.analyse(clause):
        assert term == fold(clause[start:end])


def test_clauses_are_not_remembered_but_words_are() -> None:
    analyzer = Analyzer("en")
    assert analyzer.analyse("東京都は日本の首都") is not analyzer.analyse("東京都は日本の首都")
    assert analyzer.analyse("alliance") is analyzer.analyse("alliance")


def test_every_combining_mark_below_the_private_planes_is_known() -> None:
    marks = {point for point in range(0x80, 0x1F000) if unicodedata.category(chr(point)).startswith("M")}
    assert [hex(point) for point in marks if not any(point in each for each in MARKED)] == []
