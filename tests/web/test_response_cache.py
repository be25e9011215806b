"""Kept answers: given again without the engine, never beyond their generation or their day."""

import gzip
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.errors import EngineUnavailable
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.cached_response import (
    JSON,
    CachedResponse,
    CacheKey,
    CacheVersion,
)
from searchsvc.web.middleware.response_cache import ResponseCache
from searchsvc.web.operations import OPERATIONS
from tests.engine.intercepted import InterceptedEngine
from tests.web.answers import assert_problem, assert_safe
from tests.web.hostile import hostile_service

CACHED = [operation.path for operation in OPERATIONS if operation.cached]

TODAY, TOMORROW = date(2024, 3, 31), date(2024, 4, 1)


class CountedEngine(InterceptedEngine):
    """Counts the searches that reach it; fails while `failing`."""

    searches = 0
    failing = False

    def before_search(self) -> None:
        self.searches += 1
        if self.failing:
            raise EngineUnavailable("the engine does not answer")


@pytest.fixture
def engine(tmp_path: Path) -> CountedEngine:
    hostile_service(tmp_path)
    return CountedEngine(tmp_path, "en")


@pytest.fixture
def asked(engine: CountedEngine, tmp_path: Path) -> Iterator[TestClient]:
    """A client of the application over `engine`."""
    with TestClient(create_app(SearchService(engine, Settings(index=tmp_path)))) as opened:
        yield opened


@pytest.mark.parametrize("path", sorted(CACHED))
def test_same_search_is_answered_once_by_the_engine(asked: TestClient, engine: CountedEngine, path: str) -> None:
    first = asked.get(path, params={"q": "zebra"})
    searches = engine.searches  # a page also searches the removed lines
    second = asked.get(path, params={"q": "zebra"})
    assert engine.searches == searches > 0
    assert (second.status_code, second.content, lasting(second)) == (200, first.content, lasting(first))
    assert second.headers["Server-Timing"].startswith('cache;desc="hit", total;dur=')
    assert_safe(second)


def lasting(answer: Response) -> list[tuple[str, str]]:
    """The headers that are no different the second time."""
    return [each for each in answer.headers.multi_items() if each[0] not in ("x-request-id", "server-timing")]


@pytest.mark.parametrize(
    "spelling",
    [
        "filter=language:en&filter=author:b&q=zebra+%3Cb%3E&filter=author:a&facets=author,source&hitsPerPage=5",
        "q=zebra%20<b>&hitsPerPage=005&facets=source,,author&filter=author:a&filter=author:b&filter=language:en&sort=",
    ],
)
def test_order_and_spelling_of_parameters_do_not_matter(
    asked: TestClient, engine: CountedEngine, spelling: str
) -> None:
    asked.get(
        "/search.json?q=zebra+<b>&filter=author:a&filter=author:b&filter=language:en&facets=author,source&hitsPerPage=5"
    )
    assert asked.get(f"/search.json?{spelling}").status_code == 200
    assert engine.searches == 1


def test_other_searches_have_other_answers(asked: TestClient, engine: CountedEngine) -> None:
    for typed in ("q=zebra", "q=Zebra", "q=zebra&page=2&hitsPerPage=1", "q=zebra&filter=language:en", "q=-zebra"):
        asked.get(f"/search.json?{typed}")
    assert engine.searches == 5
    assert asked.get("/api/v1/search?q=zebra").json()["links"]["self"] == "/api/v1/search?q=zebra"
    assert asked.get("/search.json?q=zebra").json()["links"]["self"] == "/search.json?q=zebra"


def test_wrong_parameter_is_refused_although_the_rest_is_kept(asked: TestClient) -> None:
    assert asked.get("/search.json?q=zebra").status_code == 200
    assert_problem(asked.get("/search.json?q=zebra&colour=red"), 400, "colour")


def test_long_address_is_answered(asked: TestClient, engine: CountedEngine) -> None:
    for _ in range(2):
        assert (
            asked.get("/search.json", params={"q": "zebra" * 400, "filter": "author:" + "x" * 500}).status_code == 200
        )
    assert engine.searches == 2


