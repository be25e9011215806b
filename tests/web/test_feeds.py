"""Feeds and the description for browsers: valid XML whatever the corpus says, addresses as others see them."""

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.views.feeds import NAMESPACES
from tests.web.answers import assert_problem, assert_safe, elements
from tests.web.hostile import DOCUMENTS, PAYLOADS, hostile_service

PUBLIC = "https://search.example.org"
ATOM = {"a": NAMESPACES[""], "os": NAMESPACES["os"]}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a site that knows its address."""
    service = hostile_service(tmp_path_factory.mktemp("hostile"))
    with TestClient(create_app(service, Settings(public_url=PUBLIC))) as opened:
        yield opened


def feed(client: TestClient, typed: str = "") -> ElementTree.Element:
    answer = client.get(f"/search.atom?{typed}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert_safe(answer)
    return ElementTree.fromstring(answer.content)


def links(element: ElementTree.Element) -> dict[str | None, str | None]:
    return {each.get("rel"): each.get("href") for each in element.findall("a:link", ATOM)}


@pytest.mark.parametrize(
    "typed", ["", "q=zebra", "q=nothing", "q=zebra&hitsPerPage=2&page=2", "q=%00%0B%ED%A0%80", "q=]]>"]
)
def test_feed_has_what_the_standard_demands(hostile: TestClient, typed: str) -> None:
    for each in (found := feed(hostile, typed), *found.findall("a:entry", ATOM)):
        assert (each.findtext("a:id", "", ATOM)).startswith("urn:uuid:")
        assert each.findtext("a:title", "", ATOM)
        assert datetime.fromisoformat(each.findtext("a:updated", "", ATOM)).tzinfo
        assert each.find("a:author/a:name", ATOM) is not None
    assert links(found)["self"]


def test_feed_is_about_the_hits(hostile: TestClient) -> None:
    found = feed(hostile, "q=zebra&hitsPerPage=100")
    entries = found.findall("a:entry", ATOM)
    assert found.findtext("os:totalResults", "", ATOM) == str(len(DOCUMENTS))
    assert {each.findtext("a:title", "", ATOM) for each in entries} == {document.title for document in DOCUMENTS}
    assert {each.findtext("a:author/a:name", "", ATOM) for each in entries} == set(PAYLOADS)
    assert {each.findtext("a:updated", "", ATOM) for each in entries} == {"2024-01-01T00:00:00Z"}
    assert len({each.findtext("a:id", "", ATOM) for each in entries}) == len(DOCUMENTS)
    assert all("zebra" in each.findtext("a:summary", "", ATOM) for each in entries)


def test_entries_have_no_child_that_the_corpus_made(hostile: TestClient) -> None:
    names = {re.sub(r"\{.*\}", "", each.tag) for entry in feed(hostile).findall("a:entry", ATOM) for each in entry}
    assert names <= {"id", "title", "updated", "published", "author", "link", "category", "summary"}


def test_addresses_of_a_feed_are_whole_if_the_site_knows_its_own(hostile: TestClient, client: TestClient) -> None:
    found = feed(hostile, "q=zebra&hitsPerPage=2&page=2")
    assert links(found) == {
        "self": f"{PUBLIC}/search.atom?q=zebra&hitsPerPage=2&page=2",
        "next": f"{PUBLIC}/search.atom?q=zebra&hitsPerPage=2&page=3",
        "previous": f"{PUBLIC}/search.atom?q=zebra&hitsPerPage=2",
        "alternate": f"{PUBLIC}/search?q=zebra&hitsPerPage=2",
        "search": f"{PUBLIC}/opensearch.xml",
    }
    [entry, *_] = feed(client, "q=khazaal").findall("a:entry", ATOM)
    assert (links(entry)["alternate"] or "").startswith("/doc/")


def test_host_of_the_request_is_told_nobody(hostile: TestClient) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for path in ("/search.atom", "/opensearch.xml", "/search?q=zebra", "/help/api", "/api/v1/openapi.json"):
        assert "evil" not in hostile.get(path, headers=headers).text


def test_feed_is_newest_first_unless_asked_otherwise(client: TestClient) -> None:
    def titles(path: str) -> list[str]:
        return [hit["title"] for hit in client.get(path).json()["hits"]]

    def entries(typed: str) -> list[str]:
        return [each.findtext("a:title", "", ATOM) for each in feed(client, typed).findall("a:entry", ATOM)]

    assert entries("q=nato") == titles("/search.json?q=nato&sort=published:desc")
    assert entries("q=nato&sort=relevance") == titles("/search.json?q=nato")


def test_feed_has_the_same_id_on_every_page(hostile: TestClient) -> None:
    pages = ("q=zebra&page=1&hitsPerPage=2", "hitsPerPage=2&q=zebra&page=2")
    assert len({feed(hostile, typed).findtext("a:id", "", ATOM) for typed in pages}) == 1
    assert feed(hostile, "q=zebra").findtext("a:id", "", ATOM) != feed(hostile).findtext("a:id", "", ATOM)


def test_wrong_parameter_of_a_feed_is_refused(client: TestClient) -> None:
    assert_problem(client.get("/search.atom?page=x"), 400, "page")


# The description


def test_description_leads_to_the_search_and_to_suggestions(hostile: TestClient) -> None:
    answer = hostile.get("/opensearch.xml")
    assert answer.headers["Content-Type"] == "application/opensearchdescription+xml"
    described = ElementTree.fromstring(answer.content)
    templates = {each.get("type"): each.get("template") or "" for each in described.findall("os:Url", ATOM)}
    assert all(each.startswith(f"{PUBLIC}/") for each in templates.values())
    assert len(described.findtext("os:ShortName", "", ATOM)) <= 16
    for kind in ("text/html", "application/atom+xml", "application/x-suggestions+json"):
        filled = templates[kind].replace("{searchTerms}", "zebra").replace("{startPage?}", "")
        assert hostile.get(filled.removeprefix(PUBLIC)).headers["Content-Type"].startswith(kind)


def test_site_that_does_not_know_its_address_has_no_description(client: TestClient) -> None:
    answer = client.get("/opensearch.xml")
    assert_problem(answer, 404)
    assert "public_url" in answer.json()["detail"]


# What the pages say of them


def test_pages_lead_to_feed_and_description(hostile: TestClient) -> None:
    link_elements = {each["rel"]: each["href"] for each in elements(hostile.get("/search?q=zebra&page=2").text, "link")}
    assert (link_elements["alternate"], link_elements["search"]) == ("/search.atom?q=zebra", "/opensearch.xml")
    assert "canonical" not in link_elements


def test_document_has_one_address_for_all_its_views(hostile: TestClient) -> None:
    [document, *_] = DOCUMENTS
    address = f"/doc/{document.id}/{document.slug}"
    link_elements = {
        each["rel"]: each["href"] for each in elements(hostile.get(f"{address}?q=zebra&view=removed").text, "link")
    }
    assert link_elements["canonical"] == f"{PUBLIC}{address}"


def test_site_that_does_not_know_its_address_offers_no_description(client: TestClient) -> None:
    assert "search" not in {each["rel"] for each in elements(client.get("/").text, "link")}
