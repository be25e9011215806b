"""Signs of lines: what they rule out is in no line."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from searchsvc.analysis import UNSPACED
from searchsvc.ingest.metadata.line_signs import DIGIT, LATIN, WIDE, line_signs
from searchsvc.ingest.metadata.line_view import LineView, may_begin, openings, views_of
from searchsvc.ingest.metadata.title_patterns import _BY_WORDS, _BYLINE, _OTHER_SCRIPT
from searchsvc.models.clean_document import TextLine
from tests.ingest.test_quick_checks import DISGUISE

SPECIAL = ["7", "٣", "๔", "７", ":", "©", "é", "東", "ก", "“", "—", "\ud800", "𝟗", "x", " "]
LINES = st.lists(st.text(st.sampled_from(SPECIAL) | st.characters(exclude_characters="\n"), min_size=1, max_size=9))


@given(LINES)
@example(SPECIAL)
def test_a_line_without_a_sign_has_no_character_of_its_kind(lines: list[str]) -> None:
    kinds = {DIGIT: r"\d", LATIN: "[\u0080-\u00ff]", WIDE: f"[{UNSPACED}]|{_OTHER_SCRIPT.pattern}"}
    missed = [
        (line, pattern)
        for line, signs in zip(lines, line_signs(lines), strict=True)
        for sign, pattern in kinds.items()
        if not signs & sign and re.search(pattern, line)
    ]
    assert missed == []


def test_a_line_has_the_signs_of_its_own_characters_only() -> None:
    assert line_signs(["a: “b”", "1", "plain", "©", "東"]) == [0, DIGIT, 0, LATIN, WIDE | DIGIT]
    assert line_signs([]) == []


@given(st.from_regex(re.compile(rf"\A(?:{_BYLINE.pattern})", re.I)), st.booleans())
def test_each_byline_may_begin_with_its_words(line: str, is_disguised: bool) -> None:
    line = line.translate(DISGUISE) if is_disguised else line
    assert may_begin(line.lower(), openings(_BY_WORDS)) or not _BYLINE.match(line)


def test_a_line_that_begins_with_other_letters_is_ruled_out() -> None:
    assert not may_begin("the mill opens again", openings(_BY_WORDS))


@given(st.lists(LINES, max_size=4))
def test_views_of_a_batch_are_those_of_single_documents(documents: list[list[str]]) -> None:
    texts = [[" ".join(line.split()) for line in lines if line.strip()] for lines in documents]
    views = views_of([([TextLine(n, text) for n, text in enumerate(lines)], [""] * len(lines)) for lines in texts])
    for lines, view in zip(texts, views, strict=True):
        single = LineView.of(lines)
        assert (view.texts, view.word_counts, view.lowered) == (single.texts, single.word_counts, single.lowered)
        assert (view.words, view.signs) == (single.words, single.signs)