def test_error_is_not_kept(asked: TestClient, engine: CountedEngine) -> None:
    engine.failing = True
    for path in sorted(CACHED):
        assert asked.get(f"{path}?q=zebra").status_code == 503
    engine.failing = False
    for path in sorted(CACHED):
        assert asked.get(f"{path}?q=zebra").status_code == 200


def test_kept_answer_is_packed_and_plain(asked: TestClient, engine: CountedEngine) -> None:
    plain = asked.get("/search.json?q=zebra", headers={"Accept-Encoding": "identity"})
    packed = [asked.get("/search.json?q=zebra", headers={"Accept-Encoding": "br, gzip"}) for _ in range(2)]
    assert engine.searches == 1
    assert [answer.headers["Content-Encoding"] for answer in packed] == ["gzip", "gzip"]
    assert [answer.content for answer in packed] == [plain.content, plain.content]
    assert int(packed[0].headers["Content-Length"]) < int(plain.headers["Content-Length"]) == len(plain.content)
    assert {answer.headers["Vary"] for answer in (plain, *packed)} == {"Accept-Encoding"}


@pytest.mark.parametrize("path", ["/search.json?q=zebra", "/help/search", "/static/style.css"])
@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True), ("GZIP;Q=0.001", True), ("br, x-gzip", True), ("*", True), ("gzip;q=1, *;q=0", True),
        ("gzip ; q=0.5, br", True), ("identity;q=0.5, gzip", True), ("identity;q=0, gzip;q=0.1", True),
        ("gzip;q=0", False), ("gzip;q=0.000", False), ("*;q=0", False), ("gzip;q=0, *", False), ("identity", False),
        ("br;q=1, *;q=0", False), ("identity, gzip;q=0.5", False), ("gzip;q=x", False), ("gzip;q=", False),
        ("gzip;q=2", False), ("gzip;q=nan", False), ("gzipped", False), ("", False),
    ],
)  # fmt: skip
def test_answer_is_packed_if_the_client_accepts_it(asked: TestClient, path: str, accepted: str, packed: bool) -> None:
    answer = asked.get(path, headers={"Accept-Encoding": accepted})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_small_answer_is_not_packed(asked: TestClient) -> None:
    answer = asked.get("/search.json?q=nothing&facets=,", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_head_is_answered_from_what_get_left(asked: TestClient, engine: CountedEngine) -> None:
    length = len(asked.get("/search.json?q=zebra", headers={"Accept-Encoding": "identity"}).content)
    answer = asked.head("/search.json?q=zebra", headers={"Accept-Encoding": "identity"})
    assert (engine.searches, answer.status_code, answer.headers["Content-Length"]) == (1, 200, str(length))


# ETag


@pytest.mark.parametrize("path", ["/search", "/search.json"])
def test_who_has_the_answer_gets_304(asked: TestClient, path: str) -> None:
    first = asked.get(f"{path}?q=zebra")
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "max-age=5"
    for said in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = asked.get(f"{path}?q=zebra", headers={"If-None-Match": said})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert (again.headers["Vary"], again.headers["Cache-Control"]) == (first.headers["Vary"], "max-age=5")
        assert_safe(again)


def test_who_has_the_answer_of_another_process_gets_304(engine: CountedEngine, tmp_path: Path) -> None:
    tags = []
    for _ in range(2):
        with TestClient(create_app(SearchService(engine, Settings(index=tmp_path)))) as opened:
            tags.append(opened.get("/search.json?q=zebra").headers["ETag"])
    assert tags[0] == tags[1]


def test_who_has_another_answer_gets_this_one(asked: TestClient) -> None:
    tag = asked.get("/search.json?q=zebra").headers["ETag"]
    for address in ("/search.json?q=a", "/search?q=zebra"):
        assert asked.get(address, headers={"If-None-Match": tag}).status_code == 200


# Generation and day


def test_after_the_changeover_nothing_old_is_given(asked: TestClient, engine: CountedEngine, tmp_path: Path) -> None:
    before = asked.get("/search.json?q=zebra")
    hostile_service(tmp_path)
    engine.refresh()
    time.sleep(EmbeddedEngine.REFRESH_SECONDS)
    serving = asked.get("/api/v1/stats").json()["generation"]["name"]
    after = asked.get("/search.json?q=zebra", headers={"If-None-Match": before.headers["ETag"]})
    assert after.json()["index"]["generation"] == serving != before.json()["index"]["generation"]


def test_new_generation_is_noticed_within_a_second_by_kept_answers(asked: TestClient, tmp_path: Path) -> None:
    old = asked.get("/search.json?q=zebra").json()["index"]["generation"]
    hostile_service(tmp_path)
    deadline = time.monotonic() + 1
    while (seen := asked.get("/search.json?q=zebra").json()["index"]["generation"]) == old:
        assert time.monotonic() < deadline
    assert asked.get("/api/v1/stats").json()["generation"]["name"] == seen


def test_look_for_a_new_generation_costs_no_search(asked: TestClient, engine: CountedEngine) -> None:
    asked.get("/search.json?q=zebra")
    time.sleep(EmbeddedEngine.REFRESH_SECONDS)
    assert engine.current() is None
    asked.get("/search.json?q=zebra")
    assert engine.searches == 1


class Clock(date):
    """A date whose today can be set."""

    now = TODAY

    @classmethod
    def today(cls) -> "Clock":
        return cls(cls.now.year, cls.now.month, cls.now.day)


@pytest.mark.parametrize("path", sorted(CACHED))
def test_answer_holds_for_a_day(
    asked: TestClient, engine: CountedEngine, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for module in ("middleware.response_cache", "views.api", "views.pages", "views.feeds"):
        monkeypatch.setattr(f"searchsvc.web.{module}.date", Clock)
    monkeypatch.setattr(Clock, "now", TODAY)
    first = asked.get(f"{path}?q=date:today+OR+zebra").headers["ETag"]
    searches = engine.searches
    monkeypatch.setattr(Clock, "now", TOMORROW)
    second = asked.get(f"{path}?q=date:today+OR+zebra", headers={"If-None-Match": first})
    assert (engine.searches, second.status_code) == (2 * searches, 200)
    assert second.headers["ETag"] != first


# Bounds


def answer(path: str, generation: str = "g", size: int = 1_000) -> CachedResponse:
    return CachedResponse(CacheKey(path, None), CacheVersion(generation, TODAY), b"x" * size, JSON)


def kept(cache: ResponseCache, *answers: CachedResponse) -> list[str]:
    """The paths of those of `answers` that are still kept."""
    return [each.key.path for each in answers if cache.get(each.key, each.version) is each]


def test_least_recently_asked_for_goes_first() -> None:
    cache = ResponseCache(2 * (2 * 1_000 + 2_048))
    a, b, c = cache.put(answer("a")), cache.put(answer("b")), answer("c")
    cache.get(a.key, a.version)
    cache.put(c)
    assert kept(cache, a, b, c) == ["a", "c"]


def test_same_answer_twice_counts_once() -> None:
    cache = ResponseCache(2 * (2 * 1_000 + 2_048))
    a, b = cache.put(answer("a")), cache.put(answer("b"))
    again = cache.put(answer("b"))
    assert kept(cache, a, b, again) == ["a", "b"]
    assert cache.get(b.key, b.version) is again


def test_answer_larger_than_everything_is_not_kept() -> None:
    cache = ResponseCache(10_000)
    assert kept(cache, cache.put(answer("a", size=10_000))) == []


def test_cache_of_nothing_keeps_nothing() -> None:
    cache = ResponseCache(0)
    assert kept(cache, cache.put(answer("a"))) == []


def test_other_generation_drops_every_answer() -> None:
    cache = ResponseCache(1 << 20)
    old = cache.put(answer("a"))
    new = cache.put(answer("b", "h"))
    assert kept(cache, old, new) == ["b"]


def test_late_answer_of_the_old_generation_is_never_given_for_the_new_one() -> None:
    cache = ResponseCache(1 << 20)
    cache.put(answer("a", "new"))
    cache.put(answer("a", "old"))
    assert cache.get(CacheKey("a", None), CacheVersion("new", TODAY)) is None


def test_packed_body_is_a_readable_one(asked: TestClient) -> None:
    with asked.stream("GET", "/search.json?q=zebra", headers={"Accept-Encoding": "gzip"}) as streamed:
        packed = b"".join(streamed.iter_raw())
    plain = asked.get("/search.json?q=zebra", headers={"Accept-Encoding": "identity"})
    assert gzip.decompress(packed) == plain.content
