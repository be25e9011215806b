"""Updates: whatever happens to the folder, each answers as a full rebuild does."""

import json
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from searchsvc.building import BuildProgress
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models import Document
from searchsvc.service import SearchRequest, SearchService
from searchsvc.settings import Settings

WORDS = [
    "council",
    "river",
    "bridge",
    "minister",
    "harvest",
    "engine",
    "signal",
    "orchard",
    "vessel",
    "market",
    "glacier",
    "treaty",
    "verdict",
    "museum",
    "lantern",
    "quarry",
    "senate",
    "railway",
    "tunnel",
    "cathedral",
    "festival",
    "budget",
    "archive",
    "meadow",
]
DEBRIS = ("Share this story with your friends", "Sign up for our daily newsletter", "Read more from this desk")
QUERIES = ("", "council", "river bridge", '"the minister"', "harv*", "market -river", "councl", "senate railway tunnel")
ROUNDS = 15


class Folder:
    """A folder of seeds to which random things happen, the same for a seed."""

    def __init__(self, path: Path, seed: int) -> None:
        self._path, self._random, self._made = path, random.Random(seed), 0
        for _ in range(25):
            self.add()

    def text(self) -> str:
        lines = [" ".join(self._random.choices(WORDS, k=4)).capitalize(), "", "By Jane Doe", "March 3, 2024", ""]
        for _ in range(self._random.randrange(2, 5)):
            lines.append("The minister said " + " ".join(self._random.choices(WORDS, k=18)) + ".")
        return "\n".join([*lines, *(line for line in DEBRIS if self._random.random() < 0.6)])

    def files(self) -> list[Path]:
        return sorted(path for path in self._path.rglob("*") if path.is_file())

    def _new(self, ending: str) -> Path:
        self._made += 1
        path = self._path / self._random.choice(["", "one", "two", "one/deep"]) / f"{self._made}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def add(self) -> None:
        self._new(self._random.choice([".txt", ".txt", ".md"])).write_text(self.text())

    def add_several(self) -> None:
        lines = [json.dumps({"id": f"d{n}", "text": self.text()}) for n in range(self._random.randrange(1, 4))]
        self._new(".jsonl").write_text("\n".join([*lines, "{no line"]))

    def edit(self) -> None:
        path = self._random.choice(self.files())
        path.write_text(path.read_text() + "\n" + self.text())

    def copy(self) -> None:
        path = self._random.choice(self.files())
        shutil.copyfile(path, self._new(path.suffix))

    def empty(self) -> None:
        self._new(".txt").touch()

    def touch(self) -> None:
        os.utime(self._random.choice(self.files()), ns=(1, self._random.randrange(1, 1 << 40)))

    def delete(self) -> None:
        if len(self.files()) > 5:
            self._random.choice(self.files()).unlink()

    def move(self) -> None:
        path = self._random.choice(self.files())
        path.rename(self._new(path.suffix))

    def put_in_place_of_moved(self) -> None:
        path = self._random.choice(self.files())
        path.rename(self._new(path.suffix))
        if path.suffix != ".jsonl":
            path.write_text(self.text())

    def rename_folder(self) -> None:
        if (self._path / "two").is_dir():
            self._made += 1
            (self._path / "two").rename(self._path / f"two{self._made}")

    def change(self) -> None:
        self.edit()
        happenings = (
            self.add, self.add_several, self.edit, self.copy, self.empty, self.touch, self.delete, self.move,
            self.put_in_place_of_moved, self.rename_folder,
        )  # fmt: skip
        for happening in self._random.choices(happenings, k=self._random.randrange(0, 5)):
            happening()


def service_of(seeds: Path, index: Path) -> SearchService:
    chosen = Settings(seeds=seeds, index=index)
    return SearchService(EmbeddedEngine(index, chosen.language), chosen)


def silent(progress: BuildProgress) -> None:
    pass


def told(document: Document) -> Document:
    """All of a document but the last digits of how sure cleaning was, which hang on what was cleaned together."""
    return replace(document, removed=tuple(replace(each, confidence=0) for each in document.removed))


def answers(service: SearchService) -> Iterator[object]:
    """All that a search can say, of many searches."""
    for query in QUERIES:
        for sort in (None, "relevance", "date:desc"):
            found = service.search(SearchRequest(query, sort=sort, hits_per_page=100))
            yield query, sort, found.total, found.relaxed, found.facets, found.info
            yield [(hit.score, hit.relaxed, hit.missing, hit.title, hit.snippets) for hit in found.hits]
            yield [told(hit.document) for hit in found.hits]
    clusters = service.duplicates()
    yield [(told(each.face), [told(copy) for copy in each.copies]) for each in clusters]
    yield sorted(service.problems(), key=repr)
    yield [service.suggest(word).completions for word in ("c", "mi", "tre")]


def assert_same(updated: SearchService, rebuilt: SearchService) -> None:
    for mine, theirs in zip(answers(updated), answers(rebuilt), strict=True):
        assert mine == theirs


def rounds(tmp_path: Path, seed: int, count: int) -> None:
    folder = Folder(tmp_path / "seeds", seed)
    updated = service_of(tmp_path / "seeds", tmp_path / "index")
    updated.update(silent)
    for number in range(count):
        folder.change()
        updated.update(silent)
        again = tmp_path / "again"
        shutil.copytree(tmp_path / "index", again)
        rebuilt = service_of(tmp_path / "seeds", again)
        rebuilt.rebuild(silent)
        assert_same(updated, rebuilt)
        shutil.rmtree(again)
        assert len(updated.generations()) <= 2


@pytest.mark.parametrize("seed", [1])
def test_update_answers_as_a_rebuild_whatever_happens(tmp_path: Path, seed: int) -> None:
    rounds(tmp_path, seed, ROUNDS)
