"""Updates: whatever happens to the folder, each answers as a full rebuild does."""

import gzip
import html
import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import pytest

from searchsvc.cli import watch
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.embedded.build.merge_policy import MAX_SEGMENTS
from searchsvc.engine.opensearch import OpenSearchEngine
from searchsvc.models.documents import Document
from searchsvc.models.search_request import SearchRequest
from searchsvc.running_build import BuildProgress
from searchsvc.service import SearchService
from searchsvc.settings import Settings

pytestmark = pytest.mark.slow

WORDS = re.findall(
    r"\w+",
    "council river bridge minister harvest engine signal orchard vessel market glacier treaty verdict museum "
    "lantern quarry senate railway tunnel cathedral festival budget archive meadow",
)
OTHERS = {  # words of other languages, which front matter names
    "de": re.findall(
        r"\w+", "Brücke Brücken Minister Verhandlungen Häuser Fluss Flüsse Ernte Rathaus Verträge Straße Gärten"
    ),
    "ru": re.findall(r"\w+", "мосты мост министры министр переговоры договоры река реки урожай город города"),
    "zh": re.findall(r"\w+", "东京都议会 桥梁 部长们 谈判 河流 收获 城市 条约"),
}
DEBRIS = ("Share this story with your friends", "Sign up for our daily newsletter", "Read more from this desk")
QUERIES = (
    "",
    "council",
    "river bridge",
    '"the minister"',
    "harv*",
    "market -river",
    "councl",
    "senate railway tunnel",
    "Brücke",
    "verhandlung minister",
    "министр",
    "东京",
    "мостов река",
    "lang:de",
    "Brück*",
)
ROUNDS = 15
RECENT = 1 << 60  # nanoseconds: in 2006


class Folder:
    """A folder of seeds to which random things happen, the same for a seed."""

    def __init__(self, path: Path, seed: int) -> None:
        self._path, self._random, self._made, self._ages = path, random.Random(seed), 0, 0
        for _ in range(25):
            self.add()

    def text(self, words: Sequence[str] = WORDS) -> str:
        lines = [" ".join(self._random.choices(words, k=4)).capitalize(), "", "By Jane Doe", "March 3, 2024", ""]
        for _ in range(self._random.randrange(2, 5)):
            lines.append("The minister said " + " ".join(self._random.choices(words, k=18)) + ".")
        return "\n".join([*lines, *(line for line in DEBRIS if self._random.random() < 0.6)])

    def files(self) -> list[Path]:
        return sorted(path for path in self._path.rglob("*") if path.is_file() and path.suffix)

    def _new(self, ending: str) -> Path:
        self._made += 1
        path = self._path / self._random.choice(["", "one", "two", "one/deep"]) / f"{self._made}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def add(self) -> None:
        self._new(self._random.choice([".txt", ".txt", ".md"])).write_text(self.text())

    def add_other(self) -> None:
        language = self._random.choice(list(OTHERS))
        stated = f"---\nlang: {language}\nsection: {language} desk\n---\n"
        self._new(".md").write_text(stated + self.text(OTHERS[language]))

    def add_packed(self) -> None:
        self._new(".txt.gz").write_bytes(gzip.compress(self.text().encode()))

    def add_several(self) -> None:
        """Lines in any order: where a line stands is no matter to its document's id."""
        lines = [json.dumps({"id": f"d{n}", "text": self.text()}) for n in range(self._random.randrange(1, 4))]
        self._random.shuffle(lines)
        self._new(".jsonl").write_text("\n".join([*lines, "{no line"]))

    def ignore(self) -> None:
        """Leave out what begins with a digit, or no longer."""
        (self._path / ".searchsvcignore").write_text(f"{self._random.randrange(10)}*.md\n")

    def edit(self) -> None:
        path = self._random.choice(self.files())
        if path.suffix != ".gz":
            path.write_text(path.read_text() + "\n" + self.text())
        else:
            path.write_bytes(path.read_bytes()[: self._random.choice([20, 1_000_000])] + gzip.compress(b"\nand more"))

    def copy(self) -> None:
        path = self._random.choice(self.files())
        shutil.copyfile(path, self._new("".join(path.suffixes)))

    def empty(self) -> None:
        self._new(".txt").touch()

    def touch(self) -> None:
        os.utime(self._random.choice(self.files()), ns=(1, self._random.randrange(1, 1 << 40)))

    def delete(self) -> None:
        if len(self.files()) > 5:
            self._random.choice(self.files()).unlink()

    def move(self) -> None:
        path = self._random.choice(self.files())
        path.rename(self._new("".join(path.suffixes)))

    def put_in_place_of_moved(self) -> None:
        path = self._random.choice(self.files())
        path.rename(self._new("".join(path.suffixes)))
        if path.suffix in (".txt", ".md"):
            path.write_text(self.text())

    def rename_folder(self) -> None:
        if (self._path / "two").is_dir():
            self._made += 1
            (self._path / "two").rename(self._path / f"two{self._made}")

    def change(self) -> None:
        self.edit()
        happenings = (
            self.add, self.add_other, self.add_packed, self.add_several, self.ignore, self.edit, self.copy, self.empty,
            self.touch, self.delete, self.move, self.put_in_place_of_moved, self.rename_folder,
        )  # fmt: skip
        for happening in self._random.choices(happenings, k=self._random.randrange(0, 5)):
            happening()

    def age(self) -> None:
        """Give each file that was just written a time long ago, so that no update need look at it again."""
        for path in self.files():
            if path.stat().st_mtime_ns > RECENT:
                self._ages += 1
                os.utime(path, ns=(1, RECENT - self._ages))


