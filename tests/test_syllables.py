"""Single ideographs, kana and Korean words: texts have them inside indexed pairs, or before a particle."""

import unicodedata
from pathlib import Path

import pytest

from searchsvc.engine.embedded.engine import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.models.search_request import SearchRequest
from searchsvc.query.compiler import MAX_IDEOGRAPHS
from searchsvc.service import SearchService
from searchsvc.settings import Settings

TEXTS = {
    "ja": ("水の話", "犬が水を飲む。2024年に山へ行く。"),
    "ko": ("바다 소식", "등대는 바다를 비춘다. 어민들은 기뻐했다."),
    "en": ("Water", "Dogs drink water near the lighthouse."),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> SearchService:
    folder = tmp_path_factory.mktemp("syllables") / "index"
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for name, (title, body) in TEXTS.items():
            number = name.encode().hex()
            document = Document(
                id=number, slug=name, path=f"{name}.txt", content_hash=name, title=title, body=body, language=name
            )
            generation.add(document, "")
    return SearchService(engine, Settings(index=folder))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("水", ["ja"], id="an ideograph"),
        pytest.param("犬", ["ja"], id="an ideograph that begins a text"),
        pytest.param("む", ["ja"], id="a kana that ends a sentence"),
        pytest.param("水*", ["ja"], id="an ideograph with an asterisk"),
        pytest.param("水 犬", ["ja"], id="two ideographs"),
        pytest.param("+水 +drink", [], id="an ideograph and a word of a different text"),
        pytest.param('"水"', ["ja"], id="an ideograph in quotation marks"),
        pytest.param("title:水", ["ja"], id="an ideograph in a field"),
        pytest.param("title:犬", [], id="an ideograph in a field that lacks it"),
        pytest.param("drink -水", ["en"], id="an excluded ideograph"),
        pytest.param("2024年", ["ja"], id="digits and an ideograph"),
        pytest.param("火", [], id="an ideograph that no text has"),
        pytest.param("등대", ["ko"], id="a Korean word that a particle follows"),
        pytest.param("title:바다", ["ko"], id="a Korean word in a field"),
        pytest.param(unicodedata.normalize("NFD", "title:바다"), ["ko"], id="a decomposed Korean word in a field"),
        pytest.param("body:2024年", ["ja"], id="digits and an ideograph in a field"),
        pytest.param("등*", ["ko"], id="a Korean syllable with an asterisk"),
        pytest.param("어민*", ["ko"], id="two Korean syllables with an asterisk"),
        pytest.param("대는", [], id="the end of a Korean word"),
        pytest.param("등", [], id="a Korean syllable"),
        pytest.param('"등대"', [], id="a Korean word in quotation marks"),
    ],
)
def test_query_finds(service: SearchService, query: str, names: list[str]) -> None:
    results = service.search(SearchRequest(query, strategy="all", typo=False))
    assert [hit.document.slug for hit in results.hits] == names
    assert results.info.ignored == ()


def test_ideographs_beyond_the_limit_are_found_at_the_beginning_of_pairs(service: SearchService) -> None:
    unknown = " OR ".join("一二三四五六七八"[:MAX_IDEOGRAPHS])
    results = service.search(SearchRequest(f"({unknown} OR 水)", typo=False))
    assert [hit.document.slug for hit in results.hits] == ["ja"]


def test_ideograph_at_the_end_of_a_long_text_is_marked(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    body = "犬が山へ行く。\n" * 30_000 + "猫は水を見た。\n" + "犬が山へ行く。\n" * 1000
    with engine.new_generation() as generation:
        generation.add(
            Document(id="00", slug="a", path="a.txt", content_hash="a", title="山の話", body=body, language="ja"),
            "",
        )
    hit = SearchService(engine, Settings(index=tmp_path)).search(SearchRequest("水")).hits[0]
    assert [each.text for snippet in hit.snippets for each in snippet.fragments if each.match is not None] == ["水"]


def test_snippet_marks_the_ideograph_alone(service: SearchService) -> None:
    hit = service.search(SearchRequest("水")).hits[0]
    pieces = [*hit.title, *(piece for snippet in hit.snippets for piece in snippet.fragments)]
    assert [piece.text for piece in pieces if piece.match is not None] == ["水", "水"]
