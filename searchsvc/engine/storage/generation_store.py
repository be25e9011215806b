"""Generations on disk: built aside, checked, published by one rename, never changed after.

    index/
      CURRENT                     the name of the generation that serves
      LOCK                        held by a builder; says who
      20260102T030405Z-1a2b3c/    a published generation
      .building-...               one under way, or left behind by a killed builder

A manifest is two lines: JSON, and the SHA-256 of that JSON. A builder holds LOCK for as long as it
builds; whoever changes what is published locks the folder itself, for moments.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import msgspec

from searchsvc.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    SchemaChanged,
    StoreError,
)
from searchsvc.models import GenerationInfo, SeedProblem

MANIFEST = "manifest.json"
_CURRENT = "CURRENT"
_LOCK = "LOCK"
_BUILDING = ".building-"
_LINKING = 0.1  # seconds in which a builder that makes or removes links has taken the stamps again
_SETTLED = 0.1  # seconds in which a builder that has just got the lock has written who it is


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


def _shown(folder: Path) -> str:
    """`folder` as a shell has it: "no index in index" reads like a mistake."""
    return str(folder) if folder.is_absolute() or folder.parts[:1] == ("..",) else f"./{folder}"


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, data: bytes) -> None:
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
        _fsync(folder / name)
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
        _fsync(path)
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


class GenerationStore:
    """The index folder: who may build, what is published, what serves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def current(self) -> str:
        """The name of the generation that serves. Raises IndexMissing, and IndexDamaged if
        generations are there but CURRENT names none of them."""
        self._check_owner()
        try:
            name = self._read_current()
            while not (self._is_name(name) and self.path(name).is_dir()):
                before, name = name, self._read_current()
                if name == before:  # else another was published, and the first one deleted, in between
                    raise IndexDamaged(f"{self.folder / _CURRENT} was altered, or {name!a} is gone")
        except (OSError, ValueError) as error:  # a path with a zero byte is a ValueError
            if self.names():
                raise IndexDamaged(f"{self.folder / _CURRENT} can't be read ({error})") from error
            raise IndexMissing(f"no index in {_shown(self.folder)} yet; build it with `searchsvc rebuild`") from error
        return name

    def names(self) -> list[str]:
        """Every published generation, newest first. Raises StoreError if the folder can't be read."""
        self._check_owner()
        try:
            return sorted((path.name for path in self.folder.iterdir() if self._is_name(path.name)), reverse=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"the index {self.folder} can't be read ({error.strerror})") from error

    def infos(self) -> list[GenerationInfo]:
        """Every published generation whose manifest can be read, newest first."""
        current = ""
        with suppress(StoreError):
            current = self.current()
        return [self._info(name, current) for name in self.names() if self._is_readable(name)]

    def activate(self, name: str) -> None:
        """Let `name` serve from now on. Raises IndexDamaged if it is gone."""
        with self._changing():
            if not self.path(name).is_dir():
                raise IndexDamaged(f"generation {name} was deleted meanwhile")
            self._name(name)

    def prune(self, keep: int) -> list[str]:
        """Delete all but the serving generation and the `keep` - 1 newest others."""
        with self._changing():
            serving = self.current()
            others = [name for name in self.names() if name != serving]
            surplus = others[max(keep - 1, 0) :]
            for name in surplus:
                self.path(name).rename(self._gone(name))  # half a generation must never be found under its name
        if surplus:
            with self.links_changing():
                for name in surplus:
                    shutil.rmtree(self._gone(name), ignore_errors=True)
        return surplus

    @contextmanager
    def links_changing(self) -> Iterator[None]:
        """Generations that are sound when the block begins need not be read whole when it ends.

        A new or a removed link is a change of a file to the system, so its stamp is taken again.
        """
        sound = {name: held for name in self.names() if (held := self._sound(name))}
        try:
            yield
        finally:
            with self._changing():
                for name in sound.keys() & set(self.names()):
                    self._restamp(self.path(name), *sound[name])

    def _sound(self, name: str) -> tuple[Manifest, dict[str, Stamp]] | None:
        """The manifest of a generation that is sound, with the stamps that its files had before they were looked at."""
        with suppress(StoreError, OSError):
            manifest = read_manifest(self.path(name))
            stamps = {file: _stamp((self.path(name) / file).stat()) for file in manifest.files}
            if all(sealed.holds(self.path(name) / file) for file, sealed in manifest.files.items()):
                return manifest, stamps
        return None

    @staticmethod
    def _restamp(folder: Path, manifest: Manifest, stamps: Mapping[str, Stamp]) -> None:
        files = {name: _restamped(sealed, stamps[name], folder / name) for name, sealed in manifest.files.items()}
        if files != manifest.files:
            write_manifest(folder, replace(manifest, files=files))

    @contextmanager
    def building(self) -> Iterator[tuple[str, Path]]:
        """A name and an empty folder to build in; the folder is gone when the block ends.

        Raises IndexBusy if another builder is at work, and StoreError if the folder is somebody else's.
        """
        self._create()
        self._check_owner()
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
        """Give a sealed folder its name and let it serve. Raises OSError; then what served before serves."""
        _fsync(folder)
        with self._changing():
            before = self._named()
            try:
                folder.rename(self.path(name))
                _fsync(self.folder)
                self._name(name)
            except BaseException:
                with suppress(OSError):
                    self._name_again(before)
                with suppress(FileNotFoundError):
                    self.path(name).rename(folder)  # so that it is swept with what else a failed build leaves
                raise

    def _create(self) -> None:
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _fsync(self.folder.parent)

    def _check_owner(self) -> None:
        """Raises StoreError if somebody else could have written the index.

        Root's is accepted: root may change every index anyway, and an image's is root's.
        """
        with suppress(OSError):
            owner, user = self.folder.stat().st_uid, os.geteuid()
            if owner not in (0, user):
                raise StoreError(
                    f"the index {self.folder} belongs to user {owner}, and searchsvc runs as user {user}; "
                    f"run it as user {owner}, or give the folder to user {user}"
                )

    def _read_current(self) -> str:
        return (self.folder / _CURRENT).read_text("utf-8", "replace").strip()

    def _named(self) -> bytes | None:
        """What CURRENT holds, None if there is none."""
        try:
            return (self.folder / _CURRENT).read_bytes()
        except FileNotFoundError:
            return None

    def _name(self, name: str) -> None:
        write_durably(self.folder / _CURRENT, name.encode() + b"\n")

    def _name_again(self, before: bytes | None) -> None:
        """Undo `_name`, which may have failed after CURRENT was replaced: what it held is there again."""
        if self._named() == before:
            return
        if before is None:
            (self.folder / _CURRENT).unlink()
        else:
            write_durably(self.folder / _CURRENT, before)

    def _gone(self, name: str) -> Path:
        return self.folder / f"{_BUILDING}gone-{name}"

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Wait until nobody else changes what is published: a generation must not be deleted by one
        process while another lets it serve."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / _LOCK).open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                time.sleep(_SETTLED)  # until then it may hold who was killed before
                file.seek(0)
                holder = file.read(200).strip() or "another process"
                raise IndexBusy(f"another rebuild is running ({holder}); wait for it to end") from error
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z")
            file.flush()
            try:
                yield
            finally:
                with suppress(OSError):
                    file.truncate(0)

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
