"""Manifest of a generation: its files with sizes, checksums and time stamps."""

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
from searchsvc.errors import IndexDamaged, SchemaChanged, StoreError
from searchsvc.models.documents import SeedProblem

MANIFEST = "manifest.json"


_LINK_SECONDS = 0.1  # a builder that changes links has updated the stamps within this time


Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class FileSeal:
    """Size in bytes and SHA-256 of a file at the time of publication.

    `stamp`: inode, and the times of the last change of content and of metadata, in nanoseconds. The system updates
    the latter at every write. So a file with the sealed size and stamp is unchanged, without reading it.
    """

    size: int
    sha256: str
    stamp: Stamp

    def is_unchanged(self, path: Path) -> bool:
        """Return whether the file has its sealed content; read only if its stamp differs. Raises OSError."""
        status = path.stat()
        return status.st_size == self.size and (file_stamp(status) == self.stamp or _sha256(path) == self.sha256)

    def is_identical(self, path: Path) -> bool:
        """Return whether the file has its sealed content; always read whole. Raises OSError."""
        return path.stat().st_size == self.size and _sha256(path) == self.sha256


NO_REUSED_FILES: Mapping[str, FileSeal] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Manifest:
    """Content and origin of a generation; `created` is UTC in ISO 8601."""

    name: str
    created: str
    fingerprint: str
    documents: int
    files: dict[str, FileSeal] = field(default_factory=dict)
    problems: tuple[SeedProblem, ...] = ()


def file_stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal_file(path: Path) -> FileSeal:
    status = path.stat()
    return FileSeal(status.st_size, _sha256(path), file_stamp(status))


def seal(folder: Path, manifest: Manifest, reused: Mapping[str, FileSeal] = NO_REUSED_FILES) -> Manifest:
    """Seal every file in `folder`, write `manifest` with the seals, and sync everything to disk.

    `reused`: seals of files shared with another generation, and checked there. Raises IndexDamaged if a copy of a
    shared file differs.
    """
    paths = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    files = {
        path.name: _reuse_seal(reused[path.name], path) if path.name in reused else _seal_file(path) for path in paths
    }
    manifest = replace(manifest, files=files)
    for name in files.keys() - reused.keys():
        fsync(folder / name)
    write_manifest(folder, manifest)
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest` and its checksum durably. Raises OSError."""
    text = msgspec.json.encode(manifest)
    write_durably(folder / MANIFEST, text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n")


def _reuse_seal(file_seal: FileSeal, path: Path) -> FileSeal:
    """Return the seal of a shared file with its new stamp. Raises IndexDamaged if a copy differs."""
    status = path.stat()
    if status.st_ino != file_seal.stamp[0]:
        if not file_seal.is_identical(path):
            raise IndexDamaged(f"{path.name} differs from the file it was copied from; check the disk")
        fsync(path)
    return replace(file_seal, stamp=file_stamp(status))


def restamp(file_seal: FileSeal, previous: Stamp, path: Path) -> FileSeal:
    """Return `file_seal` with the current stamp of `path`.

    The seal stays as it is if the file was written since its stamp was `previous`; the next opening then reads the
    whole file.
    """
    current = file_stamp(path.stat())
    return replace(file_seal, stamp=current) if current[:2] == previous[:2] else file_seal


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a generation.

    Raises IndexDamaged if it is missing or damaged, and SchemaChanged if it has another format.
    """
    try:
        text, _, seal_line = (folder / MANIFEST).read_bytes().partition(b"\n")
    except OSError as error:
        raise IndexDamaged(f"generation {folder.name}: {MANIFEST} can't be read ({error.strerror})") from error
    if hashlib.sha256(text).hexdigest().encode() != seal_line.strip():
        raise IndexDamaged(f"generation {folder.name}: {MANIFEST} is truncated or altered")
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
    if _links_are_changing(folder, manifest):
        time.sleep(_LINK_SECONDS)
        manifest = read_manifest(folder)
    for name, file_seal in manifest.files.items():
        if problem := _problem(folder, name, file_seal.is_unchanged):
            raise IndexDamaged(problem)
    return manifest


def _links_are_changing(folder: Path, manifest: Manifest) -> bool:
    """Return whether shared files look modified: most likely a builder is adding or removing links.

    That builder updates the stamps sooner than the files could be read.
    """
    with suppress(OSError):
        statuses = {name: (folder / name).stat() for name in manifest.files}
        return any(
            status.st_nlink > 1 and file_stamp(status) != manifest.files[name].stamp
            for name, status in statuses.items()
        )
    return False


def damage(folder: Path) -> tuple[str, ...]:
    """Return the problems of a generation, one per file, after reading all files.

    Silent corruption by a disk leaves time stamps unchanged. Damaged files get new time stamps, so that the next
    opening reads and rejects them.
    """
    try:
        files = read_manifest(folder).files
    except StoreError as error:
        return (str(error),)
    problems = {name: _problem(folder, name, file_seal.is_identical) for name, file_seal in files.items()}
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
    return f"generation {folder.name}: {name} is truncated or altered"
