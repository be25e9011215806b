"""Documents on their way from a seed file to the index."""

from dataclasses import dataclass
from datetime import date

FACETS = ("author", "source", "section", "topics", "language")
MAX_TITLE_LENGTH = 300  # characters


@dataclass(frozen=True, slots=True)
class Seed:
    """A source file as the folder shows it; `path` is relative to the seed folder, with slashes.

    `origin`: the path that its documents' ids are made of, if that is another: where it was before it moved.
    """

    path: str
    size: int
    modified_ns: int
    origin: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredMetadata:
    """What a seed says of itself in named fields, beside its text; None or empty where it says nothing.

    `extra`: names that have no field of their own, and values that their field can't take.
    """

    title: str | None = None
    url: str | None = None
    author: str | None = None
    source: str | None = None
    section: str | None = None
    topics: tuple[str, ...] = ()
    published: date | None = None
    language: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RawDocument:
    """What a seed says, or one of several documents in it: decoded, line ends made `\\n`, markup gone.

    `content_hash` is of the (unpacked) bytes. Of a seed that holds several documents, `part` tells
    them apart and is as lasting as the seed allows; `line`, counted from 1, is where this one stands.
    """

    seed: Seed
    text: str
    content_hash: str
    note: str | None = None
    declared: DeclaredMetadata = DeclaredMetadata()
    part: str = ""
    line: int | None = None

    @property
    def path(self) -> str:
        """Where the document is to be found, for people: `a.txt`, or `a.jsonl:3`."""
        return self.seed.path if self.line is None else f"{self.seed.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class SeedProblem:
    """A file, or a line of one (`a.jsonl:3`), that was not indexed, or only with a doubt, and why.

    `indexed` if it was indexed all the same; `skipped` if it was never meant to be a seed.
    """

    path: str
    reason: str
    indexed: bool = False
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of the original text; `number` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class RemovedBlock:
    """Neighbouring lines that were taken out by one rule; lines count from 1, both ends included."""

    rule: str
    reason: str
    first_line: int
    last_line: int
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class CleanDocument:
    """A seed's text parted into what is the article and what is debris.

    `title_line` is the number of the line that is the title, None if there is none.
    """

    raw: RawDocument
    kept: tuple[TextLine, ...]
    removed: tuple[RemovedBlock, ...]
    title_line: int | None = None
    only_clutter: bool = False

    @property
    def body(self) -> str:
        return "\n".join(line.text for line in self.kept)


@dataclass(frozen=True, slots=True)
class Document:
    """A described article, as it is indexed and stored.

    A field that the text does not give is None or empty, never guessed. `published` is a date
    the text states as its publication; the file's own time is not one. `extra` is what the seed
    states under names that have no field of their own.
    """

    id: str
    slug: str
    path: str
    content_hash: str
    title: str
    body: str
    headings: tuple[str, ...] = ()
    summary: str = ""
    author: str | None = None
    source: str | None = None
    section: str | None = None
    topics: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    credit: str | None = None
    published: date | None = None
    language: str = "en"
    words: int = 0
    removed: tuple[RemovedBlock, ...] = ()
    url: str | None = None
    extra: tuple[tuple[str, str], ...] = ()

    def facet_values(self, name: str) -> tuple[str, ...]:
        """The values this document counts for under the facet `name`, one of FACETS."""
        value = getattr(self, name)
        if isinstance(value, tuple):
            return value
        return (value,) if value else ()


@dataclass(frozen=True, slots=True)
class DuplicateCluster:
    """Documents whose texts are nearly the same: one that stands for all, and its copies."""

    canonical: Document
    duplicates: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A line that was removed from several documents of a source, and by what rule."""

    source: str
    text: str
    rule: str
    reason: str
    documents: int
    example: str
