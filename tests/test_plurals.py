"""Counts with a noun."""

import pytest

from searchsvc.plurals import counted


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 documents"), (1, "1 document"), (2, "2 documents"), (1234, "1,234 documents")]
)
def test_count_agrees_with_its_noun(count: int, text: str) -> None:
    assert counted(count, "document") == text


def test_irregular_plural_is_given_by_the_caller() -> None:
    assert [counted(count, "query", "queries") for count in (1, 2)] == ["1 query", "2 queries"]
