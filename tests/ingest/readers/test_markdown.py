"""Markdown to text: what a reader sees, a line for each paragraph."""

import time

import pytest

from searchsvc.ingest.readers.markdown import LONGEST, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title\n\nOne\n===\n\nTwo\n---\n\n### Three ###", ["Title", "One", "Two", "Three"]),
        ("wrapped\nlines are\none", ["wrapped lines are one"]),
        ("hard  \nbreak", ["hard\nbreak"]),
        ("*a* **b** _c_ `d` ~~e~~", ["a b c d e"]),
        ("[word](http://x.y 'title') <http://z.y> [ref][1]\n\n[1]: http://r", ["word http://z.y ref"]),
        ("[run](javascript:alert(1)) [so](<a b>)", ["run so"]),
        ("![a *boat*](x.png) lost", ["a boat lost"]),
        ("- one\n- two\n  - three\n", ["- one", "- two", "- three"]),
        ("3. one\n4. two", ["3. one", "4. two"]),
        ("> quoted\n> words", ["quoted words"]),
        ("```py\ncode # stays\n```\n\n    and\n    more", ["code # stays", "and\nmore"]),
        ("|a|b|\n|-|-|\n|c d|*e*|", ["a | b", "c d | e"]),
        ("x <b>bold</b> y", ["x bold y"]),
        ("<div>\nx &amp; <i>y</i>\n</div>", ["x & y"]),
        ("a &amp; b &copy; \\* 2", ["a & b © * 2"]),
        ("one\n\n***\n\ntwo", ["one", "two"]),
        ("", [""]),
        ("No markup. At all_here * or 3 < 4.", ["No markup. At all_here * or 3 < 4."]),
    ],
)
def test_markup_goes_and_words_stay(text: str, expected: list[str]) -> None:
    assert plain(text) == "\n\n".join(expected)


@pytest.mark.parametrize("piece", ["[", "![", "*a ", "**a_", "`", "> ", "<!--", "[a](", "- ", "|a", "&", "<a ", "\n\n"])
def test_no_markup_takes_long(piece: str) -> None:
    started = time.process_time()
    plain(piece * (5_000 // len(piece)))
    assert time.process_time() - started < 4


def test_a_text_too_long_to_be_parsed_stays_as_it_is() -> None:
    text = "*a* " * (LONGEST // 4) + "*b*"
    assert plain(text) == text
