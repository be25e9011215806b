"""The JSON answers: every address, the grammar of parameters, hostile text."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from searchsvc import __version__
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.query.synonym_file import SynonymFile
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.web.answers import assert_problem, assert_safe
from tests.web.hostile import DOCUMENTS, PAYLOADS, hostile_service

SEARCHES = ("/search.json", "/api/v1/search")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(hostile_service(tmp_path_factory.mktemp("hostile")))) as opened:
        yield opened


def answered(client: TestClient, path: str, params: Any = None) -> Any:
    """The JSON of an answer that must be 200."""
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/json"
    return response.json()


def ids(reply: Any) -> list[str]:
    return [hit["id"] for hit in reply["hits"]]


# Search


@pytest.mark.parametrize("path", SEARCHES)
def test_search_reply_has_every_member(client: TestClient, path: str) -> None:
    reply = answered(client, path, {"q": "khazaal"})
    assert set(reply) == {
        "query", "hits", "page", "hitsPerPage", "offset", "totalHits", "totalRelation", "totalRelaxed", "totalPages",
        "processingTimeMs", "partial", "facetDistribution", "queryInfo", "nextCursor",
        "links", "index",
    }  # fmt: skip
    assert (reply["query"], reply["page"], reply["hitsPerPage"]) == ("khazaal", 1, 20)
    assert (reply["totalHits"], reply["totalRelation"], reply["totalPages"], reply["partial"]) == (1, "eq", 1, False)
    assert reply["queryInfo"] == {
        "parsed": "khazaal", "strategy": "auto", "relaxed": [], "corrected": [], "ignored": [], "synonyms": [],
        "correctedQuery": None, "didYouMean": None, "syntax": "operators", "reranked": False, "offeredFilters": [],
    }  # fmt: skip
    assert reply["links"] == {"self": f"{path}?q=khazaal", "next": None, "prev": None}
    assert reply["index"]["engine"] == "embedded"
    assert reply["facetDistribution"]["author"] == {"Hassan Khazaal": 1}


def test_hit_has_every_member(client: TestClient) -> None:
    [hit, *others] = answered(client, "/search.json", {"q": "khazaal cooperation"})["hits"]
    assert set(hit) == {
        "id", "link", "title", "summary", "author", "source", "section", "topics", "published", "language", "words",
        "_score", "_formatted", "_snippets", "_relaxed", "_missing", "_duplicates",
    }  # fmt: skip
    assert (hit["_relaxed"], hit["_missing"]) == (False, [])
    assert {(other["_relaxed"], *other["_missing"]) for other in others} == {(True, "khazaal")}
    assert hit["title"] == "Russia Maintains Proposals of Security Cooperation with NATO"
    assert "<mark>Cooperation</mark>" in hit["_formatted"]["title"]
    assert (hit["author"], hit["source"], hit["published"]) == ("Hassan Khazaal", "Prensa Latina", None)
    assert hit["_score"] > 0
    assert set(hit["_snippets"][0]) == {"field", "html", "start"}
    assert "<mark>cooperation</mark>" in hit["_snippets"][0]["html"]


def test_search_without_parameters_lists_everything(client: TestClient) -> None:
    assert answered(client, "/search.json")["totalHits"] == 5


def test_query_that_finds_nothing_is_no_error(client: TestClient) -> None:
    reply = answered(client, "/search.json", {"q": "Крым"})
    assert (reply["hits"], reply["totalHits"], reply["totalPages"]) == ([], 0, 0)


def test_ignored_parts_of_a_query_are_told(client: TestClient) -> None:
    ignored = answered(client, "/search.json", {"q": "ab* nato"})["queryInfo"]["ignored"]
    assert ignored[0]["text"] == "ab*"


@pytest.mark.parametrize(("name", "value"), [("matchingStrategy", "most"), ("syntax", "sql")])
def test_strategy_and_syntax_that_are_none_are_refused(client: TestClient, name: str, value: str) -> None:
    assert_problem(client.get("/search.json", params={"q": "nato", name: value}), 400, name)


def test_links_keep_strategy_and_syntax(client: TestClient) -> None:
    asked = {"q": "khazaal -russia", "matchingStrategy": "any", "syntax": "literal", "hitsPerPage": "2"}
    first = answered(client, "/search.json", asked)
    assert first["queryInfo"]["relaxed"] == ["khazaal", "-russia"]
    assert "matchingStrategy=any&syntax=literal" in first["links"]["next"]


def test_following_next_gives_every_hit_once(client: TestClient) -> None:
    whole = ids(answered(client, "/search.json", {"q": "russia"}))
    first = answered(client, "/search.json", {"q": "russia", "hitsPerPage": 2})
    second = answered(client, first["links"]["next"])
    third = answered(client, second["links"]["next"])
    assert ids(first) + ids(second) + ids(third) == whole
    assert third["links"]["next"] is None


def test_prev_leads_back(client: TestClient) -> None:
    second = answered(client, "/api/v1/search", {"hitsPerPage": 2, "page": 2})
    first = answered(client, second["links"]["prev"])
    assert (first["page"], first["links"]["prev"]) == (1, None)
    assert second["links"]["prev"].startswith("/api/v1/search?")


def test_filters_of_one_field_are_alternatives_and_fields_add_up(client: TestClient) -> None:
    filters = [("filter", "author:Precious Valerie"), ("filter", "author:Hassan Khazaal")]
    assert answered(client, "/search.json", filters)["totalHits"] == 3
    assert answered(client, "/search.json", [*filters, ("filter", "source:Prensa Latina")])["totalHits"] == 1


def test_filter_with_a_dash_excludes(client: TestClient) -> None:
    assert answered(client, "/search.json", {"filter": "-author:Precious Valerie"})["totalHits"] == 3


def test_days_keep_dated_documents_only(hostile: TestClient, client: TestClient) -> None:
    days = {"from": "2024-01-01", "to": "2024-01-01"}
    assert answered(hostile, "/search.json", days)["totalHits"] == len(DOCUMENTS)
    assert answered(client, "/search.json", days)["totalHits"] == 0


@pytest.mark.parametrize("sort", ["relevance", "published:desc", "published:asc"])
def test_links_keep_every_parameter(client: TestClient, sort: str) -> None:
    asked = {"q": "nato & russia", "filter": "language:en", "sort": sort, "hitsPerPage": "1", "facets": "author"}
    first = answered(client, "/search.json", asked)
    second = answered(client, first["links"]["next"])
    assert second["facetDistribution"] == first["facetDistribution"]
    assert ids(second) == ids(answered(client, "/search.json", {**asked, "page": "2"}))


def test_facets_asked_for_are_counted(client: TestClient) -> None:
    reply = answered(client, "/search.json", {"facets": "author,language", "facetLimit": 1})
    assert reply["facetDistribution"] == {"author": {"Precious Valerie": 2}, "language": {"en": 5}}


def test_newest_first_puts_equal_days_in_the_order_of_ids(hostile: TestClient) -> None:
    found = ids(answered(hostile, "/search.json", {"sort": "published:desc"}))
    assert all(earlier < later for earlier, later in pairwise(found))


# Parameters


@pytest.mark.parametrize("path", SEARCHES)
@pytest.mark.parametrize(
    ("typed", "parameter"),
    [
        ("qq=nato", "qq"),
        ("Q=nato", "Q"),
        ("q=a&q=b", "q"),
        ("page=1&page=2", "page"),
        ("page=x", "page"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1.5", "page"),
        ("page=٣", "page"),
        ("page=51", "page"),
        ("page=999999999999999999999", "page"),
        ("hitsPerPage=0", "hitsPerPage"),
        ("hitsPerPage=101", "hitsPerPage"),
        ("hitsPerPage=1e2", "hitsPerPage"),
        ("sort=newest", "sort"),
        ("typo=no", "typo"),
        ("from=yesterday", "from"),
        ("from=2024-02-30", "from"),
        ("to=2024", "to"),
        ("filter=author", "filter"),
        ("filter=author:", "filter"),
        ("filter=colour:red", "filter"),
        ("filter=author:x&filter=", "filter"),
        ("facets=author,colour", "facets"),
        ("facetLimit=0", "facetLimit"),
        ("facetLimit=101", "facetLimit"),
        ("q=" + "x" * 2049, "q"),
        ("offset=-1", "offset"),
        ("offset=1000", "offset"),
        ("offset=990&limit=11", "offset"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("offset=20&page=2", "offset"),
        ("limit=20&hitsPerPage=20", "limit"),
        ("highlight=bold", "highlight"),
        ("attributesToRetrieve=title,removed", "attributesToRetrieve"),
        ("cropLength=19", "cropLength"),
        ("cropLength=2001", "cropLength"),
        ("snippets=6", "snippets"),
        ("explain=yes", "explain"),
        ("typo=no", "typo"),
        ("timeoutMs=0", "timeoutMs"),
        ("timeoutMs=60001", "timeoutMs"),
    ],
)
def test_bad_parameter_is_refused_by_name(client: TestClient, path: str, typed: str, parameter: str) -> None:
    assert_problem(client.get(f"{path}?{typed}"), 400, parameter)


def test_long_name_of_an_unknown_parameter_is_cut(client: TestClient) -> None:
    assert_problem(client.get("/search.json?" + "x" * 5000 + "=1"), 400, "x" * 80)


def test_unknown_parameter_is_told_what_is_known(client: TestClient) -> None:
    assert "hitsPerPage" in client.get("/search.json?hits=3").json()["detail"]


@pytest.mark.parametrize("typed", ["q=", "page=", "hitsPerPage=", "sort=", "from=", "to=", "facets=", "facetLimit="])
def test_empty_parameter_has_its_default(client: TestClient, typed: str) -> None:
    assert answered(client, f"/search.json?{typed}")["totalHits"] == 5


@pytest.mark.parametrize("path", ["/api/v1/stats", "/api/v1/documents/0123456789abcdef"])
def test_address_without_parameters_refuses_them(client: TestClient, path: str) -> None:
    assert_problem(client.get(f"{path}?q=x"), 400, "q")


# Other addresses


def test_document_has_every_member(client: TestClient) -> None:
    [hit] = answered(client, "/search.json", {"q": "khazaal"})["hits"]
    reply = answered(client, f"/api/v1/documents/{hit['id']}")
    assert set(reply) == {
        "id", "link", "path", "title", "body", "headings", "summary", "author", "source", "section", "topics",
        "related", "credit", "published", "language", "words", "contentHash", "url", "extra", "removed",
    }  # fmt: skip
    assert (reply["id"], reply["link"], reply["author"]) == (hit["id"], hit["link"], "Hassan Khazaal")
    assert reply["path"] == "003_b08662cfda262724.txt"
    assert set(reply["removed"][0]) == {"rule", "reason", "confidence", "firstLine", "lastLine", "text"}


@pytest.mark.parametrize("document_id", ["0123456789abcdef", "x", "%00", "%ED%A0%80", "..%2f..", "9" * 500])
def test_unknown_document_is_a_problem(client: TestClient, document_id: str) -> None:
    assert_problem(client.get(f"/api/v1/documents/{document_id}"), 404)


@pytest.mark.parametrize("path", SEARCHES)
def test_correction_is_told_and_can_be_declined(client: TestClient, path: str) -> None:
    info = answered(client, path, {"q": "khazal"})["queryInfo"]
    assert (info["correctedQuery"], info["corrected"]) == ("khazaal", [{"typed": "khazal", "instead": "khazaal"}])
    declined = answered(client, path, {"q": "khazal", "typo": "off"})
    assert (declined["totalHits"], declined["queryInfo"]["correctedQuery"]) == (0, None)
    assert declined["links"]["self"] == f"{path}?q=khazal&typo=off"


def test_suggestions_have_every_member(client: TestClient) -> None:
    reply = answered(client, "/api/v1/suggest", {"q": "khaz", "limit": "3"})
    assert reply["completions"] == [{"text": "Khazaal", "documents": 1}]
    [document] = reply["documents"]
    assert set(document) == {"id", "link", "title"}
    assert document["title"] == "Russia Maintains Proposals of Security Cooperation with NATO"
    assert (reply["query"], client.get(document["link"]).status_code) == ("khaz", 200)


def test_browser_gets_suggestions_in_its_own_shape(client: TestClient) -> None:
    response = client.get("/suggest", params={"q": "khaz"})
    assert response.headers["Content-Type"] == "application/x-suggestions+json"
    assert response.json() == ["khaz", ["Khazaal"], ["1 document"]]


@pytest.mark.parametrize("path", ["/suggest", "/api/v1/suggest"])
@pytest.mark.parametrize(
    ("typed", "parameter"),
    [("limit=0", "limit"), ("limit=21", "limit"), ("limit=x", "limit"), ("page=1", "page"), ("q=" + "x" * 2049, "q")],
)
def test_bad_parameter_of_a_suggestion_is_refused_by_name(
    client: TestClient, path: str, typed: str, parameter: str
) -> None:
    response = client.get(f"{path}?{typed}")
    assert response.status_code == 400
    if path.startswith("/api/"):
        assert_problem(response, 400, parameter)


def test_similar_documents_have_every_member(client: TestClient) -> None:
    [hit] = answered(client, "/search.json", {"q": "khazaal"})["hits"]
    reply = answered(client, f"/api/v1/documents/{hit['id']}/similar", {"limit": "2"})
    assert (reply["id"], len(reply["hits"])) == (hit["id"], 2)
    assert set(reply["hits"][0]) == {"id", "link", "title", "summary", "source", "published", "_score"}
    assert hit["id"] not in ids(reply)


@pytest.mark.parametrize("document_id", ["0123456789abcdef", "x", "%00", "%ED%A0%80"])
def test_unknown_document_has_nothing_similar(client: TestClient, document_id: str) -> None:
    assert_problem(client.get(f"/api/v1/documents/{document_id}/similar"), 404)


def test_similar_documents_take_no_query(client: TestClient) -> None:
    assert_problem(client.get("/api/v1/documents/0123456789abcdef/similar?q=x"), 400, "q")


def test_stats_tell_what_serves(client: TestClient) -> None:
    reply = answered(client, "/api/v1/stats")
    assert set(reply) == {"version", "engine", "documents", "generation", "facetDistribution", "warnings"}
    assert (reply["version"], reply["engine"], reply["documents"]) == (__version__, "embedded", 5)
    assert set(reply["generation"]) == {"name", "created", "size"}
    assert reply["facetDistribution"]["source"] == {"Prensa Latina": 1}
    assert reply["warnings"] == []


def test_service_is_alive_and_ready(client: TestClient) -> None:
    assert answered(client, "/livez") == {"status": "alive"}
    ready = answered(client, "/readyz")
    assert (ready["status"], ready["generation"]) == ("ready", answered(client, "/api/v1/stats")["generation"]["name"])


@pytest.mark.parametrize("path", ["/search.json", "/api/v1/search", "/api/v1/stats", "/livez", "/readyz"])
def test_head_answers_like_get_without_a_body(client: TestClient, path: str) -> None:
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Type"] == "application/json"
    assert_safe(response)


@pytest.mark.parametrize("path", ["/search.json", "/api/v1/stats", "/livez", "/readyz"])
def test_json_carries_the_security_headers(client: TestClient, path: str) -> None:
    assert_safe(client.get(path))


def test_long_answers_are_compressed_on_request(client: TestClient) -> None:
    response = client.get("/search.json", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.json()["totalHits"] == 5
    assert "Content-Encoding" not in client.get("/search.json", headers={"Accept-Encoding": "identity"}).headers


# Hostile text


def test_markup_of_the_corpus_is_escaped_in_the_formatted_members(hostile: TestClient) -> None:
    for hit in answered(hostile, "/search.json", {"q": "zebra"})["hits"]:
        for formatted in (hit["_formatted"]["title"], hit["_snippets"][0]["html"]):
            assert "<mark>zebra</mark>" in formatted
            assert "<" not in formatted.replace("<mark>", "").replace("</mark>", "")


def test_text_of_the_corpus_is_left_alone_in_the_plain_members(hostile: TestClient) -> None:
    hits = answered(hostile, "/search.json", {"q": "zebra"})["hits"]
    assert {hit["title"] for hit in hits} == {document.title for document in DOCUMENTS}
    assert {hit["author"] for hit in hits} == set(PAYLOADS)


def test_match_inside_of_markup_is_marked_and_escaped(hostile: TestClient) -> None:
    hits = answered(hostile, "/search.json", {"q": "script"})["hits"]
    assert "&lt;<mark>script</mark>&gt;" in hits[0]["_formatted"]["title"]


def test_phrase_that_spans_markup_is_marked_and_escaped(hostile: TestClient) -> None:
    hits = answered(hostile, "/search.json", {"q": '"script alert"'})["hits"]
    assert "<mark>script&gt;alert</mark>" in hits[0]["_formatted"]["title"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_any_value_can_be_filtered_by(hostile: TestClient, payload: str) -> None:
    reply = answered(hostile, "/search.json", {"filter": f"author:{payload}"})
    assert [hit["author"] for hit in reply["hits"]] == [payload]
    assert ids(answered(hostile, reply["links"]["self"])) == ids(reply)


@pytest.mark.parametrize(
    "typed",
    ["%00", "a%00b", "%ED%A0%80", "%22%ED%A0%80", "title:%ED%BF%BF*", "%FF%FE", "%", "%zz", "%EF%BF%BF", "(" * 1500]
    + [payload.replace("&", "%26").replace("#", "%23") for payload in PAYLOADS],
)
def test_no_query_is_a_fault(client: TestClient, typed: str) -> None:
    assert client.get(f"/search.json?q={typed}").status_code == 200
    assert client.get(f"/api/v1/suggest?q={typed}").status_code == 200
    assert client.get(f"/suggest?q={typed}").status_code == 200


@pytest.mark.parametrize("typed", ["filter=author:%ED%A0%80", "filter=author:%00", "filter=author:%FF"])
def test_no_filter_is_a_fault(client: TestClient, typed: str) -> None:
    assert answered(client, f"/search.json?{typed}")["totalHits"] == 0


@pytest.mark.parametrize("typed", ["%00=1", "%ED%A0%80=1", "sort=%00", "facets=%ED%A0%80", "from=%00", "page=%00"])
def test_unprintable_parameters_are_refused(client: TestClient, typed: str) -> None:
    assert client.get(f"/search.json?{typed}").status_code == 400


def test_kept_answers_end_when_the_synonyms_change(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SynonymFile, "LOOK_EVERY", 0.05)
    file = tmp_path / "synonyms.toml"
    file.write_text("[alike]\n")
    engine = EmbeddedEngine(settings.index, settings.language)
    with TestClient(create_app(SearchService(engine, replace(settings, synonyms=file)))) as client:
        assert answered(client, "/search.json", {"q": "caliphate"})["totalHits"] == 0
        file.write_text('[one-way]\ncaliphate = ["islamic state"]\n')
        time.sleep(0.1)
        assert answered(client, "/search.json", {"q": "caliphate"})["totalHits"] == 1