class FolderOfPages(Folder):
    """A folder of web pages, too."""

    def add(self) -> None:
        paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in self.text().split("\n") if line)
        links = "".join(f'<li><a href="/{word}">{word}</a></li>' for word in self._random.choices(WORDS, k=3))
        page = f"<html><body><nav><ul>{links}</ul></nav><article>{paragraphs}</article></body></html>"
        self._new(self._random.choice([".html", ".html", ".txt"])).write_text(page)


class FolderOfSites(Folder):
    """A folder of two sites, which some documents name in their titles and as their source."""

    def add(self) -> None:
        """Titles with a name at the end that most pages of the host may share, and a source that some declare."""
        site = self._random.choice(["harbour", "quay"])
        title = " ".join(self._random.choices(WORDS, k=4)) + self._random.choice([f" | The {site} news", ""])
        record = {"title": title, "text": self.text(), "source": self._random.choice(["", f"{site} Ltd"])}
        if self._random.random() < 0.7:
            record["url"] = f"https://www.{site}.example/{self._made}"
        self._new(".jsonl").write_text(json.dumps(record))

    def change(self) -> None:
        for happening in self._random.choices((self.add, self.delete), k=4):
            happening()


def service_of(seeds: Path, index: Path) -> SearchService:
    chosen = Settings(seeds=seeds, index=index)
    return SearchService(EmbeddedEngine(index, chosen.language), chosen)


def silent(progress: BuildProgress) -> None:
    pass


def comparable(document: Document) -> Document:
    """All of a document but the last digits of how sure cleaning was, which hang on what was cleaned together."""
    return replace(document, removed=tuple(replace(each, confidence=0) for each in document.removed))


def answers(service: SearchService) -> Iterator[object]:
    """All that a search can say, of many searches."""
    for query in QUERIES:
        for sort in (None, "relevance", "published:desc"):
            found = service.search(SearchRequest(query, sort=sort, hits_per_page=100))
            yield query, sort, found.total, found.partial_matches, found.facets, found.info
            yield [(hit.score, hit.partial_match, hit.missing, hit.title, hit.snippets) for hit in found.hits]
            yield [comparable(hit.document) for hit in found.hits]
    clusters = service.duplicates()
    yield [(comparable(each.canonical), [comparable(copy) for copy in each.duplicates]) for each in clusters]
    yield sorted(service.problems(), key=repr)
    yield [service.suggest(word).completions for word in ("c", "mi", "tre", "br", "мо")]
    yield service.status().facets


def assert_same(updated: SearchService, rebuilt: SearchService) -> None:
    for mine, theirs in zip(answers(updated), answers(rebuilt), strict=True):
        assert mine == theirs


