"""Web pages: the article with its debris still in it, and what the head states."""

from datetime import date
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.declared_fields import declared_metadata
from searchsvc.ingest.readers.html import (
    _MOST_ELEMENTS,
    _MOST_TAGS,
    article,
    declared_encoding,
    without_data,
)
from searchsvc.ingest.readers.markup import plain_text
from searchsvc.models.documents import CODE

PROSE = "<p>The ministers met on Monday in Brussels to talk about the old treaty again, all said.</p>"


def page(head: str = "", body: str = PROSE * 3) -> str:
    return f"<html><head>{head}</head><body><article>{body}</article></body></html>"


def fields(head: str) -> dict[str, object]:
    return {name: value for name, value in article(page(head))[0].items() if value}


def text_of(source: str) -> str:
    return article(source)[1].text


def test_text_comes_without_tags_scripts_and_comments() -> None:
    text = text_of(page(body=f"<h1>Talks</h1>{PROSE}<!-- no --><script>alert(1)</script>{PROSE}"))
    assert text.startswith("Talks\nThe ministers met")
    assert "alert" not in text
    assert "no" not in text.split()
    assert "<" not in text


def test_a_page_without_an_article_gives_all_its_text() -> None:
    assert text_of("<html><body><script>alert(1)</script>word</body></html>").strip() == "word"


def test_a_page_with_very_many_elements_gives_its_text() -> None:
    text = text_of(page(body="<b>w</b> " * (_MOST_ELEMENTS + 1)))
    assert text.startswith("w w w")


def test_a_page_with_still_more_tags_is_refused() -> None:
    with pytest.raises(UnreadableSeed, match="more than 300,000 tags, the limit for HTML"):
        article("<b>" * (_MOST_TAGS + 1))


ATTRIBUTES = st.sampled_from(["a{}", "a{}=1", "a{}='x>y'", 'a{}="x y"', "data-a{}=/"])


@settings(deadline=None, max_examples=25)
@given(form=ATTRIBUTES, count=st.integers(1_001, 20_000), tag=st.sampled_from(["p", "div", "img", "x-y"]))
@example(form="a{}=1", count=10_000, tag="p")
@example(form="a{}=1", count=200_000, tag="p")
def test_a_tag_with_very_many_attributes_is_refused_at_once(form: str, count: int, tag: str) -> None:
    attributes = " ".join(form.format(number) for number in range(count))
    hostile = page(body=f"{PROSE}<{tag} {attributes}>{PROSE}")
    started = process_time()
    with pytest.raises(UnreadableSeed, match="more than 1,000 attributes in a tag, the limit for HTML"):
        article(hostile)
    assert process_time() - started < 3


def test_a_tag_may_have_very_many_words_in_a_value() -> None:
    text = text_of(page(body=PROSE + f'<p class="{"word " * 19_000}">{PROSE}'))
    assert text.startswith("The ministers met")


@pytest.mark.parametrize("text", ["", "word", "<", "<html>", "<!--", "<?xml", "<![CDATA[", "<html><body></html>"])
def test_what_is_no_page_gives_no_text(text: str) -> None:
    assert text_of(text) == ""


def test_code_is_one_unit_with_its_blank_lines_and_indentation() -> None:
    code = "import quay\n\ndef main():\n    unsafe = quay.widen(1)\n    return unsafe"
    text = article(page(body=f"{PROSE}<pre><code class='py'><span>{code[:6]}</span>{code[6:]}</code></pre>{PROSE}"))[1]
    (unit,) = text.units
    assert (unit.kind, "\n".join(text.text.split("\n")[unit.first_line - 1 : unit.last_line])) == (CODE, code)


def test_line_numbers_beside_code_are_no_code() -> None:
    table = "<table><tr><td><pre>1\n2\n</pre></td><td><pre>x = 1\ny = 2\n</pre></td></tr></table>"
    assert "x = 1\ny = 2" in text_of(page(body=f"{PROSE * 2}{table}{PROSE}"))
    assert "1\n2" not in text_of(page(body=f"{PROSE * 2}{table}{PROSE}"))


