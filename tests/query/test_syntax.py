"""Typed text to a syntax tree: the grammar, and that nothing typed can hurt it."""

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.query.syntax import (
    MAX_DEPTH,
    MAX_TERMS,
    All,
    Either,
    Fielded,
    Node,
    Phrase,
    Without,
    Word,
    parse,
    show,
)


def below(node: Node) -> tuple[Node, ...]:
    match node:
        case All() | Either():
            return node.units
        case Without() | Fielded():
            return (node.unit,)
        case _:
            return ()


def everything(node: Node) -> Iterator[Node]:
    yield node
    for child in below(node):
        yield from everything(child)


def units(text: str) -> list[Word | Phrase]:
    return [node for node in everything(parse(text)[0]) if isinstance(node, Word | Phrase)]


def depth(node: Node) -> int:
    return isinstance(node, All) + max(map(depth, below(node)), default=0)


def reasons(text: str) -> list[str]:
    return [note.reason for note in parse(text)[1]]


GOLDEN = [
    # words
    ("nato", "nato", "a word"),
    ("nato russia", "(nato AND russia)", "all words by default"),
    ("nato\trussia\n  talks", "(nato AND russia AND talks)", "any white space parts words"),
    ("", "", "nothing is a query too"),
    (" \n", "", "and so is white space"),
    ("C++", "C++", "a plus at the end belongs to the word"),
    ("AT&T", "AT&T", "signs inside a word belong to it"),
    ("don't", "don't", "an apostrophe is no quote"),
    ("u.s. policy", "(u.s. AND policy)", "dots belong to the word"),
    ("http://x.org/a?b", "http://x.org/a?b", "an address is text: no field, no wildcard"),
    # AND, OR, NOT
    ("nato AND russia", "(nato AND russia)", "AND is what happens anyway"),
    ("nato and russia", "(nato AND and AND russia)", "small letters: and is a word"),
    ("nato OR russia", "(nato OR russia)", "either"),
    ("nato | russia", "(nato OR russia)", "a bar is OR"),
    ("nato||russia", "(nato OR russia)", "without spaces and doubled as well"),
    ("nato or russia", "(nato AND or AND russia)", "small letters: or is a word"),
    ("war nato OR russia talks", "(war AND (nato OR russia) AND talks)", "OR binds tighter than AND"),
    ("nato OR russia AND talks", "((nato OR russia) AND talks)", "even than a written one"),
    ("a OR b OR c", "(a OR b OR c)", "a chain is one choice"),
    ("a OR OR b", "(a OR b)", "twice is once"),
    ("OR nato", "nato", "nothing on the left"),
    ("nato OR", "nato", "nothing on the right"),
    ("(nato OR) russia", "(nato AND russia)", "an OR does not reach out of its parentheses"),
    ("OR", "OR", "alone it may be Oregon"),
    ("NATO OR EU", "(NATO OR EU)", "acronyms do not shout"),
    ("TO BE OR NOT TO BE", "(TO AND BE AND OR AND NOT AND TO AND BE)", "a title in capitals has no operators"),
    ("2023 OR 2024", "(2023 OR 2024)", "digits do not shout"),
    ("東京 OR 大阪", "(東京 OR 大阪)", "nor do scripts without capitals"),
    ("orchid ORCHID", "(orchid AND ORCHID)", "OR at the head of a word is no operator"),
    ("NOT trump", "-trump", "NOT is a minus"),
    ("not trump", "(not AND trump)", "small letters: not is a word"),
    ("NOT NOT trump", "trump", "twice cancels out"),
    ("+nato -russia", "(nato AND -russia)", "a plus says what happens anyway"),
    # exclusion
    ("climate -trump", "(climate AND -trump)", "a minus at the start of a word excludes"),
    ("-trump climate", "(-trump AND climate)", "wherever the word stands"),
    ("covid-19", "covid-19", "a minus inside a word is a hyphen"),
    ("climate - trump", "(climate AND - AND trump)", "a dash between spaces is a dash"),
    ("--trump", "--trump", "two dashes are an option of some program"),
    ('-"fake news"', '-"fake news"', "a phrase can be excluded"),
    ("-(a b)", "-(a AND b)", "so can a group"),
    ("-(-a)", "-(-a)", "shown so that it can be typed again"),
    ("-author:tass", "-author:tass", "so can a field"),
    ("author:-tass", "-author:tass", "the minus may stand on either side of it"),
    ("a OR -b", "(a OR -b)", "an exclusion can be a choice"),
    ("-() a", "a", "nothing can't be excluded, and the minus goes with it"),
    # phrases
    ('"nato russia"', '"nato russia"', "a phrase"),
    ('"nato russia', '"nato russia"', "an open quote closes at the end"),
    ('war"nato russia"talks', '(war AND "nato russia" AND talks)', "quotes need no spaces"),
    ("“nato russia”", '"nato russia"', "curly quotes"),
    ("«nato russia»", '"nato russia"', "angle quotes"),
    ("＂nato russia＂", '"nato russia"', "full-width quotes"),
    ('"a -b OR (c"', '"a -b OR (c"', "no operators inside"),
    # groups
    ("(a OR b) c", "((a OR b) AND c)", "a group"),
    ("((a)) b", "(a AND b)", "needless parentheses go"),
    ("(a b", "(a AND b)", "an open parenthesis closes at the end"),
    ("a b)", "(a AND b)", "a stray one is left out"),
    (")(", "", "and so are two"),
    ("()", "", "an empty group is nothing"),
    ("a(b)", "(a AND b)", "parentheses need no spaces"),
    ("（a b） c", "((a AND b) AND c)", "full-width parentheses"),
    # fields
    ("author:valerie", "author:valerie", "a field"),
    ('author:"Precious Valerie"', 'author:"Precious Valerie"', "a phrase in a field"),
    ("source:(tass OR dw)", "source:(tass OR dw)", "a choice in a field"),
    ("AUTHOR:valerie", "author:valerie", "its case does not matter"),
    ("title：war", "title:war", "a full-width colon"),
    ("nosuch:war", "nosuch:war", "what is no field is text"),
    ("subtitle:war", "subtitle:war", "a field's name at the end of another word is none"),
    ("title: war", "(title: AND war)", "a colon before a space ends a sentence"),
    ("title:body:war", "body:war", "the nearest name counts"),
    ("title:() war", "war", "a field of nothing is nothing"),
    ("date:2024-01..2024-03", "date:2024-01..2024-03", "a span of days is one word"),
    # prefixes
    ("gov*", "gov*", "the beginning of a word"),
    ("topic:gov*", "topic:gov*", "in a field too"),
    ("gov**", "gov*", "twice is once"),
    ("go*", "go", "two letters are too few"),
    ("*ment", "*ment", "nothing is looked up by its end"),
    ("g*v", "g*v", "nor by its middle"),
    ("*", "*", "a star alone is text"),
    ('"gov*"', '"gov*"', "no prefixes in a phrase"),
    # what other search engines have and this one doesn't
    ("world^2", "world^2", "no boosts"),
    ("[a TO z]", "([a AND TO AND z])", "no ranges"),
]


