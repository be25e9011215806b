"""Generations on disk: built in a hidden folder, sealed, published by one rename, never changed.

    index/
      CURRENT                     name of the current generation
      LOCK                        held by the builder, with its process id
      20260102T030405Z-1a2b3c/    a published generation
      .building-...               a generation in progress, or left by a killed builder

A manifest is two lines: JSON, and the SHA-256 of that JSON. A builder holds LOCK during the whole build.
Publishing, activating and pruning lock the folder itself for a moment.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from searchsvc.engine.storage.durable_write import fsync, write_durably
from searchsvc.engine.storage.file_lock import exclusive_lock
from searchsvc.engine.storage.folder_access import access_problem, access_warnings
from searchsvc.engine.storage.manifest import Manifest, Stamp, file_stamp, read_manifest, restamp, write_manifest
from searchsvc.errors import IndexBusy, IndexDamaged, IndexMissing, StoreError
from searchsvc.models.index import GenerationInfo

_CURRENT = "CURRENT"
_LOCK = "LOCK"
_BUILDING = ".building-"


def _display_path(folder: Path) -> str:
    """Return `folder` as in a shell; "no index in index" would read like a mistake."""
    return str(folder) if folder.is_absolute() or folder.parts[:1] == ("..",) else f"./{folder}"


class GenerationStore:
    """The index folder: build lock, published generations, current generation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return warnings about others who may write the index folder."""
        return access_warnings(self.folder)

    def path(self, name: str) -> Path:
        return self.folder / name

    def current(self) -> str:
        """Return the name of the current generation.

        Raises IndexMissing if there is no generation, and IndexDamaged if CURRENT names none of them.
        """
        self._check_access()
        try:
            name = self._read_current()
            while not (self._is_name(name) and self.path(name).is_dir()):
                previous, name = name, self._read_current()
                if name == previous:  # otherwise a publication replaced and deleted the first one
                    raise IndexDamaged(f"{self.folder / _CURRENT} was altered, or generation {name!a} is missing")
        except (OSError, ValueError) as error:  # for a path with a zero byte
            if self.names():
                raise IndexDamaged(f"{self.folder / _CURRENT} can't be read ({error})") from error
            raise IndexMissing(
                f"no index in {_display_path(self.folder)} yet; build it with `searchsvc rebuild`"
            ) from error
        return name

    def names(self) -> list[str]:
        """Return the names of all published generations, newest first. Raises StoreError."""
        self._check_access()
        try:
            return sorted((path.name for path in self.folder.iterdir() if self._is_name(path.name)), reverse=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"the index {self.folder} can't be read ({error.strerror})") from error

    def infos(self) -> list[GenerationInfo]:
        """Return every published generation with a readable manifest, newest first."""
        current = ""
        with suppress(StoreError):
            current = self.current()
        return [self._info(name, current) for name in self.names() if self._is_readable(name)]

    def activate(self, name: str) -> None:
        """Make `name` the current generation. Raises IndexDamaged if it was deleted."""
        with self._publication_lock():
            if not self.path(name).is_dir():
                raise IndexDamaged(
                    f"generation {name} was deleted in the meantime; list generations with `searchsvc index list`"
                )
            self._write_current(name)

    def prune(self, keep: int) -> list[str]:
        """Delete all but the current and the `keep` - 1 newest other generations; return their names."""
        with self._publication_lock():
            serving = self.current()
            inactive = [name for name in self.names() if name != serving]
            surplus = inactive[max(keep - 1, 0) :]
            self._hide(surplus)
        self._delete_hidden(surplus)
        return surplus

    def delete(self, name: str) -> None:
        """Delete the generation `name`, unless it is current or already deleted."""
        with self._publication_lock():
            surplus = [name] if name in self.names() and name != self.current() else []
            self._hide(surplus)
        self._delete_hidden(surplus)

    def _hide(self, names: Iterable[str]) -> None:
        """Rename generations, as a half-deleted generation must not be found by name."""
        for name in names:
            self.path(name).rename(self._deleted_path(name))

    def _delete_hidden(self, names: Collection[str]) -> None:
        if names:
            with self.preserving_stamps():
                for name in names:
                    shutil.rmtree(self._deleted_path(name), ignore_errors=True)

    @contextmanager
    def preserving_stamps(self) -> Iterator[None]:
        """Update the stamps of intact generations after the block, which adds or removes links.

        The system records a new or removed link as a change of the file. With an outdated stamp, the next opening
        would read the whole file.
        """
        sound_manifests = {name: manifest for name in self.names() if (manifest := self._sound_manifest(name))}
        try:
            yield
        finally:
            with self._publication_lock():
                for name in sound_manifests.keys() & set(self.names()):
                    self._restamp(self.path(name), *sound_manifests[name])

    def _sound_manifest(self, name: str) -> tuple[Manifest, dict[str, Stamp]] | None:
        """Return the manifest of an intact generation, with the file stamps from before the check."""
        with suppress(StoreError, OSError):
            manifest = read_manifest(self.path(name))
            stamps = {file: file_stamp((self.path(name) / file).stat()) for file in manifest.files}
            if all(file_seal.is_unchanged(self.path(name) / file) for file, file_seal in manifest.files.items()):
                return manifest, stamps
        return None

    @staticmethod
    def _restamp(folder: Path, manifest: Manifest, stamps: Mapping[str, Stamp]) -> None:
        files = {name: restamp(file_seal, stamps[name], folder / name) for name, file_seal in manifest.files.items()}
        if files != manifest.files:
            write_manifest(folder, replace(manifest, files=files))

    @contextmanager
    def building(self) -> Iterator[tuple[str, Path]]:
        """Yield a name and an empty folder to build in; the folder is deleted after the block.

        Raises IndexBusy if another builder is running, and StoreError if the folder has another owner.
        """
        self._create()
        self._check_access()
        with self._lock():
            self._sweep()
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(3)}"
            folder = self.folder / f"{_BUILDING}{name}"
            folder.mkdir(mode=0o700)
            try:
                yield name, folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove leftovers of killed builders, unless a builder is running."""
        if self._leftovers():
            with suppress(IndexBusy, OSError), self._lock():
                self._sweep()

    def publish(self, name: str, folder: Path) -> None:
        """Rename a sealed folder to its name and make it current.

        Raises OSError; the previous generation then stays current.
        """
        fsync(folder)
        with self._publication_lock():
            previous = self._current_bytes()
            try:
                folder.rename(self.path(name))
                fsync(self.folder)
                self._write_current(name)
            except BaseException:
                with suppress(OSError):
                    self._restore_current(previous)
                with suppress(FileNotFoundError):
                    self.path(name).rename(folder)  # so that the next build sweeps it
                raise

    def _create(self) -> None:
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fsync(self.folder.parent)

    def _check_access(self) -> None:
        """Raise StoreError if another user could have written the index."""
        if problem := access_problem(self.folder):
            raise StoreError(problem)
        access_warnings(self.folder)  # logs them

    def _read_current(self) -> str:
        return (self.folder / _CURRENT).read_text("utf-8", "replace").strip()

    def _current_bytes(self) -> bytes | None:
        """Return the content of CURRENT, or None."""
        try:
            return (self.folder / _CURRENT).read_bytes()
        except FileNotFoundError:
            return None

    def _write_current(self, name: str) -> None:
        write_durably(self.folder / _CURRENT, name.encode() + b"\n")

    def _restore_current(self, previous: bytes | None) -> None:
        """Undo `_write_current`, which may have failed after CURRENT was replaced."""
        if self._current_bytes() == previous:
            return
        if previous is None:
            (self.folder / _CURRENT).unlink()
        else:
            write_durably(self.folder / _CURRENT, previous)

    def _deleted_path(self, name: str) -> Path:
        return self.folder / f"{_BUILDING}gone-{name}"

    @contextmanager
    def _publication_lock(self) -> Iterator[None]:
        """Lock the set of published generations, so that none is deleted while another process activates it."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _lock(self) -> AbstractContextManager[None]:
        return exclusive_lock(self.folder / _LOCK, "rebuild")

    def _sweep(self) -> None:
        """Remove leftovers of killed builders. Requires the build lock."""
        for path in self._leftovers():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _leftovers(self) -> list[Path]:
        """Return folders and files of builders; all but those of a running builder are leftovers."""
        return [*self.folder.glob(f"{_BUILDING}*"), *self.folder.glob(f".{_CURRENT}-*")]

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
