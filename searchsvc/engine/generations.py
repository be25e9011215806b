"""Generations on disk: built aside, checked, published by one rename, never changed after.

    index/
      CURRENT                     the name of the generation that serves
      LOCK                        held by a builder; says who
      20260102T030405Z-1a2b3c/    a published generation
      .building-...               one under way, or left behind by a killed builder

A manifest is two lines: JSON, and the SHA-256 of that JSON.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import msgspec

from searchsvc.errors import IndexBusy, IndexDamaged, IndexMissing, SchemaChanged, StoreError
from searchsvc.models import GenerationInfo, SeedProblem

MANIFEST = "manifest.json"
_CURRENT = "CURRENT"
_LOCK = "LOCK"
_BUILDING = ".building-"


@dataclass(frozen=True, slots=True)
class FileSeal:
    """Size in bytes and SHA-256 of a file, as it was when the generation was published.

    `stamp`: its inode and the times, in nanoseconds, of the last change of content and of anything
    about it. The system sets the latter at every write, so a file with its size and stamp was not
    touched since, and need not be read to know it.
    """

    size: int
    sha256: str
    stamp: tuple[int, int, int]

    def holds(self, path: Path) -> bool:
        """Whether the file is what it was; read whole only if it was touched. Raises OSError."""
        found = path.stat()
        return found.st_size == self.size and (_stamp(found) == self.stamp or _sha256(path) == self.sha256)


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


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_durably(path: Path, data: bytes) -> None:
    """Replace `path` in one step: after a crash it holds the old bytes or the new ones."""
    aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    _fsync(path.parent)


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
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
    paths = sorted(folder.iterdir())
    files = {path.name: _restamped(linked[path.name], path) if path.name in linked else _seal(path) for path in paths}
    manifest = replace(manifest, files=files)
    for name in files.keys() - linked.keys():
        _fsync(folder / name)
    _write_manifest(folder, manifest)
    return manifest


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    text = msgspec.json.encode(manifest)
    _write_durably(folder / MANIFEST, text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n")


def _restamped(sealed: FileSeal, path: Path) -> FileSeal:
    return replace(sealed, stamp=_stamp(path.stat()))


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
    for name, expected in manifest.files.items():
        try:
            sound = expected.holds(folder / name)
        except OSError as error:
            raise IndexDamaged(f"generation {folder.name}: {name} can't be read ({error.strerror})") from error
        if not sound:
            raise IndexDamaged(f"generation {folder.name}: {name} was cut or altered")
    return manifest


class GenerationStore:
    """The index folder: who may build, what is published, what serves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def current(self) -> str:
        """The name of the generation that serves. Raises IndexMissing, and IndexDamaged if
        generations are there but CURRENT names none."""
        try:
            name = (self.folder / _CURRENT).read_text("utf-8", "replace").strip()
        except OSError as error:
            if self.names():
                raise IndexDamaged(f"{self.folder / _CURRENT} can't be read ({error.strerror})") from error
            raise IndexMissing(f"no index in {self.folder}; run `searchsvc rebuild`") from error
        if not self._is_name(name):
            raise IndexDamaged(f"{self.folder / _CURRENT} was altered")
        return name

    def names(self) -> list[str]:
        """Every published generation, newest first."""
        if not self.folder.is_dir():
            return []
        return sorted((path.name for path in self.folder.iterdir() if self._is_name(path.name)), reverse=True)

    def infos(self) -> list[GenerationInfo]:
        """Every published generation whose manifest can be read, newest first."""
        current = ""
        with suppress(StoreError):
            current = self.current()
        return [self._info(name, current) for name in self.names() if self._is_readable(name)]

    def activate(self, name: str) -> None:
        """Let `name` serve from now on."""
        _write_durably(self.folder / _CURRENT, name.encode() + b"\n")

    def prune(self, keep: int) -> list[str]:
        """Delete all but the serving generation and the `keep` - 1 newest others."""
        serving = self.current()
        others = [name for name in self.names() if name != serving]
        surplus = others[max(keep - 1, 0) :]
        with self.links_changing():
            for name in surplus:
                aside = self.folder / f"{_BUILDING}gone-{name}"
                (self.folder / name).rename(aside)  # half a generation must never be found under its name
                shutil.rmtree(aside, ignore_errors=True)
        return surplus

    @contextmanager
    def links_changing(self) -> Iterator[None]:
        """Generations that are sound when the block begins need not be read whole when it ends.

        A new or a removed link is a change of a file to the system, so its stamp is taken again.
        """
        sound = {name: manifest for name in self.names() if (manifest := self._sound(name))}
        try:
            yield
        finally:
            for name in sound.keys() & set(self.names()):
                self._restamp(self.folder / name, sound[name])

    def _sound(self, name: str) -> Manifest | None:
        with suppress(StoreError, OSError):
            manifest = read_manifest(self.folder / name)
            if all(sealed.holds(self.folder / name / file) for file, sealed in manifest.files.items()):
                return manifest
        return None

    @staticmethod
    def _restamp(folder: Path, manifest: Manifest) -> None:
        files = {name: _restamped(sealed, folder / name) for name, sealed in manifest.files.items()}
        if files != manifest.files:
            _write_manifest(folder, replace(manifest, files=files))

    @contextmanager
    def building(self) -> Iterator[tuple[str, Path]]:
        """A name and an empty folder to build in; the folder is gone when the block ends.

        Raises IndexBusy if another builder is at work.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock():
            self._sweep()
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(3)}"
            folder = self.folder / f"{_BUILDING}{name}"
            folder.mkdir(mode=0o700)
            try:
                yield name, folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def publish(self, name: str, folder: Path) -> None:
        """Give a sealed folder its name and let it serve."""
        _fsync(folder)
        published = self.folder / name
        folder.rename(published)
        try:
            _fsync(self.folder)
            self.activate(name)
        except BaseException:
            published.rename(folder)  # so that it is swept with what else a failed build leaves
            raise

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / _LOCK).open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                holder = file.read(200).strip() or "another process"
                raise IndexBusy(f"another rebuild is running ({holder}); wait for it to end") from error
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z")
            file.flush()
            yield

    def _sweep(self) -> None:
        """Remove what killed builders left; only the holder of the lock may."""
        for path in self.folder.glob(f"{_BUILDING}*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob(f".{_CURRENT}-*"):
            path.unlink(missing_ok=True)

    def _info(self, name: str, current: str) -> GenerationInfo:
        manifest = read_manifest(self.folder / name)
        size = sum(file.size for file in manifest.files.values())
        return GenerationInfo(name, manifest.created, manifest.documents, size, name == current)

    def _is_readable(self, name: str) -> bool:
        try:
            read_manifest(self.folder / name)
        except StoreError:
            return False
        return True

    @staticmethod
    def _is_name(name: str) -> bool:
        return name[:8].isdigit() and "/" not in name and len(name) < 64
