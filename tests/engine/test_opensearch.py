"""The engine in a cluster: the contract, on three real nodes, and what happens when one of them is killed."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from searchsvc.engine.opensearch import OpenSearchEngine, index_writer
from searchsvc.engine.query import EngineQuery
from searchsvc.errors import NothingToIndex, SearchServiceError, StoreError
from tests.cluster import Cluster
from tests.engine.contract import EngineContract, NewEngine, document, publish, tree


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
    assert engine.snapshot().languages == ("en", "fr")
    assert engine.snapshot().vocabulary.together("négociation", "les") == 0  # not folded, so no word
    assert engine.snapshot().vocabulary.together("negociation", "les") == 1
    assert engine.snapshot().vocabulary.frequencies(["harbour"]) == [1]


def test_several_processes_write_the_same_generation(
    new_opensearch: Callable[..., OpenSearchEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_writer, "ANALYSIS_CHARACTERS", 200)
    one, several = new_opensearch(), new_opensearch(jobs=3)
    documents = [document(number, f"Storm {number}", f"The harbour of storm{number % 7}. " * 3) for number in range(40)]
    for engine in (one, several):
        publish(engine, documents)
    first, second = one.snapshot(), several.snapshot()
    assert list(second.documents()) == list(first.documents())
    words = [f"storm{number}" for number in range(7)]
    assert second.vocabulary.frequencies(words) == first.vocabulary.frequencies(words) == [6] * 5 + [5] * 2
    assert second.suggest("stor", None, 20) == first.suggest("stor", None, 20)


def test_check_tells_of_documents_that_are_gone(
    cluster: Cluster, new_opensearch: Callable[[], OpenSearchEngine]
) -> None:
    engine = new_opensearch()
    name = publish(engine, [document(number, "Storm", "The harbour.") for number in (1, 2)])
    assert [(each.name, each.problems) for each in engine.check()] == [(name, ())]
    index = next(each for each in _indices(cluster) if each.endswith(name))
    _ask(cluster, "DELETE", f"/{index}/_doc/{document(1, '', '').id}?refresh=true")
    assert [each.problems for each in engine.check()] == [("2 documents were written, but 1 are there",)]


def test_a_build_that_fails_leaves_no_index(cluster: Cluster, new_opensearch: Callable[[], OpenSearchEngine]) -> None:
    engine = new_opensearch()
    one = document(1, "Storm", "The harbour.")
    name = publish(engine, [one])
    before = _indices(cluster)
    with pytest.raises(ZeroDivisionError), engine.new_generation() as generation:
        generation.add(one, "")
        raise ZeroDivisionError
    with pytest.raises(StoreError, match="OpenSearch rejected"), engine.new_generation() as generation:
        generation.add(replace(one, id="0" * 600), "")
    with pytest.raises(NothingToIndex), engine.new_generation():
        pass
    assert _indices(cluster) == before
    assert engine.snapshot().status().generation.name == name


def _indices(cluster: Cluster) -> list[str]:
    return sorted(each["index"] for each in json.loads(_ask(cluster, "GET", "/_cat/indices?format=json")))


def _ask(cluster: Cluster, method: str, path: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(cluster.urls[0] + path, method=method), timeout=60) as response:
        return response.read()  # type: ignore[no-any-return]


@pytest.fixture
def nothing_else(cluster: Cluster) -> None:
    """What other tests left in the cluster is gone, so that a node has little to find and copy when it comes back."""
    _ask(cluster, "DELETE", "/test-*")


@pytest.mark.usefixtures("nothing_else")
def test_a_killed_node_costs_no_answer_and_no_document(
    cluster: Cluster, new_opensearch: Callable[..., OpenSearchEngine]
) -> None:
    engine = new_opensearch(copies=1)
    publish(engine, [document(number, "Storm", f"The harbour of day {number}.") for number in range(300)])
    totals: list[int] = []
    over = threading.Event()

    def search() -> None:
        while not over.is_set():
            totals.append(engine.snapshot().search(EngineQuery(tree("harbour"))).total)

    with ThreadPoolExecutor(2) as pool:
        searches = [pool.submit(search) for _ in range(2)]
        try:
            cluster.kill(2)
            time.sleep(1)
        finally:
            over.set()
            for each in searches:
                each.result()
            cluster.start(2)
    assert set(totals) == {300}
    assert len(list(engine.snapshot().documents())) == 300


@pytest.mark.usefixtures("nothing_else")
def test_a_node_killed_during_a_build_leaves_the_old_generation_or_a_whole_new_one(
    cluster: Cluster, new_opensearch: Callable[..., OpenSearchEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchsvc.engine.opensearch.client.bulk.BATCH_SECONDS", 5.0)
    monkeypatch.setattr("searchsvc.engine.opensearch.client.bulk.BATCH_BYTES", 100_000)
    engine = new_opensearch(copies=1)
    before = publish(engine, [document(1, "Storm", "The harbour.")])
    outcome = [before]
    try:
        with engine.new_generation() as generation:
            for number in range(400):
                generation.add(document(number, "Vote", "The market. " * 200), "")
                if number == 200:
                    cluster.kill(3)
        outcome.append(generation.name)
    except SearchServiceError:
        assert engine.snapshot().search(EngineQuery(None)).total == 1
    finally:
        cluster.start(3)
    engine.REFRESH_SECONDS = 0
    found = engine.snapshot().search(EngineQuery(None))
    assert (found.generation, found.total) == (outcome[-1], 400 if outcome[-1] != before else 1)
    assert [each.name for each in engine.generations()] == outcome[::-1]
