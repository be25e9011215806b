"""Long documents: matches are shown wherever they are, and the work and the answers are bounded."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.excerpts import CHUNK, LONG_BODY, MAX_TERMS
from searchsvc.highlight import PART, Matcher, MatchSpan, text_parts
from searchsvc.models.documents import Document, RemovedBlock
from searchsvc.models.search import SearchHit
from searchsvc.models.search_request import MAX_BODIES, MAX_SNIPPETS, SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app

WORDS = [f"{a}{b}{c}" for a in ("ba", "do", "ke", "lu") for b in ("ran", "tim", "vel", "sor") for c in ("", "ed", "is")]
SENTENCES = 12_000  # 0.5 MB
LOOKED_AT = MAX_SNIPPETS * 3 * CHUNK  # code points of one body, at most


def long_body(number: int) -> str:
    draw = random.Random(number)
    return "\n".join(f"The harbour {' '.join(draw.choices(WORDS, k=5))}." for _ in range(SENTENCES))


def with_line(body: str, place: float, line: str) -> str:
    lines = body.split("\n")
    lines.insert(int(len(lines) * place), line)
    return "\n".join(lines)


def document(number: int, body: str) -> Document:
    removed = (RemovedBlock("share", "a share button", 1, 1, "Share " * 20_000),)
    return Document(f"{number:016x}", "long", f"{number}.txt", "hash", f"Report {number}", body, removed=removed)


DOCUMENTS = [
    document(1, with_line(long_body(1), 0.37, "Here a zebra meets the Crème brûlée of Łódź.")),
    document(2, with_line(long_body(2), 0.999, "The zebra finally saw the polar lights.")),
    document(
        3, with_line(with_line(long_body(3), 0.2, "Some polar bears."), 0.8, "Many lights, and the polar lights.")
    ),
    replace(
        document(4, "港は静かだった。" * 12_000 + "東京の図書館は広い。" + "港は静かだった。" * 12_000), language="ja"
    ),
]


@pytest.fixture(scope="module")
def long_service(tmp_path_factory: pytest.TempPathFactory) -> SearchService:
    folder = tmp_path_factory.mktemp("long")
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for each in DOCUMENTS:
            generation.add(each, "\n".join(["Share " * 20_000, each.title, each.body]))
    return SearchService(engine, Settings(index=folder))


@pytest.fixture
def web(long_service: SearchService) -> Iterator[TestClient]:
    with TestClient(create_app(long_service)) as opened:
        yield opened


PARTS = len(text_parts(DOCUMENTS[1].body))


def first_hit(service: SearchService, query: str, **options: object) -> SearchHit:
    return service.search(replace(SearchRequest(query), **options)).hits[0]  # type: ignore[arg-type]


def marked(hit: SearchHit) -> list[str]:
    return [piece.text for snippet in hit.snippets for piece in snippet.fragments if piece.match is not None]


@pytest.mark.parametrize(
    ("query", "number", "expected"),
    [
        ("brulee", 1, ["brûlée"]),
        ('"polar lights" saw', 2, ["saw", "polar lights"]),
        ('"polar lights" many', 3, ["Many", "polar lights"]),
        ("lod*", 1, ["Łódź"]),
        ("zebra finally", 2, ["zebra", "finally"]),
        ("図書館", 4, ["図書館"]),
    ],
)
def test_a_snippet_shows_a_match_deep_inside(
    long_service: SearchService, query: str, number: int, expected: list[str]
) -> None:
    hit = first_hit(long_service, query)
    assert hit.document.id == DOCUMENTS[number - 1].id
    assert [each for each in marked(hit) if each in expected] == expected


def test_a_snippet_shows_the_last_of_many_words(long_service: SearchService) -> None:
    query = " OR ".join([*(f"absent{number}" for number in range(2 * MAX_TERMS)), "brulee"])
    assert marked(first_hit(long_service, query)) == ["brûlée"]


@pytest.mark.parametrize("query", ["brulee", "polar bears", "図書館", "harbour"])
def test_a_snippet_is_at_its_offset(long_service: SearchService, query: str) -> None:
    for hit in long_service.search(SearchRequest(query)).hits:
        whole = next(each for each in DOCUMENTS if each.id == hit.document.id).body
        for snippet in hit.snippets:
            text = "".join(piece.text for piece in snippet.fragments)
            assert snippet.field != "body" or whole[snippet.start :].startswith(text)
            assert (snippet.before, snippet.after) == (True, True) or snippet.start == 0


def test_each_term_gets_a_snippet_however_far_apart(long_service: SearchService) -> None:
    hit = first_hit(long_service, "bears lights many", strategy="any")
    assert {"bears", "Many", "lights"} <= {word for text in marked(hit) for word in text.split()}


@pytest.mark.parametrize(
    "query", ["harbour", "zebra", "bara* bati* dove* keso*", '"the harbour" bara*', "bar* harbour", "港は"]
)
def test_the_text_searched_for_matches_is_bounded(
    long_service: SearchService, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    lengths: list[int] = []
    spans_of = Matcher.spans_of

    def counted(matcher: Matcher, texts: Sequence[str], field: str) -> list[list[MatchSpan]]:
        lengths.extend(map(len, texts))
        return spans_of(matcher, texts, field)

    monkeypatch.setattr(Matcher, "spans_of", counted)
    long_service.search(SearchRequest(query))
    assert 0 < max(lengths) <= LOOKED_AT


def test_a_response_has_a_share_of_each_long_body(web: TestClient) -> None:
    reply = web.get("/search.json", params={"q": "harbour", "attributesToRetrieve": "body", "hitsPerPage": 100})
    share = MAX_BODIES // 100
    for hit in reply.json()["hits"]:
        assert (len(hit["body"]), hit["_truncated"]) == (share, ["body"])


def test_a_body_within_the_share_is_whole(web: TestClient) -> None:
    reply = web.get("/search.json", params={"q": "zebra", "attributesToRetrieve": "body", "hitsPerPage": 2})
    hit = reply.json()["hits"][0]
    assert hit["body"] == next(each.body for each in DOCUMENTS if each.id == hit["id"])
    assert "_truncated" not in hit


def test_the_api_has_the_whole_document(web: TestClient) -> None:
    reply = web.get(f"/api/v1/documents/{DOCUMENTS[0].id}").json()
    assert reply["body"] == DOCUMENTS[0].body
    assert reply["removed"][0]["text"] == DOCUMENTS[0].removed[0].text


@pytest.mark.parametrize("view", ["clean", "original", "removed"])
@pytest.mark.parametrize("query", ["", "harbour", "harb* bara*"])
def test_a_page_shows_one_part(web: TestClient, view: str, query: str) -> None:
    page = web.get(f"/doc/{DOCUMENTS[0].id}/long", params={"q": query, "view": view})
    assert page.status_code == 200
    assert len(page.text) < 12 * PART


def test_a_page_opens_at_the_part_with_the_match(web: TestClient) -> None:
    page = web.get(f"/doc/{DOCUMENTS[1].id}/long", params={"q": "polar lights"}).text
    assert '<mark id="match-1">' in page
    assert f"Part {PARTS} of {PARTS}" in page
    assert "in this part" in page


@pytest.mark.parametrize("view", ["clean", "original"])
def test_parts_together_are_the_text(web: TestClient, view: str) -> None:
    address, texts = f"/doc/{DOCUMENTS[2].id}/long?view={view}&part=1", ""
    whole = DOCUMENTS[2].body if view == "clean" else f"{'Share ' * 20_000}\nReport 3\n{DOCUMENTS[2].body}"
    parts = 0
    while address:
        page = web.get(address).text
        texts += page[page.index('aria-label="View"') : page.index("About this article")]
        parts += 1
        following = page.split('<a rel="next" href="')[1:]
        address = following[0].split('"')[0].replace("&amp;", "&") if following else ""
    assert parts >= PARTS
    assert all(line.strip() in texts for line in whole.split("\n")[1::997])


@pytest.mark.parametrize("part", ["0", "-1", "x", "99999999999999999999", "٣", "1.5", ""])
def test_an_invalid_part_is_ignored(web: TestClient, part: str) -> None:
    assert web.get(f"/doc/{DOCUMENTS[0].id}/long", params={"part": part}).status_code == 200


def test_a_part_beyond_the_last_is_the_last(web: TestClient) -> None:
    assert f"Part {PARTS} of {PARTS}" in web.get(f"/doc/{DOCUMENTS[1].id}/long", params={"part": "1000"}).text


def test_a_suggestion_is_written_as_in_a_long_text(long_service: SearchService) -> None:
    assert [each.text for each in long_service.suggest("finall").completions] == ["finally"]


def test_short_bodies_are_whole_in_hits(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    body = "The harbour is wide. " * (LONG_BODY // 50)
    with engine.new_generation() as generation:
        generation.add(document(9, body), body)
    hit = SearchService(engine, Settings(index=tmp_path)).search(SearchRequest("harbour")).hits[0]
    assert hit.document.body == body
