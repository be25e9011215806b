"""Exit codes and their errors."""

from searchsvc.errors import (
    AddressUnavailable,
    DocumentNotFound,
    EngineUnavailable,
    IndexBusy,
    JudgementsUnreadable,
    ProcessLost,
    RequestError,
    SearchServiceError,
    SettingsError,
    StoreError,
)

NOTHING, USAGE, SOME_FAILED, NO_INDEX, BUSY, UNREACHABLE, NO_ADDRESS, IO_FAILED = range(1, 9)
INTERRUPTED = 130

# The first matching class decides.
EXIT_CODES: tuple[tuple[type[SearchServiceError], int], ...] = (
    (DocumentNotFound, NOTHING),
    (RequestError, USAGE),
    (SettingsError, USAGE),
    (JudgementsUnreadable, USAGE),
    (IndexBusy, BUSY),
    (StoreError, NO_INDEX),
    (EngineUnavailable, UNREACHABLE),
    (AddressUnavailable, NO_ADDRESS),
    (ProcessLost, NOTHING),
)


def exit_code(error: SearchServiceError) -> int:
    """Return the exit code of `error`."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), NOTHING)
