"""Finds the seeds of a folder and reads them, trusting neither names nor contents."""

import codecs
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from searchsvc.errors import SettingsError
from searchsvc.models import RawDocument, Seed, SeedProblem

ENDINGS = (".txt", ".text")
MAX_DEPTH = 64  # folders below the seed folder
# gzip, zip, ELF, PDF, PNG, JPEG, GIF, bzip2, xz, zstd: short ones may hold few control characters.
_SIGNATURES = (
    b"\x1f\x8b", b"PK\x03\x04", b"\x7fELF", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BZh",
    b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
)  # fmt: skip
_WESTERN = frozenset({"cp1252", "latin_1"})
_GUESS_FROM = 65_536  # bytes that an encoding is guessed from
_BOMS = (  # the longer ones first: UTF-32 LE begins like UTF-16 LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def shown_path(path: str) -> str:
    """A path that is safe to print: what is no printable Unicode is escaped."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def find(folder: Path) -> Iterator[Seed | SeedProblem]:
    """Every seed below `folder` in the order of paths, and what was passed over and why.

    Links are not followed and hidden files not read. Raises SettingsError if there is no folder.
    """
    if not folder.is_dir():
        raise SettingsError(f"the seed folder {folder} does not exist; create it or set another with --seeds")
    yield from _walk(folder, "", 0)


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[Seed | SeedProblem]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield SeedProblem(shown_path(prefix or "."), f"folder can't be listed: {error.strerror}")
        return
    for entry in found:
        yield from _judge(entry, prefix + entry.name, depth)


def _judge(entry: os.DirEntry[str], path: str, depth: int) -> Iterator[Seed | SeedProblem]:
    named_as_seed = entry.name.lower().endswith(ENDINGS)
    if entry.name.startswith("."):
        yield SeedProblem(shown_path(path), "hidden", passed_over=True)
    elif entry.is_symlink():
        yield SeedProblem(shown_path(path), "a link; links are not followed", passed_over=True)
    elif entry.is_dir(follow_symlinks=False):
        if named_as_seed:
            yield SeedProblem(shown_path(path), "a folder, not a text file; the files inside it are read")
        if depth < MAX_DEPTH:
            yield from _walk(Path(entry.path), f"{path}/", depth + 1)
        else:
            yield SeedProblem(shown_path(path), f"folders deeper than {MAX_DEPTH} levels are not read")
    elif not named_as_seed:
        yield SeedProblem(shown_path(path), f"no text file (those end in {' or '.join(ENDINGS)})", passed_over=True)
    elif not entry.is_file(follow_symlinks=False):
        yield SeedProblem(shown_path(path), "not a regular file", passed_over=True)
    else:
        yield from _stat(entry, path)


def _stat(entry: os.DirEntry[str], path: str) -> Iterator[Seed | SeedProblem]:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        yield SeedProblem(shown_path(path), f"can't be read: {error.strerror}")
    else:
        yield Seed(path, status.st_size, status.st_mtime_ns)


def read(folder: Path, seed: Seed, max_bytes: int) -> RawDocument | SeedProblem:
    """The text of a seed, or why it can't be had. Reads at most `max_bytes` bytes."""
    try:
        data = _bytes(folder / seed.path, max_bytes + 1)
    except OSError as error:
        reason = "a link; links are not followed" if error.errno == errno.ELOOP else f"can't be read: {error.strerror}"
        return SeedProblem(shown_path(seed.path), reason)
    if data is None:
        return SeedProblem(shown_path(seed.path), "not a regular file")
    if len(data) > max_bytes:
        return SeedProblem(shown_path(seed.path), f"larger than {max_bytes:,} bytes (setting max_file_bytes)")
    if _is_binary(data):
        return SeedProblem(shown_path(seed.path), "looks like binary data, not text")
    text, note = _decode(data)
    text = _printable(text)
    if not text.strip():
        return SeedProblem(shown_path(seed.path), "empty" if not data else "holds no text")
    return RawDocument(seed, text, hashlib.sha256(data).hexdigest(), note)


def _bytes(path: Path, most: int) -> bytes | None:
    # O_NONBLOCK: opening a pipe must not wait for a writer. The kind of file is asked of what
    # was opened, since the name may mean another file by then.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def _is_binary(data: bytes) -> bool:
    if data.startswith(tuple(bom for bom, _ in _BOMS)):
        return False
    if data.startswith(_SIGNATURES):
        return True
    sample = data[:_GUESS_FROM]
    controls = len(sample) - len(sample.translate(None, bytes([*range(9), *range(14, 27), *range(28, 32), 127])))
    return controls > len(sample) // 20 + 2 and not _is_wide(sample)


def _is_wide(sample: bytes) -> bool:
    """UTF-16 without a mark: every other byte of mostly Latin text is 0."""
    return max(sample[0::2].count(0), sample[1::2].count(0)) > 0.4 * len(sample)


def _decode(data: bytes) -> tuple[str, str | None]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data.decode(encoding, "replace").removeprefix("\ufeff")
            return text, f"damaged {encoding.upper()}; unreadable parts were replaced" if "\ufffd" in text else None
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        return _guessed(data)


def _guessed(data: bytes) -> tuple[str, str]:
    """Not UTF-8: mostly UTF-8 with some broken bytes, or another encoding altogether."""
    lenient = data.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    if sum(not character.isascii() for character in lenient) > 4 * broken:
        return lenient, f"not valid UTF-8: {broken} unreadable parts were replaced"
    guesses = from_bytes(data[:_GUESS_FROM])
    best = guesses.best()
    # Western European is by far the likeliest: it wins unless another reads better.
    western = any(best and each.encoding in _WESTERN and each.chaos <= best.chaos for each in guesses)
    encoding = best.encoding if best and not western else "cp1252"
    return data.decode(encoding, "replace"), f"not valid UTF-8: read as {encoding}, which is a guess"


_LINE_ENDS = str.maketrans(
    {"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n"}
    | {chr(code): None for code in [*range(9), *range(14, 32), 127]}
)


def _printable(text: str) -> str:
    """`text` with one kind of line end, and without control characters and lone surrogates."""
    text = text.replace("\r\n", "\n").translate(_LINE_ENDS)
    return text.encode("utf-8", "replace").decode("utf-8")
