"""Every answer comes from one generation, whatever is published between two of its steps."""

import re
from pathlib import Path
from typing import Any, cast

import pytest

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.snapshot import EmbeddedSnapshot
from searchsvc.models.documents import Document
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings

WORDS = ("harbour", "ferry", "storm", "market", "council", "harbours", *(f"topic{n}" for n in range(8)))
LIGHTHOUSE = " The lighthouse keeper lit the lantern and polished the brass."


def documents(version: int) -> list[Document]:
    """Documents that name their version in every field; the ids stay the same."""
    return [
        Document(
            id=f"{number:016x}",
            slug=f"v{version}",
            path=f"{number}.txt",
            content_hash="",
            title=f"The {word} in edition v{version}",
            body=f"The {word} closed early, says edition v{version}. The ferry was late.{LIGHTHOUSE * (number < 3)}",
            author=f"Author v{version}",
            source=f"Source v{version}",
        )
        for number, word in enumerate(WORDS)
    ]


class PublishingEngine(EmbeddedEngine):
    """Publishes another version before every step that a caller takes on a snapshot."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "en")
        self.versions = 0
        self.publish()

    def publish(self) -> None:
        self.versions += 1
        with self.new_generation() as generation:
            for document in documents(self.versions):
                generation.add(document, f"original of {document.body}")
            generation.set_duplicates({f"{5:016x}": f"{0:016x}"})
        self.prune(2)

    def snapshot(self, name: str | None = None) -> EmbeddedSnapshot:
        return cast(EmbeddedSnapshot, _PublishingSnapshot(self, super().snapshot(name)))


class _PublishingSnapshot:
    def __init__(self, engine: PublishingEngine, snapshot: EmbeddedSnapshot) -> None:
        self._engine, self._snapshot = engine, snapshot

    def __getattr__(self, name: str) -> Any:
        self._engine.publish()
        return getattr(self._snapshot, name)


@pytest.fixture
def engine(tmp_path: Path) -> PublishingEngine:
    return PublishingEngine(tmp_path)


@pytest.fixture
def service(engine: PublishingEngine, tmp_path: Path) -> SearchService:
    return SearchService(engine, Settings(index=tmp_path))


def versions(answer: object) -> set[str]:
    return set(re.findall(r"\bv[0-9]+\b", repr(answer)))


@pytest.mark.parametrize(
    "request_",
    [
        SearchRequest("ferry"),
        SearchRequest("ferri storrm"),
        SearchRequest("harbour storm", collapse=True),
        SearchRequest(""),
    ],
)
def test_search_answers_from_one_generation(
    service: SearchService, engine: PublishingEngine, request_: SearchRequest
) -> None:
    before = engine.versions
    results = service.search(request_)
    assert results.hits
    assert len(versions((results.hits, results.facets))) == 1
    assert engine.versions > before + 1


def test_document_answers_from_one_generation(service: SearchService, engine: PublishingEngine) -> None:
    before = engine.versions
    first = f"{0:016x}"
    view, original = service.run(lambda snapshot: (snapshot.document(first, "harbour"), snapshot.original(first)))
    assert original == f"original of {view.document.body}"
    assert view.duplicates
    assert len(versions((view.document, original, view.duplicates))) == 1
    assert engine.versions > before + 2


@pytest.mark.parametrize("typed", ["har", '"the har', "source:so"])
def test_suggestions_come_from_one_generation(service: SearchService, engine: PublishingEngine, typed: str) -> None:
    before = engine.versions
    suggestions = service.suggest(typed)
    assert suggestions.documents
    assert len(versions(suggestions)) == 1
    assert engine.versions > before + 1


def test_similar_documents_come_from_one_generation(service: SearchService) -> None:
    hits = service.similar(f"{0:016x}")
    assert hits
    assert len(versions(hits)) == 1


def test_several_operations_on_one_snapshot_answer_from_one_generation(service: SearchService) -> None:
    snapshot = service.snapshot()
    answers = (snapshot.document(f"{0:016x}"), snapshot.similar(f"{0:016x}"), snapshot.search(SearchRequest("ferry")))
    assert len(versions(answers[:2]) | versions(answers[2].hits)) == 1