def test_sentence_that_the_source_breaks_over_lines_is_one_line() -> None:
    body = f"{PROSE}<p>The quay that\n <a href='/x'>the council</a>\n widened\r\nis open.<br>\nAt last.</p>{PROSE}"
    assert "\nThe quay that the council widened is open.\nAt last.\n" in text_of(page(body=body))


def test_table_is_a_unit_without_its_frame() -> None:
    table = "<table><tr><th>Port</th><th>Boats</th></tr><tr><td>Ada</td><td>9</td></tr></table>"
    text = article(page(body=f"{PROSE}{table}{PROSE}"))[1]
    (unit,) = text.units
    assert text.text.split("\n")[unit.first_line - 1 : unit.last_line] == ["Port | Boats", "Ada | 9"]


@pytest.mark.parametrize(
    "comment",
    [
        "<!--\n Page saved with SingleFile \n url: https://x.org/a?b=1 \n saved date: Mon May 06 2024 10:20:00\n-->",
        "<!-- saved from url=(0023)https://x.org/a?b=1 -->",
    ],
)
def test_saved_page_has_the_address_in_its_comment(comment: str) -> None:
    values, text = article(f"<!DOCTYPE html> <html lang=en>{comment}<title>T</title><body>{PROSE * 3}")
    assert declared_metadata(values).url == "https://x.org/a?b=1"
    assert "SingleFile" not in text.text


def test_images_inside_a_saved_page_do_not_count_for_its_size() -> None:
    image = b'<img src="data:image/png;base64,' + b"iVBORw0KGgo=" * 100 + b'">'
    assert without_data(b"<p>a" + image + b"b") == b'<p>a<img src="data:,">b'


def test_a_full_day_is_a_date() -> None:
    assert fields('<meta property="article:published_time" content="2024-03-01T06:00:00Z">')["date"] == "2024-03-01"


def test_a_month_is_no_date() -> None:
    assert "date" not in fields('<meta property="article:published_time" content="2024-03">')


def test_the_host_is_no_source() -> None:
    assert "source" not in fields('<link rel="canonical" href="https://news.example/a">')


def test_the_language_is_that_of_the_page() -> None:
    assert article('<html lang="de"><p>Hallo')[0]["lang"] == "de"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b'<meta charset="windows-1251">', "cp1251"),
        (b"<META http-equiv=x content='text/html; charset = Shift_JIS'>", "shift_jis"),
        (b"<meta charset=iso-8859-1>", "cp1252"),
        (b"<meta charset=us-ascii>", "cp1252"),
        (b"<meta charset=utf-8>", None),
        (b"<meta charset=utf-16>", None),
        (b"<meta charset=punycode>", None),
        (b"<meta charset=no-such>", None),
        (b"<p>charset=koi8-r", None),
        (b"", None),
    ],
)
def test_a_page_declares_its_encoding(data: bytes, encoding: str | None) -> None:
    assert declared_encoding(data) == encoding


SITE = '<meta property="og:site_name" content="Harbour Times">'
OG = '<meta property="og:title" content="{}">'
TITLE = "<title>{}</title>"
LD = '<script type="application/ld+json">{}</script>'


@pytest.mark.parametrize(
    ("head", "headings"),
    [
        pytest.param(TITLE.format("Quay to be widened - Harbour Times") + SITE, "", id="name of the site cut"),
        pytest.param(
            TITLE.format("Harbour Times: Quay to be widened") + SITE, "<h1>Quay to be widened</h1>", id="in front"
        ),
        pytest.param(OG.format("Quay to be widened | Harbour Times") + SITE, "", id="og:title"),
        pytest.param(OG.format("Quay to be widened - Harbour Times"), "<h1>Quay to be widened</h1>", id="h1 agrees"),
        pytest.param(
            TITLE.format("Quay to be widened | Harbour Times"),
            "<h1>Harbour Times</h1><h2>Quay to be widened</h2>",
            id="h1 with the name of the site",
        ),
        pytest.param(TITLE.format("Quay to be widened - Harbour Times"), "<h1>Related boats</h1>", id="foreign h1"),
        pytest.param(
            TITLE.format("Quay to be widened | News | harbourtimes.com")
            + '<link rel="canonical" href="https://www.harbourtimes.com/a">',
            "<h1>Quay to be widened</h1>",
            id="section and host",
        ),
        pytest.param(
            LD.format('{"@type": "NewsArticle", "headline": "Quay to be widened"}') + TITLE.format("Harbour Times"),
            "",
            id="JSON-LD",
        ),
        pytest.param(
            LD.format(
                '{"@graph": [{"@type": "WebSite", "name": "Port"},'
                ' {"@type": "Article", "headline": "Quay to be widened"}]}'
            )
            + TITLE.format("Quay to be widened – Port"),
            "<h1>Port</h1>",
            id="JSON-LD with a graph",
        ),
        pytest.param(LD.format("{broken") + TITLE.format("Quay to be widened"), "", id="broken JSON-LD"),
        pytest.param(
            TITLE.format("Quay widened by council | Harbour Times") + SITE,
            "<h1>Quay to be widened</h1>",
            id="neither is the other",
        ),
    ],
)
def test_the_title_is_agreed_between_head_and_headings(head: str, headings: str) -> None:
    title = article(page(head, headings + PROSE * 3))[0]["title"]
    assert title == ("Quay widened by council" if "by council" in head else "Quay to be widened")


