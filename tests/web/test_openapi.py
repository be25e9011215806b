"""The OpenAPI document: every address is in it, its examples run, and the pages that explain show it."""

import json
import re
from typing import Any

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from searchsvc.models.search_params import OPTIONS
from searchsvc.web.operations import HTML, OPERATIONS
from searchsvc.web.schema.openapi import DESCRIBED as OF_PROGRAMS
from searchsvc.web.schema.openapi import description
from searchsvc.web.views.help import EXAMPLES as QUERIES
from tests.web.answers import assert_harmless, assert_safe, elements, shown

DESCRIBED = description()
EXAMPLES = [(each.method, address) for each in OF_PROGRAMS for address in each.examples]


def test_every_operation_has_a_route_and_every_route_an_operation(client: TestClient) -> None:
    routed = {
        (route.path, method.lower())
        for route in client.app.routes  # type: ignore[attr-defined]
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert routed == {(each.path, each.method) for each in OPERATIONS}


def test_pages_for_people_are_not_in_the_document() -> None:
    described = {(path, method) for path, methods in DESCRIBED["paths"].items() for method in methods}
    assert described == {(each.path, each.method) for each in OF_PROGRAMS}
    assert not [each for each in OF_PROGRAMS if each.media_type == HTML]
    assert "text/html" not in json.dumps(DESCRIBED)


def test_document_is_what_the_service_gives(client: TestClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.json() == json.loads(json.dumps(DESCRIBED))
    assert (DESCRIBED["openapi"], DESCRIBED["servers"]) == ("3.1.0", [{"url": "/"}])
    assert_safe(answer)


def test_public_address_is_told() -> None:
    assert description("https://search.example.org")["servers"] == [{"url": "https://search.example.org"}]


def test_operations_have_names_of_their_own() -> None:
    names = [each["operationId"] for methods in DESCRIBED["paths"].values() for each in methods.values()]
    assert len(set(names)) == len(names) == len(OF_PROGRAMS)


def test_every_option_of_a_search_request_is_described() -> None:
    described = [each["name"] for each in DESCRIBED["paths"]["/api/v1/search"]["get"]["parameters"]]
    in_body = DESCRIBED["components"]["schemas"]["SearchParams"]["properties"]
    assert set(described) == set(in_body) == {option.name for option in OPTIONS} | {"limit"}


def test_operations_have_readable_names() -> None:
    names = {each["operationId"] for methods in DESCRIBED["paths"].values() for each in methods.values()}
    assert {"searchDocuments", "getDocument", "listSimilarDocuments", "suggestQueries"} <= names
    assert all(re.fullmatch("[a-z]+([A-Z][a-z]+)*", name) for name in names)


def test_every_response_is_described() -> None:
    responses = [
        each
        for methods in DESCRIBED["paths"].values()
        for one in methods.values()
        for each in one["responses"].values()
    ]
    assert [each for each in responses if len(each["description"]) < 5 or each["description"] == "The answer."] == []


def test_every_reference_leads_somewhere() -> None:
    assert {each.rpartition("/")[2] for each in references(DESCRIBED)} <= set(DESCRIBED["components"]["schemas"])


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {value["$ref"]} if "$ref" in value else {each for held in value.values() for each in references(held)}
    return {each for held in value for each in references(held)} if isinstance(value, list) else set()


def test_every_parameter_says_what_it_is() -> None:
    told = [each for methods in DESCRIBED["paths"].values() for one in methods.values() for each in one["parameters"]]
    assert told
    assert [each["name"] for each in told if not each["description"]] == []


@pytest.mark.parametrize(("method", "address"), EXAMPLES)
def test_every_example_runs(client: TestClient, method: str, address: str) -> None:
    [hit] = client.get("/search.json?q=khazaal").json()["hits"]
    answer = client.request(method, address.replace("{id}", hit["id"]))
    assert answer.status_code == 200, answer.text
    assert answer.content


def test_page_for_programs_shows_every_operation_and_type(client: TestClient) -> None:
    answer = client.get("/help/api")
    assert_safe(answer)
    assert_harmless(answer.text)
    text = shown(answer.text)
    assert all(f"{each.method.upper()} {each.path}" in text for each in OF_PROGRAMS)
    assert all(name in text for name in DESCRIBED["components"]["schemas"])


def test_page_of_the_api_begins_with_its_contents(client: TestClient) -> None:
    html = client.get("/help/api").text
    contents = html.partition('<nav class="contents"')[2].partition("</nav>")[0]
    targets = [(each["href"] or "").removeprefix("#") for each in elements(contents, "a")]
    assert {each.id for each in OF_PROGRAMS} | {"types"} <= set(targets)
    assert set(targets) <= {each["id"] for tag in ("h2", "h3") for each in elements(html, tag) if "id" in each}


def test_page_of_the_api_marks_parameters(client: TestClient) -> None:
    html = client.get("/help/api").text
    rows = dict(re.findall(r"<tr><td><code>(\w+)</code></td><td>(\w+)</td>", html))
    assert (rows["id"], rows["field"], rows["page"]) == ("required", "required", "optional")
    assert "1 to 100; default: <code>20</code>" in html
    assert "<dt><code>totalHits</code></dt><dd>required, integer" in html


@pytest.mark.parametrize("path", ["/help/api", "/help/search"])
def test_links_of_a_page_that_explains_lead_somewhere(client: TestClient, path: str) -> None:
    text = client.get(path).text
    addresses = {each["href"] or "" for each in elements(text, "a")}
    ids = {each["id"] for each in elements(text, "h1", "h2", "h3", "main") if "id" in each}
    assert {address for address in addresses if address.startswith("#")} <= {f"#{name}" for name in ids}
    assert [each for each in addresses if not each.startswith("#") and client.get(each).status_code != 200] == []


def test_page_on_syntax_says_how_the_parser_reads_it(client: TestClient) -> None:
    answer = client.get("/help/search")
    assert_safe(answer)
    assert_harmless(answer.text)
    text = shown(answer.text)
    assert all(typed in text for _, texts in QUERIES for typed, _ in texts)
    assert '"coop"' not in text
    assert "coop*" in text


def test_no_example_of_the_syntax_is_ignored(client: TestClient) -> None:
    typed = [typed for _, texts in QUERIES for typed, _ in texts]
    told = [client.get("/search.json", params={"q": each}).json()["queryInfo"]["ignored"] for each in typed]
    assert [each for each in told if each] == []
