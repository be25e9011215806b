"""A query that is being typed: its results agree with its suggestions, and nothing unfinished is corrected."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.models.search import SearchResults
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app

TEXTS = {
    "Cup final": "The football club won the cup at Wembley, and football fans sang.",
    "New ground": "Wembley will be rebuilt for football.",
    "Old machine": "A sewing machine with a foot pedal. The foot is of iron.",
    "Second machine": "One foot of thread for each foot pedal.",
    "Hawker": "A hawker sells thread.",
}


@pytest.fixture(scope="module")
def typed_service(tmp_path_factory: pytest.TempPathFactory) -> SearchService:
    folder = tmp_path_factory.mktemp("typing")
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for number, (title, body) in enumerate(TEXTS.items()):
            generation.add(Document(f"{number:016x}", "s", f"{number}.txt", "h", title, body), body)
    return SearchService(engine, Settings(index=folder))


@pytest.fixture
def web(typed_service: SearchService) -> Iterator[TestClient]:
    with TestClient(create_app(typed_service)) as client:
        yield client


def titles(results: SearchResults) -> list[str]:
    return [hit.document.title for hit in results.hits]


@pytest.mark.parametrize("typed", ["footb", "footba", "footbal", "football"])
def test_an_unfinished_word_finds_the_words_that_start_with_it(typed_service: SearchService, typed: str) -> None:
    results = typed_service.search(SearchRequest(typed, typing=True))
    assert set(titles(results)) == {"Cup final", "New ground"}
    assert results.info.corrected == ()


def test_results_agree_with_suggestions(typed_service: SearchService) -> None:
    whole = "football wembley"
    for length in range(2, len(whole) + 1):
        typed = whole[:length]
        results = typed_service.search(SearchRequest(typed, typing=True))
        suggested = {document.title for document in typed_service.suggest(typed).documents}
        assert suggested <= set(titles(results)), typed


def test_the_word_as_typed_ranks_before_words_that_start_with_it(typed_service: SearchService) -> None:
    results = typed_service.search(SearchRequest("foot", typing=True))
    assert set(titles(results)[:2]) == {"Old machine", "Second machine"}
    assert set(titles(results)[2:]) == {"Cup final", "New ground"}


def test_a_single_letter_is_ignored(typed_service: SearchService) -> None:
    results = typed_service.search(SearchRequest("thread h", typing=True))
    assert set(titles(results)) == {"Second machine", "Hawker"}


def test_a_word_that_begins_nothing_is_corrected(typed_service: SearchService) -> None:
    results = typed_service.search(SearchRequest("footbalk", typing=True))
    assert results.info.corrected == (("footbalk", "football"),)
    assert set(titles(results)) == {"Cup final", "New ground"}


def test_matches_of_an_unfinished_word_are_highlighted(typed_service: SearchService) -> None:
    hit = typed_service.search(SearchRequest("wemb", typing=True)).hits[0]
    assert [piece.text for snippet in hit.snippets for piece in snippet.fragments if piece.match is not None] == [
        "Wembley"
    ]


OTHERS = ('"cup fin', "-footb", "title:cu", "footb*", "wembl~", "cup footb ", "足", "(cup footb")


@pytest.mark.parametrize("typed", OTHERS)
def test_other_queries_mean_the_same_while_they_are_typed(typed_service: SearchService, typed: str) -> None:
    typing, finished = (typed_service.search(SearchRequest(typed, typing=each)) for each in (True, False))
    assert (titles(typing), typing.info) == (titles(finished), finished.info)


def test_a_finished_query_is_not_extended(typed_service: SearchService) -> None:
    assert titles(typed_service.search(SearchRequest("wemb", typo=False))) == []


def test_api_takes_the_option_in_an_address_and_in_a_body(web: TestClient) -> None:
    address = web.get("/search.json", params={"q": "wemb", "typing": "on"}).json()
    body = web.post("/api/v1/search", json={"q": "wemb", "typing": "on"}).json()
    assert address["totalHits"] == body["totalHits"] == 2
    assert address["queryInfo"]["parsed"] == "wemb*"


def test_links_of_a_page_while_typing_are_those_of_the_finished_query(web: TestClient) -> None:
    page = web.get("/search", params={"q": "wemb", "typing": "on"}).text
    assert "Cup final" in page
    assert "typing=on" not in page
