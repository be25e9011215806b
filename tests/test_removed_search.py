"""Searching the lines that cleaning removed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.index.generation_documents import GenerationDocuments
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app

ARTICLES = {
    "storm": "The storm reached the harbour at dawn. Fishing boats stayed in port until the wind had calmed down.",
    "market": "The market opened again on Saturday. Traders sold apples and honey from the hills near the town.",
    "newsletter": "The newsletter of the parish turned fifty. Its first editor still writes a column every month.",
}
CLUTTER = "Subscribe to our newsletter\nShare this on Zwitscherbook"


@pytest.fixture(scope="module")
def removing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchService]:
    """A service over three articles, two of which have lines that cleaning removes."""
    folder = tmp_path_factory.mktemp("removing")
    seeds = folder / "seeds"
    seeds.mkdir()
    for name, text in ARTICLES.items():
        clutter = "" if name == "newsletter" else f"\n\n{CLUTTER}"
        (seeds / f"{name}.txt").write_text(f"Title of the {name}\n\n{text}{clutter}\n")
    settings = Settings(seeds=seeds, index=folder / "index", drop_lines=("Subscribe to*", "Share this*"))
    service = SearchService(EmbeddedEngine(settings.index, "en"), settings)
    service.rebuild(lambda _: None)
    yield service
    service.close()


def titles(service: SearchService, query: str, **options: object) -> list[str]:
    results = service.search(SearchRequest(query, sort="relevance", **options))  # type: ignore[arg-type]
    return sorted(hit.document.path for hit in results.hits)


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("zwitscherbook", []),
        ("zwitscherbook in:removed", ["market.txt", "storm.txt"]),
        ("zwitscherbook in:original", ["market.txt", "storm.txt"]),
        ("newsletter", ["newsletter.txt"]),
        ("newsletter in:removed", ["market.txt", "storm.txt"]),
        ("newsletter in:original", ["market.txt", "newsletter.txt", "storm.txt"]),
        ("harbour zwitscherbook in:original", ["storm.txt"]),
        ('"our newsletter" in:removed', ["market.txt", "storm.txt"]),
        ('"newsletter our" in:removed', []),
        ("zwitsch* in:removed", ["market.txt", "storm.txt"]),
        ("in:original -zwitscherbook", ["newsletter.txt"]),
    ],
)
def test_scope_decides_which_lines_are_searched(removing: SearchService, query: str, paths: list[str]) -> None:
    assert titles(removing, query, strategy="all") == paths


def test_parameter_does_the_same(removing: SearchService) -> None:
    assert titles(removing, "zwitscherbook", search_in="removed") == ["market.txt", "storm.txt"]
    assert titles(removing, "zwitscherbook", search_in="clean") == []


def test_match_in_a_removed_line_is_shown(removing: SearchService) -> None:
    hit = removing.search(SearchRequest("zwitscherbook in:original")).hits[0]
    snippet = hit.snippets[-1]
    assert (snippet.field, [each.text for each in snippet.fragments if each.match is not None]) == (
        "removed_text",
        ["Zwitscherbook"],
    )


def test_words_of_removed_lines_are_neither_suggested_nor_corrections(removing: SearchService) -> None:
    assert removing.suggest("zwitsch").completions == ()
    assert removing.search(SearchRequest("zwitscherbok")).info.corrected == ()
    assert removing.search(SearchRequest("newsleter")).info.corrected == (("newsleter", "newsletter"),)
    assert removing.search(SearchRequest("newsleter in:removed")).info.corrected == ()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("zwitscherbook", 2),
        ("newsletter", 2),
        ("harbour", 0),
        ("harbour zwitscherbook", 0),
        ("title:storm", 0),
        ("", 0),
    ],
)
def test_matches_in_removed_lines_are_counted(removing: SearchService, query: str, count: int) -> None:
    assert removing.run(lambda snapshot: snapshot.count_removed(SearchRequest(query))) == count


def test_counting_in_removed_lines_reads_no_document(removing: SearchService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GenerationDocuments, "stored", lambda *_: pytest.fail("a document was read"))
    assert removing.run(lambda snapshot: snapshot.count_removed(SearchRequest("zwitscherbook"))) == 2


@pytest.fixture(scope="module")
def asked(removing: SearchService) -> TestClient:
    """A client of the service."""
    return TestClient(create_app(removing), follow_redirects=False)


def test_page_says_that_removed_lines_match_and_links_there(asked: TestClient) -> None:
    html = asked.get("/search?q=newsletter").text
    assert "The removed lines of 2 articles have your words." in html
    assert 'href="/search?q=newsletter&amp;in=removed"' in html
    assert "The removed lines of" in asked.get("/search?q=zwitscherbook").text
    assert "The removed lines of" not in asked.get("/search?q=harbour").text
    assert "The removed lines of" not in asked.get("/search?q=newsletter&in=removed").text
    assert "The removed lines of" not in asked.get("/search?q=newsletter+in:original").text


def test_page_of_removed_lines_has_a_chip_and_links_to_the_removed_view(asked: TestClient) -> None:
    html = asked.get("/search?q=zwitscherbook&in=removed").text
    assert "Remove filter </span>Only in removed lines" in html
    assert '<input type="hidden" name="in" value="removed">' in html
    assert '<span class="rule" lang="en">Removed</span>' in html
    assert "&amp;in=removed&amp;view=removed" in html
    page = next(part for part in html.split('"') if part.startswith("/doc/")).replace("&amp;", "&")
    assert asked.get(page).status_code == 200


def test_api_searches_the_original_text(asked: TestClient) -> None:
    reply = asked.get("/api/v1/search?q=zwitscherbook&in=original").json()
    assert reply["totalHits"] == 2
    assert reply["links"]["self"] == "/api/v1/search?q=zwitscherbook&in=original"
    assert asked.get("/api/v1/search?q=a&in=nowhere").status_code == 400


def test_update_keeps_removed_lines_searchable(removing: SearchService, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "a.txt").write_text(f"Title\n\n{ARTICLES['storm']}\n\n{CLUTTER}\n")
    settings = Settings(seeds=seeds, index=tmp_path / "index", drop_lines=("Subscribe to*", "Share this*"))
    service = SearchService(EmbeddedEngine(settings.index, "en"), settings)
    service.rebuild(lambda _: None)
    (seeds / "b.txt").write_text(f"Another title\n\n{ARTICLES['market']}\n\n{CLUTTER}\n")
    service.update(lambda _: None)
    assert titles(service, "zwitscherbook in:removed") == ["a.txt", "b.txt"]
    (seeds / "a.txt").unlink()
    service.update(lambda _: None)
    assert titles(service, "zwitscherbook in:removed") == ["b.txt"]
    service.close()
