"""Quick checks before the expressions of dates and bylines: they skip no text that an expression matches."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from searchsvc.ingest import date_parser
from searchsvc.ingest.date_parser import _FORMS, written_dates
from searchsvc.ingest.metadata import person_names
from searchsvc.ingest.metadata.byline import _DATED_BY, _LATER_BY, _NOT_BY, _REPEATED, _WRITTEN_BY
from searchsvc.ingest.metadata.dates import _COMMENTED, _NUMERIC, _is_comment
from searchsvc.ingest.metadata.person_names import _GLUED_BY, _NEVER, is_person, names

# Letters that `re.IGNORECASE` takes for others, or whose lower case is longer.
LOOKALIKES = {"s": "\u017f", "k": "\u212a", "i": "\u0131", "I": "\u0130"}
DISGUISE = str.maketrans(LOOKALIKES)
PIECES = st.sampled_from([
    "19", "20", "2019", "1/2/", "-05", "7.", "May", "of", "de", "September", "2nd", "3rd,", "년", "年5月", "6日", "T1",
])  # fmt: skip
TEXTS = st.lists(PIECES | st.from_regex(_FORMS, fullmatch=True) | st.text(max_size=40), max_size=8)


@settings(deadline=None)
@given(TEXTS, st.sampled_from(["", " ", " - "]), st.none() | st.booleans())
def test_dates_near_years_are_those_of_the_whole_text(texts: list[str], joint: str, day_first: bool | None) -> None:
    text = joint.join(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(date_parser, "_BEFORE_YEAR", len(text))
        patch.setattr(date_parser, "_FROM_YEAR", len(text))
        of_whole_text = list(written_dates(text, day_first))
    assert list(written_dates(text, day_first)) == of_whole_text


@settings(deadline=None)
@given(TEXTS)
def test_each_numeric_date_has_a_sign_between_digits(texts: list[str]) -> None:
    text = " ".join(texts)
    assert _NUMERIC.search(text) or not any(each.parts for each in written_dates(text, None))


@pytest.mark.parametrize("expression", [_WRITTEN_BY, _NOT_BY, _DATED_BY, _LATER_BY, _REPEATED])
@given(st.data())
def test_each_expression_of_a_byline_holds_by(expression: re.Pattern[str], data: st.DataObject) -> None:
    text = data.draw(st.from_regex(expression)).translate(DISGUISE)
    assert "by" in text.lower() or not expression.search(text)


@given(st.from_regex(_GLUED_BY))
def test_each_glued_byline_holds_by(text: str) -> None:
    assert "By" in text


@given(st.from_regex(_COMMENTED), st.booleans())
def test_each_comment_is_one_by_the_quick_check(text: str, is_disguised: bool) -> None:
    text = text.translate(DISGUISE) if is_disguised else text
    assert _is_comment(text) == (_COMMENTED.search(text) is not None)


NAME_PIECES = [
    "Ada",
    "Lee",
    "and",
    "&",
    ",",
    "by",
    "|",
    "Updated",
    "May",
    "5",
    "AdaUpdated",
    "how",
    "Read",
    ".",
    "(",
    "of",
]
NAMES = st.lists(st.sampled_from(NAME_PIECES) | st.sampled_from(sorted(_NEVER)), max_size=6)


@settings(deadline=None)
@given(NAMES, st.sampled_from([" ", ""]), st.booleans())
@example(["Ada", "lee"], " ", True)
@example(["The", "may"], " ", True)
def test_a_text_with_a_word_that_no_name_has_gives_no_other_names(words: list[str], joint: str, alone: bool) -> None:
    text = joint.join(word.title() if number % 2 else word for number, word in enumerate(words)).strip()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(person_names, "_NEVER", frozenset())
        without_check = names(text, alone=alone), is_person(text)
    assert (names(text, alone=alone), is_person(text)) == without_check
