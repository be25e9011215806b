"""Pieces that may contain a term: none that does is missed."""

import random
import re
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.analysis import SNOWBALL, WORD, analyzer, fold, function_words
from searchsvc.highlight.piece_search import PLAIN, PieceSearch, pieces_of

LISTED_ENDINGS = (
    "s es e en er ern em est ing ings ed edly ation ations ational ization izer ness fulness ousness iveness ability "
    "ibility ically ement ments able ible ance ence y ies ied ying ung ungen heit keit lich isch igkeit ant ante ge "
    "aient issement atrice euse ement ité amente imento zione zioni ità ando endo ción ciones mente ções ável idade "
    "het heter arna ene ande elser ssa stä lle ksi ban ben nak nek lar ler dan den miş ului ilor ește ами ого ость ться"
)
BEGINNINGS = "d l t av geb vorge anbe un re kop verdw aktu fue neu die lie bau haus lop beli rela sens happ мор крас"
# Terms enough for each piece to be compared with all of them, and in no word below.
UNRELATED = [f"qx{first}{second}qx" for first in "jkqw" for second in "jkqw"]
ENDINGS, WORDS = LISTED_ENDINGS.split(), BEGINNINGS.split()


def made_words(language: str, seed: int) -> Iterator[str]:
    """Words of listed and random beginnings and endings, among them all function words."""
    chance = random.Random(seed)
    yield from sorted(function_words(language) | function_words("en"))
    while True:
        letters = "".join(chance.choices("aeiouybcdfghklmnprstvwzggeeoo", k=chance.randint(0, 4)))
        yield chance.choice(["", *WORDS]) + letters + "".join(chance.choices(ENDINGS, k=chance.randint(0, 2)))


@pytest.mark.parametrize("language", sorted(SNOWBALL))
def test_a_word_is_found_by_its_stem(language: str) -> None:
    analysis = analyzer(language)
    for word in islice(made_words(language, 7), 4_000):
        for term in analysis.terms(word):
            assert PieceSearch([term], [], language)(f"a {word}, or") != [], (word, term)


@pytest.mark.parametrize("language", sorted(SNOWBALL))
def test_a_word_is_found_by_its_stem_among_many(language: str) -> None:
    analysis = analyzer(language)
    for word in islice(made_words(language, 8), 2_000):
        for term in analysis.terms(word):
            pieces = PieceSearch([*UNRELATED, term], [], language)(f"a {word.capitalize()}, or")
            assert (2, f"{word.capitalize()},") in pieces, (word, term)


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(sorted(SNOWBALL)),
    st.text(alphabet="aeioubcdgnrstyşçéüßаеийкнстяøæ'’.,\u0301 \n", max_size=30),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_every_piece_with_a_term_is_found(language: str, text: str, chance: random.Random, many: bool) -> None:
    terms = analyzer(language).terms(text)
    if not terms:
        return
    term = chance.choice(terms)
    others = UNRELATED if many else []
    found = {piece for _, piece in PieceSearch([*others, term], [], language)(text)}
    assert {piece for piece in pieces_of(text) if term in analyzer(language).terms(piece)} <= found


TEXTS = st.lists(st.text(alphabet="war.,1S é\n", max_size=12), max_size=5)


@given(TEXTS, st.booleans())
def test_pieces_of_several_texts_are_those_of_each(texts: list[str], many: bool) -> None:
    search = PieceSearch(["war", *(UNRELATED if many else [])], [], "en")
    assert search.in_texts(texts) == list(map(search, texts))


def test_pieces_are_at_their_starts() -> None:
    text = "War\nand wars, “war” or the U.S. and 1,000 cafés"
    for start, piece in PieceSearch(["war"], [], "en")(text):
        assert text.startswith(piece, start)
        assert {start, start + len(piece)} <= {0, len(text), *(m.start() for m in re.finditer(r"\s", text)),
                                               *(m.end() for m in re.finditer(r"\s", text))}  # fmt: skip


def test_few_pieces_of_english_are_analysed() -> None:
    text = "The ministers of the alliance met on Tuesday to talk about the defence of the north. " * 10
    assert len(PieceSearch(["minist"], [], "en")(text)) == 10


def test_few_pieces_of_english_are_analysed_for_many_terms() -> None:
    text = "The ministers of the alliance met on Tuesday to talk about the defence of the north. " * 10
    assert len(PieceSearch(["minist", "x", *UNRELATED], [], "en")(text)) == 10


def test_plain_letters_fold_to_their_lower_case() -> None:
    plain = re.compile(f"[{PLAIN}]")
    letters = [chr(point) for point in range(0x80, 0x10000) if plain.match(chr(point)) and WORD.match(chr(point))]
    assert len(letters) > 20_000
    assert [letter for letter in letters if fold(letter) != letter.lower() or len(letter.lower()) != 1] == []


def test_words_with_a_beginning_inside_are_not_analysed() -> None:
    text = "They administer the ministry, a (ministers’) co-ministry and the vice/minister."
    found = [piece for _, piece in PieceSearch(["minist"], [], "en")(text)]
    assert found == ["ministry,", "(ministers’)", "co-ministry", "vice/minister."]


def test_a_short_string_at_the_beginning_replaces_no_string_within_words() -> None:
    # "lying" has the stem "lie", and is found by the letters "ying", though "yi" is looked up at beginnings only.
    found = [piece for _, piece in PieceSearch(["lie", "yi"], [], "en")("He is lying about yi.")]
    assert found == ["lying", "yi."]
