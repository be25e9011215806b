"""Texts are cut where the plain way of reading them cuts, and equal pieces get one number."""

import re

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import WORD, folded_parts
from searchsvc.engine.embedded.build.pretokenizer import pretokenize
from searchsvc.engine.embedded.build.tokenizer import split_piece
from searchsvc.engine.embedded.index.term_dictionary import sort_order

SIGNS = "\xa0«»‘“”„–—…•‹›"
LETTERS = f"abzAZ09_'., \n-\u0301é東İℜ’\xa2\xc2€{SIGNS}"


def plainly(text: str) -> list[bytes]:
    spaced = "".join(" " if c in SIGNS or (c.isascii() and not c.isalnum() and c not in "_'.,") else c for c in text)
    without_commas = re.sub(",(?= |$)", " ", spaced)  # one before each space, which belongs to no word
    return [bytes(piece).lower() for piece in without_commas.encode().split(b" ") if piece]


def of_each(texts: list[str]) -> list[list[bytes]]:
    pieces = pretokenize(texts)
    found = [pieces.distinct[number] for number in pieces.piece_ids.tolist()]
    ends = pieces.counts.cumsum().tolist()
    return [found[end - count : end] for end, count in zip(ends, pieces.counts.tolist(), strict=True)]


@given(st.lists(st.text(st.sampled_from(LETTERS), max_size=60)))
def test_pieces_are_those_of_the_plain_way(texts: list[str]) -> None:
    assert of_each(texts) == [plainly(text) for text in texts]


def test_equal_short_pieces_have_one_number() -> None:
    pieces = pretokenize(["one two", "Two, one.", "sixteen-letters sixteen-letters"])
    assert sorted(pieces.distinct) == [b"letters", b"one", b"one.", b"sixteen", b"two"]


def test_pieces_that_differ_in_one_byte_have_their_own_numbers() -> None:
    words = [f"{head}{number:05d}{tail}" for number in range(20_000) for head, tail in (("", ""), ("abcdefgh", "xy"))]
    pieces = pretokenize([" ".join(words)])
    assert len(pieces.distinct) == len(words)
    assert [pieces.distinct[number].decode() for number in pieces.piece_ids.tolist()] == words


def test_lone_surrogate_is_cut_like_a_letter() -> None:
    assert of_each(["a\ud800b c"]) == [["a\ud800b".encode("utf-8", "surrogatepass"), b"c"]]


@given(st.sets(st.text(st.sampled_from("ab\u00e9東"), min_size=1, max_size=40).map(str.encode)))
def test_order_of_words_is_that_of_their_bytes(words: set[bytes]) -> None:
    found = list(words)
    assert [found[place] for place in sort_order(found).tolist()] == sorted(words)


@given(st.from_regex(r"[.,']?[A-Za-z0-9]{1,12}[.,']?", fullmatch=True))
def test_piece_of_letters_and_digits_is_one_stemmed_word(piece: str) -> None:
    words = [(part[0], part[3]) for word in WORD.findall(piece.lower()) for part in folded_parts(word)]
    assert split_piece(piece.lower().encode()) == words


def test_no_word_holds_the_signs_between_pieces() -> None:
    assert [sign for sign in SIGNS if WORD.findall(f"a{sign}b{sign}1{sign}.c") != ["a", "b", "1", "c"]] == []
