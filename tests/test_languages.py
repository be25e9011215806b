"""Articles of eight languages in one index: each is found, marked and counted in its own language."""

from datetime import date
from pathlib import Path

import pytest
from whoosh import index

from searchsvc.analysis import analyzer
from searchsvc.engine.embedded.engine import EmbeddedEngine
from searchsvc.models.documents import Document
from searchsvc.models.search import Filter
from searchsvc.models.search_request import SearchRequest
from searchsvc.query import parse_query
from searchsvc.service import SearchService
from searchsvc.settings import Settings

TEXTS = {
    "en": (
        "Harbour news",
        "The minister visited the harbours of the north. Two ships were loaded with grain, and the news of the "
        "elections reached the sailors late.",
    ),
    "en-new": ("A new bridge", "The new bridge over the river is open. Elephants walked over it first."),
    "de": (
        "Häuser am Fluss",
        "Die Häuser am Fluss wurden vom Hochwasser beschädigt. Der Minister sprach mit den Bürgern über die News "
        "aus den Städten und die Folgen der Krise.",
    ),
    "fr": (
        "Élections régionales",
        "Les élections régionales ont lieu dimanche. Les négociations sur l’Europe se poursuivent à Paris avec "
        "les chevaux de la garde, selon Paris News.",
    ),
    "es": (
        "Inundaciones en el norte",
        "Las inundaciones dañaron los caminos. El presidente canceló las canciones de la fiesta en España.",
    ),
    "ru": (
        "Договоры подписаны",
        "Министры подписали договоры в Москве. Война закончилась, и ёлки стоят на площадях городов.",
    ),
    "ar": ("السفينة في الميناء", "وصلت السفينة الكبيرة إلى الميناء مساء أمس، وقالَ الوَزِيرُ إن المدرسة مغلقة."),
    "zh": ("上海的新地铁", "上海市政府星期一宣布，新的地铁线路将于明年开通。"),
    "th": ("ข่าวท่าเรือ", "รัฐมนตรีประชุมอีกครั้งเมื่อวันจันทร์ที่กรุงเทพมหานครเพื่อหารือเรื่องสนธิสัญญาเก่า"),
    "lo": ("ຂ່າວທ່າເຮືອ", "ລັດຖະມົນຕີໄດ້ພົບກັນອີກໃນວັນຈັນທີ່ນະຄອນຫຼວງວຽງຈັນເພື່ອສົນທະນາກ່ຽວກັບສົນທິສັນຍາເກົ່າ"),
    "km": ("ព័ត៌មានកំពង់ផែ", "រដ្ឋមន្ត្រីបានជួបគ្នាម្តងទៀតនៅថ្ងៃច័ន្ទនៅ\u200bរាជធានី\u200bភ្នំពេញដើម្បីពិភាក្សា"),
    "my": ("ဆိပ်ကမ်းသတင်း", "ဝန်ကြီးများသည်တနင်္လာနေ့တွင်ရန်ကုန်မြို့၌ထပ်မံတွေ့ဆုံခဲ့ကြသည်"),
    "ja": ("首都の会議", "大臣たちは月曜日に東京都で再び会い、古い条約について話し合った。"),
}


def document(name: str) -> Document:
    title, body = TEXTS[name]
    return Document(
        id=name.encode().hex(),
        slug=name,
        path=f"{name}.txt",
        content_hash=name,
        title=title,
        body=body,
        language=name[:2],
    )


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> SearchService:
    folder = tmp_path_factory.mktemp("languages") / "index"
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for name in TEXTS:
            generation.add(document(name), "")
    return SearchService(engine, Settings(index=folder))


