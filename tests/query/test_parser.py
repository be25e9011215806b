"""Typed text to a syntax tree: spans, bounds, and that nothing typed can hurt it.

What each kind of text is read as stands in golden.toml.
"""

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.query.ast import (
    AndClause,
    AstNode,
    Phrase,
    Word,
    children,
    show,
)
from searchsvc.query.lexer import normal
from searchsvc.query.parser import (
    MAX_DEPTH,
    MAX_LEXEMES,
    parse,
    parse_literally,
)


def everything(node: AstNode) -> Iterator[AstNode]:
    yield node
    for child in children(node):
        yield from everything(child)


def units(text: str) -> list[Word | Phrase]:
    return [node for node in everything(parse(text)[0]) if isinstance(node, Word | Phrase)]


def depth(node: AstNode) -> int:
    return isinstance(node, AndClause) + max(map(depth, children(node)), default=0)


def reasons(text: str) -> list[str]:
    return [note.reason for note in parse(text)[1]]


def test_spans_count_code_points_of_what_was_typed() -> None:
    text = "𝒜 -author:“x y” (b OR c)"
    assert [text[node.start : node.end] for node in everything(parse(text)[0])] == [
        text, "𝒜", "-author:“x y”", "author:“x y”", "“x y”", "(b OR c)", "b OR c", "b", "c",
    ]  # fmt: skip


def test_an_exclusion_spans_its_field_though_the_minus_stands_behind_it() -> None:
    assert [(node.start, node.end) for node in everything(parse("title:-war")[0])] == [
        (0, 10),
        (0, 10),
        (0, 10),
        (7, 10),
    ]


def test_a_required_unit_spans_its_sign() -> None:
    text = "+nato (b OR c) AND d"
    assert [text[node.start : node.end] for node in parse(text)[0].units] == ["+nato", "(b OR c)", "AND d"]


def test_words_beyond_the_bound_are_not_read_and_told() -> None:
    assert len(units("word " * 300)) == MAX_LEXEMES
    assert parse("word " * 192 + "last one")[1][0].text == "last one"
    assert parse("word " * 192)[1] == ()


def test_a_run_of_signs_is_no_more_than_one() -> None:
    assert show(parse("(" * 900 + "world" + ")" * 900)[0]) == "world"
    assert show(parse("title:" * 300 + "x")[0]) == "title:x"
    assert show(parse("a " + "| " * 900 + "b")[0]) == "(a OR b)"


@pytest.mark.parametrize(
    "text", ['say "cheese', "author:tass -war", "a OR (b AND c)", "gov* wrold~", "+must date:2024", "2024..2025"]
)
def test_literally_every_sign_is_text(text: str) -> None:
    root, notes = parse_literally(text)
    assert [unit.text for unit in root.units if isinstance(unit, Word)] == text.split()
    assert [text[unit.start : unit.end] for unit in root.units] == text.split()
    assert notes == ()


def test_literally_words_beyond_the_bound_are_not_read_and_told() -> None:
    root, notes = parse_literally("word " * 192 + "last one")
    assert (len(root.units), notes[0].text) == (MAX_LEXEMES, "last one")


def test_parentheses_as_deep_as_allowed_are_read() -> None:
    text = "(" * 8 + "word" + ")" * 8
    assert depth(parse(text)[0]) == MAX_DEPTH + 1
    assert reasons(text) == []


def test_one_level_more_is_left_out() -> None:
    text = "(" * 9 + "word" + ")" * 9
    assert depth(parse(text)[0]) == MAX_DEPTH + 1
    assert reasons(text) == ["parentheses deeper than 8 levels were left out"]


def test_parentheses_too_deep_are_left_out_once_and_told_once() -> None:
    assert reasons("(" * 20 + "word" + ")" * 20) == ["parentheses deeper than 8 levels were left out"]


def test_what_follows_parentheses_too_deep_is_still_read() -> None:
    assert show(parse("(" * 20 + "a" + ")" * 20 + " OR b")[0]) == "(a OR b)"


def test_short_prefix_is_told() -> None:
    assert parse("go*")[1][0].text == "go*"
    assert reasons("go*") == ["needs 3 letters before * to be completed"]


def test_star_alone_is_no_short_prefix() -> None:
    assert reasons("* **") == []


PIECES = [
    "a",
    "B",
    "é",
    "東",
    "1",
    " ",
    "\n",
    "-",
    "+",
    "*",
    '"',
    "“",
    "(",
    ")",
    "（",
    "|",
    ":",
    "~",
    "'",
    "\0",
    "\ud800",
]
PIECES += [" OR ", " AND ", " NOT ", "title:", "date:", "author:", "2024-03", "..", "~2", "^9", "abc"]
TYPED = st.lists(st.sampled_from(PIECES), max_size=200).map("".join) | st.text(max_size=200)


@settings(deadline=None)
@given(TYPED)
def test_every_text_has_a_tree_of_bounded_size(text: str) -> None:
    assert len(units(text)) <= MAX_LEXEMES
    assert depth(parse(text)[0]) <= MAX_DEPTH + 1  # the whole query is one more


@settings(deadline=None)
@given(TYPED)
def test_every_node_lies_inside_its_parent(text: str) -> None:
    root, _ = parse(text)
    assert (root.start, root.end) == (0, len(text))
    assert all(
        parent.start <= child.start < child.end <= parent.end
        for parent in everything(root)
        for child in children(parent)
    )


@settings(deadline=None)
@given(TYPED)
def test_neighbours_stand_in_order_and_apart(text: str) -> None:
    assert all(
        left.end <= right.start for parent in everything(parse(text)[0]) for left, right in pairwise(children(parent))
    )


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=127)))
def test_every_word_stands_where_its_span_says(text: str) -> None:
    assert all(unit.text in normal(text)[unit.start : unit.end] for unit in units(text))


WORDS = st.sampled_from(["nato", "russia", "covid-19", "2024", "東京", "gov*", "Крым", "wrold~", "2024-03", "2023.."])
PHRASES = st.sampled_from(['"nato russia"', '"to be OR not"', '"東京"'])
FIELDED = st.builds("{}:{}".format, st.sampled_from(["title", "author", "topic"]), WORDS | PHRASES)
QUERIES = st.recursive(
    WORDS | PHRASES | FIELDED,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(" OR ".join),
        inner.map("({})".format),
        inner.map("-({})".format),
        inner.map("+({})".format),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(QUERIES)
def test_what_is_shown_is_read_the_same_again(text: str) -> None:
    shown = show(parse(text)[0])
    assert show(parse(shown)[0]) == shown


@pytest.mark.parametrize(
    "piece",
    [
        "a ", "a", "-", "- ", "-a", "--a ", "NOT ", "AND ", "OR ", "a OR ", "|", "| ", "+", "+a", "*", "a* ", "abc* ",
        '"', '" ', '"a" ', '"a ', "“", "(", ")", ")(", "()", "(a ", "(a OR ", "-(", "(-", "title:", "title:(",
        "-title:", "title:-", "title:a ", "date:", "date:2024 ", ":", "a:", "~", "'", " 'a", "[to", "^", "é", "e\u0301",
        "東", "\u200b", "\0", " ", "\ud800", "a^2 ", "abc~ ",
        "\"a\"~1 ", "2024-03 ", "2024..", "ORA", "NOTA", "O", "N", "titl", "author",
    ],
)  # fmt: skip
def test_hostile_queries_are_read_in_linear_time(piece: str) -> None:
    text = (piece * 50_000)[:50_000]
    started = time.process_time()
    parse(text)
    assert time.process_time() - started < 1.5  # seconds; 2,048 characters are the most that is ever asked
