"""Counts of a build report equal a comparison of the exports before and after, whatever happens to the folder."""

import json
import os
import random
import shutil
from collections.abc import Mapping
from io import BufferedReader, BytesIO
from pathlib import Path

import pytest

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.index import BuildReport
from searchsvc.service import SearchService
from searchsvc.settings import Settings

Contents = Mapping[str, str]  # by id
WORDS = ["council", "river", "bridge", "minister", "harvest", "engine", "signal", "orchard", "vessel", "treaty"]


class EditedFolder:
    """A folder with random texts, Markdown with front matter, and JSON Lines."""

    def __init__(self, path: Path, seed: int) -> None:
        self._path, self._random, self._count = path, random.Random(seed), 0
        for _ in range(8):
            self.add()

    def _text(self) -> str:
        words = [" ".join(self._random.choices(WORDS, k=12)).capitalize() for _ in range(4)]
        return f"{words[0]}\n\nThe {words[1]}.\n\nA {words[2]}.\n\nShare this story with your friends\n"

    def _line(self, number: int) -> str:
        return json.dumps({"id": f"d{number}", "text": self._text()})

    def _new(self, suffix: str) -> Path:
        self._count += 1
        path = self._path / self._random.choice(["", "one", "two"]) / f"{self._count}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _any(self, suffix: str = "") -> Path | None:
        files = sorted(path for path in self._path.rglob(f"*{suffix}") if path.is_file())
        return self._random.choice(files) if files else None

    def add(self) -> None:
        self._new(".txt").write_text(self._text())
        self._new(".md").write_text(f"---\nauthor: Jane Doe\n---\n{self._text()}")
        self._new(".jsonl").write_text("\n".join(map(self._line, range(self._random.randrange(1, 5)))))

    def change_text(self) -> None:
        if path := self._any(".txt"):
            path.write_text(self._text())

    def change_author(self) -> None:
        if path := self._any(".md"):
            path.write_text(path.read_text().replace("Doe", "Roe"))

    def change_lines(self) -> None:
        if path := self._any(".jsonl"):
            lines = path.read_text().splitlines()
            lines[self._random.randrange(len(lines))] = self._line(self._random.randrange(8))
            self._random.shuffle(lines)
            path.write_text("\n".join(lines[self._random.randrange(2) :]) + "\n")

    def touch(self) -> None:
        if path := self._any():
            os.utime(path, ns=(1, self._random.randrange(1, 1 << 40)))

    def delete(self) -> None:
        if path := self._any():
            path.unlink()

    def move(self) -> None:
        if path := self._any():
            path.rename(self._new(path.suffix))

    def copy(self) -> None:
        if path := self._any():
            shutil.copyfile(path, self._new(path.suffix))

    def edit(self) -> None:
        edits = (
            self.add, self.change_text, self.change_author, self.change_lines, self.touch, self.delete, self.move,
            self.copy,
        )  # fmt: skip
        for edit in self._random.choices(edits, k=self._random.randrange(5)):
            edit()


def service_of(folder: Path, **others: str) -> SearchService:
    chosen = Settings(seeds=folder / "seeds", index=folder / "index", **others)  # type: ignore[arg-type]
    return SearchService(EmbeddedEngine(chosen.index, chosen.language), chosen)


def contents(service: SearchService) -> Contents:
    """The hash of each document's source bytes, from an export."""
    documents = map(json.loads, service.export())
    return {document["id"]: document["content_hash"] for document in documents}


def counts(report: BuildReport) -> tuple[int, ...]:
    return report.added, report.changed, report.deleted, report.unchanged


def compared(before: Contents, after: Contents) -> tuple[int, ...]:
    common = before.keys() & after.keys()
    changed = sum(before[each] != after[each] for each in common)
    return len(after.keys() - before), changed, len(before.keys() - after), len(common) - changed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_counts_equal_a_comparison_of_exports(tmp_path: Path, seed: int) -> None:
    folder, service = EditedFolder(tmp_path / "seeds", seed), service_of(tmp_path)
    report, before = service.rebuild(), contents(service)
    assert counts(report) == (len(before), 0, 0, 0)
    for number in range(12):
        folder.edit()
        report = service.rebuild() if number % 4 == 3 else service.update()
        after = contents(service)
        assert counts(report) == compared(before, after)
        assert report.documents == report.added + report.changed + report.unchanged
        before = after


@pytest.fixture
def service(tmp_path: Path) -> SearchService:
    """A service with an index of two documents."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/bridge.txt").write_text("The bridge\n\nThe minister spoke of the bridge.\n")
    (tmp_path / "seeds/council.txt").write_text("The council\n\nThe council met on Monday.\n")
    service = service_of(tmp_path)
    service.rebuild()
    return service


def test_documents_cleaned_again_for_other_settings_are_unchanged(service: SearchService, tmp_path: Path) -> None:
    other = service_of(tmp_path, drop_lines=("The minister*",))  # type: ignore[arg-type]
    assert counts(other.update()) == (0, 0, 0, 2)


def test_moved_file_with_the_same_content_is_unchanged(service: SearchService, tmp_path: Path) -> None:
    (tmp_path / "seeds/bridge.txt").rename(tmp_path / "seeds/crossing.txt")
    report = service.update()
    assert (counts(report), report.reused) == ((0, 0, 0, 2), 1)


def test_update_of_an_unchanged_folder_counts_all_documents_as_unchanged(service: SearchService) -> None:
    report = service.update()
    assert (report.up_to_date, counts(report)) == (True, (0, 0, 0, 2))


def test_build_that_publishes_nothing_counts_nothing(service: SearchService, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "seeds")
    (tmp_path / "seeds").mkdir()
    report = service.update()
    assert (report.generation, counts(report)) == (None, (0, 0, 0, 0))


def test_import_is_compared_with_the_index_before(service: SearchService, tmp_path: Path) -> None:
    first, *_ = service.export()
    report = service.import_documents(BufferedReader(BytesIO(first)), "export.jsonl")
    assert counts(report) == (0, 0, 1, 1)


def test_report_has_skipped_files_and_the_rate(service: SearchService, tmp_path: Path) -> None:
    (tmp_path / "seeds/picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "seeds/empty.txt").touch()
    report = service.rebuild()
    assert report.skipped == 1
    assert report.documents_per_second == pytest.approx(2 / report.seconds)