@pytest.mark.parametrize(("text", "shown"), [pytest.param(*line[:2], id=f"{line[0]}: {line[2]}") for line in GOLDEN])
def test_query_is_read_as(text: str, shown: str) -> None:
    assert show(parse(text)[0]) == shown


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


def test_too_many_words_are_cut_and_the_cut_is_told() -> None:
    assert len(units("word " * 65)) == MAX_TERMS
    assert reasons("word " * 65) == ["only the first 64 words were looked up"]


def test_as_many_words_as_allowed_are_no_cut() -> None:
    assert reasons("word " * 64) == []


def test_the_note_on_a_cut_quotes_what_was_left_out() -> None:
    assert parse("word " * 64 + "last one")[1][0].text == "last one"


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
PIECES += [" OR ", " AND ", " NOT ", "title:", "date:", "author:"]
TYPED = st.lists(st.sampled_from(PIECES), max_size=200).map("".join) | st.text(max_size=200)


@settings(deadline=None)
@given(TYPED)
def test_every_text_has_a_tree_of_bounded_size(text: str) -> None:
    assert len(units(text)) <= MAX_TERMS
    assert depth(parse(text)[0]) <= MAX_DEPTH + 1  # the whole query is one more


@settings(deadline=None)
@given(TYPED)
def test_every_node_lies_inside_its_parent(text: str) -> None:
    root, _ = parse(text)
    assert (root.start, root.end) == (0, len(text))
    assert all(
        parent.start <= child.start < child.end <= parent.end for parent in everything(root) for child in below(parent)
    )


@settings(deadline=None)
@given(TYPED)
def test_neighbours_stand_in_order_and_apart(text: str) -> None:
    assert all(
        left.end <= right.start for parent in everything(parse(text)[0]) for left, right in pairwise(below(parent))
    )


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=127)))
def test_every_word_stands_where_its_span_says(text: str) -> None:
    assert all(unit.text in text[unit.start : unit.end] for unit in units(text))


WORDS = st.sampled_from(["nato", "russia", "covid-19", "2024", "東京", "gov*", "Крым"])
PHRASES = st.sampled_from(['"nato russia"', '"to be OR not"', '"東京"'])
FIELDED = st.builds("{}:{}".format, st.sampled_from(["title", "author", "topic"]), WORDS | PHRASES)
QUERIES = st.recursive(
    WORDS | PHRASES | FIELDED,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(" OR ".join),
        inner.map("({})".format),
        inner.map("-({})".format),
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
        "東", "\u200b", "\0", " ", "\ud800", "ORA", "NOTA", "O", "N", "titl", "author",
    ],
)  # fmt: skip
def test_hostile_queries_are_read_in_linear_time(piece: str) -> None:
    text = (piece * 50_000)[:50_000]
    started = time.process_time()
    parse(text)
    assert time.process_time() - started < 1.5  # seconds; 2,048 characters are the most that is ever asked
