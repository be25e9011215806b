"""Words that are written in several ways meet each other, without a synonym file."""

from collections.abc import Iterator

import pytest

from searchsvc.engine.embedded.engine import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.models.search_request import SearchRequest
from searchsvc.query.spelling_variants import spelling_variants
from searchsvc.service import SearchService
from searchsvc.settings import Settings

PAIRS = [
    ("A.H. Tamm", "A. H. Tamm"),
    ("J.R.R. Nord", "J. R. R. Nord"),
    ("nodejs", "node.js"),
    ("Socket.IO", "socketio"),
    ("e-mail", "email"),
    ("e-books", "ebooks"),
    ("x-rays", "xrays"),
    ("F16", "F-16"),
    ("covid19", "Covid-19"),
    ("mp3", "MP-3"),
    ("O'Brien", "OBrien"),
    ("O’Sullivan", "osullivan"),
    ("155.34", "155,34"),
    ("1.000", "1,000"),
    ("12345,6", "12345.6"),
    ("co-operate", "cooperate"),
    ("re-election", "reelection"),
]
ONE_WAY = [("3.12", "3.12.1"), ("3.12.1", "3.12")]


def article(number: int, text: str) -> Document:
    body = f"The committee wrote on {text} in May."
    return Document(f"d{number}", "a", f"{number}.txt", "", f"Report {number}", body)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchService]:
    texts = [text for pair in PAIRS + ONE_WAY[:1] for text in pair]
    engine = EmbeddedEngine(tmp_path_factory.mktemp("index"), "en")
    with engine.new_generation() as generation:
        for number, text in enumerate([*texts, "an ordinary matter", "3.125", "35"]):
            generation.add(article(number, text), text)
    opened = SearchService(engine, Settings())
    yield opened
    opened.close()


@pytest.mark.parametrize(("query", "other"), [*PAIRS, *((b, a) for a, b in PAIRS), *ONE_WAY])
def test_both_spellings_are_found(service: SearchService, query: str, other: str) -> None:
    results = service.search(SearchRequest(query, typo=False))
    full = [hit.document.body for hit in results.hits if not hit.partial_match]
    for text in (query, other):
        assert any(f" {text} " in body for body in full)
    assert len(full) == 2


@pytest.mark.parametrize(("query", "other"), PAIRS)
def test_both_spellings_are_marked(service: SearchService, query: str, other: str) -> None:
    for hit in service.search(SearchRequest(query, typo=False)).hits[:2]:
        assert any(piece.match is not None for snippet in hit.snippets for piece in snippet.fragments)


def test_initials_in_a_phrase(service: SearchService) -> None:
    assert service.search(SearchRequest('"A.H. Tamm"')).total == 2
    assert service.search(SearchRequest('"A. H. Tamm"')).total == 2


@pytest.mark.parametrize(
    "text", ["NATO-Russia", "Ada's", "war", "office", "3.5", "it’s", "2024", "https://a.b/c-d", ""]
)
def test_other_words_have_no_variants(text: str) -> None:
    assert list(spelling_variants(text)) == []


@pytest.mark.parametrize("query", ["e-mail", "email committee", "e-mail committee", "F-16 committee"])
def test_no_word_is_missing_from_a_full_match(service: SearchService, query: str) -> None:
    for hit in service.search(SearchRequest(query, typo=False)).hits:
        assert hit.partial_match or hit.missing == ()
