"""Running text as it comes: wrapped lines, broken words, verse, code and HTML."""

import textwrap
import time

import pytest

from searchsvc.ingest.readers.text_units import read_text
from searchsvc.models.documents import CODE, POEM, Unit

P1 = "The harbour council met on Tuesday evening and agreed to widen the northern quay before the winter storms arrive."
P2 = "Fishermen had asked for the change for years, because two boats cannot pass each other there at low tide."
P3 = "The work will cost about four million and is to be finished by the end of next year, the engineer said."


@pytest.mark.parametrize("width", [38, 60, 72, 79])
@pytest.mark.parametrize("indent", ["", "  "])
def test_wrapped_paragraphs_are_joined(width: int, indent: str) -> None:
    paragraphs = [f"{P1} {P2}", f"{P3} {P1}"]
    wrapped = [textwrap.fill(text, width, initial_indent=indent) for text in paragraphs]
    text = read_text("\n\n".join(["Quay to be widened", *wrapped])).text
    assert text == "\n\n".join(["Quay to be widened", *(indent + each for each in paragraphs)])


WRAPPED = "\n\n".join([textwrap.fill(f"{P1} {P2}", 60), textwrap.fill(f"{P3} {P1}", 60)])


@pytest.mark.parametrize(
    "block",
    [
        "- mend nets\n- sail\n- sell fish",
        "1. mend nets\n2. sail",
        "Home\nNews\nSport\nWeather",
        "Port      Boats\nAda       9\nSaltmarsh 12",
        "| a | b |\n| c | d |",
        "By Ada Example\nMonday, 6 May 2024",
        "CHAPTER ONE\nTHE HARBOUR",
        "Quay\n====",
        "Date: 6 May 2024\nFrom: Ada Example",
        "Roses are red,\nViolets are blue,\nSugar is sweet,\nAnd so are you.",
    ],
)
def test_lines_that_are_no_paragraph_are_not_joined(block: str) -> None:
    assert block in read_text(f"{block}\n\n{WRAPPED}\n\n{block}").text


@pytest.mark.parametrize(
    "text",
    [
        f"{P1}\n{P2}\n{P3}",
        f"{P1}\n\n{P2}\n\n{P3}",
        "Home\nNews\nSport\nWeather\n" + P1,
        "Quays and harbours of the north\nBoats\nNets and lines of the fishermen\nSails\n\nMaps",
        "a < b and c > d\n\nan AT&T",
    ],
)
def test_text_that_is_not_wrapped_stays(text: str) -> None:
    assert read_text(text).text == text


def test_short_last_line_ends_a_paragraph_without_a_blank_line() -> None:
    wrapped = "\n".join(textwrap.fill(f"{P1} {P2}", 60) for _ in range(3))
    assert read_text(wrapped).text.count("\n") == 2


def test_quoted_lines_are_joined_without_their_marks() -> None:
    quoted = "\n".join(f"> {line}" for line in textwrap.wrap(f"{P1} {P2}", 60))
    assert f"> {P1} {P2}" in read_text(f"{WRAPPED}\n\n{quoted}").text


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("har-\nbour council met on Tuesday evening and agreed to widen it", "harbour council"),
        ("well-\nknown council met on Tuesday evening and agreed to widen it", "well-known council"),
        ("Franco-\nPrussian council met on Tuesday evening and agreed to it", "Franco-Prussian council"),
        ("har\u00ad\nbour council met on Tuesday evening and agreed to widen it", "harbour council"),
        ("quay--\nthe council met on Tuesday evening and agreed to widen it", "quay--the council"),
    ],
)
def test_words_that_wrapping_broke_are_whole(broken: str, whole: str) -> None:
    lead = "x" * (59 - len(broken.split("\n")[0]))
    assert f"{lead} {whole}" in read_text(f"{WRAPPED}\n\n{lead} {broken}\nat last.").text


def test_hyphen_of_a_compound_that_the_text_has_elsewhere_stays() -> None:
    text = (
        f"The fish and the market and a fish market.\n\n{WRAPPED}\n\n"
        + "x" * 52
        + " fish-\nmarket was open on that day."
    )
    assert "fish-market was" in read_text(text).text


def test_wrapped_chinese_is_joined_without_spaces() -> None:
    sentence = "港口委员会星期二晚上开会决定在冬季风暴到来之前拓宽北码头因为两艘船在低潮时无法通过" * 4
    assert read_text("\n".join(textwrap.wrap(sentence, 40))).text == sentence


def test_indented_code_is_a_unit_and_stays() -> None:
    code = "    def main():\n        return &amp;1\n\n    x = main()"
    assert read_text(f"{WRAPPED}\n\n{code}\n\n{P1}").units == (Unit(CODE, 5, 8),)
    assert code in read_text(f"{WRAPPED}\n\n{code}\n\n{P1}").text


def test_indented_prose_is_no_code() -> None:
    assert read_text(f"{P1}\n\n    {P2}\n\n{P3}").units == ()


def test_fenced_code_between_html_stays() -> None:
    content = read_text(f"<p>{P1}</p>\n\n```\n<b>x</b> &lt;\n\ny\n```\n\n<p>{P2}</p>")
    assert content.text == f"{P1}\n\n<b>x</b> &lt;\n\ny\n\n{P2}"
    assert content.units == (Unit(CODE, 3, 5),)


def test_stanza_is_a_unit_and_a_menu_is_not() -> None:
    verse = (
        "Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal hand or eye,\nCould frame it all?"
    )
    assert read_text(f"{P1}\n\n{verse}\n\nHome\nNews\nSport\nWeather").units == (Unit(POEM, 3, 6),)


@pytest.mark.parametrize(
    "piece", ["a\n", "a-\n", "    x = 1\n\n", "```\n", "|", "| a |\n", "\t", "&lt;", "<p>", ". ", "\x02"]
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    read_text(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 3
