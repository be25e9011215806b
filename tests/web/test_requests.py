"""What can be asked: the types name the same values as the engine and the service, by GET and by POST."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.testclient import TestClient

from searchsvc import matching_strategy
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.query import SORTS
from searchsvc.models import search_request
from searchsvc.models.search import Filter
from searchsvc.models.search_params import OPTIONS
from searchsvc.models.search_request import SearchRequest
from searchsvc.query import SYNTAXES
from searchsvc.query.search_scope import SCOPES
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.schema import query_params
from searchsvc.web.schema.query_params import ParsedRequest
from searchsvc.web.views.api import MAX_BODY
from tests.web.answers import assert_problem, assert_safe
from tests.web.hostile import DOCUMENTS


@pytest.mark.parametrize(
    ("named", "values"),
    [
        (search_request.SORTS, SORTS),
        (search_request.STRATEGIES, matching_strategy.STRATEGIES),
        (search_request.SYNTAXES, SYNTAXES),
        (search_request.SCOPES, SCOPES),
    ],
)
def test_options_have_the_values_that_the_engine_and_the_parser_know(named: Any, values: tuple[str, ...]) -> None:
    assert named == values


def test_every_option_survives_the_way_through_an_address() -> None:
    request = SearchRequest(
        "nato", (Filter("author", ("A", "B"), exclude=True), Filter("source", ("C",))), date(2024, 1, 2),
        date(2024, 3, 4), "published:asc", (), 5, True, "any", "literal", False, True, 30, 3, True, 50,
        ("title", "url"), "offsets", None, 7, 2, "a.5", True, "on", "original",
    )  # fmt: skip
    assert all(getattr(request, each.field) != each.default for each in OPTIONS if each.field != "offset")
    for each in (request, replace(request, page=1, offset=14)):
        assert query_params.read_pairs(parse_qsl(query_params.address(each), True)) == ParsedRequest(each, ())


def test_days_in_the_wrong_order_are_an_error_of_the_api(client: TestClient) -> None:
    for address in ("/search.json", "/api/v1/search", "/search.atom", "/api/v1/facets/source"):
        assert_problem(client.get(f"{address}?from=2024-06-01&to=2024-01-31"), 400, "from")
    assert_problem(client.post("/api/v1/search", json={"from": "2024-06-01", "to": "2024-01-31"}), 400, "from")


def test_days_in_the_wrong_order_are_swapped_by_the_page(client: TestClient) -> None:
    swapped = client.get("/search?from=2030-06-01&to=2000-01-31")
    assert "have been swapped" in swapped.text
    assert "From 31 January 2000 to 1 June 2030" in swapped.text
    assert "have been swapped" not in client.get("/search?from=2000-01-31&to=2030-06-01").text


@pytest.mark.parametrize(
    ("parameters", "note"),
    [
        ("filter=foo:bar", "<code>filter=foo:bar</code>: not valid in an address, ignored"),
        ("filter=published:soon", "<code>filter=published:soon</code>: not valid in an address, ignored"),
        ("sort=colour&from=soon", "<code>sort=colour</code>, <code>from=soon</code>: not valid in an address"),
        ("filter=%3Cb%3E", "<code>filter=&lt;b&gt;</code>: not valid"),
    ],
)
def test_page_names_invalid_parameters(client: TestClient, parameters: str, note: str) -> None:
    client.get("/search?q=nato")  # the same search, cached
    assert note in client.get(f"/search?q=nato&{parameters}").text
    assert "not valid in an address" not in client.get("/search?q=nato").text


def test_page_ignores_parameters_that_other_sites_add(client: TestClient) -> None:
    assert "not valid in an address" not in client.get("/search?q=nato&utm_source=letter").text


def test_filter_with_the_later_day_first_is_an_error_with_advice(client: TestClient) -> None:
    problem = client.get("/api/v1/search?filter=published:2024..2023")
    assert_problem(problem, 400, "from")
    assert problem.json()["detail"] == "from is after to: 2024-12-31 is later than 2023-01-01; swap them"
    shown = client.get("/search?filter=published:2024..2023").text
    assert "have been swapped" in shown
    assert "From 1 January 2023 to 31 December 2024" in shown
    assert "not valid in an address" not in shown


def test_invalid_cursor_is_explained(client: TestClient) -> None:
    detail = client.get("/api/v1/search?cursor=abc").json()["detail"]
    assert detail == (
        "cursor must be the value of nextCursor in the previous response; leave it out for the first page"
    )


def test_unknown_document_is_not_in_the_index(client: TestClient) -> None:
    assert client.get("/api/v1/documents/zzz").json()["detail"] == "This article is not in the index."


def test_every_invalid_parameter_is_reported_at_once(client: TestClient) -> None:
    response = client.get("/api/v1/search?page=x&colour=red&typo=maybe&hitsPerPage=0")
    assert_problem(response, 400, "page")
    assert [each["name"] for each in response.json()["errors"]] == ["page", "colour", "typo", "hitsPerPage"]
    assert all(each["detail"] for each in response.json()["errors"])


def found(client: TestClient, typed: str) -> Any:
    answer = client.get(f"/api/v1/search?{typed}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def sent(client: TestClient, asked: Any) -> Any:
    answer = client.post("/api/v1/search", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


# One name per field, with its aliases


@pytest.mark.parametrize(
    ("alias", "documented"),
    [
        ("filter=lang:en", "filter=language:en"),
        ("filter=-topic:NATO", "filter=-topics:NATO"),
        ("filter=date:2024-03", "from=2024-03-01&to=2024-03-31"),
        ("filter=published:2023..2024-06", "from=2023-01-01&to=2024-06-30"),
        ("facets=topic,lang", "facets=topics,language"),
        ("sort=date:asc", "sort=published:asc"),
        ("attributesToRetrieve=date,lang", "attributesToRetrieve=published,language"),
    ],
)
def test_aliases_of_fields_are_accepted(client: TestClient, alias: str, documented: str) -> None:
    assert found(client, f"{alias}&q=nato")["links"] == found(client, f"{documented}&q=nato")["links"]


@pytest.mark.parametrize(
    ("alias", "documented"),
    [
        ("lang:en nato", "language:en nato"),
        ("topic:nato", "topics:nato"),
        ("date:2024-03", "published:2024-03"),
        ("LANG:en", "language:en"),
    ],
)
def test_aliases_of_fields_are_accepted_in_queries(client: TestClient, alias: str, documented: str) -> None:
    one, other = (found(client, urlencode({"q": query})) for query in (alias, documented))
    assert one["totalHits"] == other["totalHits"]
    assert one["queryInfo"]["ignored"] == other["queryInfo"]["ignored"] == []
    assert [hit["id"] for hit in one["hits"]] == [hit["id"] for hit in other["hits"]]


def test_aliases_of_facets_are_accepted(client: TestClient) -> None:
    assert values(client, "lang") == values(client, "language") != {}


@pytest.mark.parametrize("text", ["-published:2024", "published:soon", "date:yesterday", "published:"])
def test_date_that_no_filter_can_express_is_refused(client: TestClient, text: str) -> None:
    assert_problem(client.get("/api/v1/search", params={"filter": text}), 400, "filter")


# By a body of JSON


@pytest.mark.parametrize(
    ("asked", "typed"),
    [
        ({}, ""),
        ({"q": "nato", "page": 2, "hitsPerPage": 1, "facets": ["author"]}, "q=nato&page=2&hitsPerPage=1&facets=author"),
        (
            {"q": "nato", "filter": ["language:en", "-author:x"], "sort": None},
            "q=nato&filter=language:en&filter=-author:x",
        ),
        ({"from": "2024-01-01", "to": None, "facets": []}, "from=2024-01-01&facets=,"),
        ({"page": 1.0, "hitsPerPage": 2e0}, "hitsPerPage=2"),
        ({"offset": 1, "limit": 2, "highlight": "none"}, "offset=1&limit=2&highlight=none"),
        ({"offset": None, "limit": None, "page": 2, "hitsPerPage": 1}, "page=2&hitsPerPage=1"),
    ],
)
def test_body_asks_the_same_as_an_address(client: TestClient, asked: Any, typed: str) -> None:
    posted, got = sent(client, asked), found(client, typed)
    assert posted["links"] == got["links"]
    assert posted["hits"] == got["hits"]
    assert posted["facetDistribution"] == got["facetDistribution"]


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"qq": "nato"}, "qq"),
        ({"q": 1}, "q"),
        ({"q": None}, "q"),
        ({"q": "x" * 2049}, "q"),
        ({"page": "1"}, "page"),
        ({"page": 1.5}, "page"),
        ({"page": True}, "page"),
        ({"hitsPerPage": 101}, "hitsPerPage"),
        ({"filter": "language:en"}, "filter"),
        ({"filter": ["colour:red"]}, "filter"),
        ({"filter": [["language:en"]]}, "filter"),
        ({"facets": ["colour"]}, "facets"),
        ({"facets": "author"}, "facets"),
        ({"from": "yesterday"}, "from"),
        ({"typo": True}, "typo"),
        ({"offset": 1, "page": 1}, "offset"),
        ([], "body"),
        ("nato", "body"),
    ],
)
def test_wrong_body_is_refused_by_name(client: TestClient, asked: Any, parameter: str) -> None:
    assert_problem(client.post("/api/v1/search", json=asked), 400, parameter)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"q": "\\ud800"}', b"[" * MAX_BODY, b'{"q":' * 3000, b"\x00", b'{"page": 1e999}']
)
def test_body_that_is_no_json_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/search", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""])
def test_body_of_another_kind_is_refused(client: TestClient, kind: str) -> None:
    assert_problem(client.post("/api/v1/search", content=b"{}", headers={"Content-Type": kind}), 415)


def test_kind_may_name_its_encoding(client: TestClient) -> None:
    answer = client.post("/api/v1/search", content=b"{}", headers={"Content-Type": "application/JSON; charset=utf-8"})
    assert answer.status_code == 200


@pytest.mark.parametrize("body", [b'{"q":"\xff"}', b'{"\xff":"q"}', b'{"filter":["\xed\xa0\x80"]}', b'{"q":"\xc3"}'])
def test_body_that_is_not_utf_8_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/search", content=body, headers={"Content-Type": "application/json"})
    assert_problem(answer, 400, "body")
    assert answer.json()["detail"] == "the body must be a JSON object in UTF-8"


def test_large_body_is_refused(client: TestClient) -> None:
    fits = b"{}".ljust(MAX_BODY)
    headers = {"Content-Type": "application/json"}
    assert client.post("/api/v1/search", content=fits, headers=headers).status_code == 200
    assert_problem(client.post("/api/v1/search", content=fits + b" ", headers=headers), 413)


def test_body_and_address_do_not_mix(client: TestClient) -> None:
    assert_problem(client.post("/api/v1/search?q=nato", json={}), 400, "q")


def test_answer_to_a_body_is_packed_and_for_nobody_else(client: TestClient) -> None:
    answer = client.post("/api/v1/search", json={}, headers={"Accept-Encoding": "gzip", "If-None-Match": "*"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert "ETag" not in answer.headers
    assert_safe(answer)


# Offsets


def test_offset_and_limit_give_the_hits_between(client: TestClient) -> None:
    whole = [hit["id"] for hit in found(client, "")["hits"]]
    reply = found(client, "offset=1&limit=2")
    assert [hit["id"] for hit in reply["hits"]] == whole[1:3]
    assert (reply["offset"], reply["page"], reply["hitsPerPage"]) == (1, 1, 2)
    assert reply["links"]["next"] == "/api/v1/search?offset=3&limit=2"
    assert reply["links"]["prev"] == "/api/v1/search?offset=0&limit=2"


def test_following_next_by_offsets_gives_every_hit_once(client: TestClient) -> None:
    whole = [hit["id"] for hit in found(client, "")["hits"]]
    first = found(client, "limit=2")
    second = client.get(first["links"]["next"]).json()
    third = client.get(second["links"]["next"]).json()
    assert [hit["id"] for reply in (first, second, third) for hit in reply["hits"]] == whole
    assert third["links"]["next"] is None


# What is told of a hit


def test_attributes_asked_for_are_given_besides_the_id(client: TestClient) -> None:
    [hit] = found(client, "q=khazaal&attributesToRetrieve=title,body,url&highlight=none")["hits"]
    assert {name for name in hit if not name.startswith("_")} == {"id", "title", "body", "url"}
    assert {name for name in hit if name.startswith("_")} == {
        "_score",
        "_snippets",
        "_relaxed",
        "_missing",
        "_duplicates",
    }


def test_matches_as_offsets_stand_where_they_say(client: TestClient) -> None:
    [hit, *_] = found(client, "q=cooperation&highlight=offsets&attributesToRetrieve=title,body")["hits"]
    assert "_formatted" not in hit
    places = hit["_matchesPosition"]
    for field in ("title", "body"):
        assert places[field]
        for each in places[field]:
            text = hit[field][each["start"] : each["start"] + each["length"]]
            assert text.lower().startswith("cooperat")
    for snippet in hit["_snippets"]:
        assert hit["body"][snippet["start"] :].startswith(snippet["text"])
        assert "html" not in snippet


def test_snippets_have_the_length_and_number_asked_for(client: TestClient) -> None:
    asked = "q=nato+russia+security+alliance&matchingStrategy=any&highlight=none"
    short = found(client, f"{asked}&cropLength=30&snippets=4")["hits"][0]["_snippets"]
    long = found(client, f"{asked}&cropLength=1000&snippets=1")["hits"][0]["_snippets"]
    assert found(client, f"{asked}&snippets=0")["hits"][0]["_snippets"] == []
    assert 1 < len(short) <= 4
    assert len(long) == 1
    assert max(len(each["text"]) for each in short) < 80 < len(long[0]["text"])


def test_explained_hit_tells_which_words_it_has_where(client: TestClient) -> None:
    [hit] = found(client, "q=khazaal&explain=on&attributesToRetrieve=body,author")["hits"]
    told = {(each["field"], each["term"]): each["count"] for each in hit["_occurrences"]}
    assert told["author", "khazaal"] == hit["author"].lower().count("khazaal")
    assert "_occurrences" not in found(client, "q=khazaal")["hits"][0]


def test_links_keep_what_is_told_of_a_hit(client: TestClient) -> None:
    asked = "hitsPerPage=2&highlight=none&attributesToRetrieve=title&cropLength=100&snippets=1&explain=on&facets=,"
    reply = client.get(found(client, asked)["links"]["next"]).json()
    told = {"_score", "_snippets", "_relaxed", "_missing", "_duplicates", "_occurrences"}
    assert set(reply["hits"][0]) == {"id", "title", *told}
    assert reply["facetDistribution"] == {}


# Copies


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[TestClient]:
    """A client of a service in which the second document is a copy of the first."""
    engine = EmbeddedEngine(tmp_path, "en")
    with engine.new_generation() as generation:
        for each in DOCUMENTS:
            generation.add(each, "")
        generation.set_duplicates({DOCUMENTS[1].id: DOCUMENTS[0].id})
    with TestClient(create_app(SearchService(engine, Settings(index=tmp_path)))) as opened:
        yield opened


def test_copies_are_left_out_on_request(copied: TestClient) -> None:
    everything = {hit["id"] for hit in found(copied, "q=zebra")["hits"]}
    reply = found(copied, "q=zebra&collapse=duplicates&hitsPerPage=5")
    rest = copied.get(reply["links"]["next"]).json()
    assert [hit["id"] for hit in reply["hits"] + rest["hits"]].count(DOCUMENTS[0].id) == 1
    assert {hit["id"] for hit in reply["hits"] + rest["hits"]} == everything - {DOCUMENTS[1].id}
    assert reply["totalHits"] == len(everything) - 1
    assert values(copied, "language?q=zebra&collapse=duplicates") == {"en": len(everything) - 1}


# The header that leads on


def test_header_leads_to_the_pages_beside(client: TestClient) -> None:
    answer = client.get("/api/v1/search?hitsPerPage=2&page=2")
    told = {name: each["url"] for name, each in answer.links.items()}
    assert told == {"next": answer.json()["links"]["next"], "prev": answer.json()["links"]["prev"]}
    assert "Link" not in client.get("/api/v1/search?q=khazaal").headers


def test_header_is_left_out_when_the_address_is_long(client: TestClient) -> None:
    answer = client.get("/api/v1/search", params={"q": "nato " * 400 + "\u00e9" * 40, "hitsPerPage": 1})
    assert answer.json()["links"]["next"]
    assert "Link" not in answer.headers


# Values of a facet


def values(client: TestClient, path: str) -> dict[str, int]:
    answer = client.get(f"/api/v1/facets/{path}")
    assert answer.status_code == 200, answer.text
    return {each["value"]: each["count"] for each in answer.json()["facetHits"]}


def test_values_of_a_facet_are_those_of_the_search(client: TestClient) -> None:
    assert values(client, "author") == found(client, "")["facetDistribution"]["author"]
    assert values(client, "author?q=khazaal") == {"Hassan Khazaal": 1}
    assert values(client, "author?filter=-author:Hassan+Khazaal&limit=1") == {"Precious Valerie": 2}


@pytest.mark.parametrize("typed", ["val", "VAL", "val%C3%A9r", "precious v"])
def test_values_are_found_by_the_beginning_of_a_word(client: TestClient, typed: str) -> None:
    assert values(client, f"author?facetQuery={typed}") == {"Precious Valerie": 2}


def test_values_are_not_found_by_the_inside_of_a_word(client: TestClient) -> None:
    assert values(client, "author?facetQuery=alerie") == {}


@pytest.mark.parametrize("typed", ["%00", "%ED%A0%80", "<script>", "(" * 500])
def test_nothing_typed_for_values_is_a_fault(client: TestClient, typed: str) -> None:
    assert values(client, f"author?facetQuery={typed}") == {}


@pytest.mark.parametrize(
    ("path", "parameter"), [("author?limit=0", "limit"), ("author?page=1", "page"), ("source?q=a&q=b", "q")]
)
def test_wrong_parameter_for_values_is_refused(client: TestClient, path: str, parameter: str) -> None:
    assert_problem(client.get(f"/api/v1/facets/{path}"), 400, parameter)


@pytest.mark.parametrize("field", ["colour", "%00", "title", "a%2fb"])
def test_values_of_no_facet_are_not_there(client: TestClient, field: str) -> None:
    assert_problem(client.get(f"/api/v1/facets/{field}"), 404)
