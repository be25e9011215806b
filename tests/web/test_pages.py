"""The pages for people: what they show, where their links lead, hostile text in every field."""

import gzip
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.web.answers import assert_harmless, assert_safe, elements, shown
from tests.web.hostile import PAYLOADS, hostile_service

PAGES = ("/", "/search")
VIEWS = ("clean", "original", "removed")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(hostile_service(tmp_path_factory.mktemp("hostile")))) as opened:
        yield opened


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a service over articles of two months."""
    folder = tmp_path_factory.mktemp("dated")
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for number, (author, day) in enumerate([("Ann Lee", 31), ("Ben Okri", 32), ("Ann Lee", 60)], 1):
            published = date(2024, 1, 1) + timedelta(day - 1)
            text = f"harbour {number}"
            generation.add(
                Document(f"{number:016x}", "s", f"{number}.txt", "", text, text, author=author, published=published),
                text,
            )
    with TestClient(create_app(SearchService(engine, Settings(index=folder)))) as opened:
        yield opened


def page(client: TestClient, path: str, params: dict[str, str] | None = None) -> str:
    """The HTML of an answer that must be 200."""
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return response.text


def links(html: str) -> list[str]:
    return [address["href"] or "" for address in elements(html, "a")]


def hits(html: str) -> list[str]:
    """The addresses of the documents found, in order."""
    return [address for address in links(html) if address.startswith("/doc/")]


def documents(html: str) -> list[str]:
    """The addresses of the documents found, in order, without the search that each of them holds."""
    return [address.partition("?")[0] for address in hits(html)]


def link_to(html: str, label: str) -> str:
    """Where the one link whose text begins with `label` leads."""
    found = [part for part in html.split("<a ")[1:] if shown("<a " + part.partition("</a>")[0]).startswith(label)]
    assert len(found) == 1, (label, found)
    return elements("<a " + found[0], "a")[0]["href"] or ""


# Search


@pytest.mark.parametrize("path", PAGES)
def test_page_without_a_query_shows_every_article(client: TestClient, path: str) -> None:
    assert len(hits(page(client, path))) == 5


@pytest.mark.parametrize("path", PAGES)
def test_page_is_labelled_and_has_one_search_form(client: TestClient, path: str) -> None:
    html = page(client, path)
    assert elements(html, "html")[0]["lang"] == "en"
    assert [(form["action"], form.get("role")) for form in elements(html, "form")] == [
        ("/search", "search"),
        ("/search", None),  # dates
    ]
    assert {label.get("for") for label in elements(html, "label")} == {"q", "shortcuts", None}
    assert len(elements(html, "h1")) == len(elements(html, "main")) == 1


def test_results_show_the_query_the_count_and_marks(client: TestClient) -> None:
    html = page(client, "/search", {"q": "khazaal"})
    assert elements(html, "input")[0]["value"] == "khazaal"
    assert "1 article" in shown(html)
    assert "<title>khazaal" in html
    assert len(hits(html)) == 1


def test_matches_are_marked_in_title_and_snippet(client: TestClient) -> None:
    html = page(client, "/search", {"q": "cooperation khazaal"})
    assert "<mark>Cooperation</mark>" in html
    assert "<mark>cooperation</mark>" in html


def test_nothing_found_is_said_kindly_with_a_way_on(client: TestClient) -> None:
    html = page(client, "/search", {"q": "Крым"})
    assert documents(html.partition("Newest articles")[2]) == documents(page(client, "/"))[:5]
    assert "Nothing found for Крым" in " ".join(shown(html).split())
    assert "check the spelling" in html
    assert "/search" in links(html)


def test_facet_link_adds_the_filter_and_its_chip_takes_it_away(client: TestClient) -> None:
    narrowed = page(client, link_to(page(client, "/search", {"q": "nato"}), "Precious Valerie"))
    assert len(hits(narrowed)) == 2
    assert len(hits(page(client, link_to(narrowed, "Remove filter Author: Precious Valerie")))) == 5


def test_active_facet_link_takes_the_filter_away(client: TestClient) -> None:
    narrowed = page(client, "/search", {"q": "nato", "filter": "author:Precious Valerie"})
    assert len(hits(page(client, link_to(narrowed, "Precious Valerie")))) == 5


def test_form_keeps_filters_and_order(client: TestClient) -> None:
    asked = {"filter": "-author:Precious Valerie", "sort": "published:asc", "from": "2024-01-01", "to": "2024-02-01"}
    kept = elements(page(client, "/search", asked), "input")
    assert {field["name"]: field["value"] for field in kept if field["type"] == "hidden"} == asked


def test_chip_names_the_days_and_takes_them_away(client: TestClient) -> None:
    html = page(client, "/search", {"from": "2024-01-01"})
    assert hits(html) == []
    assert len(hits(page(client, link_to(html, "Remove filter From 1 January 2024")))) == 5


def test_next_and_previous_lead_through_the_pages(client: TestClient) -> None:
    whole = documents(page(client, "/search", {"q": "russia"}))
    first = page(client, "/search", {"q": "russia", "hitsPerPage": "3"})
    second = page(client, link_to(first, "Next"))
    assert documents(first) + documents(second) == whole
    assert documents(page(client, link_to(second, "← Previous"))) == documents(first)


def test_order_can_be_chosen(client: TestClient) -> None:
    chosen = page(client, link_to(page(client, "/search", {"q": "nato"}), "Oldest first"))
    assert parse_qs(urlsplit(link_to(chosen, "Newest first")).query) == {"q": ["nato"], "sort": ["published:desc"]}


def test_page_behind_the_last_leads_back(client: TestClient) -> None:
    html = page(client, "/search", {"q": "nato", "page": "3"})
    assert "Page 3 does not exist" in html
    assert hits(html) == []


def test_what_was_ignored_of_a_query_is_told(client: TestClient) -> None:
    assert "needs 3 letters" in page(client, "/search", {"q": "ab* nato"})


def test_hits_with_some_of_the_words_stand_under_a_heading_of_their_own(client: TestClient) -> None:
    html = page(client, "/search", {"q": "khazaal russia"})
    before, heading, behind = html.partition("Partial matches")
    assert (len(hits(before)), len(hits(behind))) == (1, 4)
    assert heading
    assert "<s>khazaal</s>" in behind
    assert "5 articles, 4 partial matches" in " ".join(shown(html).split())
    assert [ol["start"] for ol in elements(html, "ol")] == ["1", "2"]


def test_heading_stands_again_on_every_page_that_has_such_hits(client: TestClient) -> None:
    second = page(client, "/search", {"q": "khazaal russia", "hitsPerPage": "2", "page": "2"})
    assert "Partial matches" in second
    assert elements(second, "ol")[0]["start"] == "3"


def test_only_hits_with_all_words_can_be_asked_for(client: TestClient) -> None:
    strictly = page(client, link_to(page(client, "/search", {"q": "khazaal russia"}), "Show only full matches"))
    assert len(hits(strictly)) == 1
    assert {"name": "matchingStrategy", "type": "hidden", "value": "all"} in elements(strictly, "input")


def test_filter_typed_is_a_chip_that_takes_it_out_of_the_text(client: TestClient) -> None:
    html = page(client, "/search", {"q": 'nato source:"Prensa Latina" -author:nobody talks'})
    without = link_to(html, "Remove filter Source: Prensa Latina")
    assert parse_qs(urlsplit(without).query) == {"q": ["nato -author:nobody talks"]}
    assert parse_qs(urlsplit(link_to(html, "Remove filter Author is not nobody")).query) == {
        "q": ['nato source:"Prensa Latina" talks']
    }


def test_reading_is_shown_where_it_differs_from_what_was_typed(client: TestClient) -> None:
    assert "Interpreted as" not in page(client, "/search", {"q": "nato  russia"})
    assert "<code>+nato +russia</code>" in page(client, "/search", {"q": "nato AND russia"})


@pytest.mark.parametrize(
    "typed",
    [
        "q=nato&matchingStrategy=most",
        "q=nato&syntax=sql",
        "q=nato&colour=red",
        "q=nato&page=x",
        "q=nato&page=0",
        "q=nato&page=9999",
        "q=nato&hitsPerPage=1000",
        "q=nato&sort=newest",
        "q=nato&from=yesterday",
        "q=nato&filter=colour:red",
        "q=nato&filter=",
        "q=nato&facets=colour",
        "q=nato&facetLimit=0",
        "q=russia&q=nato",
        "q=nato&sort=relevance&sort=newest",
        "q=nato&%00=%ED%A0%80",
    ],
)
@pytest.mark.parametrize("path", PAGES)
def test_bad_parameter_is_ignored(client: TestClient, path: str, typed: str) -> None:
    html = page(client, f"{path}?{typed}")
    assert documents(html) == documents(page(client, "/search?q=nato"))
    assert elements(html, "input")[0]["value"] == "nato"


# Documents


def test_hit_leads_to_its_document_with_marks(client: TestClient) -> None:
    [address, *_] = hits(page(client, "/search", {"q": "khazaal cooperation"}))
    html = page(client, address)
    assert '<mark id="match-1">cooperation</mark>' in html
    assert "matches for khazaal cooperation" in shown(html)
    assert link_to(html, "← Back to results") == "/search?q=khazaal+cooperation"


def test_document_shows_what_it_is_about(client: TestClient) -> None:
    text = shown(page(client, hits(page(client, "/search", {"q": "khazaal"}))[0]))
    assert "Hassan Khazaal" in text
    assert "Prensa Latina" in text
    assert "unknown" in text
    assert "003_b08662cfda262724.txt" in text


def test_document_has_one_address_whatever_led_there(client: TestClient) -> None:
    address = hits(page(client, "/search", {"q": "khazaal", "sort": "published:asc"}))[0]
    canonical = [link for link in elements(page(client, address), "link") if link["rel"] == "canonical"]
    assert [link["href"] for link in canonical] == [address.partition("?")[0]]


def test_document_leads_back_to_the_list_with_its_filters_and_page(client: TestClient) -> None:
    listed = "/search?q=nato&filter=author%3APrecious+Valerie&sort=published%3Aasc&hitsPerPage=1&page=2"
    html = page(client, hits(page(client, listed))[0])
    assert link_to(html, "← Back to results") == listed
    assert link_to(page(client, link_to(html, "Removed")), "← Back to results") == listed


def test_similar_articles_are_linked(client: TestClient) -> None:
    html = page(client, documents(page(client, "/search", {"q": "khazaal"}))[0])
    assert len(hits(html.partition("Similar articles")[2])) >= 1


def test_comparison_with_what_is_no_copy_is_the_clean_view(client: TestClient) -> None:
    first, second = documents(page(client, "/search"))[:2]
    shown = page(client, f"{first}?view=compared&with={second.split('/')[2]}")
    assert elements(shown, "ins") == elements(shown, "del") == []
    assert {"class": "text", "dir": "auto"} in elements(shown, "div")


def test_removed_view_names_rule_and_reason_of_each_block(client: TestClient) -> None:
    address = hits(page(client, "/search", {"q": "khazaal"}))[0].partition("?")[0]
    removed = client.get(f"/api/v1/documents/{address.split('/')[2]}").json()["removed"]
    text = shown(page(client, address, {"view": "removed"}))
    assert removed
    assert all(block["text"] in text and block["rule"] in text and block["reason"] in text for block in removed)


def test_original_view_strikes_out_removed_lines(client: TestClient) -> None:
    address = hits(page(client, "/search", {"q": "khazaal"}))[0].partition("?")[0]
    html = page(client, address, {"view": "original"})
    assert '<del dir="auto">' in html
    assert '<span dir="auto">The Deputy Foreign Minister' in html


def test_views_link_to_each_other_and_keep_the_query(client: TestClient) -> None:
    html = page(client, hits(page(client, "/search", {"q": "khazaal"}))[0])
    removed = page(client, link_to(html, "Removed"))
    original = page(client, link_to(removed, "Original"))
    assert link_to(original, "← Back to results") == "/search?q=khazaal"
    assert page(client, link_to(original, "Clean")) == html


@pytest.mark.parametrize("view", ["", "x", "<b>", "%00", "%ED%A0%80"])
def test_unknown_view_is_the_clean_one(client: TestClient, view: str) -> None:
    address = hits(page(client, "/search"))[0]
    assert page(client, f"{address}?view={view}") == page(client, address)


@pytest.mark.parametrize("slug", ["", "/wrong", "/%ED%A0%80", "/NATO"])
def test_wrong_slug_is_sent_to_the_right_one(client: TestClient, slug: str) -> None:
    right = hits(page(client, "/search"))[0]
    response = client.get(right.rpartition("/")[0] + slug + "?q=a+b%26c&view=removed")
    assert (response.status_code, response.headers["Location"]) == (308, f"{right}?q=a+b%26c&view=removed")
    assert_safe(response)


def test_hostile_parameters_of_a_wrong_slug_stay_parameters(client: TestClient) -> None:
    right = hits(page(client, "/search"))[0]
    location = client.get(right + "x", params={"q": "\r\nSet-Cookie: a=b", "view": "//evil.example"}).headers[
        "Location"
    ]
    assert urlsplit(location).path == right
    assert parse_qs(urlsplit(location).query) == {"q": ["\r\nSet-Cookie: a=b"], "view": ["//evil.example"]}


# Delivery


@pytest.mark.parametrize("path", [*PAGES, "/static/style.css", "/static/icon.svg"])
def test_head_answers_like_get_without_a_body(client: TestClient, path: str) -> None:
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")
    assert_safe(response)


@pytest.mark.parametrize("path", [*PAGES, "/search?q=nato", "/search?q=zeppelin", "/static/style.css"])
def test_pages_carry_the_security_headers(client: TestClient, path: str) -> None:
    assert_safe(client.get(path))


def test_pages_are_compressed_on_request(client: TestClient) -> None:
    assert client.get("/", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    assert client.get("/", headers={"Accept-Encoding": "identity"}).text.startswith("<!doctype html>")


IMPORTS = re.compile(r'^import .* from "(.*)";$', re.MULTILINE)


def loaded(client: TestClient, script: str) -> dict[str, str]:
    """The script at an address and all that it imports, by their addresses."""
    scripts: dict[str, str] = {}
    waiting = [script]
    while waiting:
        address = waiting.pop()
        if address not in scripts:
            scripts[address] = client.get(address).raise_for_status().text
            waiting += [urljoin(address, each) for each in IMPORTS.findall(scripts[address])]
    return scripts


def packed(texts: Iterable[str]) -> int:
    """How many bytes these are when each is sent packed."""
    return sum(len(gzip.compress(text.encode(), 9)) for text in texts)


def test_everything_a_page_loads_is_served_here(client: TestClient) -> None:
    html = page(client, "/")
    addresses = [link["href"] or "" for link in elements(html, "link")] + list(loaded(client, "/static/page.js"))
    assert [client.get(address).status_code for address in addresses] == [200] * len(addresses) != []


def test_script_and_style_of_a_page_are_small(client: TestClient) -> None:
    scripts = loaded(client, "/static/page.js")
    assert len(scripts) > 5
    assert packed([*scripts.values(), client.get("/static/style.css").text]) <= 14 << 10


def test_box_for_other_sites_is_small_and_open_to_them(client: TestClient) -> None:
    scripts = loaded(client, "/embed.js")
    assert "/static/combobox.js" in scripts
    assert packed(scripts.values()) <= 12 << 10
    assert {client.get(address).headers["Access-Control-Allow-Origin"] for address in scripts} == {"*"}


def test_no_script_makes_html_of_text(client: TestClient) -> None:
    for script in {**loaded(client, "/static/page.js"), **loaded(client, "/embed.js")}.values():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)


# Hostile text


def test_results_of_a_hostile_corpus_are_harmless(hostile: TestClient) -> None:
    html = page(hostile, "/search", {"q": "zebra", "facetLimit": "100"})
    assert len(hits(html)) == len(PAYLOADS)
    assert_harmless(html)
    assert all(payload in shown(html) for payload in PAYLOADS)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("number", "payload"), list(enumerate(PAYLOADS)))
def test_hostile_document_is_harmless(hostile: TestClient, number: int, payload: str, view: str) -> None:
    html = page(hostile, f"/doc/{number:016x}/zebra", {"q": "zebra script alert", "view": view})
    assert_harmless(html)
    assert payload in shown(html)
    assert "1337" not in html  # 7 * 191


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_query_is_shown_and_harmless(hostile: TestClient, payload: str) -> None:
    for path in (*PAGES, f"/doc/{0:016x}/zebra"):
        html = page(hostile, path, {"q": payload, "view": payload})
        assert_harmless(html)
        assert elements(html, "input")[0]["value"] == payload
        assert "1337" not in html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_filter_is_shown_and_harmless(hostile: TestClient, payload: str) -> None:
    html = page(hostile, "/search", {"filter": f"author:{payload}", "sort": payload, "from": payload})
    assert_harmless(html)
    assert len(hits(html)) == 1
    assert f"Author: {payload}" in shown(html)
    assert len(hits(page(hostile, link_to(html, "Remove filter Author")))) == len(PAYLOADS)


@pytest.mark.parametrize(
    "typed", ["%00", "a%00b", "%ED%A0%80", "%22%ED%A0%80%22", "title:%ED%BF%BF*", "%FF", "%", "%zz"]
)
def test_no_query_is_a_fault(client: TestClient, typed: str) -> None:
    [document] = hits(page(client, "/search?q=khazaal"))
    for path in (*PAGES, document.partition("?")[0]):
        assert client.get(f"{path}?q={typed}").status_code == 200


@pytest.mark.parametrize("path", [f"/doc/{quote(payload, safe='')}" for payload in PAYLOADS])
def test_hostile_address_is_harmless(hostile: TestClient, path: str) -> None:
    response = hostile.get(path)
    assert response.status_code == 404
    assert_harmless(response.text)
    assert "<script>" not in response.text


def test_misspelt_query_shows_what_was_looked_for_and_a_way_back(client: TestClient) -> None:
    page = client.get("/search", params={"q": "khazal"}).text
    assert "Showing results for <q>khazaal</q>" in page
    assert 'href="/search?q=khazal&amp;typo=off">Search for the exact words instead</a>' in page
    assert "?q=khazaal" in page  # the document's page marks what was found
    assert "Showing results for" not in client.get("/search", params={"q": "khazal", "typo": "off"}).text


def test_corrected_query_is_escaped(client: TestClient) -> None:
    page = client.get("/search", params={"q": "khazal <script>alert(1)</script>"}).text
    assert "Showing results for <q>khazaal &lt;script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("days", "label"),
    [
        ({"from": "2024-01-01"}, "From 1 January 2024"),
        ({"to": "2024-12-31"}, "Until 31 December 2024"),
        ({"from": "2024-01-01", "to": "2024-12-31"}, "From 1 January 2024 to 31 December 2024"),
    ],
)
def test_chip_shows_the_period(client: TestClient, days: dict[str, str], label: str) -> None:
    assert f"Remove filter {label} ×" in " ".join(shown(page(client, "/search", days)).split())


def test_words_ignored_for_the_same_reason_share_a_note(client: TestClient) -> None:
    html = page(client, "/search", {"q": "who is the nato"})
    assert html.count("too common") == 1


def test_page_offers_a_facet_value_that_the_query_names(client: TestClient) -> None:
    html = page(client, "/search", {"q": "precious valerie"})
    link = re.search(r'Precious Valerie: <a href="([^"]+)">show only this author</a>', html)
    assert link is not None
    only = page(client, unescape(link[1]))
    assert len(hits(only)) == 2
    assert "show only this" not in only


# Histogram, collection, values of a facet


def test_bars_of_the_histogram_filter_by_their_days(dated: TestClient) -> None:
    html = page(dated, "/search", {"q": "harbour"})
    assert "January 2024: 1" in shown(html)
    bars = [each for each in elements(html, "a") if each.get("tabindex") == "-1"]
    found = page(dated, bars[-1]["href"] or "")
    assert len(hits(found)) == 2
    assert "From 1 February 2024 to 29 February 2024" in shown(found)


def test_first_page_says_what_the_collection_is(dated: TestClient) -> None:
    html = page(dated, "/")
    assert "All 3 articles, from January 2024 to February 2024, updated on" in shown(html)
    assert "updated on" not in shown(page(dated, "/search", {"q": "harbour"}))


def test_page_beyond_the_end_is_not_in_the_title(dated: TestClient) -> None:
    assert "<title>searchsvc</title>" in page(dated, "/search", {"page": "9"})
    assert "<title>page 2 – searchsvc</title>" in page(dated, "/search", {"page": "2", "hitsPerPage": "2"})


def test_values_of_a_facet_can_be_found(dated: TestClient) -> None:
    assert link_to(page(dated, "/search", {"q": "harbour", "facetLimit": "2"}), "Find").startswith("/filters/author?q=")
    html = page(dated, "/filters/author", {"q": "harbour", "find": "okr"})
    assert "Ann Lee" not in shown(html)
    assert len(hits(page(dated, link_to(html, "Ben Okri")))) == 1


def test_unknown_filter_does_not_exist(dated: TestClient) -> None:
    assert dated.get("/filters/title").status_code == 404


@pytest.mark.parametrize("find", ["", "<script>", "'"])
def test_values_of_a_facet_are_escaped(hostile: TestClient, find: str) -> None:
    for name in ("author", "source", "folder"):
        assert_harmless(page(hostile, f"/filters/{name}", {"find": find, "q": PAYLOADS[0]}))


def test_text_in_another_language_says_so(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    with engine.new_generation() as generation:
        for number, language in enumerate(["de", "en", 'x" onload="'], 1):
            text = f"Hafen {number}"
            generation.add(Document(f"{number:016x}", "s", "a.txt", "", text, text, language=language), text)
    with TestClient(create_app(SearchService(engine, Settings(index=tmp_path)))) as client:
        html = page(client, "/search", {"q": "hafen"})
        assert {each.get("lang") for each in elements(html, "h2") if "lang" in each} == {"de"}
        assert [each.get("lang") for each in elements(page(client, "/doc/0000000000000001/s"), "h1")] == ["de"]


def test_code_in_descriptions_of_the_api_is_marked_as_code(client: TestClient) -> None:
    html = page(client, "/help/api")
    assert "<code>errors</code> lists every unknown or invalid parameter" in html
    assert "&lt;code" not in html
    assert "`" not in html


def test_article_without_matches_counts_none(client: TestClient) -> None:
    address = client.get("/api/v1/search?q=khazaal").json()["hits"][0]["link"]
    assert "matches for" not in page(client, f"{address}?q=zeppelin")
    assert "for <q>nato</q>" in page(client, f"{address}?q=nato")
