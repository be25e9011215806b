"""Discovery of the seeds in a folder. Neither names nor contents are trusted."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from posixpath import splitext  # ten times as fast as PurePosixPath, for 100,000 files
from typing import Literal, Protocol

from searchsvc.errors import SettingsError
from searchsvc.ingest.discovery.ignore_rules import FILE, NO_IGNORE_RULES, IgnoreRules
from searchsvc.ingest.discovery.safe_open import LINK, open_folder, open_subfolder, shown_path
from searchsvc.models.documents import Seed, SeedProblem

# Format by file name suffix. A packed file has a second suffix.
FORMATS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "mdx",
    ".org": "org",
    ".rst": "rst",
    ".adoc": "asciidoc",
    ".asciidoc": "asciidoc",
    ".jsonl": "json-lines",
    ".ndjson": "json-lines",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".eml": "mail",
    ".mbox": "mailbox",
    ".html": "html",
    ".htm": "html",
    ".mhtml": "mhtml",
    ".mht": "mhtml",
    ".warc": "warc",
    ".wet": "warc",
}
RECORDS = frozenset({"json-lines", "json", "csv"})  # formats of records with named fields
PAGES = frozenset({"html", "mhtml", "warc"})  # formats that are read through the reader for HTML
PACKED = ".gz"
# What makes text of files that are not read, by suffix.
_CONVERTERS = {
    ".pdf": "convert to text first (pdftotext)",
    **dict.fromkeys(
        (".docx", ".odt", ".epub", ".rtf", ".tex", ".ipynb", ".textile", ".wiki"), "convert to Markdown first (pandoc)"
    ),
    **dict.fromkeys((".doc", ".ppt", ".pptx", ".odp", ".pages"), "convert to text first (LibreOffice)"),
    **dict.fromkeys((".xls", ".xlsx", ".ods", ".parquet", ".sqlite", ".db"), "export it as CSV or JSON Lines"),
    **dict.fromkeys((".xml", ".rss", ".atom", ".opml"), "convert its articles to JSON Lines"),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".7z", ".rar"), "unpack it"),
    **dict.fromkeys((".xz", ".bz2", ".zst"), "unpack it, or pack it with gzip"),
    **dict.fromkeys((".wacz", ".webarchive", ".maff"), "convert to .warc or .html"),
    **dict.fromkeys((".enex", ".jex"), "export as Markdown or HTML"),
    **dict.fromkeys((".xhtml", ".shtml", ".php", ".aspx"), "a saved page needs the suffix .html"),
    ".msg": "save it as .eml",
}
_USUAL = tuple(FORMATS)
MAX_DEPTH = 64  # folders below the seed folder
_EARLIEST, _LATEST = -(1 << 63), (1 << 63) - 1

ListedSeeds = list[Seed | SeedProblem]


class ListedEntry(Protocol):
    """An entry of a folder: an `os.DirEntry`, or its equal for one name."""

    @property
    def name(self) -> str: ...
    def is_dir(self, *, follow_symlinks: Literal[False]) -> bool: ...
    def is_file(self, *, follow_symlinks: Literal[False]) -> bool: ...
    def is_symlink(self) -> bool: ...
    def stat(self, *, follow_symlinks: Literal[False]) -> os.stat_result: ...


def format_of(path: str) -> str | None:
    """Return the format for a file name, packed or not; None for other names."""
    return FORMATS.get(splitext(path.lower().removesuffix(PACKED))[1])


def find_seeds(folder: Path) -> ListedSeeds:
    """Return every seed below `folder` in the order of paths, and a problem for each skipped file.

    Links are not followed. Hidden files and files that `.searchsvcignore` names are skipped. Raises SettingsError
    if the folder does not exist.
    """
    if not folder.is_dir():
        raise missing_folder(folder)
    listed: ListedSeeds = []
    _walk(lambda: open_folder(folder), "", NO_IGNORE_RULES, 0, listed)
    return listed


def missing_folder(folder: Path) -> SettingsError:
    """Return the error of a seed folder that does not exist."""
    return SettingsError(f"the seed folder {folder} does not exist; create it or set another with --seeds")


def _walk(opening: Callable[[], int], prefix: str, ignored: IgnoreRules, depth: int, listed: ListedSeeds) -> None:
    """Append the seeds and problems of the folder that `opening` returns a descriptor of.

    Names are resolved from the descriptor, so that nothing but this folder is listed even if its path becomes a link.
    """
    try:
        folder = opening()
    except OSError as error:
        listed.append(not_opened(prefix, error))
        return
    try:
        _list(folder, prefix, ignored, depth, listed)
    finally:
        os.close(folder)


def _list(folder: int, prefix: str, ignored: IgnoreRules, depth: int, listed: ListedSeeds) -> None:
    try:
        with os.scandir(folder) as entries:
            entries_by_name = {entry.name: entry for entry in entries}
    except OSError as error:
        listed.append(SeedProblem(shown_path(prefix or "."), f"folder can't be listed: {error.strerror}"))
        return
    if FILE in entries_by_name:
        ignored, problems = ignored.within(folder, prefix)
        listed += problems
    for name in sorted(entries_by_name):
        entry = entries_by_name[name]
        # Nearly all entries are seeds by these checks alone.
        if (
            name.endswith(_USUAL)
            and ignored is NO_IGNORE_RULES
            and name[0] != "."
            and entry.is_file(follow_symlinks=False)
        ):
            listed.append(_seed(entry, prefix + name))
        else:
            check_entry(folder, entry, prefix + name, ignored, depth, listed)


def not_opened(prefix: str, error: OSError) -> SeedProblem:
    """Return the problem of a folder that can't be opened. Paths in it begin with `prefix`."""
    is_link = error.errno == errno.ELOOP
    reason = LINK if is_link else f"folder can't be listed: {error.strerror}"
    return SeedProblem(shown_path(prefix.rstrip("/") if is_link else prefix or "."), reason)


