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
    format_of,
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
        if "" in self.places:
            return []
        shown = {shown_path(place) for place in self.places}
        return [
            each
            for each in problems
            if shown.isdisjoint(with_parents(each.path)) and shown.isdisjoint(with_parents(_without_line(each.path)))
        ]


def list_paths(folder: Path, paths: Iterable[str]) -> PartialListing:
    """List `paths`, relative to the seed folder: files, folders with their contents, and missing files.

    A path in an ignored or hidden folder, in a link, or in a folder with the name of a seed counts as that folder. An
    ignore file counts as its folder. Raises SettingsError if the seed folder does not exist.
    """
    if not folder.is_dir():
        raise missing_folder(folder)
    path_listing = _PathListing(folder)
    listed_by_place: dict[str, ListedSeeds] = {}
    for path in sorted({_decisive(path) for path in paths}):
        if listed_by_place.keys().isdisjoint(with_parents(path)):
            place, listed = path_listing.listed(path)
            listed_by_place[place] = listed
    return PartialListing(frozenset(listed_by_place), [each for listed in listed_by_place.values() for each in listed])


def _decisive(path: str) -> str:
    """Return the path whose listing has all effects of a change at `path`: an ignore file affects its folder."""
    folder, _, name = path.rpartition("/")
    return folder if name == FILE else path


def with_parents(path: str) -> Iterator[str]:
    """Yield a path, the folders that it is in, and "" for the seed folder."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def _without_line(path: str) -> str:
    """Return the path of a problem without the number of a line of an ignore file."""
    file, _, line = path.rpartition(":")
    return file if line.isdecimal() and file.endswith(FILE) else path


class _PathListing:
    """Lists paths of one seed folder. The ignore rules of each folder are read once."""

    def __init__(self, seeds: Path) -> None:
        self._seeds = seeds
        self._rules: dict[str, IgnoreRules] = {}  # by prefix

    def listed(self, path: str) -> tuple[str, ListedSeeds]:
        """Return the place that decides on a path, the path itself or one of its folders, and what is listed there."""
        if not path:
            return "", find_seeds(self._seeds)
        descriptor = open_folder(self._seeds)
        try:
            return self._listed_in(descriptor, "", path.split("/"), NO_IGNORE_RULES)
        finally:
            os.close(descriptor)

    def _listed_in(
        self, folder: int, prefix: str, parts: Sequence[str], ignored: IgnoreRules
    ) -> tuple[str, ListedSeeds]:
        """`folder`: an open descriptor. `prefix`: of the paths in it. `ignored`: rules of its parents."""
        name, *below = parts
        path, depth = prefix + name, prefix.count("/")
        ignored = self._rules_in(folder, prefix, ignored)
        try:
            entry = _FolderEntry(name, os.stat(name, dir_fd=folder, follow_symlinks=False))
        except (FileNotFoundError, NotADirectoryError):
            return path, []
        except OSError as error:
            return path, [SeedProblem(shown_path(path), f"can't be read: {error.strerror}")]
        if not below or not _is_entered(entry, path, ignored, depth):
            listed: ListedSeeds = []
            check_entry(folder, entry, path, ignored, depth, listed)
            return path, listed
        try:
            subfolder = open_subfolder(folder, name)
        except OSError as error:
            return path, [not_opened(f"{path}/", error)]
        try:
            return self._listed_in(subfolder, f"{path}/", below, ignored)
        finally:
            os.close(subfolder)

    def _rules_in(self, folder: int, prefix: str, ignored: IgnoreRules) -> IgnoreRules:
        if prefix not in self._rules:
            has_file = os.access(FILE, os.F_OK, dir_fd=folder, follow_symlinks=False)
            self._rules[prefix] = ignored.within(folder, prefix)[0] if has_file else ignored
        return self._rules[prefix]


def _is_entered(entry: "_FolderEntry", path: str, ignored: IgnoreRules, depth: int) -> bool:
    """Return whether a listing of the whole folder would list the contents of an entry without a further problem."""
    is_folder = entry.is_dir(follow_symlinks=False) and depth < MAX_DEPTH
    is_plain = not entry.name.startswith(".") and format_of(entry.name) is None
    return is_folder and is_plain and not ignored.ignores(f"{path}/")


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