@pytest.mark.parametrize("headline", ["Why now?", "“We are ready”", "Vote, 2024", "Quays"])
def test_a_short_heading_is_a_title(headline: str) -> None:
    head = TITLE.format(f"{headline} | Harbour Times") + SITE
    assert article(page(head, f"<h1>{headline}</h1>{PROSE * 3}"))[0]["title"] == headline


@pytest.mark.parametrize(
    ("head", "body", "authors"),
    [
        pytest.param(
            "",
            '<div class="byline">By Ada Example, Ben Example Monday, November 18, 2019, 05:30 pm PT</div>',
            ["Ada Example", "Ben Example"],
            id="by-line with a date",
        ),
        pytest.param("", '<p class="author">Von Ada Beispiel, Redakteurin</p>', ["Ada Beispiel"], id="job, German"),
        pytest.param(
            "", '<span class="autor">Por Ana Ejemplo y Luis Modelo</span>', ["Ana Ejemplo", "Luis Modelo"], id="Spanish"
        ),
        pytest.param("", '<a rel="author" href="/a">Ada Example</a>', ["Ada Example"], id="link"),
        pytest.param('<meta name="author" content="Ada Example">', "", ["Ada Example"], id="meta"),
        pytest.param(
            '<meta name="author" content="Admin">', '<i class="byline">Ada Example</i>', ["Ada Example"], id="label"
        ),
        pytest.param(
            '<meta name="author" content="https://x.example/ada">' + SITE, '<i class="x">by</i>', [], id="address"
        ),
        pytest.param('<meta name="author" content="Harbour Times">' + SITE, "", [], id="publisher"),
        pytest.param('<meta name="author" content="Staff Writer">', "", [], id="staff"),
        pytest.param('<meta name="author" content="Harbour Media GmbH">', "", [], id="company"),
        pytest.param(
            LD.format(
                '{"@type": "Article", "author": [{"@type": "Person", "name": "Ada Example"},'
                ' {"@type": "Organization", "name": "AP"}]}'
            ),
            "",
            ["Ada Example"],
            id="JSON-LD: a person before an organisation",
        ),
        pytest.param(
            LD.format(
                '{"@graph": [{"@type": "Article", "author": [{"@id": "#a"}, "#b"], "publisher": {"@id": "#a"}},'
                ' {"@type": ["Person", "Organization"], "@id": "#a", "name": "Ada Example"},'
                ' {"@type": "WebPage", "creator": {"@type": "Person", "@id": "#b", "name": "Ben Example"}}]}'
            ),
            "",
            ["Ada Example", "Ben Example"],
            id="JSON-LD: references",
        ),
        pytest.param(
            LD.format(
                '{"@graph": [{"@type": "Article", "@id": "#a", "author": {"@id": "#a"}},'
                ' {"@id": "#b", "@type": "Article", "author": [{"@id": "#c"}, {"@id": ["#b"]}, {"@id": {}}, {}, 3]}]}'
            ),
            "",
            [],
            id="JSON-LD: references to themselves and to nothing",
        ),
        pytest.param(
            LD.format('<!--\n//<![CDATA[\n{"@type": "Article", "author": "Ada Example"}\n//]]>\n-->'),
            "",
            ["Ada Example"],
            id="JSON-LD in a comment",
        ),
        pytest.param(
            LD.format('/*<![CDATA[*/ [{"@type": "Article", "author": "Ada Example"}] /*]]>*/'),
            "",
            ["Ada Example"],
            id="JSON-LD in CDATA",
        ),
        pytest.param("", '<div class="comment-author">Troll Example</div>', [], id="author of a comment"),
        pytest.param('<meta name="author" content="Ada Example, Senior Editor">', "", ["Ada Example"], id="jobs"),
    ],
)  # fmt: skip
def test_authors_are_persons(head: str, body: str, authors: list[str]) -> None:
    assert article(page(head, body + PROSE * 3))[0]["author"] == authors


