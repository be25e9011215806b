"""Documents to what the cluster is sent: terms by our own analysis, the document itself beside them."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from searchsvc.engine.opensearch.data.mapping import DOCUMENT, facet_field, filter_field
from searchsvc.engine.opensearch.data.word_index import CountedWord
from searchsvc.models.documents import FACETS, Document

_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_document = msgspec.msgpack.Decoder(Document)


@dataclass(frozen=True, slots=True)
class BulkLine:
    """One thing to index, as action and source; `name` is what problems call it."""

    name: str
    data: bytes


class StoredSource(NamedTuple):
    """What is stored beside a document: the text it was cleaned from, and a memo for later builds."""

    original: str
    state: bytes


def document_line(number: int, document: Document, kept: StoredSource, terms: Mapping[str, str]) -> BulkLine:
    """The line of a document, the `number`th; `terms`: those of each field, joined by spaces."""
    source: dict[str, Any] = {
        "kind": DOCUMENT,
        "id": document.id,
        "number": number,
        "stored": _pack(document),
        "original": zlib.compress(kept.original.encode("utf-8", "replace"), 1),
        "memo": kept.state,
        **terms,
    }
    if document.published:
        source["published"] = document.published.toordinal()
    for name in FACETS:
        if values := document.facet_values(name):
            source[facet_field(name)] = list(dict.fromkeys(values))
            source[filter_field(name)] = list(dict.fromkeys(value.casefold() for value in values))
    return _line(document.id, source, document.id)


def word_lines(words: Mapping[CountedWord, int]) -> Iterator[BulkLine]:
    """Words as people write them, with the term each is indexed as and how many documents have it.

    They have no id, which saves a look-up each: one that is sent twice is counted twice, no more. All of one
    word go into the same part of the index, which so knows how frequent it is.
    """
    for (word, term), count in words.items():
        yield BulkLine(word, _lines({"routing": word}, {"word": word, "term": term, "count": count}))


def duplicate_lines(faces: Mapping[str, str]) -> Iterator[BulkLine]:
    """Which document each copy is a copy of."""
    for copy, face in faces.items():
        yield _line(copy, {"copy": copy, "face": face}, f"copy:{copy}")


def source_line(name: str, number: int, piece: bytes) -> BulkLine:
    """A piece of what a build keeps beside its documents."""
    return _line(name, {"stored": piece}, source_id(name, number))


def source_id(name: str, number: int) -> str:
    return f"kept:{name}:{number}"


def as_document(stored: bytes) -> Document:
    return _document.decode(stored)


def as_original(stored: bytes) -> str:
    return zlib.decompress(stored).decode("utf-8")


def _line(name: str, source: dict[str, Any], document_id: str) -> BulkLine:
    return BulkLine(name, _lines({"_id": document_id}, source))


def _lines(place: dict[str, str], source: dict[str, Any]) -> bytes:
    return b"%b\n%b\n" % (_encode({"index": place}), _encode(source))
