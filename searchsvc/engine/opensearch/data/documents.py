"""Documents to bulk lines: terms by our own analysis, and the document itself as a stored field."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, NamedTuple

import msgspec

from searchsvc.engine.opensearch.data.mapping import DOCUMENT, WORDS, facet_field, filter_field
from searchsvc.engine.opensearch.data.word_index import CountedWord
from searchsvc.models.documents import FACETS, Document

_ROUTING_LETTERS = 3  # the first letters of a word decide on its shard
_WORDS_OF_A_DOCUMENT = 32

_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_document = msgspec.msgpack.Decoder(Document)


@dataclass(frozen=True, slots=True)
class BulkLine:
    """Action and source of one document to index; `name` identifies it in errors."""

    name: str
    data: bytes


class StoredSource(NamedTuple):
    """Stored with a document: its original text, and its document state."""

    original: str
    state: bytes


def document_line(number: int, document: Document, stored: StoredSource, terms: Mapping[str, str]) -> BulkLine:
    """Return the line of a document; `terms`: the terms of each field, joined by spaces."""
    source: dict[str, Any] = {
        "kind": DOCUMENT,
        "id": document.id,
        "number": number,
        "stored": _pack(document),
        "original": zlib.compress(stored.original.encode("utf-8", "replace"), 1),
        "memo": stored.state,
        **terms,
    }
    if document.published:
        source["published"] = document.published.toordinal()
    for name in FACETS:
        if values := document.facet_values(name):
            source[facet_field(name)] = list(dict.fromkeys(values))
            source[filter_field(name)] = list(dict.fromkeys(value.casefold() for value in values))
    return _bulk_line(document.id, source, document.id)


def word_lines(words: Mapping[CountedWord, int]) -> Iterator[BulkLine]:
    """Yield lines of words as people write them, each with its term and number of documents.

    Neighbouring words are children of one document: a child costs the cluster a tenth of a document, and a search for
    words that begin alike visits few others. All lines of a word go to one shard, which so knows the word's frequency.
    Without ids, which saves a lookup each; a line sent twice is counted twice, which is harmless.
    """
    for beginning, group in groupby(sorted(words.items()), lambda each: each[0][0][:_ROUTING_LETTERS]):
        while batch := list(islice(group, _WORDS_OF_A_DOCUMENT)):
            children = [{"word": word, "term": term, "count": count} for (word, term), count in batch]
            (first, _), _ = batch[0]
            yield BulkLine(first, _bulk_lines({"routing": beginning}, {WORDS: children}))


def duplicate_lines(canonicals: Mapping[str, str]) -> Iterator[BulkLine]:
    """Yield lines of near-duplicates with their canonical documents."""
    for duplicate, canonical in canonicals.items():
        yield _bulk_line(duplicate, {"copy": duplicate, "face": canonical}, f"copy:{duplicate}")


def source_line(name: str, number: int, piece: bytes) -> BulkLine:
    """Return the line of a piece of user data."""
    return _bulk_line(name, {"stored": piece}, source_id(name, number))


def source_id(name: str, number: int) -> str:
    return f"kept:{name}:{number}"


def as_document(stored: bytes) -> Document:
    return _document.decode(stored)


def as_original(stored: bytes) -> str:
    return zlib.decompress(stored).decode("utf-8")


def _bulk_line(name: str, source: dict[str, Any], document_id: str) -> BulkLine:
    return BulkLine(name, _bulk_lines({"_id": document_id}, source))


def _bulk_lines(action: dict[str, str], source: dict[str, Any]) -> bytes:
    return b"%b\n%b\n" % (_encode({"index": action}), _encode(source))
