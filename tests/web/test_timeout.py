"""A search that has no more time leaves out what it has not begun, and says so."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.engine.intercepted import InterceptedEngine
from tests.web.answers import shown

QUERY = "nato+council"


class Slow(InterceptedEngine):
    """Lets a few milliseconds go by before it begins."""

    def before_search(self) -> None:
        time.sleep(0.01)


@pytest.fixture(scope="module")
def slow(settings: Settings, service: SearchService) -> Iterator[TestClient]:
    with TestClient(create_app(SearchService(Slow(settings.index, settings.language), settings), settings)) as client:
        assert service.status().generation.documents > 1
        yield client


def found(client: TestClient, typed: str) -> Any:
    answer = client.get(f"/search.json?{typed}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_whole_answer_in_time(slow: TestClient) -> None:
    whole, timed = found(slow, f"q={QUERY}"), found(slow, f"q={QUERY}&timeoutMs=60000")
    assert (timed["partial"], timed["totalRelation"]) == (False, "eq")
    assert timed["hits"] == whole["hits"]


def test_late_answer_has_what_matches_all_and_says_that_it_is_partial(slow: TestClient) -> None:
    whole, late = found(slow, f"q={QUERY}"), found(slow, f"q={QUERY}&timeoutMs=1")
    assert (late["partial"], late["totalRelation"], late["facetDistribution"]) == (True, "gte", {})
    all_words = [hit["id"] for hit in whole["hits"] if not hit["_missing"]]
    assert sorted(hit["id"] for hit in late["hits"]) == sorted(all_words)
    assert len(all_words) < len(whole["hits"])
    assert late["totalRelaxed"] == 0


def test_late_answer_shows_the_beginnings_of_texts_unmarked(slow: TestClient) -> None:
    [hit, *_] = found(slow, f"q={QUERY}&timeoutMs=1")["hits"]
    assert hit["_snippets"]
    assert "<mark>" not in str(hit)


def test_late_query_is_not_put_right(slow: TestClient) -> None:
    assert found(slow, "q=securty")["queryInfo"]["correctedQuery"]
    late = found(slow, "q=securty&timeoutMs=1")
    assert (late["totalHits"], late["partial"]) == (0, True)


@pytest.mark.parametrize("path", ["/", "/search", "/search.json", "/api/v1/search", "/search.atom"])
def test_partial_answer_is_cached_by_nobody(slow: TestClient, path: str) -> None:
    for _ in range(2):
        answer = slow.get(f"{path}?q={QUERY}&timeoutMs=1")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert "ETag" not in answer.headers
        assert "hit" not in answer.headers["Server-Timing"]


def test_partial_answer_to_a_body_is_cached_by_nobody(slow: TestClient) -> None:
    assert slow.post("/api/v1/search", json={"q": "nato", "timeoutMs": 1}).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("milliseconds", [1, 60_000])
def test_page_says_whether_it_is_partial(slow: TestClient, milliseconds: int) -> None:
    text = shown(slow.get(f"/search?q={QUERY}&timeoutMs={milliseconds}").text)
    assert ("The search ran out of time, so some results or counts may be missing." in text) == (milliseconds == 1)


def test_timeout_goes_by_post_and_stays_in_links(slow: TestClient) -> None:
    answer = slow.post("/api/v1/search", json={"q": "nato", "hitsPerPage": 1, "timeoutMs": 1}).json()
    assert answer["partial"]
    assert "timeoutMs=1" in answer["links"]["next"]


def test_the_setting_limits_every_search_and_a_request_cannot_raise_it(settings: Settings) -> None:
    limited = replace(settings, search_timeout_ms=1)
    engine = Slow(settings.index, settings.language)
    with TestClient(create_app(SearchService(engine, limited), limited)) as client:
        assert found(client, f"q={QUERY}")["partial"]
        assert found(client, f"q={QUERY}&timeoutMs=60000")["partial"]
