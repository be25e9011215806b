"""Texts are cut where the plain way of reading them cuts, and equal pieces get one number."""

import re

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engine.embedded.build.pretokenizer import pretokenize
from searchsvc.engine.embedded.index.term_dictionary import sort_order

LETTERS = "abzAZ09_'., \n-\u0301é東İ\u00a0"


def plainly(text: str) -> list[bytes]:
    spaced = "".join(c if not c.isascii() or c.isalnum() or c in "_'.," else " " for c in text)
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
