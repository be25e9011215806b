"""A folder with made-up seeds and an index of them, what is asked there, and builds that can be ended at will."""

import os
import random
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searchsvc.cli import main
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.ingest.metadata.language_id import language_of
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings

COMMAND = [sys.executable, "-c", "from searchsvc.cli import main; main()"]
EVERYWHERE = "alliance"  # a word in every seed
_WORDS = [begin + end for begin in ("bal", "cor", "dun", "fel", "gar", "hol") for end in ("den", "mot", "rix", "sev")]
QUERIES = [EVERYWHERE, *_WORDS[:3], f'"{_WORDS[0]} {_WORDS[1]}"', "ba*", "alliancee~", "title:report -balden", ""]
_LAST = "At last"  # begins what edits write
_DEAD = 9  # exit code of a warm build that raised what nobody expected


@dataclass(frozen=True, slots=True)
class Home:
    """Folders `seeds` and `index` below `folder`."""

    folder: Path

    @property
    def seeds(self) -> Path:
        return self.folder / "seeds"

    @property
    def index(self) -> Path:
        return self.folder / "index"

    def fill(self, documents: int) -> None:
        """Write seeds, other ones for another number of them."""
        draw = random.Random(documents)
        self.seeds.mkdir(parents=True, exist_ok=True)
        for number in range(documents):
            body = "\n".join(" ".join(draw.choices(_WORDS, k=12)).capitalize() + "." for _ in range(12))
            (self.seeds / f"{number}.txt").write_text(f"Report {number}\n\nThe {EVERYWHERE} met. {body}\n")

    def edit(self, number: int, word: str) -> None:
        """Write another last paragraph into a seed; it has `word`."""
        path = self.seeds / f"{number}.txt"
        text = path.read_text().partition(_LAST)[0].rstrip("\n")
        path.write_text(f"{text}\n\n{_LAST} {word} was said to stand for {number}.\n")

    def arguments(self, *words: str) -> list[str]:
        """What follows the name of the command."""
        return ["--seeds", str(self.seeds), "--index", str(self.index), *words]

    def listing(self) -> list[str]:
        """What lies in the index folder."""
        return sorted(path.name for path in self.index.iterdir())

    def service(self) -> SearchService:
        """The service over the index, opened as a process that has just started opens it."""
        return SearchService(EmbeddedEngine(self.index, "en"), Settings(seeds=self.seeds, index=self.index))


def answers(service: SearchService) -> list[Any]:
    """What the service says to QUERIES, scores, snippets and facets included, and the first documents whole."""
    said: list[Any] = []
    for query in QUERIES:
        found = service.search(SearchRequest(query))
        said.append((found.total, found.hits, found.facets))
        said.extend(service.document(hit.document.id) for hit in found.hits[:2])
        said.append(service.suggest(query))
    return said


def run_warm(arguments: Sequence[str], prepare: Callable[[], object] = lambda: None) -> int:
    """Start the command in a copy of this process, which has everything imported and read; its process id.

    `prepare` is called in the copy first. Nothing is printed.
    """
    language_of(EVERYWHERE)  # reads the word lists
    process = os.fork()
    if process:
        return process
    with suppress(BaseException):
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        prepare()
        try:
            main(list(arguments))
        except SystemExit as ended:
            os._exit(ended.code if isinstance(ended.code, int) else 0)
    os._exit(_DEAD)


def exit_code(process: int) -> int:
    """Wait for a warm build; minus the signal if one ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def kill(process: int) -> int:
    """End a warm build in the middle of whatever it does; its exit code if it was faster."""
    os.kill(process, signal.SIGKILL)
    return exit_code(process)