def found(service: SearchService, query: str, **asked: object) -> list[str]:
    results = service.search(SearchRequest(query, strategy="all", typo=False, **asked))  # type: ignore[arg-type]
    return sorted(hit.document.slug for hit in results.hits)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("harbour", ["en"], id="English: harbours"),
        pytest.param("Haus", ["de"], id="German: Häuser"),
        pytest.param("Ministern", ["de"], id="German: Minister"),
        pytest.param("négociation", ["fr"], id="French: négociations"),
        pytest.param("cheval", ["fr"], id="French: chevaux"),
        pytest.param("Europe", ["fr"], id="French: l’Europe"),
        pytest.param("inundación", ["es"], id="Spanish: inundaciones"),
        pytest.param("договора", ["ru"], id="Russian: договоры"),
        pytest.param("войны", ["ru"], id="Russian: Война"),
        pytest.param("سفينة", ["ar"], id="Arabic: with the article"),
        pytest.param("مدرسة", ["ar"], id="Arabic: school"),
        pytest.param("地铁", ["zh"], id="Chinese: a word inside a sentence"),
        pytest.param("東京", ["ja"], id="Japanese: a word inside a sentence"),
        pytest.param("วันจันทร์", ["th"], id="Thai: a word inside a sentence"),
        pytest.param("กรุงเทพ", ["th"], id="Thai: a part of a name"),
        pytest.param("วันอังคาร", [], id="Thai: another day"),
        pytest.param("ວຽງຈັນ", ["lo"], id="Lao: a word inside a sentence"),
        pytest.param("ភ្នំពេញ", ["km"], id="Khmer: a word inside a sentence"),
        pytest.param("រាជធានីភ្នំពេញ", ["km"], id="Khmer: without the invisible space between words"),
        pytest.param("ရန်ကုန်", ["my"], id="Burmese: a word inside a sentence"),
        pytest.param("minister", ["de", "en"], id="a word of two languages"),
        pytest.param("news", ["de", "en", "fr"], id="the French stem of news, new, finds no English new"),
        pytest.param("new", ["en-new", "fr"], id="to French, News is the plural of new"),
    ],
)
def test_a_word_finds_its_inflections_in_its_language(service: SearchService, query: str, names: list[str]) -> None:
    assert found(service, query) == names


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("hauser", "de"),
        ("stadten", "de"),
        ("elections regionales", "fr"),
        ("inundacion", "es"),
        ("espana", "es"),
        ("елки", "ru"),
        ("الوزير", "ar"),
        ("السفيـــنة", "ar"),
    ],
)
def test_accents_points_and_strokes_do_not_matter(service: SearchService, query: str, name: str) -> None:
    assert found(service, query) == [name]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('"Folgen der Krisen"', ["de"]),
        ('"élection régionale"', ["fr"]),
        ('"договор в Москве"', ["ru"]),
        ('"Haus Fluss"', []),
    ],
)
def test_phrases_are_stemmed_by_language(service: SearchService, query: str, names: list[str]) -> None:
    assert found(service, query) == names


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("was sind die Folgen der Krisen", "de"),
        ("où est le cheval de Paris", "fr"),
        ("cuáles son los caminos que hay", "es"),
        ("где же были министры", "ru"),
    ],
)
def test_function_words_of_a_language_decide_nothing(service: SearchService, query: str, name: str) -> None:
    assert found(service, query) == [name]


def test_a_function_word_of_another_language_is_a_word(service: SearchService) -> None:
    assert "war" in service.search(SearchRequest("war elephants", typo=False)).hits[0].missing


@pytest.mark.parametrize(
    ("query", "marks"),
    [
        ("Haus", ["Häuser", "Häuser"]),
        ("news", ["News"]),
        ("regionale", ["régionales", "régionales"]),
        ("договор", ["Договоры", "договоры"]),
        ("سفينة", ["السفينة", "السفينة"]),
        ("東京", ["東京"]),
        ('"Folge der Krise"', ["Folgen der Krise"]),
        ("inundac*", ["Inundaciones", "inundaciones"]),
    ],
)
def test_snippets_mark_what_matched(service: SearchService, query: str, marks: list[str]) -> None:
    hit = service.search(SearchRequest(query, typo=False)).hits[-1]
    pieces = [*hit.title, *(piece for snippet in hit.snippets for piece in snippet.fragments)]
    assert [piece.text for piece in pieces if piece.match is not None] == marks


def test_a_snippet_keeps_the_order_of_the_text(service: SearchService) -> None:
    snippet = service.search(SearchRequest("الميناء")).hits[0].snippets[0]
    assert "".join(piece.text for piece in snippet.fragments) == TEXTS["ar"][1]


def test_lang_and_the_filter_narrow(service: SearchService) -> None:
    assert found(service, "lang:de minister") == ["de"]
    assert found(service, "minister", filters=(Filter("language", ("de",)),)) == ["de"]


def test_the_facet_counts_languages(service: SearchService) -> None:
    facet = service.search(SearchRequest("")).facets["language"]
    assert {value.value: value.count for value in facet} == {
        "en": 2, "de": 1, "fr": 1, "es": 1, "ru": 1, "ar": 1, "zh": 1, "ja": 1, "th": 1, "lo": 1, "km": 1,
            "my": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("query", "corrected"), [("Hochwaser", "hochwasser"), ("negociatons", "negociations")])
def test_misspelt_words_are_put_right_in_any_language(service: SearchService, query: str, corrected: str) -> None:
    assert service.search(SearchRequest(query)).info.corrected == ((query, corrected),)


def test_words_are_completed_in_any_language(service: SearchService) -> None:
    assert [each.text for each in service.suggest("hochw").completions] == ["Hochwasser"]
    assert [each.text for each in service.suggest("догов").completions] == ["договоры"]


def test_missing_is_what_was_typed(service: SearchService) -> None:
    results = service.search(SearchRequest("Ministern Elefanten Häusern", typo=False))
    assert results.hits[0].document.slug == "de"
    assert results.hits[0].missing == ("Elefanten",)


@pytest.mark.parametrize(
    "query",
    ["news", "new", "minister", '"élection régionale"', "NATO-Minister", "-minister news", "Ministern OR cheval"],
)
def test_stock_whoosh_finds_the_same(service: SearchService, tmp_path: Path, query: str) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    with engine.new_generation() as generation:
        for name in TEXTS:
            generation.add(document(name), "")
    others = ("de", "fr", "es", "ru", "ar")
    tree = parse_query(query, analyzer("en"), date(2024, 1, 1), other_languages=others).tree
    with index.open_dir(tmp_path / generation.name).searcher() as searcher:
        ids = [bytes.fromhex(hit["id"]).decode() for hit in searcher.search(tree, limit=None)]
    assert sorted(ids) == found(service, query)
