"""Every exception that searchsvc raises deliberately.

    SearchServiceError
      RequestError            can be shown to the client
        InvalidRequest        a parameter or query is invalid
        DocumentNotFound      there is no document with this id
        SeveralDocuments      a path is that of a seed with several documents
      SettingsError           a setting, or the seed folder it names, is wrong
        ExtraUnusable         a library of an extra cannot be used
          ExtraMissing        it is not installed
          ExtraBroken         it is installed, but cannot be imported
        ModelUnusable         the folder of the sentence embedding model cannot be used
      JudgementsUnreadable    a file of judged queries cannot be read
      NothingToIndex          a build found no document; the index is unchanged
      StoreError              the index cannot be used
        IndexMissing          nothing is built yet
        IndexDamaged          a file is missing, truncated or altered
        SchemaChanged         it was built with another analysis or format
        IndexBusy             another build is running
      ProcessLost             a worker process of a build was killed
      EngineUnavailable       the search engine cannot be reached
      DeliveryFailed          an alert cannot be delivered
      AddressUnavailable      the server cannot listen on its host and port

Messages say what to do next.
"""

LOG_FORMAT = "%(name)s: %(message)s"  # of warnings and errors on stderr


class SearchServiceError(Exception):
    """Base class of all exceptions that searchsvc raises deliberately."""


class RequestError(SearchServiceError):
    """A request cannot be answered; the message can be shown to the client."""


class InvalidRequest(RequestError):
    """A parameter is unknown, malformed or out of range; `errors` lists every wrong parameter, this one first."""

    def __init__(self, parameter: str, message: str, more: tuple["InvalidRequest", ...] = ()) -> None:
        super().__init__(message)
        self.parameter = parameter
        self._more = more

    @property
    def errors(self) -> tuple["InvalidRequest", ...]:
        return (self, *self._more)


class DocumentNotFound(RequestError):
    """The current generation has no document with this id."""


class SeveralDocuments(RequestError):
    """A path is that of a seed with several documents; the message lists them."""


class SettingsError(SearchServiceError):
    """A setting is unknown or has an invalid value."""


class ExtraUnusable(SettingsError):
    """A library of an extra cannot be used."""


class ExtraMissing(ExtraUnusable):
    """A library of an extra is not installed."""


class ExtraBroken(ExtraUnusable):
    """A library of an extra is installed but cannot be imported; the message has the error."""


class ModelUnusable(SettingsError):
    """A folder holds no sentence embedding model that works."""


class JudgementsUnreadable(SearchServiceError):
    """A file of judged queries cannot be read; the message has the line number."""


class NothingToIndex(SearchServiceError):
    """A build found no document; the previous index is still in use."""


class StoreError(SearchServiceError):
    """The index cannot be used."""


class IndexMissing(StoreError):
    """No generation is published yet, or it was deleted."""


class IndexDamaged(StoreError):
    """A file of a generation is missing, truncated or altered."""


class SchemaChanged(StoreError):
    """A generation was built with another analysis or format."""


class IndexBusy(StoreError):
    """Another build holds the lock."""


class ProcessLost(SearchServiceError):
    """A worker process of a build was killed; the previous index is still in use."""


class EngineUnavailable(SearchServiceError):
    """The search engine cannot be reached."""


class AddressUnavailable(SearchServiceError):
    """The server cannot listen on the configured host and port."""


class DeliveryFailed(SearchServiceError):
    """A webhook or a mail of an alert cannot be delivered."""
