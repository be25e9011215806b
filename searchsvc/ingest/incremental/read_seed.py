"""Documents of a seed as the first pass read them, packed, so that the second pass need not read the seed again."""

from collections.abc import Iterator, Mapping

import msgspec

from searchsvc.models.documents import DeclaredMetadata, RawDocument, Seed, SeedProblem, Unit

_MAX_SEED_BYTES = 400_000  # of the packed documents of one seed
_MAX_BYTES = 64_000_000  # of the packed documents of a folder; the other seeds are read twice


class ReadSeed(Seed, frozen=True, gc=False):
    """A seed with its documents, as SeedPacker packs them."""

    documents: bytes = b""

    def unpacked(self) -> Iterator[RawDocument]:
        """Yield the documents of the seed."""
        seed = Seed(self.path, self.size, self.modified_ns, self.origin)
        for each in _decoder.decode(self.documents):
            yield RawDocument(
                seed, each.text, each.content_hash, each.note, each.declared, each.part, each.line, each.units
            )


class _ReadDocument(msgspec.Struct, array_like=True, gc=False):
    """A RawDocument without its seed, whose path need not be Unicode."""

    text: str
    content_hash: str
    note: str | None
    declared: DeclaredMetadata
    part: str
    line: int | None
    units: tuple[Unit, ...]


_decoder = msgspec.msgpack.Decoder(list[_ReadDocument])
_encode = msgspec.msgpack.Encoder().encode


class SeedPacker:
    """Packs the documents of one seed, unless they are large, or hold a problem or lone surrogates."""

    def __init__(self) -> None:
        self._documents: list[msgspec.Raw] = []
        self._bytes = 0
        self._is_packed = True

    def add(self, raw: RawDocument | SeedProblem) -> None:
        """Add the next document, or problem, of the seed."""
        packed = _packed(raw) if self._is_packed and isinstance(raw, RawDocument) else None
        if packed is None or self._bytes + len(packed) > _MAX_SEED_BYTES:
            self._is_packed = False
            self._documents.clear()
            return
        self._bytes += len(packed)
        self._documents.append(msgspec.Raw(packed))

    def packed(self) -> bytes | None:
        """Return the documents for ReadSeed, None if the seed has to be read again."""
        return _encode(self._documents) if self._is_packed else None


def _packed(raw: RawDocument) -> bytes | None:
    """Return a document as MessagePack, None if it has lone surrogates."""
    fields = (raw.text, raw.content_hash, raw.note, raw.declared, raw.part, raw.line, raw.units)
    try:
        return _encode(_ReadDocument(*fields))
    except UnicodeEncodeError:
        return None


class PackedSeeds:
    """Packed documents by seed path, of as many seeds as memory allows."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self._size = 0

    def add(self, documents: Mapping[str, bytes]) -> None:
        """Add the documents of some seeds, as long as there is room."""
        for path, data in documents.items():
            if self._size + len(data) <= _MAX_BYTES:
                self.documents[path] = data
                self._size += len(data)
