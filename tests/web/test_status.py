"""The status, and the pages of the sources."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.ingest.boilerplate.overrides import Pattern
from searchsvc.models.documents import Document, RemovedBlock, SeedProblem
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.removed_lines import most_removed
from tests.web.answers import assert_harmless, shown
from tests.web.hostile import PAYLOADS, hostile_service

TOKEN = "a-token-of-24-characters"
SHARE = RemovedBlock("share", "mentions sharing", 2, 3, 'Share "this"\nMenu')
STORM = Document("00000000000000a1", "storm", "storm.txt", "", "Storm", "Storm.", source="Reuters", author="Ann Lee")


def service(folder: Path) -> SearchService:
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        generation.add(replace(STORM, removed=(SHARE,)), "Storm.")
        generation.add(replace(STORM, id="00000000000000a2", removed=(replace(SHARE, text="Menu"),)), "Storm.")
        generation.add(replace(STORM, id="00000000000000a3", source=None), "Storm.")
        generation.set_problems(
            [
                SeedProblem("a.pdf", "PDF is not read: convert it", skipped=True),
                SeedProblem("b.pdf", "PDF is not read: convert it", skipped=True),
                SeedProblem("c.txt", "has no text"),
                SeedProblem("d.html", "looks like an error page", indexed=True),
            ]
        )
    return SearchService(engine, Settings(index=folder))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(service(tmp_path_factory.mktemp("archive")))) as opened:
        yield opened


def test_status_has_the_files_that_need_attention(archive: TestClient) -> None:
    status = archive.get("/api/v1/status").json()
    assert status["skipped"] == [{"reason": "PDF is not read: convert it", "files": 2}]
    assert status["failed"] == [{"path": "c.txt", "reason": "has no text"}]
    assert status["suspicious"] == [{"path": "d.html", "reason": "looks like an error page"}]
    assert (status["healthy"], status["documents"], len(status["generations"])) == (True, 3, 1)


def test_status_has_the_removed_lines_with_the_setting_that_keeps_them(archive: TestClient) -> None:
    lines = archive.get("/api/v1/status").json()["removedLines"]
    assert [(line["source"], line["text"], line["documents"]) for line in lines] == [
        ("Reuters", "Menu", 2),
        ("Reuters", 'Share "this"', 1),
    ]
    assert lines[1]["keep"] == 'keep_lines = ["Share \\"this\\""]'
    html = archive.get("/status").text
    assert 'keep_lines = ["Share \\"this\\""]' in shown(html)
    assert "looks like an error page" in shown(html)


@pytest.mark.parametrize("path", ["/status", "/api/v1/status"])
def test_status_needs_the_token_if_one_is_set(tmp_path: Path, path: str) -> None:
    with TestClient(create_app(service(tmp_path), Settings(status_token=TOKEN))) as client:
        refused = client.get(path)
        assert refused.status_code == client.get(path, auth=("", "wrong")).status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic")
        assert client.get(path, headers={"Authorization": "Basic %%%"}).status_code == 401
        assert client.get(path, auth=("anybody", TOKEN)).status_code == 200
        assert client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_sources_are_listed_with_their_pages(archive: TestClient) -> None:
    assert '/sources?name=Reuters"' in archive.get("/sources").text
    text = shown(archive.get("/sources", params={"name": "Reuters"}).text)
    assert "2 articles" in text
    assert "Ann Lee" in text
    assert "mentions sharing" in text
    assert archive.get("/sources", params={"name": "nobody"}).status_code == 404


@pytest.mark.parametrize("payload", PAYLOADS)
def test_status_and_sources_are_escaped(tmp_path: Path, payload: str) -> None:
    with TestClient(create_app(hostile_service(tmp_path))) as client:
        for path in ("/status", "/sources"):
            assert_harmless(client.get(path).text)
        response = client.get("/sources", params={"name": payload})
        assert response.status_code == 200
        assert_harmless(response.text)


def test_most_frequent_lines_of_a_source_are_listed() -> None:
    texts = ["a\nb", "b\nc", "b"]
    documents = [replace(STORM, removed=(replace(SHARE, text=text),)) for text in texts]
    assert [(line.text, line.documents) for line in most_removed(documents, 2)] == [("b", 3), ("a", 1)]


def test_entry_for_a_long_line_keeps_it(archive: TestClient, tmp_path: Path) -> None:
    line = "A long line of a site, " * 20
    engine = EmbeddedEngine(tmp_path, "en")
    with engine.new_generation() as generation:
        generation.add(replace(STORM, removed=(replace(SHARE, text=line),)), "Storm.")
    with TestClient(create_app(SearchService(engine, Settings(index=tmp_path)))) as client:
        (removed,) = client.get("/api/v1/status").json()["removedLines"]
        page = client.get("/sources", params={"name": "Reuters"}).text
    (pattern,) = tomllib.loads(removed["keep"])["keep_lines"]
    assert Pattern(pattern).matches(line)
    assert removed["keep"] in shown(page)


def test_removed_view_is_grouped_by_rule(tmp_path: Path) -> None:
    blocks = [
        replace(SHARE, rule=rule, first_line=at, last_line=at) for at, rule in enumerate(["menu", "ad", "menu"], 1)
    ]
    engine = EmbeddedEngine(tmp_path, "en")
    with engine.new_generation() as generation:
        generation.add(replace(STORM, removed=tuple(blocks)), "Storm.")
    with TestClient(create_app(SearchService(engine, Settings(index=tmp_path)))) as client:
        text = shown(client.get(f"/doc/{STORM.id}/storm?view=removed").text)
    assert re.findall(r"(ad|menu)\s+(\d) blocks?", text) == [("ad", "1"), ("menu", "2")]
