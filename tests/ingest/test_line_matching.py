"""Lines compared without case and punctuation."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.ingest.line_matching import fold


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
