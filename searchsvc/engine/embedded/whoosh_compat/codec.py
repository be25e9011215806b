"""The arrays as a Whoosh codec, so that stock Whoosh can open and search a generation.

Read-only: the index builder writes the arrays, and `write_toc` the one Whoosh file that names this codec. Each segment
is a segment of Whoosh too. Deleted documents have no postings here, and so never match. Searching through Whoosh is as
slow as Whoosh is; it serves to check results, and to answer queries without array evaluation.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.fields import NUMERIC, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from searchsvc.engine.embedded.index.doc_set import Docs
from searchsvc.engine.embedded.index.live_segment import LiveSegment, open_segments
from searchsvc.engine.embedded.index.segment import KEYWORDS, Segment, positions_of

NAME = "MAIN"  # Whoosh's default index name


def write_toc(folder: Path, schema: Schema) -> None:
    """Make `folder`, which holds the arrays of a generation, an index for whoosh.index.open_dir."""
    segments = [ArraySegment(NAME, segment) for segment in open_segments(folder)]
    TOC(schema, segments, 0).write(FileStorage(str(folder)), NAME)


class ArraySegment(base.Segment):  # type: ignore[misc]
    """Pickled content of the TOC: number, size and deleted documents of a segment, and by its class the codec."""

    def __init__(self, indexname: str, opened: LiveSegment) -> None:
        super().__init__(indexname)
        self._number, self._documents = opened.segment.number, opened.segment.size
        self._deleted = frozenset() if opened.live is None else frozenset(np.flatnonzero(~opened.live).tolist())

    @property
    def number(self) -> int:
        return self._number

    def codec(self) -> "ArrayCodec":
        return ArrayCodec()

    def doc_count_all(self) -> int:
        return self._documents

    def deleted_count(self) -> int:
        return len(self._deleted)

    def deleted_docs(self) -> frozenset[int]:
        return self._deleted

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self._deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        raise NotImplementedError("generations are immutable; build a new one")


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Makes readers over the open segment `opened`, or over a segment opened from the storage."""

    def __init__(self, opened: LiveSegment | None = None) -> None:
        self._opened = opened

    def terms_reader(self, storage: FileStorage, segment: ArraySegment) -> "ArrayTerms":
        return ArrayTerms(self._open(storage, segment))

    def per_document_reader(self, storage: FileStorage, segment: ArraySegment) -> "ArrayDocuments":
        return ArrayDocuments(self._open(storage, segment))

    def _open(self, storage: FileStorage, segment: ArraySegment) -> LiveSegment:
        if self._opened is not None:
            return self._opened
        live = np.ones(segment.doc_count_all(), bool)
        live[list(segment.deleted_docs())] = False
        return LiveSegment(Segment(Path(storage.folder), segment.number), None if live.all() else live)

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("generations are written by searchsvc's builder, not through Whoosh")

    per_document_writer = field_writer = postings_writer = postings_reader = new_segment = _refuse


class ArrayDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """Field lengths and ids of documents."""

    def __init__(self, opened: LiveSegment) -> None:
        self._segment, self._live = opened.segment, opened.live

    def doc_count(self) -> int:
        return self._segment.size if self._live is None else int(np.count_nonzero(self._live))

    def doc_count_all(self) -> int:
        return self._segment.size

    def has_deletions(self) -> bool:
        return self._live is not None

    def is_deleted(self, docnum: int) -> bool:
        return self._live is not None and not self._live[docnum]

    def deleted_docs(self) -> frozenset[int]:
        return frozenset() if self._live is None else frozenset(np.flatnonzero(~self._live).tolist())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        fielded = fieldname in self._segment.fields
        return int(self._segment.lengths(fieldname)[docnum]) if fielded else default

    def field_length(self, fieldname: str) -> int:
        return int(self._lengths(fieldname).sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        return int(self._lengths(fieldname).min(initial=0))

    def max_field_length(self, fieldname: str) -> int:
        return int(self._lengths(fieldname).max(initial=0))

    def _lengths(self, fieldname: str) -> Any:
        if fieldname not in self._segment.fields:
            return np.empty(0, np.int64)
        lengths = self._segment.lengths(fieldname)
        return lengths if self._live is None else lengths[self._live]

    @cached_property
    def _ids(self) -> list[str]:
        ids, docs = list(self._segment.keywords["id"]), self._segment.arrays["id.docs"]
        counts = np.diff(self._segment.arrays["id.offsets"]).astype(np.int64)
        id_indices = np.repeat(np.arange(len(ids)), counts)
        by_document = np.empty(len(docs), np.int64)
        by_document[docs] = id_indices
        return [ids[number].decode() for number in by_document]

    def stored_fields(self, docnum: int) -> dict[str, str]:
        return {"id": self._ids[docnum]}


class ArrayTerms(base.TermsReader):  # type: ignore[misc]
    """Terms and their postings, one at a time, as Whoosh reads them."""

    def __init__(self, opened: LiveSegment) -> None:
        self._segment, self._live = opened.segment, opened.live
        self._dates = NUMERIC(numtype=int)

    def indexed_field_names(self) -> list[str]:
        return [*self._segment.fields, *KEYWORDS, "published"]

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return len(self._postings(*term)[0]) > 0

    def _postings(self, fieldname: str, text: bytes) -> tuple[Docs, Any]:
        """Return live documents and frequencies of a term; 1 for dates and keywords."""
        docs, tfs = self._all_postings(fieldname, text)
        if self._live is None:
            return docs, tfs
        is_live = self._live[docs]
        return docs[is_live], tfs[is_live]

    def _all_postings(self, fieldname: str, text: bytes) -> tuple[Docs, Any]:
        if fieldname in self._segment.fields:
            postings = self._segment.field(fieldname, self._segment.terms.find(text))
            return postings.docs, postings.tfs
        if fieldname in KEYWORDS:
            docs = self._segment.keyword(fieldname, text.decode()).docs_array()
        else:
            docs = self._days.get(text, np.empty(0, np.int32))
        return docs, np.ones(len(docs), np.uint8)

    @cached_property
    def _days(self) -> dict[bytes, Docs]:
        """Documents by encoded date, at each precision of Whoosh's numeric ranges."""
        days: dict[bytes, list[Docs]] = {}
        column = self._segment.published
        for day in np.unique(column[column > 0]):
            docs = np.flatnonzero(column == day).astype(np.int32)
            for text, *_ in self._dates.index(int(day)):
                days.setdefault(text, []).append(docs)
        return {text: np.sort(np.concatenate(parts)) for text, parts in days.items()}

    def _texts(self, fieldname: str) -> list[bytes]:
        """Return the sorted terms of a field."""
        if fieldname in self._segment.fields:
            term_ids = self._segment.fields[fieldname].terms.tolist()
            return [text for n in term_ids if len(self._postings(fieldname, text := self._segment.terms[n])[0])]
        if fieldname in KEYWORDS:
            return [text for text in self._segment.keywords[fieldname] if len(self._postings(fieldname, text)[0])]
        return [text for text in sorted(self._days) if len(self._postings(fieldname, text)[0])]

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return ((name, text) for name in sorted(self.indexed_field_names()) for text in self._texts(name))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        texts = self._texts(fieldname)
        return ((fieldname, text) for text in texts[bisect_left(texts, prefix) :])

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        docs, tfs = self._postings(fieldname, text)
        if not len(docs):
            raise TermNotFound(f"{fieldname}:{text!r}")
        lengths = self._segment.lengths(fieldname)[docs] if fieldname in self._segment.fields else np.ones(1)
        return TermInfo(
            int(tfs.sum(dtype=np.int64)), len(docs), int(lengths.min()), int(lengths.max()),
            float(tfs.max()), int(docs[0]), int(docs[-1]),
        )  # fmt: skip

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return len(self._postings(fieldname, text)[0])

    def frequency(self, fieldname: str, text: bytes) -> int:
        return int(self._postings(fieldname, text)[1].sum(dtype=np.int64))

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> "ArrayMatcher":
        docs, tfs = self._postings(fieldname, text)
        if not len(docs):
            raise TermNotFound(f"{fieldname}:{text!r}")
        matcher = ArrayMatcher(
            docs.tolist(), tfs.astype(float).tolist(), format=format_, scorer=scorer,
            term=(fieldname, text), terminfo=self.term_info(fieldname, text),
        )  # fmt: skip
        matcher.segment = self._segment
        return matcher

    def cursor(self, fieldname: str, fieldobj: Any) -> "ArrayCursor":
        return ArrayCursor([fieldobj.from_bytes(text) for text in self._texts(fieldname)])


class ArrayMatcher(ListMatcher):  # type: ignore[misc]
    """Whoosh's list matcher, with positions read from the arrays on demand."""

    segment: Segment

    def copy(self) -> "ArrayMatcher":
        copied = super().copy()
        copied.__class__, copied.segment = ArrayMatcher, self.segment
        return copied  # type: ignore[no-any-return]

    def supports(self, astype: str) -> bool:
        return astype in ("positions", "frequency")

    def value_as(self, astype: str) -> Any:
        if astype == "frequency":
            return int(self.weight())
        fieldname, text = self._term
        return positions_of(self.segment, fieldname, self.segment.terms.find(text), self.id())

    def supports_block_quality(self) -> bool:
        return False  # score every posting: Whoosh's shortcuts give wrong results


class ArrayCursor(base.FieldCursor):  # type: ignore[misc]
    """Iterates over the sorted terms of a field."""

    def __init__(self, texts: list[str]) -> None:
        self._texts, self._index = texts, 0

    def text(self) -> str | None:
        return self._texts[self._index] if self._index < len(self._texts) else None

    def first(self) -> str | None:
        self._index = 0
        return self.text()

    def find(self, string: str | bytes) -> str | None:
        text = string.decode() if isinstance(string, bytes) else string
        self._index = bisect_left(self._texts, text)
        return self.text()

    def next(self) -> str | None:
        self._index += 1
        return self.text()

    def is_valid(self) -> bool:
        return self._index < len(self._texts)
