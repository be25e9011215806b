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
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from searchsvc.engine.storage.durable_write import fsync, write_durably
from searchsvc.engine.storage.manifest import Manifest, Stamp, _restamped, _stamp, read_manifest, write_manifest
from searchsvc.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    StoreError,
)
from searchsvc.models.index import GenerationInfo

_CURRENT = "CURRENT"
_LOCK = "LOCK"
_BUILDING = ".building-"
_SETTLED = 0.1  # seconds in which a builder that has just got the lock has written who it is


def _shown(folder: Path) -> str:
    """`folder` as a shell has it: "no index in index" reads like a mistake."""
    return str(folder) if folder.is_absolute() or folder.parts[:1] == ("..",) else f"./{folder}"


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
        fsync(folder)
        with self._changing():
            before = self._named()
            try:
                folder.rename(self.path(name))
                fsync(self.folder)
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
            fsync(self.folder.parent)

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
