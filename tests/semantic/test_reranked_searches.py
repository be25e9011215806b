"""Re-ranking in searches and builds, with a real ONNX model of a few words."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from searchsvc.cli.main import main
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.interface import Engine
from searchsvc.engine.opensearch import OpenSearchEngine
from searchsvc.errors import ModelUnusable
from searchsvc.models.search_request import SearchRequest
from searchsvc.semantic import RERANKED, SentenceModel
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.semantic.tiny_model import SUBJECTS, write_model

# The word "report" is in all of them; only the meaning of the other words tells them apart.
TEXTS = {
    "a.txt": "Report one\n\nThe report says that an automobile was seen. Nobody asked the driver about the matter.",
    "b.txt": "Report two\n\nThe report says that flowers were seen. Nobody asked the owner about the matter.",
    "c.txt": "Report three\n\nThe report says that a judge was seen. Nobody asked the clerk about the matter.",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name, text in TEXTS.items():
        (tmp_path / "seeds").mkdir(exist_ok=True)
        (tmp_path / "seeds" / name).write_text(text, "utf-8")
    model = write_model(tmp_path / "model")
    return Settings(seeds=tmp_path / "seeds", index=tmp_path / "index", semantic_model=model, jobs=2)


def served(settings: Settings, engine: Engine | None = None) -> SearchService:
    return SearchService(engine or EmbeddedEngine(settings.index, settings.language), settings)


def paths(service: SearchService, query: str, **options: Any) -> list[str]:
    return [hit.document.path for hit in service.search(replace(SearchRequest(query), **options)).hits]


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts whose vectors are computed."""
    texts: list[str] = []
    embed = SentenceModel.embed

    def counted(self: SentenceModel, text: str) -> object:
        texts.append(text)
        return embed(self, text)

    monkeypatch.setattr(SentenceModel, "embed", counted)
    return texts


@pytest.mark.parametrize(("word", "best"), [("car", "a.txt"), ("garden", "b.txt"), ("court", "c.txt")])
def test_documents_that_mean_the_same_come_first(settings: Settings, word: str, best: str) -> None:
    service = served(settings)
    service.rebuild()
    options: dict[str, Any] = {"strategy": "any", "typo": False}
    assert paths(service, f"report {word}", **options)[0] == best
    result = service.search(replace(SearchRequest(f"report {word}"), **options, rerank="off"))
    assert not result.info.reranked
    assert service.search(replace(SearchRequest(f"report {word}"), **options)).info.reranked


def test_pages_of_reranked_results_fit_together(settings: Settings) -> None:
    for number in range(RERANKED + 20):
        word = list(SUBJECTS)[number % 6]
        text = f"Report {number}\n\nThe report of {word} has {'word ' * number} in it and was read at once.\n"
        (settings.seeds / f"{number}.txt").write_text(text, "utf-8")
    service = served(settings)
    service.rebuild()
    whole = paths(service, "report garden", strategy="any", hits_per_page=100)
    pages = [paths(service, "report garden", strategy="any", hits_per_page=9, page=page) for page in range(1, 9)]
    assert [path for page in pages for path in page] == whole[:72]
    plain = paths(service, "report garden", strategy="any", hits_per_page=100, rerank="off")
    assert whole != plain
    assert whole[RERANKED:] == plain[RERANKED:]
    assert sorted(whole) == sorted(plain)


def test_partial_matches_stay_behind_full_ones(settings: Settings) -> None:
    service = served(settings)
    service.rebuild()
    assert paths(service, "judge car report")[0] == "c.txt"  # the only one with two of the words, next to none with all


def test_update_embeds_only_what_changed(settings: Settings, embedded: list[str]) -> None:
    service = served(settings)
    service.rebuild()
    embedded.clear()
    changed = TEXTS["a.txt"].replace("automobile", "garden")
    (settings.seeds / "a.txt").write_text(changed, "utf-8")
    (settings.seeds / "d.txt").write_text(TEXTS["b.txt"].replace("two", "four"), "utf-8")
    assert service.update().documents == 4
    assert len(embedded) == 2
    embedded.clear()
    assert not service.rebuild().rebuild_reason
    assert embedded == []  # a rebuild uses the vectors of equal texts again
    assert paths(service, "report garden", strategy="any")[-1] == "c.txt"


def test_another_model_makes_an_update_rebuild(settings: Settings, embedded: list[str]) -> None:
    served(settings).rebuild()
    other = {word: vector[::-1] for word, vector in SUBJECTS.items()}
    changed = replace(settings, semantic_model=write_model(settings.index.parent / "other", other))
    service = served(changed)
    assert not service.search(SearchRequest("report car")).info.reranked
    assert any("run `searchsvc rebuild`" in warning for warning in service.status().warnings)
    embedded.clear()
    assert "model changed" in str(service.update().rebuild_reason)
    assert len(embedded) == len(TEXTS)
    assert service.search(SearchRequest("report car")).info.reranked
    assert service.status().warnings == ()
    without = served(replace(settings, semantic_model=None))
    assert "model changed" in str(without.update().rebuild_reason)
    assert without.update().up_to_date
    assert not without.search(SearchRequest("report car", rerank="on")).info.reranked


