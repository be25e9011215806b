"""Lines compared without case and punctuation."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.ingest.line_matching import fold, index_of_title, words_of_lines


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("The Mill's wheel -- 3 parts_of it!", "the mills wheel 3 parts of it"),
        ("The Mill’s “wheel” – Straße", "the mills wheel straße"),
        ("\u212aelvin \x1f x", "kelvin x"),
        ("İstanbul", "i stanbul"),
        ("***", ""),
        ("", ""),
    ],
)
def test_a_line_is_compared_by_its_words(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(st.sampled_from("aZß0_'’“”„–—…•\xa0·東 .") | st.characters()))
def test_words_are_separated_by_all_signs_but_apostrophes(text: str) -> None:
    words = re.sub(r"[\W_]+", " ", re.sub("['’]", "", text.lower())).split()
    assert fold(text) == " ".join(words)


@given(st.lists(st.text(st.sampled_from("aZß0_'’“–\xa0·東 .") | st.characters(exclude_characters="\n")), min_size=1))
def test_words_of_many_lines_are_those_of_each_line(lines: list[str]) -> None:
    assert list(map(" ".join, words_of_lines([line.lower() for line in lines]))) == list(map(fold, lines))


def test_title_is_found_by_folded_lines_as_by_lines() -> None:
    lines = ["Menu", "***", "The Mill’s wheel", "the mills wheel!"]
    for title in ("The mill's wheel", "***", "Elsewhere"):
        assert index_of_title(lines, title, list(map(fold, lines))) == index_of_title(lines, title)
