"""A corpus moves from one engine to the other and back: what arrives is what was sent."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.interface import Engine
from searchsvc.engine.opensearch import OpenSearchEngine
from searchsvc.models.documents import RemovedBlock
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from tests.engine.contract import LIBRARY, MARKET

COPY = replace(
    MARKET,
    id="00000000000000c1",
    removed=(RemovedBlock("share", "a share button", 1, 2, "Share\n\u202ethis"),),
    url="https://example.com/?a=1&b=2",
    extra=(("naïve", "東京\n\t\x01"),),
)


def service(engine: Engine) -> SearchService:
    return SearchService(engine, Settings())


def move(source: SearchService, target: SearchService, through: Path) -> None:
    through.write_bytes(b"".join(source.export()))
    with through.open("rb") as lines:
        report = target.import_documents(lines, through.name, lambda _: None)
    assert (report.documents, report.problems) == (len(LIBRARY) + 1, ())


def test_a_corpus_is_the_same_after_a_journey(tmp_path: Path, new_opensearch: Callable[[], OpenSearchEngine]) -> None:
    written = EmbeddedEngine(tmp_path / "written", "en")
    with written.new_generation() as generation:
        for each in (*LIBRARY, COPY):
            generation.add(each, f"original of {each.title}\n\x0bé")
    here, back = (EmbeddedEngine(tmp_path / name, "en") for name in ("here", "back"))
    stations = [service(each) for each in (here, new_opensearch(), back)]
    for source, target in pairwise([service(written), *stations]):  # an import tidies what no build would write
        move(source, target, tmp_path / "corpus.jsonl")
    assert [list(each.export()) for each in stations] == [list(stations[0].export())] * 3
    assert [each.duplicates() for each in stations] == [stations[0].duplicates()] * 3
    assert len(stations[0].duplicates()) == 1
    asked = SearchRequest("storm -bread", facets=("author", "topics"), sort="published:desc")
    found = [each.search(asked) for each in stations]
    assert [[hit.document for hit in each.hits] for each in found] == [[hit.document for hit in found[0].hits]] * 3
    assert [each.facets for each in found] == [found[0].facets] * 3
