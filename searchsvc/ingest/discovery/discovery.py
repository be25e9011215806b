"""Discovery of the seeds in a folder. Neither names nor contents are trusted."""

import errno
import os
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path
from posixpath import splitext  # ten times as fast as PurePosixPath, for 100,000 files

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


def format_of(path: str) -> str | None:
    """Return the format for a file name, packed or not; None for other names."""
    return FORMATS.get(splitext(path.lower().removesuffix(PACKED))[1])


def find_seeds(folder: Path) -> Iterator[Seed | SeedProblem]:
    """Yield every seed below `folder` in the order of paths, and a problem for each skipped file.

    Links are not followed. Hidden files and files that `.searchsvcignore` names are skipped. Raises SettingsError
    if the folder does not exist.
    """
    if not folder.is_dir():
        raise SettingsError(f"the seed folder {folder} does not exist; create it or set another with --seeds")
    yield from _walk(lambda: open_folder(folder), "", NO_IGNORE_RULES, 0)


def _walk(opening: Callable[[], int], prefix: str, ignored: IgnoreRules, depth: int) -> Iterator[Seed | SeedProblem]:
    """Yield the seeds and problems of the folder that `opening` returns a descriptor of.

    Names are resolved from the descriptor, so that nothing but this folder is listed even if its path becomes a link.
    """
    try:
        folder = opening()
    except OSError as error:
        is_link = error.errno == errno.ELOOP
        reason = LINK if is_link else f"folder can't be listed: {error.strerror}"
        yield SeedProblem(shown_path(prefix.rstrip("/") if is_link else prefix or "."), reason)
        return
    try:
        yield from _listed(folder, prefix, ignored, depth)
    finally:
        os.close(folder)


def _listed(folder: int, prefix: str, ignored: IgnoreRules, depth: int) -> Iterator[Seed | SeedProblem]:
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
        name = entry.name
        # Nearly all entries are seeds by these checks alone.
        if (
            name.endswith(_USUAL)
            and ignored is NO_IGNORE_RULES
            and name[0] != "."
            and entry.is_file(follow_symlinks=False)
        ):
            yield _seed(entry, prefix + name)
        else:
            yield from _check_entry(folder, entry, prefix + name, ignored, depth)


def _check_entry(
    folder: int, entry: os.DirEntry[str], path: str, ignored: IgnoreRules, depth: int
) -> Iterator[Seed | SeedProblem]:
    named_as_seed = format_of(entry.name) is not None
    is_folder = entry.is_dir(follow_symlinks=False)
    if entry.name.startswith("."):
        yield SeedProblem(shown_path(path), "hidden", skipped=True)
    elif ignored.ignores(f"{path}/" if is_folder else path):
        yield SeedProblem(shown_path(path), f"ignored by {FILE}", skipped=True)
    elif entry.is_symlink():
        yield SeedProblem(shown_path(path), LINK, skipped=True)
    elif is_folder:
        if named_as_seed:
            yield SeedProblem(shown_path(path), "a folder, not a text file; the files inside it are read")
        if depth < MAX_DEPTH:
            yield from _walk(lambda: open_subfolder(folder, entry.name), f"{path}/", ignored, depth + 1)
        else:
            yield SeedProblem(shown_path(path), f"folders deeper than {MAX_DEPTH} levels are not read")
    elif not named_as_seed:
        yield SeedProblem(shown_path(path), _not_read(entry.name), skipped=True)
    elif not entry.is_file(follow_symlinks=False):
        yield SeedProblem(shown_path(path), "not a regular file", skipped=True)
    else:
        yield _seed(entry, path)


def _not_read(name: str) -> str:
    """Return why a file with this name is not read: the same text for all names with the same known suffix."""
    suffix = splitext(name.lower().removesuffix(PACKED))[1]
    if suffix in _CONVERTERS:
        return f"{suffix} is not read: {_CONVERTERS[suffix]}"
    return f"not a text file (supported: {' '.join(FORMATS)}, each also with {PACKED})"


def _seed(entry: os.DirEntry[str], path: str) -> Seed | SeedProblem:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return SeedProblem(shown_path(path), f"can't be read: {error.strerror}")
    return Seed(path, status.st_size, modified_ns(status))


def modified_ns(status: os.stat_result) -> int:
    """Return the time of a file's last change in nanoseconds, within 64 bits: years from 1678 to 2262."""
    return max(-(1 << 63), min(status.st_mtime_ns, (1 << 63) - 1))