@pytest.mark.parametrize(("by_default", "choice", "reranked"), [
    (True, "auto", True), (True, "off", False), (False, "auto", False), (False, "on", True),
])  # fmt: skip
def test_request_decides_over_the_setting(settings: Settings, by_default: bool, choice: str, reranked: bool) -> None:
    service = served(replace(settings, rerank=by_default))
    service.rebuild()
    assert service.search(SearchRequest("report car", rerank=choice)).info.reranked is reranked


@pytest.mark.parametrize("options", [{"sort": "published:desc"}, {"typing": True}, {"page": 6, "hits_per_page": 10}])
def test_other_orders_are_not_reranked(settings: Settings, options: dict[str, Any]) -> None:
    service = served(settings)
    service.rebuild()
    assert not service.search(replace(SearchRequest("report car"), **options)).info.reranked
    assert not service.search(replace(SearchRequest(""), **options)).info.reranked


def test_without_time_the_order_is_that_of_the_words(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    service = served(settings)
    service.rebuild()
    monkeypatch.setattr("searchsvc.search_snapshot.Deadline.allows_more", lambda self: False)
    late = service.search(SearchRequest("report", timeout_ms=1))
    monkeypatch.undo()
    assert not late.info.reranked
    assert [hit.document.path for hit in late.hits] == paths(service, "report", rerank="off")


def test_similar_documents_are_ordered_by_meaning(settings: Settings) -> None:
    (settings.seeds / "d.txt").write_text(TEXTS["c.txt"].replace("three", "four").replace("judge", "court"), "utf-8")
    service = served(settings)
    service.rebuild()
    by_path = {hit.document.path: hit.document.id for hit in service.search(SearchRequest("report")).hits}
    similar = service.similar(by_path["c.txt"], 1)
    assert [hit.document.path for hit in similar] == ["d.txt"]


def test_export_has_no_vectors_and_an_import_makes_them(settings: Settings, tmp_path: Path) -> None:
    service = served(settings)
    service.rebuild()
    exported = tmp_path / "export.jsonl"
    exported.write_bytes(b"".join(service.export()))
    assert b"vector" not in exported.read_bytes()
    imported = served(replace(settings, index=tmp_path / "imported"))
    with exported.open("rb") as lines:
        imported.import_documents(lines, "export.jsonl")
    for word in ("car", "garden", "court"):
        options: dict[str, Any] = {"strategy": "any"}
        assert paths(imported, f"report {word}", **options) == paths(service, f"report {word}", **options)


def test_api_says_whether_hits_were_reranked(settings: Settings) -> None:
    service = served(settings)
    service.rebuild()
    with TestClient(create_app(service)) as client:
        address = "/search.json?q=report+car&matchingStrategy=any"
        reply = client.get(address).json()
        assert reply["queryInfo"]["reranked"] is True
        assert "vector" not in reply["hits"][0]
        assert client.get(f"{address}&rerank=off").json()["queryInfo"]["reranked"] is False
        assert client.get(f"{address}&rerank=maybe").status_code == 400


def test_missing_model_is_an_error_before_anything_is_served(settings: Settings) -> None:
    with pytest.raises(ModelUnusable, match=r"has no model\.onnx"):
        served(replace(settings, semantic_model=settings.seeds))


def test_model_check_shows_speed_and_size(settings: Settings) -> None:
    result = CliRunner().invoke(main, ["model", "check", str(settings.semantic_model)])
    assert result.exit_code == 0, result.output
    assert "4 dimensions" in result.output
    assert "semantic_model" in result.output
    as_json = CliRunner().invoke(main, ["model", "check", str(settings.semantic_model), "--json"])
    assert '"dimensions": 4' in as_json.output
    failed = CliRunner().invoke(main, ["model", "check", str(settings.seeds)])
    assert failed.exit_code != 0


def test_both_engines_give_the_same_order(settings: Settings, new_opensearch: Callable[..., OpenSearchEngine]) -> None:
    embedded_engine, cluster_engine = served(settings), served(settings, new_opensearch())
    for service in (embedded_engine, cluster_engine):
        service.rebuild()
    for word in ("car", "garden", "court", "report"):
        for strategy in ("auto", "any"):
            expected = paths(embedded_engine, f"report {word}", strategy=strategy)
            assert paths(cluster_engine, f"report {word}", strategy=strategy) == expected
    assert cluster_engine.search(SearchRequest("report car")).info.reranked
