"""Every exception that searchsvc raises on purpose.

    SearchServiceError
      RequestError            safe to show to whoever asked
        InvalidRequest        a parameter or a query that can't be answered as it stands
        DocumentNotFound      no document has this id
      SettingsError           a setting, or the seed folder it names, is wrong
        ExtraUnusable         a library of an extra can't be used
          ExtraMissing        it is not installed
          ExtraBroken         it is installed, but can't be imported
      JudgementsUnreadable    a file of judged queries can't be read
      NothingToIndex          a build found no document; the index was left as it was
      StoreError              the index on disk can't be used
        IndexMissing          nothing has been built yet
        IndexDamaged          a file is missing, cut or altered
        SchemaChanged         built by another analysis or format
        IndexBusy             another builder holds the lock
      ProcessLost             a process that worked for a build was killed
      EngineUnavailable       the engine can't be reached
      AddressUnavailable      the server can't listen at the host and port of the settings

Messages say what to do next.
"""

LOG_FORMAT = "%(name)s: %(message)s"  # of warnings and errors on stderr


class SearchServiceError(Exception):
    """The one base class: catch this to catch everything searchsvc raises on purpose."""


class RequestError(SearchServiceError):
    """A request that can't be answered; the message is safe to show."""


class InvalidRequest(RequestError):
    """A parameter is unknown, malformed or out of bounds; `errors` lists every such parameter, this one first."""

    def __init__(self, parameter: str, message: str, more: tuple["InvalidRequest", ...] = ()) -> None:
        super().__init__(message)
        self.parameter = parameter
        self._more = more

    @property
    def errors(self) -> tuple["InvalidRequest", ...]:
        return (self, *self._more)


class DocumentNotFound(RequestError):
    """No document in the serving generation has this id."""


class SettingsError(SearchServiceError):
    """A setting is unknown or its value can't be used."""


class ExtraUnusable(SettingsError):
    """A library that an extra installs can't be used."""


class ExtraMissing(ExtraUnusable):
    """A library that an extra installs is not installed."""


class ExtraBroken(ExtraUnusable):
    """A library that an extra installs is there but can't be imported; the message has the error."""


class JudgementsUnreadable(SearchServiceError):
    """A file of judged queries can't be read; the message has the number of the line."""


class NothingToIndex(SearchServiceError):
    """A build found no document to index; the previous index is still in use."""


class StoreError(SearchServiceError):
    """The index on disk can't be used."""


class IndexMissing(StoreError):
    """No generation has been published yet."""


class IndexDamaged(StoreError):
    """A file of a generation is missing, cut or altered."""


class SchemaChanged(StoreError):
    """A generation was built by another analysis or another format."""


class IndexBusy(StoreError):
    """Another builder holds the lock."""


class ProcessLost(SearchServiceError):
    """A process that worked for a build was killed; the previous index is still in use."""


class EngineUnavailable(SearchServiceError):
    """The engine can't be reached: nothing could be looked up."""


class AddressUnavailable(SearchServiceError):
    """The server can't listen at the host and port of the settings."""
