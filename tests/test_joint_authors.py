"""Each of several authors of an article is a value of the facet and the filter."""

from pathlib import Path

import pytest

from searchsvc.engine.embedded.engine import EmbeddedEngine
from searchsvc.models.documents import joint_authors
from searchsvc.models.search import Filter
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings

ARTICLE = "---\ntitle: {title}\nauthor: [{authors}]\n---\n\n{text}\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> SearchService:
    folder: Path = tmp_path_factory.mktemp("authors")
    (folder / "seeds").mkdir()
    for name, authors, text in (
        ("bridge", "Ann Lee, Bo Wik", "The mayor opened the bridge on Monday morning, and the band played on."),
        ("harbour", "Ann Lee", "Grain ships waited outside the harbour for the storm to pass last night."),
    ):
        (folder / f"seeds/{name}.md").write_text(ARTICLE.format(title=f"The {name}", authors=authors, text=text))
    settings = Settings(seeds=folder / "seeds", index=folder / "index")
    service = SearchService(EmbeddedEngine(settings.index, settings.language), settings)
    service.rebuild()
    return service


@pytest.mark.parametrize(
    ("names", "authors"),
    [
        ("", ()),
        ("Ann Lee", ("Ann Lee",)),
        ("Ann Lee, Bo Wik", ("Ann Lee", "Bo Wik")),
        ("Ann Lee, Ann Lee", ("Ann Lee",)),
        ("王小明, 李雷", ("王小明", "李雷")),
        ("Lee, Ann", ("Lee, Ann",)),
        ("Le Guin, Ursula K.", ("Le Guin, Ursula K.",)),
        ("Sammy Davis, Jr.", ("Sammy Davis, Jr.",)),
        ("Reuters", ("Reuters",)),
        (" , ", ()),
    ],
)
def test_joint_authors_are(names: str, authors: tuple[str, ...]) -> None:
    assert joint_authors(names) == authors


def test_facet_counts_each_author(service: SearchService) -> None:
    facet = service.search(SearchRequest("")).facets["author"]
    assert [(each.value, each.count) for each in facet] == [("Ann Lee", 2), ("Bo Wik", 1)]


@pytest.mark.parametrize(("author", "titles"), [("Bo Wik", ["bridge"]), ("Ann Lee", ["bridge", "harbour"])])
def test_filter_finds_articles_of_each_author(service: SearchService, author: str, titles: list[str]) -> None:
    results = service.search(SearchRequest("", filters=(Filter("author", (author,)),)))
    assert sorted(hit.document.title for hit in results.hits) == [f"The {title}" for title in titles]


def test_article_shows_all_authors(service: SearchService) -> None:
    assert service.search(SearchRequest("bridge")).hits[0].document.author == "Ann Lee, Bo Wik"
