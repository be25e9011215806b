"""The manifest of a generation: its files with sizes, checksums and time stamps."""

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import msgspec

from searchsvc.engine.storage.durable_write import fsync, write_durably
from searchsvc.errors import (
    IndexDamaged,
    SchemaChanged,
    StoreError,
)
from searchsvc.models.documents import SeedProblem

MANIFEST = "manifest.json"


_LINKING = 0.1  # seconds in which a builder that makes or removes links has taken the stamps again


Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class FileSeal:
    """Size in bytes and SHA-256 of a file, as it was when the generation was published.

    `stamp`: its inode and the times, in nanoseconds, of the last change of content and of anything
    about it. The system sets the latter at every write, so a file with its size and stamp was not
    touched since, and need not be read to know it.
    """

    size: int
    sha256: str
    stamp: Stamp

    def holds(self, path: Path) -> bool:
        """Whether the file is what it was; read whole only if it was touched. Raises OSError."""
        found = path.stat()
        return found.st_size == self.size and (_stamp(found) == self.stamp or _sha256(path) == self.sha256)

    def matches(self, path: Path) -> bool:
        """Whether the file is what it was; always read whole. Raises OSError."""
        return path.stat().st_size == self.size and _sha256(path) == self.sha256


NONE_LINKED: Mapping[str, FileSeal] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds and how it was made; `created` is UTC in ISO 8601."""

    name: str
    created: str
    fingerprint: str
    documents: int
    files: dict[str, FileSeal] = field(default_factory=dict)
    problems: tuple[SeedProblem, ...] = ()


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal(path: Path) -> FileSeal:
    found = path.stat()
    return FileSeal(found.st_size, _sha256(path), _stamp(found))


def seal(folder: Path, manifest: Manifest, linked: Mapping[str, FileSeal] = NONE_LINKED) -> Manifest:
    """Write `manifest` into `folder` with a seal for every file there, all of it on disk.

    `linked`: seals of files that are those of another generation, and were found sound there.
    """
    paths = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    files = {path.name: _handed_on(linked[path.name], path) if path.name in linked else _seal(path) for path in paths}
    manifest = replace(manifest, files=files)
    for name in files.keys() - linked.keys():
        fsync(folder / name)
    write_manifest(folder, manifest)
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest` and its own seal, on disk when this returns."""
    text = msgspec.json.encode(manifest)
    write_durably(folder / MANIFEST, text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n")


def _handed_on(sealed: FileSeal, path: Path) -> FileSeal:
    """The seal of a file that another generation has, too. Raises IndexDamaged if a copy is not the same."""
    found = path.stat()
    if found.st_ino != sealed.stamp[0]:
        if not sealed.matches(path):
            raise IndexDamaged(f"{path.name} could not be copied as it is")
        fsync(path)
    return replace(sealed, stamp=_stamp(found))


def _restamped(sealed: FileSeal, before: Stamp, path: Path) -> FileSeal:
    """`sealed`, of a file with the stamp that `before` was, for what the system says now: the same if it was written
    to since, so that it will be read whole."""
    now = _stamp(path.stat())
    return replace(sealed, stamp=now) if now[:2] == before[:2] else sealed


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation. Raises IndexDamaged if it is missing, cut or altered."""
    try:
        text, _, seal_line = (folder / MANIFEST).read_bytes().partition(b"\n")
    except OSError as error:
        raise IndexDamaged(f"generation {folder.name}: {MANIFEST} can't be read ({error.strerror})") from error
    if hashlib.sha256(text).hexdigest().encode() != seal_line.strip():
        raise IndexDamaged(f"generation {folder.name}: {MANIFEST} was cut or altered")
    try:
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.MsgspecError as error:
        raise SchemaChanged(f"generation {folder.name} has another format; run `searchsvc rebuild`") from error


def verify(folder: Path, fingerprint: str) -> Manifest:
    """Check every file of a generation against its seal. Raises IndexDamaged, SchemaChanged."""
    manifest = read_manifest(folder)
    if manifest.fingerprint != fingerprint:
        raise SchemaChanged(
            f"generation {folder.name} was built with other fields or another analysis; run `searchsvc rebuild`"
        )
    if _links_change(folder, manifest):
        time.sleep(_LINKING)
        manifest = read_manifest(folder)
    for name, expected in manifest.files.items():
        if problem := _problem(folder, name, expected.holds):
            raise IndexDamaged(problem)
    return manifest


def _links_change(folder: Path, manifest: Manifest) -> bool:
    """Whether files look touched that other generations share: most likely a builder is just making or
    removing links, and will have taken the stamps again before they could be read whole."""
    with suppress(OSError):
        found = {name: (folder / name).stat() for name in manifest.files}
        return any(each.st_nlink > 1 and _stamp(each) != manifest.files[name].stamp for name, each in found.items())
    return False


def damage(folder: Path) -> tuple[str, ...]:
    """What is wrong with a generation, file by file, every one of them read whole.

    A file that a disk altered has its times as they were. It is given other ones, so that whoever
    opens the generation reads it, and refuses it.
    """
    try:
        files = read_manifest(folder).files
    except StoreError as error:
        return (str(error),)
    problems = {name: _problem(folder, name, expected.matches) for name, expected in files.items()}
    for name, problem in problems.items():
        if problem:
            with suppress(OSError):
                os.utime(folder / name)
    return tuple(problem for problem in problems.values() if problem)


def _problem(folder: Path, name: str, is_sound: Callable[[Path], bool]) -> str | None:
    try:
        if is_sound(folder / name):
            return None
    except OSError as error:
        return f"generation {folder.name}: {name} can't be read ({error.strerror})"
    return f"generation {folder.name}: {name} was cut or altered"
