"""The synonym file, reloaded whenever it changes."""

import logging
import threading
import time
from pathlib import Path

from searchsvc.analysis import Analyzer
from searchsvc.errors import SettingsError
from searchsvc.query import Synonyms, read_synonyms
from searchsvc.query.synonyms import MAX_BYTES

_log = logging.getLogger("searchsvc.synonyms")


class SynonymFile:
    """The synonyms in use. Safe to use from several threads."""

    LOOK_EVERY = 1.0  # seconds between checks

    def __init__(self, path: Path, analyzer: Analyzer) -> None:
        """Raises SettingsError if the file cannot be read or has a mistake."""
        self._path, self._analyzer = path, analyzer
        self._looking = threading.Lock()
        self.stamp = self._stamped()  # changes with the file
        self._synonyms = self._read()
        self._checked_at = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time to check the file."""
        return time.monotonic() - self._checked_at >= self.LOOK_EVERY

    def current(self) -> Synonyms:
        """Return the synonyms of the file; while it has a mistake, the previous ones stay active."""
        if not self.due or not self._looking.acquire(blocking=False):
            return self._synonyms
        try:
            self._checked_at = time.monotonic()
            self._refresh()
        finally:
            self._looking.release()
        return self._synonyms

    def _refresh(self) -> None:
        stamp = self._stamped()
        if stamp == self.stamp:
            return
        self.stamp = stamp  # report a mistake once, not at every check
        try:
            self._synonyms = self._read()
        except SettingsError as error:
            _log.error("%s; the synonyms read before stay in force", error)

    def _stamped(self) -> tuple[int, ...]:
        """Values that change with the file; empty if it is missing."""
        try:
            status = self._path.stat()
        except OSError:
            return ()
        return status.st_ino, status.st_size, status.st_mtime_ns

    def _read(self) -> Synonyms:
        try:
            with self._path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise SettingsError(f"{self._path} cannot be read ({error.strerror})") from error
        return read_synonyms(data, str(self._path), self._analyzer)
