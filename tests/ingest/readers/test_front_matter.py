"""The YAML block above a text: read as texts, lists and mappings, never as anything else."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest.readers.front_matter import MOST, split_front_matter


def values(block: str) -> object:
    found, text, note = split_front_matter(f"---\n{block}\n---\nThe text.")
    assert (text, note) == ("The text.", None)
    return found


def refusal(block: str) -> str:
    whole = f"---\n{block}\n---\nThe text."
    found, text, note = split_front_matter(whole)
    assert (found, text) == ({}, whole)
    assert note is not None
    assert note.endswith("; treated as text")
    return note


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("title: Storm", {"title": "Storm"}),
        ("title: 'It''s: a storm'", {"title": "It's: a storm"}),
        ("date: 2024-03-01", {"date": "2024-03-01"}),
        ("n: 1\nyes: no", {"n": "1", "yes": "no"}),
        ("author: ~\nsource:\nsection: null", {"author": None, "source": None, "section": None}),
        ("url: 'null'", {"url": "null"}),
        ("topics: [a, b]", {"topics": ["a", "b"]}),
        ("topics:\n- a\n- {b: c}", {"topics": ["a", {"b": "c"}]}),
        ("text: >\n  one\n  two", {"text": "one two\n"}),
        ("[a, b]: c", {"['a', 'b']": "c"}),
        ("# only a comment\na: b", {"a": "b"}),
    ],
)  # fmt: skip
def test_a_block_gives_its_values_as_texts(block: str, expected: object) -> None:
    assert values(block) == expected


@pytest.mark.parametrize("whole", ["---\r\na: b\n---\nx", "---  \na: b\n...\nx", "---\na: b\n---\n\n\nx"])
def test_fences_may_have_blanks_and_the_other_end(whole: str) -> None:
    assert split_front_matter(whole.replace("\r\n", "\n")) == ({"a": "b"}, "x", None)


@pytest.mark.parametrize(
    "whole",
    [
        "", "---", "---\n", "---\nno end", "----\na: b\n---\nx", "\n---\na: b\n---\nx", "a: b", "--- a\n---\nx",
        "---\njust words between rulers\n---\nx", "---\n- a list\n---\nx", f"---\na: {'b' * MOST}\n---\nx",
    ],
)  # fmt: skip
def test_what_is_no_front_matter_is_text(whole: str) -> None:
    assert split_front_matter(whole) == ({}, whole, None)


@pytest.mark.parametrize("whole", ["---\n---\nx", "---\n\n---\nx"])
def test_an_empty_block_is_no_text(whole: str) -> None:
    assert split_front_matter(whole) == ({}, "x", None)


def test_front_matter_may_be_all_there_is() -> None:
    assert split_front_matter("---\na: b\n---") == ({"a": "b"}, "", None)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("a: b\nc: !!python/object/apply:os.system [x]", "line 3: invalid front matter (tags are not accepted)"),
        ("a: !!str b", "line 2: invalid front matter (tags are not accepted)"),
        ("a: ! b", "line 2: invalid front matter (tags are not accepted)"),
        ("a: &x [b]", "line 2: invalid front matter (anchors and aliases are not accepted)"),
        ("a: b\nb: *a", "line 3: invalid front matter (anchors and aliases are not accepted)"),
        ("a: " + "[" * 20 + "]" * 20, "line 2: invalid front matter (nested deeper than 8 levels)"),
        ("a: b: c", "line 2: invalid front matter (mapping values are not allowed in this context)"),
        ("a: [b", "line 3: invalid front matter ("),
        ("a: b\n\tc: d", "line 3: invalid front matter ("),
    ],
)  # fmt: skip
def test_a_block_that_cannot_be_read_is_reported_with_its_line_and_treated_as_text(block: str, expected: str) -> None:
    assert refusal(block).startswith(expected)


def test_a_billion_laughs_take_no_time() -> None:
    laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + k)}: &{chr(98 + k)} [{','.join(['*' + chr(97 + k)] * 10)}]\n" for k in range(9)
    )
    started = time.process_time()
    refusal(laughs)
    assert time.process_time() - started < 1


@settings(deadline=None)
@given(st.text("abc:-[]{}&*!|>'\"#?%@`,~ \n\t", max_size=200))
def test_any_block_gives_values_or_stays_text(block: str) -> None:
    whole = f"---\n{block}\n---\nThe text."
    found, text, _ = split_front_matter(whole)
    assert text.endswith("The text.")
    assert found == {} or text != whole
