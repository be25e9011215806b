"""Documents at each stage from a seed to the index. Cleaned documents are in `clean_document`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import msgspec

DOCUMENT_ID = re.compile("[0-9a-f]{16}")  # int() accepts other spellings of the same number
FACETS = ("author", "source", "section", "topics", "folder", "language")
_MOST_FOLDERS = 3  # levels of folders that are values of the facet
_WORD = re.compile(r"[^\W_]+")
_ENDS_IN_INITIAL = re.compile(r"(?:^|\s)[^\W\d_]\.$")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
MAX_TITLE_LENGTH = 300  # characters
CODE, TABLE, LIST, POEM, PARAGRAPH = "code", "table", "list", "poem", "paragraph"  # kinds of units
# Fields of an article that a seed may declare.
DECLARED_FIELDS = (
    "title", "text", "author", "published", "source", "section", "topics", "url", "language", "summary", "image",
)  # fmt: skip


class Seed(msgspec.Struct, frozen=True, gc=False):
    """A source file in the seed folder. `path` is relative to the folder, with slashes.

    `modified_ns`: nanoseconds since the start of 1970, as 64 bits (`discovery.modified_ns`).
    `origin`: path that the ids of its documents derive from, if the file has moved since; else empty.
    """

    path: str
    size: int
    modified_ns: int
    origin: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredMetadata:
    """Metadata that a seed declares in named fields; None or empty where it declares none.

    `extra`: names without a field of their own, values that are invalid for their field, and `summary` and `image`.
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


class Unit(msgspec.Struct, frozen=True, gc=False):
    """Lines of a text that are kept or removed together. Lines are numbered from 1; both ends are included.

    `kind`: CODE, TABLE, LIST, POEM, or PARAGRAPH for a paragraph of a text that somebody wrote as a file.
    """

    kind: str
    first_line: int
    last_line: int

    def moved(self, lines: int) -> "Unit":
        """Return the unit of a text with `lines` more lines above it."""
        return Unit(self.kind, self.first_line + lines, self.last_line + lines)


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as read from its seed: decoded, with line ends as `\\n`, markup removed.

    `content_hash`: SHA-256 of the unpacked bytes. `part`: identifies one document of a seed that holds several, as
    stable as the seed allows. `line`: its line number in such a seed, from 1. `units`: ascending, without overlaps.
    `whole_title`: the declared title with the name of the site, if that was cut off.
    """

    seed: Seed
    text: str
    content_hash: str
    note: str | None = None
    declared: DeclaredMetadata = DeclaredMetadata()
    part: str = ""
    line: int | None = None
    units: tuple[Unit, ...] = ()
    whole_title: str | None = None

    @property
    def path(self) -> str:
        """Path for display: `a.txt`, or `a.jsonl:3`."""
        return self.seed.path if self.line is None else f"{self.seed.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class SeedProblem:
    """A problem with a file or with one line of a file (`a.jsonl:3`).

    `indexed`: whether the document is indexed nevertheless. `skipped`: whether the file is no seed by its name or
    place.
    """

    path: str
    reason: str
    indexed: bool = False
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class RemovedBlock:
    """Neighbouring lines that one rule removed. Lines are numbered from 1; both ends are included."""

    rule: str
    reason: str
    first_line: int
    last_line: int
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Document:
    """An article with metadata, as it is indexed and stored.

    A field without a certain value is None or empty. `published`: date of publication that the text or the seed
    states, never the file's time. `extra`: declared names without a field of their own. `vector`: of its meaning, see
    `semantic.packed`; empty without a sentence embedding model.
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
    vector: bytes = b""

    def __reduce__(self) -> tuple[Callable[[bytes], "Document"], tuple[bytes]]:
        """Pickle as MessagePack, which takes a fraction of the time. Processes pass on every document of a build."""
        return _document_of, (msgspec.msgpack.encode(self),)

    @property
    def folder(self) -> str:
        """Path of the seed's folder below the seed folder, with slashes; "" at the top."""
        return self.path.rpartition("/")[0]

    @property
    def labels(self) -> str:
        """Section, topics, folders, and words of the file name that are not in the title, for free text."""
        return "\n".join((self.section or "", *self.topics, self.folder, " ".join(self._name_words())))

    @property
    def removed_text(self) -> str:
        """Text of the removed lines."""
        return "\n".join(block.text for block in self.removed)

    def _name_words(self) -> list[str]:
        """Return the words of a file name of several words, without those of the title."""
        words = _WORD.findall(self.path.rpartition("/")[2].partition(".")[0])
        if sum(_LETTERS.fullmatch(word) is not None for word in words) < 2:
            return []  # a number or another key, which is no text
        title_words = {word.lower() for word in _WORD.findall(self.title)}
        return [word for word in words if word.lower() not in title_words]

    def facet_values(self, name: str) -> tuple[str, ...]:
        """Return the values that count for the facet `name`, one of FACETS.

        A document counts for its folder and for the folders above it, and for each of its authors.
        """
        if name == "folder":
            folders = self.folder.split("/")[:_MOST_FOLDERS] if self.folder else []
            return tuple("/".join(folders[:depth]) for depth in range(1, len(folders) + 1))
        if name == "author":
            return joint_authors(self.author or "")
        value = getattr(self, name)
        if isinstance(value, tuple):
            return value
        return (value,) if value else ()


def joint_authors(names: str) -> tuple[str, ...]:
    """Return the distinct names of joint authors, which readers join with commas.

    A list with a name of one word may be one name, such as `Lee, Ann`, and is not split; nor are two parts of which the
    second ends in an initial, such as `Le Guin, Ursula K.`. Scripts without capitals write names without spaces.
    """
    parts = tuple(dict.fromkeys(part.strip() for part in names.split(",") if part.strip()))
    are_names = all(" " in part or part.lower() == part.upper() for part in parts)
    is_inverted = len(parts) == 2 and _ENDS_IN_INITIAL.search(parts[1]) is not None
    return parts if are_names and not is_inverted else (names,)


_decoder = msgspec.msgpack.Decoder(Document)


def _document_of(data: bytes) -> Document:
    return _decoder.decode(data)


@dataclass(frozen=True, slots=True)
class DuplicateCluster:
    """A canonical document with its near-duplicates."""

    canonical: Document
    duplicates: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A removed line with the number of documents of the source that it was removed from."""

    source: str
    text: str
    rule: str
    reason: str
    documents: int
    example: str
    confidence: float = 1.0  # mean over the documents