def check_entry(
    folder: int, entry: ListedEntry, path: str, ignored: IgnoreRules, depth: int, listed: ListedSeeds
) -> None:
    """Append the seeds and problems of one entry of an open folder, which is `depth` folders below the seed folder."""
    named_as_seed = format_of(entry.name) is not None
    is_folder = entry.is_dir(follow_symlinks=False)
    if entry.name.startswith("."):
        listed.append(SeedProblem(shown_path(path), "hidden", skipped=True))
    elif ignored.ignores(f"{path}/" if is_folder else path):
        listed.append(SeedProblem(shown_path(path), f"ignored by {FILE}", skipped=True))
    elif entry.is_symlink():
        listed.append(SeedProblem(shown_path(path), LINK, skipped=True))
    elif is_folder:
        if named_as_seed:
            reason = "a folder, not a text file; the files inside it are read"
            listed.append(SeedProblem(shown_path(path), reason))
        if depth < MAX_DEPTH:
            _walk(lambda: open_subfolder(folder, entry.name), f"{path}/", ignored, depth + 1, listed)
        else:
            listed.append(SeedProblem(shown_path(path), f"folders deeper than {MAX_DEPTH} levels are not read"))
    elif not named_as_seed:
        listed.append(SeedProblem(shown_path(path), _not_read(entry.name), skipped=True))
    elif not entry.is_file(follow_symlinks=False):
        listed.append(SeedProblem(shown_path(path), "not a regular file", skipped=True))
    else:
        listed.append(_seed(entry, path))


def _not_read(name: str) -> str:
    """Return why a file with this name is not read: the same text for all names with the same known suffix."""
    suffix = splitext(name.lower().removesuffix(PACKED))[1]
    if suffix in _CONVERTERS:
        return f"{suffix} is not read: {_CONVERTERS[suffix]}"
    return f"not a text file (supported: {' '.join(FORMATS)}, each also with {PACKED})"


def _seed(entry: ListedEntry, path: str) -> Seed | SeedProblem:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return SeedProblem(shown_path(path), f"can't be read: {error.strerror}")
    return Seed(path, status.st_size, modified_ns(status))


def modified_ns(status: os.stat_result) -> int:
    """Return the time of a file's last change in nanoseconds, within 64 bits: years from 1678 to 2262."""
    time = status.st_mtime_ns
    return time if _EARLIEST <= time <= _LATEST else max(_EARLIEST, min(time, _LATEST))
