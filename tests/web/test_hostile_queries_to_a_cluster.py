"""What breaks search services, asked of OpenSearch: every query is answered or refused, none fails.

The corpus is in every language that has stems, so that a word is looked for in many forms, and has so many
words that begin alike that a beginning stands for thousands.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from searchsvc.analysis import SNOWBALL
from searchsvc.engine.opensearch import OpenSearchEngine
from searchsvc.models.documents import Document
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.web.hostile import DOCUMENTS, QUERIES

EXPANDED = 12_000  # words that begin with "many"
ENDINGS = ("ations", "amente", "ungen", "issements", "lerinin", "heiten", "ingarnas")
LONG = [root + ending for root in ("form", "stor", "harb", "lim") for ending in ENDINGS]  # stems differ by language
MORE = (
    "many*", "many* -zebra", " ".join(f"many{letter}*" for letter in "0123456789"), "manyx0000~2",
    " ".join(f'"{one} {other}"' for one in LONG for other in LONG[:8])[:2048],
    " ".join(f"{one}-{other}" for one in LONG for other in LONG[:8])[:2048],
    " ".join(f"title:{one}~2" for one in LONG), " ".join(f"-{one}" for one in LONG * 4),
    "(" + " OR ".join(LONG) + ") (" + " OR ".join(reversed(LONG)) + ")",
    "(((((((" + " ".join(f"{one} OR (-{one}" for one in LONG * 3), "internationalisierungsmaßnahmenx",
    "x" * 64, "abcdefghijklmnopqrstuvwxyz" * 2, "a.b" * 300, "*:* _exists_:body /.*/ [* TO *]",
    '{"match_all":{}}', "lang:fr lang:en -lang:de many*",
)  # fmt: skip


def documents() -> Iterator[Document]:
    languages = [*SNOWBALL, "xx"]
    for number in range(300):
        words = [f"many{at:04}" for at in range(number * EXPANDED // 300, (number + 1) * EXPANDED // 300)]
        text = " ".join([*words, *LONG, *LONG[number % 7 :]])
        language = languages[number % len(languages)]
        yield Document(f"{number:016x}", "slug", f"{number}.txt", "", f"Title {number}", text, language=language)
    for each in DOCUMENTS:
        yield replace(each, id=f"f{each.id[1:]}")


@pytest.fixture(scope="module")
def client(new_opensearch: Callable[[], OpenSearchEngine]) -> Iterator[TestClient]:
    engine = new_opensearch()
    with engine.new_generation() as generation:
        for each in documents():
            generation.add(each, each.body)
    app = create_app(SearchService(engine, Settings()))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/search.json", "/suggest"])
def test_every_hostile_query_is_answered(client: TestClient, path: str) -> None:
    for query in (*QUERIES, *MORE):
        assert client.get(path, params={"q": query}).status_code in (200, 400), query


def test_a_beginning_stands_for_more_words_than_a_query_may_have_clauses(client: TestClient) -> None:
    assert client.get("/search.json", params={"q": "many*"}).json()["totalHits"] == 300