def test_the_date_of_a_byline_is_that_of_the_page() -> None:
    byline = '<div class="byline">By Ada Example Monday, November 18, 2019, 05:30 pm PT</div>'
    assert article(page("", byline + PROSE * 3))[0]["date"] == "2019-11-18"


CAPTION = "<figcaption>A crowd waits at the old harbour, <em>photo by Ada Example</em></figcaption>"
PICTURE = f"<figure><img src=a.jpg>{CAPTION}</figure>"


def test_caption_of_a_picture_is_no_running_text() -> None:
    text = text_of(page(body=PROSE * 2 + PICTURE + PROSE))
    assert text.count("The ministers met") == 1  # extraction drops repeated paragraphs
    assert "harbour" not in text


def test_captions_that_carry_the_article_are_paragraphs() -> None:
    captions = [f"Picture {n}: the harbour of the town at dawn, as seen from the old lighthouse." for n in range(4)]
    figures = "".join(
        f"<figure><img src={n}.jpg><figcaption>{text}</figcaption></figure>" for n, text in enumerate(captions)
    )
    lines = text_of(page(body=f"<h1>The week in pictures</h1><p>Seven days in June.</p>{figures}")).split("\n")
    assert [line for line in lines if line.startswith("Picture")] == captions


def test_captions_outside_the_article_stay_out() -> None:
    teaser = f"<aside>{PICTURE * 9}</aside>"
    assert "harbour" not in text_of(f"<html><body><article>{PROSE}</article>{teaser}</body></html>")


def test_captions_in_html_fields_count_if_they_are_longer_than_the_rest() -> None:
    assert plain_text(f"{PROSE}{PICTURE}") == PROSE[3:-4]
    assert plain_text(f"<p>Look:</p>{PICTURE}") == "Look:\n\nA crowd waits at the old harbour, photo by Ada Example"


def test_code_and_quotations_in_figures_are_text_without_their_captions() -> None:
    code = f"<figure><pre>a = 1\nb = 2</pre>{CAPTION}</figure>"
    quotation = f"<figure><blockquote>All is well that ends well in this town.</blockquote>{CAPTION}</figure>"
    text = text_of(page(body=PROSE + code + PROSE.replace("Monday", "Tuesday") + quotation))
    assert "a = 1\nb = 2" in text
    assert "All is well" in text
    assert "harbour" not in text


@pytest.mark.parametrize("number", ["1718352000", "1718352000000", '"1718352000000"', "1718352000.5"])
def test_a_number_in_json_ld_is_a_date(number: str) -> None:
    head = LD.format(f'{{"@type": "NewsArticle", "headline": "Quay", "datePublished": {number}}}')
    declared = declared_metadata(fields(head + '<meta property="article:modified_time" content="2024-07-01">'))
    assert declared.published == date(2024, 6, 14)


def test_a_number_of_year_month_day_and_hour_is_no_day_in_the_future() -> None:
    head = LD.format('{"@type": "NewsArticle", "headline": "Quay", "datePublished": "2024050612"}')
    declared = declared_metadata(fields(head + '<meta property="article:published_time" content="2024-05-06">'))
    assert declared.published == date(2024, 5, 6)


def test_a_graph_of_references_takes_linear_time() -> None:
    persons = ",".join(f'{{"@type":"Article","@id":"#{n}","author":[{{"@id":"#{n + 1}"}}]}}' for n in range(9_000))
    start = process_time()
    fields(LD.format(f'{{"@graph": [{persons}]}}'))
    assert process_time() - start < 2
