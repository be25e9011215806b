"""Seeds that take too long are reported, in every format, and all other seeds are indexed."""

import gzip
import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from searchsvc import limited_workers
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import SeedProblem
from searchsvc.models.index import BuildReport
from searchsvc.service import SearchService
from searchsvc.settings import Settings

pytestmark = pytest.mark.slow

LIMIT = 0.15  # seconds; an ordinary file takes a hundredth
REASON = f"took more than {LIMIT:g} s of CPU"
SENTENCE = "The ministers met on Monday in Brussels to talk about the old treaty again.\n\n"
LONG = "".join(SENTENCE.replace("treaty", f"treaty{number}") for number in range(22_000))
SLOW: dict[str, bytes] = {
    "front.md": f"---\nauthor: Jane Doe\n---\n{LONG}".encode(),
    "lines.jsonl": f"{json.dumps({'text': SENTENCE})}\n{json.dumps({'text': LONG})}\n".encode(),
    "markdown.md": (SENTENCE + "\n# Heading\n" * 20_000).encode(),
    "packed.txt.gz": gzip.compress(LONG.encode()),
    "page.html": ("<html><body><article>" + f"<p>{SENTENCE}</p>" * 8_000).encode(),
    "text.txt": LONG.encode(),
}
USUAL: dict[str, bytes] = {
    "a.txt": SENTENCE.encode(),
    "g.md": SENTENCE.encode(),
    "m.html": f"<html><body><article>{f'<p>{SENTENCE}</p>' * 3}".encode(),
    "q.jsonl": json.dumps({"text": SENTENCE}).encode(),
    "z.txt.gz": gzip.compress(SENTENCE.encode()),
}


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
        os.utime(folder / name, (1, 1))  # long ago, so that an update believes it


@pytest.fixture(autouse=True)
def _low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_workers, "CPU_SECONDS", LIMIT)


def service_of(folder: Path, jobs: int = 1) -> SearchService:
    index = folder.parent / "index"
    return SearchService(EmbeddedEngine(index, "en", jobs=jobs), Settings(seeds=folder, index=index, jobs=jobs))


def indexed(service: SearchService) -> set[str]:
    return {document.path for document, _ in service.snapshot().engine.documents()}


def assert_only_slow_seeds_are_reported(report: BuildReport) -> None:
    assert list(report.problems) == [SeedProblem(name, REASON) for name in sorted(SLOW)]


USUAL_DOCUMENTS = {*USUAL.keys() - {"q.jsonl"}, "q.jsonl:1"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_rebuild_reports_slow_seeds_and_indexes_all_others(tmp_path: Path, jobs: int) -> None:
    write(tmp_path / "seeds", SLOW | USUAL)
    service = service_of(tmp_path / "seeds", jobs)
    assert_only_slow_seeds_are_reported(service.rebuild())
    assert indexed(service) - {"lines.jsonl:1"} == USUAL_DOCUMENTS
    assert service.update().up_to_date


def test_update_reports_slow_seeds_and_indexes_all_others(tmp_path: Path) -> None:
    write(tmp_path / "seeds", {"first.txt": b"The bridge\n\nThe mayor opened the new bridge on Friday.\n"})
    service = service_of(tmp_path / "seeds")
    service.rebuild()
    write(tmp_path / "seeds", SLOW | USUAL)
    report = service.update()
    assert report.reused == 1
    assert_only_slow_seeds_are_reported(report)
    assert indexed(service) - {"lines.jsonl:1"} == {*USUAL_DOCUMENTS, "first.txt"}
    assert service.update().up_to_date


@pytest.mark.parametrize("name", ["lines.jsonl", "page.html"])
def test_slow_file_to_clean_is_reported(tmp_path: Path, name: str) -> None:
    write(tmp_path / "seeds", {name: SLOW[name]})
    if name == "lines.jsonl":
        (tmp_path / "seeds" / name).write_bytes(SLOW[name].split(b"\n")[1])
    assert service_of(tmp_path / "seeds").clean(tmp_path / "seeds" / name) == SeedProblem(name, REASON)


def test_removal_report_leaves_out_slow_seeds(tmp_path: Path) -> None:
    text = f"Talks on the treaty\n\n{SENTENCE}Connect with us\n"
    write(tmp_path / "seeds", {"text.txt": LONG.encode(), "a.txt": text.encode()})
    removed = service_of(tmp_path / "seeds").removals(tmp_path / "seeds")
    assert {line.text: line.example for line in removed}["Connect with us"] == "a.txt"


def test_seed_that_is_no_longer_slow_is_indexed_by_an_update(tmp_path: Path) -> None:
    write(tmp_path / "seeds", {"text.txt": LONG.encode(), "a.txt": SENTENCE.encode()})
    service = service_of(tmp_path / "seeds")
    service.rebuild()
    (tmp_path / "seeds" / "text.txt").write_text(SENTENCE)
    assert service.update().problems == ()
    assert indexed(service) == {"a.txt", "text.txt"}
