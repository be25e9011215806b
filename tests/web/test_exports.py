"""Files with all hits of a search, and citations."""

import csv
import gc
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.addresses import AT_ROOT, Addresses
from searchsvc.web.app import create_app
from searchsvc.web.citation import bibtex, ris
from searchsvc.web.uvicorn_protocol import HttpProtocol
from tests.web.answers import assert_problem
from tests.web.hostile import PAYLOADS, hostile_service
from tests.web.running import running

MANY = 5_000
ARTICLE = Document(
    id="00000000000000a1",
    slug="storm",
    path="storm.txt",
    content_hash="",
    title="Storm & 100 % {calm}",
    body="The storm.",
    summary="A storm.",
    author="Ann Lee and Ben Okri",
    source="Reuters",
    topics=("Sea", "Weather"),
    published=date(2024, 3, 1),
    url="https://example.org/a_b",
)


def numbered(number: int) -> Document:
    body = f"harbour {number} " + "storm boat night " * 100
    return replace(ARTICLE, id=f"{number:016x}", title=f"Report {number}", body=body)


def built(folder: Path, documents: Iterator[Document]) -> SearchService:
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for document in documents:
            generation.add(document, document.body)
    return SearchService(engine, Settings(index=folder))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> SearchService:
    """A service over more documents than can be paged through."""
    return built(tmp_path_factory.mktemp("many"), map(numbered, range(MANY)))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def test_csv_has_all_hits_beyond_the_depth_of_paging(many: SearchService) -> None:
    with TestClient(create_app(many)) as client:
        response = client.get("/search.csv", params={"q": "harbour", "sort": "published:asc"})
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="search.csv"'
    assert [row["id"] for row in rows(response.text)] == [f"{number:016x}" for number in range(MANY)]


def test_cursor_reads_all_hits(many: SearchService) -> None:
    with TestClient(create_app(many)) as client:
        params, ids = {"q": "harbour", "sort": "published:asc", "facets": ",", "limit": "100"}, list[str]()
        params["attributesToRetrieve"] = "title"
        cursor: str | None = ""
        while cursor is not None:
            reply = client.get("/api/v1/search", params=params | {"cursor": cursor}).json()
            ids += [hit["id"] for hit in reply["hits"]]
            cursor = reply["nextCursor"]
    assert ids == [f"{number:016x}" for number in range(MANY)]


def test_cursor_stays_with_its_generation(tmp_path: Path) -> None:
    service = built(tmp_path, map(numbered, range(3)))
    with TestClient(create_app(service)) as client:
        params = {"limit": "2", "sort": "published:asc"}
        cursor = client.get("/api/v1/search", params=params).json()["nextCursor"]
        built(tmp_path, map(numbered, range(10, 20)))
        service.refresh()
        response = client.get("/api/v1/search", params=params | {"cursor": cursor})
    assert [hit["title"] for hit in response.json()["hits"]] == ["Report 2"]
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("cursor", ["../../etc.1", "x", "20990101.5", "1.-1", "1.9999999999"])
def test_invalid_cursor_is_a_problem(client: TestClient, cursor: str) -> None:
    assert_problem(client.get("/api/v1/search", params={"cursor": cursor}), 400, "cursor")


def test_lines_of_json_have_the_hits_of_the_search_in_their_order(client: TestClient) -> None:
    params = {"q": "nato treaty", "filter": "language:en"}
    lines = [json.loads(line) for line in client.get("/search.ndjson", params=params).text.splitlines()]
    hits = client.get("/api/v1/search", params=params).json()["hits"]
    assert lines
    assert [line["id"] for line in lines] == [hit["id"] for hit in hits]
    assert all(line[name] == hit[name] for line, hit in zip(lines, hits, strict=True) for name in line if name != "url")


def test_export_corrects_the_spelling_as_the_search_does(client: TestClient) -> None:
    wrong, right = (
        client.get("/search.csv", params={"q": query}).text for query in ("natoo alliance", "nato alliance")
    )
    assert wrong == right


def test_columns_are_the_requested_attributes(client: TestClient) -> None:
    text = client.get("/search.csv", params={"attributesToRetrieve": "title,body"}).text
    assert list(rows(text)[0]) == ["id", "title", "body"]
    assert "" not in {row["body"] for row in rows(text)}


def test_spreadsheet_runs_no_formula(tmp_path: Path) -> None:
    cells = ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "|cmd", "\tx", "\uff1dx", "  =x")
    documents = (replace(numbered(number), title=cell) for number, cell in enumerate(cells))
    with TestClient(create_app(built(tmp_path, documents))) as client:
        text = client.get("/search.csv", params={"sort": "published:asc"}).text
    assert [row["title"] for row in rows(text)] == [f"'{cell}" for cell in cells]


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_hostile_documents_stay_in_their_fields(tmp_path: Path, form: str) -> None:
    with TestClient(create_app(hostile_service(tmp_path))) as client:
        text = client.get(f"/search.{form}", params={"sort": "published:asc"}).text
    found = rows(text) if form == "csv" else [json.loads(line) for line in text.splitlines()]
    assert [each["author"] for each in found] == list(PAYLOADS)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_invalid_export_is_a_problem(client: TestClient, form: str) -> None:
    assert_problem(client.get(f"/search.{form}", params={"sort": "size"}), 400, "sort")


