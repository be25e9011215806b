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


@pytest.mark.parametrize(
    "block",
    [
        "title: Storm\ndate: 2024-05-06",
        "title: Storm\ntags:\n- sea\n- boats",
        "layout: post\ntags: [sea]",
        "title: 'Storm'\nsummary: >-\n  Boats\n  sank",
    ],
)
@pytest.mark.parametrize("below", ["The text.", "The text.\n\n---\n\nMore text: of Monday.\n"])
def test_a_block_without_an_end_ends_at_the_first_blank_line(block: str, below: str) -> None:
    found, text, note = split_front_matter(f"---\n{block}\n\n{below}")
    assert (found, text) == (values(block), below)
    assert note == f"line {2 + block.count(chr(10))}: the line --- below the front matter is missing"


@pytest.mark.parametrize(
    "whole",
    [
        "---\nNote: this is prose.\n\nMore prose.",
        "---\ntitle: Storm\nThe boats sank.\n\nMore prose.",
        "---\nHe said: boats sank.\n\nMore prose.",
        "---\ntitle: Storm\n",
    ],
)
def test_prose_below_a_rule_stays_text(whole: str) -> None:
    assert split_front_matter(whole) == ({}, whole, None)


def test_a_blank_line_inside_a_block_does_not_end_it() -> None:
    assert values("title: Storm\n\ntags:\n\n- sea\n\n# a comment\nsummary: |\n  One\n\n  Two") == {
        "title": "Storm", "tags": ["sea"], "summary": "One\n\nTwo\n",
    }  # fmt: skip


@pytest.mark.parametrize(
    "line", ["_build:\n  list: never", "og:title: x", "3d: yes", "2024: x", "$schema: x", "author:X", "-\n  name: x"]
)
def test_any_line_of_yaml_below_a_blank_line_belongs_to_the_block(line: str) -> None:
    found, text, note = split_front_matter(f"---\ntitle: A\ndate: 2024-01-02\n\n{line}\ntags: [x]\n---\nBody text")
    assert (found["title"], text) == ("A", "Body text")
    assert "missing" not in (note or "")


@pytest.mark.parametrize("kind", ["js", "javascript"])
def test_an_object_of_javascript_is_read(kind: str) -> None:
    block = '{\n  title: "Storm: a tale",\n  \'date\': "2024-05-06",\n  tags: [\'sea\', "boats"],\n}'
    found, text, note = split_front_matter(f"---{kind}\n{block}\n---\nThe text.")
    assert (found, text, note) == (
        {"title": "Storm: a tale", "date": "2024-05-06", "tags": ["sea", "boats"]}, "The text.", None,
    )  # fmt: skip


def test_other_javascript_is_no_text_and_is_reported() -> None:
    block = "const title = `Storm`;\nmodule.exports = function () { return {}; }"
    assert split_front_matter(f"---js\n{block}\n---\nThe text.") == (
        {}, "The text.", "line 2: front matter in JavaScript is not read",
    )  # fmt: skip


def test_a_tab_before_a_known_name_does_not_make_it_part_of_a_value() -> None:
    assert values("title:\tStorm\n\tauthor:\tAda Example\ndate: 2024-05-06") == {
        "title": "Storm", "author": "Ada Example", "date": "2024-05-06",
    }  # fmt: skip
