"""Listing of some paths of a seed folder, with the same outcome as a listing of the whole folder."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import Literal

from searchsvc.ingest.discovery.discovery import (
    MAX_DEPTH,
    ListedSeeds,
    check_entry,
    find_seeds,
    missing_folder,
    not_opened,
)
from searchsvc.ingest.discovery.ignore_rules import FILE, NO_IGNORE_RULES, IgnoreRules
from searchsvc.ingest.discovery.safe_open import open_folder, open_subfolder, shown_path
from searchsvc.models.documents import SeedProblem


@dataclass(frozen=True, slots=True)
class PartialListing:
    """Seeds and problems at some places of a folder.

    `places`: paths of files and folders, relative to the seed folder; "" is the whole folder. `listed`: all seeds and
    problems there now, also below these folders. A path without a seed or problem in `listed` has none any more.
    """

    places: frozenset[str]
    listed: ListedSeeds

    def elsewhere(self, problems: Iterable[SeedProblem]) -> list[SeedProblem]:
        """Return the problems of an earlier listing that are at none of the places."""
        shown = {shown_path(place) for place in self.places}
        return [
            each
            for each in problems
            if shown.isdisjoint(_with_parents(each.path)) and shown.isdisjoint(_with_parents(_without_line(each.path)))
        ]


def list_paths(folder: Path, paths: Iterable[str]) -> PartialListing:
    """List `paths`, relative to the seed folder: files, folders with their contents, and missing files.

    A path in an ignored or hidden folder, or in a link, leads to the problem of that folder. An ignore file counts as
    its folder. Raises SettingsError if the seed folder does not exist.
    """
    if not folder.is_dir():
        raise missing_folder(folder)
    listed_by_place: dict[str, ListedSeeds] = {}
    for path in sorted({_decisive(path) for path in paths}):
        if listed_by_place.keys().isdisjoint(_with_parents(path)):
            place, listed = _listed(folder, path.split("/")) if path else ("", find_seeds(folder))
            listed_by_place[place] = listed
    return PartialListing(frozenset(listed_by_place), [each for listed in listed_by_place.values() for each in listed])


def _decisive(path: str) -> str:
    """Return the path whose listing has all effects of a change at `path`: an ignore file affects its folder."""
    folder, _, name = path.rpartition("/")
    return folder if name == FILE else path


def _with_parents(path: str) -> Iterator[str]:
    """Yield a path, the folders that it is in, and "" for the seed folder."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def _without_line(path: str) -> str:
    """Return the path of a problem without a number of a line."""
    return path.rpartition(":")[0] or path


def _listed(seeds: Path, parts: Sequence[str]) -> tuple[str, ListedSeeds]:
    """Return the place that decides on a path, the path itself or one of its folders, and what is listed there."""
    descriptor = open_folder(seeds)
    try:
        return _listed_in(descriptor, "", parts, NO_IGNORE_RULES, 0)
    finally:
        os.close(descriptor)


def _listed_in(
    folder: int, prefix: str, parts: Sequence[str], ignored: IgnoreRules, depth: int
) -> tuple[str, ListedSeeds]:
    name, *below = parts
    path = prefix + name
    if _status(folder, FILE):
        ignored, _ = ignored.within(folder, prefix)
    status = _status(folder, name)
    if status is None:
        return path, []
    entry = _FolderEntry(name, status)
    if not below or not _is_entered(entry, path, ignored, depth):
        listed: ListedSeeds = []
        check_entry(folder, entry, path, ignored, depth, listed)
        return path, listed
    try:
        subfolder = open_subfolder(folder, name)
    except OSError as error:
        return path, [not_opened(f"{path}/", error)]
    try:
        return _listed_in(subfolder, f"{path}/", below, ignored, depth + 1)
    finally:
        os.close(subfolder)


def _is_entered(entry: "_FolderEntry", path: str, ignored: IgnoreRules, depth: int) -> bool:
    """Return whether a listing of the whole folder lists what is in this entry."""
    is_folder = entry.is_dir(follow_symlinks=False) and depth < MAX_DEPTH
    return is_folder and not entry.name.startswith(".") and not ignored.ignores(f"{path}/")


def _status(folder: int, name: str) -> os.stat_result | None:
    """Return the status of a name in an open folder, None if it does not exist."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class _FolderEntry:
    """An entry of a folder, without a listing of the folder."""

    name: str
    status: os.stat_result

    def is_dir(self, *, follow_symlinks: Literal[False]) -> bool:
        return S_ISDIR(self.status.st_mode)

    def is_file(self, *, follow_symlinks: Literal[False]) -> bool:
        return S_ISREG(self.status.st_mode)

    def is_symlink(self) -> bool:
        return S_ISLNK(self.status.st_mode)

    def stat(self, *, follow_symlinks: Literal[False]) -> os.stat_result:
        return self.status
