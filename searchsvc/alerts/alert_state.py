"""State of alerts: ids of the documents that each alert has reported, in the index folder."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from searchsvc.engine.storage.durable_write import write_durably
from searchsvc.engine.storage.file_lock import exclusive_lock
from searchsvc.errors import SettingsError

_FILE, _LOCK = "alerts.json", "alerts.lock"


class AlertState:
    """Ids of reported documents by alert."""

    def __init__(self, file: Path) -> None:
        """Raises SettingsError and OSError."""
        self._file = file
        self._reported: dict[str, list[str]] = {}
        if file.exists():
            try:
                self._reported = msgspec.json.decode(file.read_bytes(), type=dict[str, list[str]])
            except msgspec.MsgspecError as error:
                raise SettingsError(f"{file} is damaged; delete it, and alerts begin again") from error

    def reported(self, key: str) -> frozenset[str] | None:
        """Return the ids that an alert has reported, None if it has never run."""
        ids = self._reported.get(key)
        return None if ids is None else frozenset(ids)

    def add(self, key: str, ids: Collection[str]) -> None:
        """Add reported ids of an alert, and save the state atomically. Raises OSError."""
        self._reported[key] = sorted({*self._reported.get(key, ()), *ids})
        write_durably(self._file, msgspec.json.encode(self._reported))


@contextmanager
def alert_state(folder: Path) -> Iterator[AlertState]:
    """Yield the state in the index folder, for one process at a time. Raises IndexBusy, SettingsError, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive_lock(Path(folder, _LOCK), "run of alerts"):
        yield AlertState(Path(folder, _FILE))
