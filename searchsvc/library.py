"""The Python library: open an index for searching and building, and clean a text without an index."""

from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from searchsvc import ingest
from searchsvc.deferred import deferred
from searchsvc.engines import engine_of
from searchsvc.models.documents import RemovedBlock
from searchsvc.service import SearchService
from searchsvc.settings import Settings, load

if TYPE_CHECKING:
    from searchsvc.ingest.metadata import extract
else:  # only `clean` needs it
    extract = deferred("searchsvc.ingest.metadata.extract")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text without clutter, with the removed lines and the metadata found in it.

    `removed`: neighbouring lines with their rule, reason, confidence from 0 to 1, and line numbers from 1. Missing
    metadata is None or empty.
    """

    text: str
    removed: tuple[RemovedBlock, ...]
    title: str
    author: str | None
    source: str | None
    section: str | None
    topics: tuple[str, ...]
    published: date | None
    language: str


def open(settings: Settings | str | PathLike[str] | None = None) -> SearchService:
    """Open an index; close the service after use.

    A path is the folder of the index. None reads searchsvc.toml and the environment, as the command line does. Nothing
    is read from the index before the first search. Raises SettingsError.
    """
    if not isinstance(settings, Settings):
        settings = load({"index": None if settings is None else Path(settings)})
    return SearchService(engine_of(settings), settings)


def clean(text: str, *, source: str = "", settings: Settings | None = None) -> Cleaned:
    """Remove the clutter from one text.

    `source` names the publisher. `settings` can have lines to keep or drop, and the language of texts that do not show
    theirs. Lines that recur over many pages of a source are only found in a whole folder, by a build.
    """
    chosen = settings or Settings()
    cleaned = ingest.clean_text(text, source, ingest.Overrides.of(chosen.keep_lines, chosen.drop_lines))
    document = extract.describe(cleaned, chosen.language)
    return Cleaned(
        text=document.body,
        removed=document.removed,
        title=document.title,
        author=document.author,
        source=document.source,
        section=document.section,
        topics=document.topics,
        published=document.published,
        language=document.language,
    )
