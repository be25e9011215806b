"""Sentences with signs, and queries with operators: a hundred of each."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import WORD, analyzer
from searchsvc.engine.embedded.engine import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.models.search_request import SearchRequest
from searchsvc.query import AUTO_SYNTAX, LITERAL, OPERATORS, parse_query
from searchsvc.query.lexer import normal
from searchsvc.query.sign_reading import is_quotation, reads_as_text
from searchsvc.service import SearchService
from searchsvc.settings import Settings

PROSE, QUERIES = (
    Path(__file__).with_name(name).read_text("utf-8").splitlines() for name in ("prose.txt", "operators.txt")
)
TODAY = date(2024, 3, 10)


def article(number: int, words: str) -> Document:
    return Document(
        id=f"d{number:03}",
        slug="a",
        path=f"{number}.txt",
        content_hash="",
        title=f"Article {number}",
        body=words,
        words=9,
    )


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchService]:
    """One article per sentence, with its words in a different punctuation, and articles with parts of sentences."""
    engine = EmbeddedEngine(tmp_path_factory.mktemp("index"), "en")
    with engine.new_generation() as generation:
        for number, text in enumerate(PROSE):
            words = WORD.findall(text)
            generation.add(article(number, " ".join(words) + ". The rest is about boats."), text)
            generation.add(article(500 + number, " ".join(words[: len(words) // 3])), text)
    opened = SearchService(engine, Settings())
    yield opened
    opened.close()


def test_there_are_a_hundred_of_each() -> None:
    assert (len(set(PROSE)), len(set(QUERIES))) == (100, 100)


@pytest.mark.parametrize(("number", "text"), list(enumerate(PROSE)))
def test_a_sentence_finds_its_article(service: SearchService, number: int, text: str) -> None:
    hits = service.search(SearchRequest(text)).hits
    assert [hit.document.id for hit in hits[:1]] == [f"d{number:03}"]
    assert not hits[0].partial_match


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_keeps_its_operators(text: str) -> None:
    auto, operators = (parse_query(text, analyzer("en"), TODAY, syntax) for syntax in (AUTO_SYNTAX, OPERATORS))
    assert auto.syntax == OPERATORS
    assert auto.tree == operators.tree


def test_the_reading_can_be_chosen(service: SearchService) -> None:
    text = '"Leave the lamp on" -Grandmother Vesna'
    assert service.search(SearchRequest(text)).info.syntax == LITERAL
    assert service.search(SearchRequest(text, syntax=OPERATORS)).info.syntax == OPERATORS
    assert service.search(SearchRequest(text, syntax=OPERATORS)).total == 0


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("connect with us", False),
        ("Harbour Master", False),
        ("Subscribe to our newsletter", False),
        ("Quay Wall Falls Again", True),
        ("the harbour is never finished here", True),
        ("NATO RUSSIA EU WAR", False),
    ],
)
def test_a_long_phrase_may_be_a_quotation(phrase: str, expected: bool) -> None:
    assert is_quotation(phrase) is expected


def test_a_quotation_that_no_article_has_is_searched_by_its_words(service: SearchService) -> None:
    results = service.search(SearchRequest('"the harbour has never been finished"', strategy="any"))
    assert results.hits[0].document.id == "d000"
    as_phrase = service.search(SearchRequest('"the harbour finished is never really"'))
    assert as_phrase.total == 0 or as_phrase.info.ignored[0].reason.startswith("no article")


@given(st.text(alphabet='ab AZ"-+|()#@.!?:~*\n', max_size=60))
def test_every_text_has_a_reading(text: str) -> None:
    assert reads_as_text(normal(text)) in (True, False)
