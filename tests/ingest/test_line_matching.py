"""Lines compared without case and punctuation."""

import pytest

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