def rounds(tmp_path: Path, seed: int, count: int, kind: type[Folder] = Folder, *, paths_only: bool = False) -> None:
    """Change a folder, update, and compare with a rebuild. `paths_only`: give each update the paths that changed."""
    folder, seeds = kind(tmp_path / "seeds", seed), tmp_path / "seeds"
    updated = service_of(seeds, tmp_path / "index")
    updated.update(silent)
    for _ in range(count):
        if paths_only:
            folder.age()
        before = watch.scan(seeds)
        folder.change()
        updated.update(silent, watch.difference(seeds, before, watch.scan(seeds)) if paths_only else None)
        again = tmp_path / "again"
        shutil.copytree(tmp_path / "index", again)
        rebuilt = service_of(tmp_path / "seeds", again)
        rebuilt.rebuild(silent)
        assert_same(updated, rebuilt)
        shutil.rmtree(again)
        assert len(updated.generations()) <= 2


# In the first round of 2, a deleted article has most of the terms that the first results share.
@pytest.mark.parametrize(("seed", "count"), [(1, ROUNDS), (2, 1)])
def test_update_answers_as_a_rebuild_whatever_happens(tmp_path: Path, seed: int, count: int) -> None:
    rounds(tmp_path, seed, count)


@pytest.mark.parametrize("kind", [Folder, FolderOfPages])
def test_update_of_changed_paths_answers_as_a_rebuild(tmp_path: Path, kind: type[Folder]) -> None:
    rounds(tmp_path, 3, ROUNDS // 2, kind, paths_only=True)


@pytest.mark.torture
@pytest.mark.parametrize("kind", [Folder, FolderOfPages])
@pytest.mark.parametrize("seed", range(2, 12))
def test_update_answers_as_a_rebuild_for_long(tmp_path: Path, seed: int, kind: type[Folder]) -> None:
    rounds(tmp_path, seed, 10, kind, paths_only=seed % 2 == 0)


@pytest.fixture
def updated(tmp_path: Path) -> SearchService:
    """A service over three seeds that update has built from."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("bridge", "council", "harvest"):
        (seeds / f"{name}.txt").write_text(
            f"The {name} of the north\n\nThe minister spoke of the {name} for an hour.\n"
        )
    service = service_of(seeds, tmp_path / "index")
    service.update(silent)
    return service


def ids(service: SearchService, query: str = "") -> dict[str, str]:
    """The ids of what is found, by path."""
    return {hit.document.path: hit.document.id for hit in service.search(SearchRequest(query)).hits}


def test_update_of_an_unchanged_folder_publishes_nothing(updated: SearchService, tmp_path: Path) -> None:
    before = updated.status().generation.name
    os.utime(tmp_path / "seeds" / "bridge.txt")
    report = updated.update(silent)
    assert report.up_to_date
    assert (report.generation, report.documents) == (before, 3)
    assert updated.status().generation.name == before


def test_only_what_changed_is_cleaned(updated: SearchService, tmp_path: Path) -> None:
    (tmp_path / "seeds" / "bridge.txt").write_text("Tunnels instead\n\nThe engineers want to dig a tunnel below.\n")
    report = updated.update(silent)
    assert (report.documents, report.reused) == (3, 2)
    assert ids(updated, "tunnel").keys() == {"bridge.txt"}
    assert not ids(updated, "bridge")


def test_moved_file_keeps_its_id_and_a_new_one_in_its_place_gets_another(
    updated: SearchService, tmp_path: Path
) -> None:
    seeds, before = tmp_path / "seeds", ids(updated)["bridge.txt"]
    (seeds / "old").mkdir()
    (seeds / "bridge.txt").rename(seeds / "old" / "crossing.txt")
    updated.update(silent)
    assert ids(updated)["old/crossing.txt"] == before
    (seeds / "bridge.txt").write_text("Another story\n\nNothing like what stood here in the past.\n")
    updated.update(silent)
    assert ids(updated)["old/crossing.txt"] == before
    assert ids(updated)["bridge.txt"] != before
    kept = ids(updated)
    updated.rebuild(silent)
    assert ids(updated) == kept


def test_deleted_file_is_gone_and_an_emptied_folder_empties_nothing(updated: SearchService, tmp_path: Path) -> None:
    (tmp_path / "seeds" / "bridge.txt").unlink()
    updated.update(silent)
    assert ids(updated).keys() == {"council.txt", "harvest.txt"}
    for path in (tmp_path / "seeds").iterdir():
        path.unlink()
    assert updated.update(silent).generation is None
    assert ids(updated).keys() == {"council.txt", "harvest.txt"}


def test_line_that_begins_to_recur_is_taken_out_of_documents_that_did_not_change(tmp_path: Path) -> None:
    seeds, notice = tmp_path / "seeds" / "site", "Questions about this go to the desk of the north"
    seeds.mkdir(parents=True)
    for number in range(9):
        words = " ".join(f"{word}{number}" for word in WORDS)
        (seeds / f"{number}.txt").write_text(
            f"Title {words}\n\nThe minister said {words}.\n\n{notice if number < 1 else ''}"
        )
    service = service_of(tmp_path / "seeds", tmp_path / "index")
    service.update(silent)
    first = ids(service)["site/0.txt"]
    assert notice in service.document(first).document.body
    for number in range(1, 9):
        with (seeds / f"{number}.txt").open("a") as file:
            file.write(notice)
    service.update(silent)
    assert notice not in service.document(first).document.body


def test_titles_and_sources_are_those_of_a_rebuild_when_the_names_of_sites_change(tmp_path: Path) -> None:
    folder, seen = FolderOfSites(tmp_path / "seeds", 1), set[int]()
    updated = service_of(tmp_path / "seeds", tmp_path / "index")
    updated.update(silent)
    for _ in range(ROUNDS):
        folder.change()
        report = updated.update(silent)
        seen.add(report.documents - report.reused > 4)
        rebuilt = service_of(tmp_path / "seeds", tmp_path / "again")
        rebuilt.rebuild(silent)
        assert titles_and_sources(updated) == titles_and_sources(rebuilt)
    assert seen == {False, True}


def titles_and_sources(service: SearchService) -> set[tuple[str, str, str | None, str]]:
    documents = (document for document, _ in service.snapshot().engine.documents())
    return {(each.path, each.title, each.source, each.body) for each in documents}


def test_name_of_a_site_is_cut_from_titles_of_documents_that_did_not_change_and_comes_back(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds" / "site"
    seeds.mkdir(parents=True)

    def write(number: int) -> None:
        (seeds / f"{number}.md").write_text(
            f"---\ntitle: The {WORDS[number]} of the town - Harbour Times\n"
            f"{'source: The Harbour' if number in (1, 2) else ''}\n---\nThe minister said {WORDS[number]} to me.\n"
        )

    def first(service: SearchService) -> tuple[str, str | None, str]:
        document = service.document(ids(service)["site/0.md"]).document
        return document.title, document.source, document.body

    for number in range(2):
        write(number)
    service = service_of(tmp_path / "seeds", tmp_path / "index")
    service.update(silent)
    text = "The minister said council to me."
    assert first(service) == ("The council of the town - Harbour Times", None, text)
    write(2)
    service.update(silent)
    assert first(service) == ("The council of the town", "The Harbour", text)
    write(3)
    report = service.update(silent)
    assert (report.reused, report.changed, report.added) == (3, 0, 1)
    for number in (1, 2, 3):
        (seeds / f"{number}.md").unlink()
    service.update(silent)
    assert first(service) == ("The council of the town - Harbour Times", None, text)


def test_near_duplicates_of_texts_that_share_about_half_are_those_of_a_rebuild(tmp_path: Path) -> None:
    chosen, seeds = random.Random(3), tmp_path / "seeds"
    seeds.mkdir()
    vocabulary = [f"{one}{other}" for one in WORDS for other in WORDS]

    def write(number: int, text: str) -> None:
        (seeds / f"{number}.txt").write_text(f"Title {number}\n\nThe minister said {text}.\n")

    bases = [chosen.choices(vocabulary, k=120) for _ in range(4)]
    for number in range(24):
        cut = chosen.randrange(70, 90)  # 80 of 120 words leave half of the runs
        write(number, " ".join([*bases[number % 4][:cut], *chosen.choices(vocabulary, k=120 - cut)]))
    updated = service_of(seeds, tmp_path / "index")
    updated.update(silent)
    sizes = set[int]()
    for number in range(24, 34):
        write(number, " ".join([*bases[number % 4][:80], *chosen.choices(vocabulary, k=40)]))
        (seeds / f"{number - 20}.txt").unlink()
        updated.update(silent)
        rebuilt = service_of(seeds, tmp_path / "again")
        rebuilt.rebuild(silent)
        assert clusters(updated) == clusters(rebuilt)
        sizes |= {len(duplicates) for _, duplicates in clusters(updated)}
    assert len(sizes) > 1


def clusters(service: SearchService) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.canonical.path, tuple(copy.path for copy in each.duplicates)) for each in service.duplicates()]


@pytest.mark.parametrize("changed", [{"language": "de"}, {"drop_lines": ("The minister*",)}])
def test_other_settings_rebuild(updated: SearchService, tmp_path: Path, changed: dict[str, Any]) -> None:
    chosen = replace(Settings(seeds=tmp_path / "seeds", index=tmp_path / "index"), **changed)
    again = SearchService(EmbeddedEngine(chosen.index, chosen.language), chosen)
    report = again.update(silent)
    assert (report.up_to_date, report.reused) == (False, 0)
    assert "changed since the last build" in report.rebuild_reason
    assert again.rebuild_if_needed(silent).up_to_date


def test_damaged_index_is_rebuilt(updated: SearchService, tmp_path: Path) -> None:
    (tmp_path / "index" / updated.status().generation.name / "postings.1.arrays").write_bytes(b"")
    again = service_of(tmp_path / "seeds", tmp_path / "index")
    report = again.update(silent)
    assert (report.reused, bool(report.rebuild_reason)) == (0, True)
    assert len(ids(again)) == 3


def test_damaged_generation_is_not_gone_on_from_but_the_one_before_it_is(
    updated: SearchService, tmp_path: Path
) -> None:
    """What serves then knows only the older seeds; all others are cleaned again."""
    for name in ("one", "two"):
        text = f"The {name} of the south\n\nThe minister spoke of {name} for an hour.\n"
        (tmp_path / "seeds" / f"{name}.txt").write_text(text)
        updated.update(silent)
    (tmp_path / "index" / updated.status().generation.name / "generation.arrays").write_bytes(b"")
    again = service_of(tmp_path / "seeds", tmp_path / "index")
    assert again.update(silent).reused == 4
    assert len(ids(again)) == 5


def _files_open() -> int:
    """After a moment in which answers under way may end, which hold the generation before."""
    sleep(0.02)
    return len(list(Path("/proc/self/fd").iterdir()))


def test_updates_in_a_row_answer_every_search_and_leave_nothing_behind(updated: SearchService, tmp_path: Path) -> None:
    server = service_of(tmp_path / "seeds", tmp_path / "index")
    ended, totals = Event(), set[int]()

    def search() -> None:
        while not ended.is_set():
            totals.add(server.search(SearchRequest("minister")).total)
            sleep(0.01)

    with ThreadPoolExecutor(2) as pool:
        searches = [pool.submit(search) for _ in range(2)]
        held = []
        for number in range(8):
            (tmp_path / "seeds" / "news.txt").write_text(f"News\n\nThe minister said so {number} times today.\n")
            updated.update(silent)
            server.refresh()
            held.append(min(_files_open() for _ in range(10)))
        ended.set()
        for each in searches:
            each.result()
    assert totals <= {3, 4}
    assert min(held[4:]) <= max(held[:4])  # at times an answer under way holds the generation before
    assert len([path for path in (tmp_path / "index").iterdir() if path.is_dir()]) == 2
    assert len(list((tmp_path / "index").glob("2*/documents.*.blobs"))) <= 2 * (MAX_SEGMENTS + 1)


def test_update_on_a_cluster_answers_as_a_rebuild(
    tmp_path: Path, new_opensearch: Callable[[], OpenSearchEngine]
) -> None:
    folder = Folder(tmp_path / "seeds", 20)
    service = SearchService(new_opensearch(), Settings(seeds=tmp_path / "seeds"))
    service.update(silent)
    folder.change()
    assert service.update(silent).reused
    updated = list(answers(service))
    service.rebuild(silent)
    assert updated == list(answers(service))
