"""Features of title candidates computed as arrays equal those of plain code, line by line."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest.metadata.title_characters import TitleCharacters

PIECES = st.sampled_from(
    ["The", "mill", "öffnet", "Ǆungla", "aBc", "ABc", "|", "::", ":", "-", "–", "»", "•", "a", "😀"]
)
WORDS = PIECES | st.text(st.characters(), min_size=1, max_size=6)
LINES = st.lists(WORDS, min_size=1, max_size=8).map(lambda words: " ".join(" ".join(words).split())).filter(bool)
TEXTS = st.lists(LINES, min_size=1, max_size=5)


@settings(deadline=None)
@given(TEXTS)
def test_title_case_is_the_share_of_long_words_with_a_capital(texts: list[str]) -> None:
    initials = [[word[0].isupper() for word in text.split() if len(word) > 3] for text in texts]
    shares = [sum(of_text) / len(of_text) if of_text else 0.0 for of_text in initials]
    assert TitleCharacters.of(texts).title_case().tolist() == shares


@settings(deadline=None)
@given(TEXTS)
def test_signs_of_sites_are_those_of_the_expression(texts: list[str]) -> None:
    signs = re.compile("[|]|::| [-–—»•] ")
    assert TitleCharacters.of(texts).site().tolist() == [signs.search(text) is not None for text in texts]


@settings(deadline=None)
@given(TEXTS)
def test_glued_lines_are_those_of_the_expression(texts: list[str]) -> None:
    glued = re.compile("[a-z][A-Z][a-z]")
    assert TitleCharacters.of(texts).glued().tolist() == [glued.search(text) is not None for text in texts]
