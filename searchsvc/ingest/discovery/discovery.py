"""Finds the seeds of a folder and opens them, trusting neither names nor contents."""

import os
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from posixpath import splitext  # a tenth of what a PurePosixPath takes, for each of 100,000 files

from searchsvc.errors import SettingsError
from searchsvc.ingest.discovery.ignore_rules import FILE, NO_IGNORE_RULES, IgnoreRules
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.models.documents import Seed, SeedProblem

# The end of a name, and the format it stands for; each may be packed.
FORMATS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".jsonl": "json-lines",
    ".ndjson": "json-lines",
    ".html": "html",
    ".htm": "html",
}
PACKED = ".gz"
_USUAL = tuple(FORMATS)
MAX_DEPTH = 64  # folders below the seed folder


def format_of(path: str) -> str | None:
    """The format that a file's name stands for, packed or not; None if it is no seed's name."""
    return FORMATS.get(splitext(path.lower().removesuffix(PACKED))[1])


def find_seeds(folder: Path) -> Iterator[Seed | SeedProblem]:
    """Every seed below `folder` in the order of paths, and what was passed over and why.

    Links are not followed, hidden files not read, and what a `.searchsvcignore` names is left out.
    Raises SettingsError if there is no folder.
    """
    if not folder.is_dir():
        raise SettingsError(f"the seed folder {folder} does not exist; create it or set another with --seeds")
    yield from _walk(folder, "", NO_IGNORE_RULES, 0)


def _walk(folder: Path, prefix: str, ignored: IgnoreRules, depth: int) -> Iterator[Seed | SeedProblem]:
    try:
        with os.scandir(folder) as entries:
            listing = sorted(entries, key=attrgetter("name"))
    except OSError as error:
        yield SeedProblem(shown_path(prefix or "."), f"folder can't be listed: {error.strerror}")
        return
    if any(entry.name == FILE for entry in listing):
        ignored, problems = ignored.within(folder, prefix)
        yield from problems
    for entry in listing:
        path = prefix + entry.name
        if ignored is NO_IGNORE_RULES and _is_plain(entry):
            yield _seed(entry, path)
        else:
            yield from _check_entry(entry, path, ignored, depth)


def _is_plain(entry: os.DirEntry[str]) -> bool:
    """Whether nothing speaks against a seed that no pattern leaves out: nearly all, and told fast."""
    name = entry.name
    return name.endswith(_USUAL) and not name.startswith(".") and entry.is_file(follow_symlinks=False)


def _check_entry(entry: os.DirEntry[str], path: str, ignored: IgnoreRules, depth: int) -> Iterator[Seed | SeedProblem]:
    named_as_seed = format_of(entry.name) is not None
    is_folder = entry.is_dir(follow_symlinks=False)
    if entry.name.startswith("."):
        yield SeedProblem(shown_path(path), "hidden", skipped=True)
    elif ignored.ignores(f"{path}/" if is_folder else path):
        yield SeedProblem(shown_path(path), f"left out by {FILE}", skipped=True)
    elif entry.is_symlink():
        yield SeedProblem(shown_path(path), "a link; links are not followed", skipped=True)
    elif is_folder:
        if named_as_seed:
            yield SeedProblem(shown_path(path), "a folder, not a text file; the files inside it are read")
        if depth < MAX_DEPTH:
            yield from _walk(Path(entry.path), f"{path}/", ignored, depth + 1)
        else:
            yield SeedProblem(shown_path(path), f"folders deeper than {MAX_DEPTH} levels are not read")
    elif not named_as_seed:
        reason = f"no text file (those end in {' '.join(FORMATS)}, or in one of these and {PACKED})"
        yield SeedProblem(shown_path(path), reason, skipped=True)
    elif not entry.is_file(follow_symlinks=False):
        yield SeedProblem(shown_path(path), "not a regular file", skipped=True)
    else:
        yield _seed(entry, path)


def _seed(entry: os.DirEntry[str], path: str) -> Seed | SeedProblem:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return SeedProblem(shown_path(path), f"can't be read: {error.strerror}")
    return Seed(path, status.st_size, status.st_mtime_ns)
