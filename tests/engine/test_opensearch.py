"""The engine in a cluster: the contract, on three real nodes, and what happens when one of them stops."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace

import pytest
from cluster import Cluster
from contract import EngineContract, NewEngine, document, publish, tree

from searchsvc.engine.interface import EngineQuery
from searchsvc.engine.opensearch import OpenSearchEngine
from searchsvc.errors import SearchServiceError


class TestOpenSearchEngine(EngineContract):
    @pytest.fixture(scope="class")
    @classmethod
    def new_engine(cls, new_opensearch: NewEngine) -> NewEngine:
        return new_opensearch


def test_languages_come_commonest_first_and_each_document_is_found_by_its_own_stems(
    new_opensearch: Callable[[], OpenSearchEngine],
) -> None:
    engine = new_opensearch()
    texts = ["The harbours.", "The storm.", "Les négociations."]
    documents = [document(number, "-", text) for number, text in enumerate(texts, 1)]
    publish(engine, [*documents[:2], replace(documents[2], language="fr")])
    assert engine.languages() == ("en", "fr")
    assert engine.vocabulary().together("négociation", "les") == 0  # not folded, so no word
    assert engine.vocabulary().together("negociation", "les") == 1
    assert engine.vocabulary().frequency("harbour") == 1


def test_check_tells_of_documents_that_are_gone(
    cluster: Cluster, new_opensearch: Callable[[], OpenSearchEngine]
) -> None:
    engine = new_opensearch()
    name = publish(engine, [document(number, "Storm", "The harbour.") for number in (1, 2)])
    assert [(each.name, each.problems) for each in engine.check()] == [(name, ())]
    index = next(each for each in _indices(cluster) if each.endswith(name))
    _ask(cluster, "DELETE", f"/{index}/_doc/{document(1, '', '').id}?refresh=true")
    assert [each.problems for each in engine.check()] == [("2 documents were written, but 1 are there",)]


def _indices(cluster: Cluster) -> list[str]:
    return [each["index"] for each in json.loads(_ask(cluster, "GET", "/_cat/indices?format=json"))]


def _ask(cluster: Cluster, method: str, path: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(cluster.urls[0] + path, method=method), timeout=60) as response:
        return response.read()  # type: ignore[no-any-return]


def test_a_node_that_stops_costs_no_answer_and_no_document(
    cluster: Cluster, new_opensearch: Callable[[], OpenSearchEngine]
) -> None:
    engine = new_opensearch()
    publish(engine, [document(number, "Storm", f"The harbour of day {number}.") for number in range(300)])
    totals: list[int] = []
    over = threading.Event()

    def search() -> None:
        while not over.is_set():
            totals.append(engine.search(EngineQuery(tree("harbour"))).total)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for each in threads:
        each.start()
    cluster.stop(2)
    try:
        time.sleep(1)
        over.set()
        for each in threads:
            each.join()
        assert set(totals) == {300}
        assert len(list(engine.documents())) == 300
    finally:
        cluster.start(2)


def test_a_node_that_stops_during_a_build_leaves_the_old_generation_or_a_whole_new_one(
    cluster: Cluster, new_opensearch: Callable[[], OpenSearchEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchsvc.engine.opensearch.loading.PATIENCE", 5.0)
    engine = new_opensearch()
    before = publish(engine, [document(1, "Storm", "The harbour.")])
    outcome = [before]
    try:
        with engine.new_generation() as generation:
            for number in range(2_000):
                generation.add(document(number, "Vote", "The market. " * 200), "")
                if number == 1_000:
                    cluster.stop(3)
        outcome.append(generation.name)
    except SearchServiceError:
        assert engine.search(EngineQuery(None)).total == 1
    finally:
        cluster.start(3)
    engine.LOOK_EVERY = 0
    found = engine.search(EngineQuery(None))
    assert (found.generation, found.total) == (outcome[-1], 2_000 if outcome[-1] != before else 1)
    assert [each.name for each in engine.generations()] == outcome[::-1]
