"""Documents on their way from a seed file to the index."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby

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
class Verdict:
    """Why a line is removed: its number, counted from 1, the rule, a reason in words and a confidence from 0 to 1."""

    line: int
    rule: str
    reason: str
    confidence: float


@dataclass(frozen=True)
class CleanDocument:
    """A document with a verdict for each removed line.

    `lines`: all lines that hold text. `verdicts`: by line number, for removed lines only. `title_line`: number of
    the title's line, None if the text holds no title.
    """

    raw: RawDocument
    lines: tuple[TextLine, ...]
    verdicts: Mapping[int, Verdict]
    title_line: int | None = None
    only_clutter: bool = False

    @cached_property
    def kept(self) -> tuple[TextLine, ...]:
        """Lines that stay in the document."""
        return tuple(line for line in self.lines if line.number not in self.verdicts)

    @property
    def body(self) -> str:
        """Text of the kept lines."""
        return "\n".join(line.text for line in self.kept)

    @cached_property
    def removed(self) -> tuple[RemovedBlock, ...]:
        """Removed lines; neighbouring lines with the same rule and reason form one block."""

        def rule_and_reason(line: TextLine) -> tuple[str, str] | None:
            verdict = self.verdicts.get(line.number)
            return (verdict.rule, verdict.reason) if verdict else None

        return tuple(
            self._block(*key, tuple(lines)) for key, lines in groupby(self.lines, rule_and_reason) if key is not None
        )

    def _block(self, rule: str, reason: str, lines: tuple[TextLine, ...]) -> RemovedBlock:
        confidence = min(self.verdicts[line.number].confidence for line in lines)
        text = "\n".join(line.text for line in lines)
        return RemovedBlock(rule, reason, lines[0].number, lines[-1].number, text, confidence)

    def with_verdicts(self, verdicts: Mapping[int, Verdict], title_line: int | None) -> "CleanDocument":
        """Return the document with other verdicts. Verdicts that would remove every line are ignored."""
        clean = replace(self, verdicts=verdicts, title_line=title_line)
        return clean if clean.kept else replace(clean, verdicts={})


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