def test_head_has_no_body(client: TestClient) -> None:
    response = client.head("/search.csv")
    assert (response.status_code, response.content) == (200, b"")
    assert int(response.headers["X-Total-Count"]) > 0


def test_memory_does_not_grow_with_the_hits(many: SearchService) -> None:
    def peak(query: str) -> int:
        with (
            TestClient(create_app(many)),
            running(create_app(many), HttpProtocol) as server,
            server.connect() as client,
        ):
            client.sendall(f"GET /search.csv?q={query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            gc.collect()
            tracemalloc.start()
            while client.recv(1 << 16):
                pass
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return most

    peak("harbour")  # caches
    assert peak("harbour") < 4_000_000  # all documents have 9 MB


def test_export_ends_when_the_client_leaves(many: SearchService, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(document: Document) -> str:
        read.append(document.id)
        return "x" * 100_000

    monkeypatch.setattr("searchsvc.web.search_export.link", counted)
    with running(create_app(many), HttpProtocol) as server:
        with server.connect() as client:
            client.sendall(b"GET /search.csv HTTP/1.1\r\nHost: a\r\n\r\n")
            client.recv(1 << 10)
        time.sleep(1)
        count = len(read)
        time.sleep(1)
    assert 0 < count == len(read) < MANY


def test_too_many_exports_are_rejected_and_ended_exports_make_room(many: SearchService) -> None:
    with running(create_app(many), HttpProtocol) as server:
        request = b"GET /search.ndjson?attributesToRetrieve=body HTTP/1.1\r\nHost: a\r\n\r\n"
        waiting = [server.connect() for _ in range(4)]
        for client in waiting:
            client.sendall(request)
            assert client.recv(1 << 10).startswith(b"HTTP/1.1 200")
        last = request.replace(b"Host: a", b"Host: a\r\nConnection: close")
        assert server.ask(last).startswith(b"HTTP/1.1 503")
        for client in waiting:
            client.close()
        time.sleep(0.5)
        assert server.ask(last).startswith(b"HTTP/1.1 200")


def test_bibtex_has_the_fields_of_the_article() -> None:
    assert bibtex(ARTICLE, AT_ROOT) == (
        "@misc{searchsvc-00000000000000a1,\n"
        "  title = {Storm \\& 100 \\% \\{calm\\}},\n"
        "  author = {Ann Lee and Ben Okri},\n"
        "  howpublished = {Reuters},\n"
        "  year = {2024},\n"
        "  month = {3},\n"
        "  day = {1},\n"
        "  language = {en},\n"
        "  url = {https://example.org/a\\_b},\n"
        "}\n"
    )


def test_ris_has_the_fields_of_the_article() -> None:
    assert ris(ARTICLE, AT_ROOT).split("\r\n") == [
        "TY  - NEWS", "TI  - Storm & 100 % {calm}", "AU  - Ann Lee", "AU  - Ben Okri", "T2  - Reuters", "PY  - 2024",
        "DA  - 2024/03/01", "AB  - A storm.", "KW  - Sea", "KW  - Weather", "LA  - en", "UR  - https://example.org/a_b",
        "ID  - searchsvc-00000000000000a1", "ER  - ", "",
    ]  # fmt: skip


def test_citation_without_an_original_has_the_address_of_the_page() -> None:
    addresses = Addresses("/archive", "https://www.example.org/archive")
    plain = replace(ARTICLE, url="javascript:alert(1)")
    assert "https://www.example.org/archive/doc/00000000000000a1/storm" in bibtex(plain, addresses)


@pytest.mark.parametrize("cite", [bibtex, ris])
def test_title_cannot_begin_another_field(cite: Callable[[Document, Addresses], str]) -> None:
    hostile = replace(ARTICLE, title="a\r\nER  - \r\nTY  - BOOK\u2028},\n@book{x", source=None)
    text = cite(hostile, AT_ROOT)
    assert not any(line.startswith(("TY  - BOOK", "@book")) for line in text.splitlines())


@pytest.mark.parametrize("ending", ["bib", "ris"])
def test_article_can_be_cited(client: TestClient, ending: str) -> None:
    hit = client.get("/api/v1/search", params={"q": "nato"}).json()["hits"][0]
    response = client.get(f"/doc/{hit['id']}.{ending}")
    assert response.status_code == 200
    assert hit["id"] in response.text
    assert f"/doc/{hit['id']}.{ending}" in client.get(hit["link"]).text
    assert_problem(client.get(f"/doc/ffffffffffffffff.{ending}"), 404)
