"""Pages whose layout extraction misreads: no sentence of them is lost."""

import pytest

pytest.importorskip("trafilatura")

from lxml.html import fromstring

from searchsvc.ingest.readers.html import article
from searchsvc.ingest.readers.page_layout import make_paragraphs

SENTENCES = [f"The water board said that reservoir {number} had fallen to half of its capacity." for number in range(5)]
BROKEN = "<br><br>".join(SENTENCES)


def lines(body: str) -> list[str]:
    _, text = article(f"<html><head><title>Drought</title></head><body>{body}</body></html>")
    return text.text.split("\n")


@pytest.mark.parametrize(
    "before",
    [
        "<h1>Drought</h1>",
        "<center><h1>Drought</h1></center>",
        "<h1>Drought</h1><font size=3>",
        "<h1>Drought</h1><img src=x.jpg>",
        "<h1>Drought</h1><a name=top></a>",
        "<h2>Drought</h2>",
    ],
)
def test_text_between_line_breaks_is_paragraphs(before: str) -> None:
    assert lines(before + BROKEN)[-5:] == SENTENCES


@pytest.mark.parametrize("between", ["<table><tr><td>c</td></tr></table>", "<pre>code</pre>", "<h2>More</h2>", "<hr>"])
def test_text_after_a_block_is_a_paragraph(between: str) -> None:
    shown = lines(f"<h1>Drought</h1><p>{SENTENCES[0]}</p>{between}{SENTENCES[1]}<p>{SENTENCES[2]}</p>")
    assert [line for line in shown if line in SENTENCES] == SENTENCES[:3]


def test_inline_elements_stay_in_their_sentence() -> None:
    loose = "The <b>water</b> board <a href=x>said</a> on <i>Friday</i> that the reservoir had fallen to half."
    assert lines(f"<h1>Drought</h1>{loose}<p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p>") == [
        "The water board said on Friday that the reservoir had fallen to half.",
        *SENTENCES[:2],
    ]


def test_tags_of_fonts_that_are_never_closed() -> None:
    assert lines("".join(f"<p><font size=2>Paragraph {at} tells what happened on day {at}." for at in range(400))) == [
        f"Paragraph {at} tells what happened on day {at}." for at in range(400)
    ]


def test_an_article_in_a_cell_beside_a_menu() -> None:
    cell = "<h1>Drought</h1><font size=2>by Harold Pym</font>" + "".join(f"<p>{each}" for each in SENTENCES)
    shown = lines(f"<table><tr><td><a href=index.htm>Home</a></td><td>{cell}</td></tr></table>")
    assert [line.strip() for line in shown][-6:] == ["by Harold Pym", *SENTENCES]


def test_a_table_of_figures_stays_a_table() -> None:
    table = "<table><tr><td>Year</td><td>Level</td></tr><tr><td>1997</td><td>41</td></tr></table>"
    shown = lines(f"<h1>Drought</h1><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p>{table}<p>{SENTENCES[2]}</p>")
    assert "1997 | 41" in shown


def test_entries_of_a_live_report_keep_their_headings() -> None:
    entries = "".join(
        f"<article><h2>Entry {at}</h2><p>{SENTENCES[at]}</p><p>More at {at}.</p></article>" for at in (0, 1, 2)
    )
    shown = lines(f"<main><h1>Live</h1>{entries}</main>")
    assert [line for line in shown if line.startswith("Entry")] == ["Entry 0", "Entry 1", "Entry 2"]


def test_centred_blocks_stay_apart() -> None:
    shown = " ".join(
        lines(f"<center>A caption</center><center>Photo by Jo</center>{SENTENCES[0]}<p>{SENTENCES[1]}</p>")
    )
    assert "captionPhoto" not in shown
    assert "JoThe" not in shown


def test_a_table_with_headings_of_columns_and_long_notes_keeps_its_rows() -> None:
    notes = f"<p>{SENTENCES[1]}</p><p>{SENTENCES[2]}</p>"
    rows = "<tr><th>Country</th><th>Notes</th></tr>"
    rows += f"<tr><td>France</td><td>{notes}</td></tr><tr><td>Spain</td><td>41</td></tr>"
    assert "Spain | 41" in lines(f"<h1>Drought</h1><p>{SENTENCES[0]}</p><table>{rows}</table><p>{SENTENCES[3]}</p>")


def test_very_many_articles_stay_articles() -> None:
    for number, tag in ((3, "section"), (2_000, "article")):
        tree = fromstring("<html><body>" + "<article><p>a</p><p>b</p></article>" * number + "</body></html>")
        make_paragraphs(tree)
        assert sum(1 for _ in tree.iter(tag)) == number


def test_all_text_of_a_page_without_an_article_survives_open_fonts() -> None:
    entries = "".join(f"<font size=2><a href=x>entry {at};</a>" for at in range(400))
    shown = " ".join(lines(f"<nav>{entries}</nav>"))
    assert shown.count("entry") == 400
