"""Texts cut at spaces into pieces; equal pieces are found by sorting hashes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WORD_BYTES = 8  # bytes per uint64
_MAX_SHORT_BYTES = 2 * _WORD_BYTES  # bytes of a piece that fits two uint64
_PADDING = b" " * (_MAX_SHORT_BYTES + 1)  # lets the last piece be read as numbers, and ends it

Offsets = NDArray[np.int64]
UInt64Array = NDArray[np.uint64]


def _separators() -> bytes:
    """Return a table for bytes.translate: lowercases ASCII, and maps bytes that no word holds to spaces."""
    table = bytearray(b" " * 128) + bytearray(range(128, 256))
    for byte in b"abcdefghijklmnopqrstuvwxyz0123456789_'.,":
        table[byte] = byte
    for byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        table[byte] = byte + 32
    return bytes(table)


SEPARATORS = _separators()
_MASKS: UInt64Array = np.array([(1 << 8 * size) - 1 for size in range(_WORD_BYTES + 1)], np.uint64)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of some texts in reading order.

    `distinct`: pieces in UTF-8, ASCII letters lowercased, without most punctuation. Short pieces are distinct; long
    ones may repeat. `piece_ids` (pieces,) int32: index of each piece in `distinct`. `counts` (texts,) int32: pieces
    per text.
    """

    distinct: list[bytes]
    piece_ids: NDArray[np.int32]
    counts: NDArray[np.int32]


def pretokenize(texts: Sequence[str]) -> Pieces:
    """Cut `texts` into pieces. No word crosses the edge of a piece."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    joined = b" ".join([b"", *encoded, _PADDING]).translate(SEPARATORS)
    inside = np.frombuffer(joined, np.uint8) != ord(" ")
    boundaries = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = boundaries[0::2], boundaries[1::2]
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded)) + 1
    counts = np.diff(starts.searchsorted(np.cumsum(np.concatenate([[0], lengths]))))

    short = np.flatnonzero(ends - starts <= _MAX_SHORT_BYTES)
    long = np.flatnonzero(ends - starts > _MAX_SHORT_BYTES)
    piece_ids = np.empty(len(starts), np.int32)
    first_of_group, piece_ids[short] = _group_equal(joined, starts[short], ends[short])
    piece_ids[long] = np.arange(len(first_of_group), len(first_of_group) + len(long))
    distinct_indices = np.concatenate([short[first_of_group], long])
    spans = zip(starts[distinct_indices].tolist(), ends[distinct_indices].tolist(), strict=True)
    return Pieces([joined[start:end] for start, end in spans], piece_ids, counts.astype(np.int32))


def _group_equal(joined: bytes, starts: Offsets, ends: Offsets) -> tuple[Offsets, NDArray[np.int32]]:
    """Return the index of one piece per group of equal pieces (int64), and the group of each piece (int32).

    The bytes of a piece are two uint64. Their hash and the index of the piece share one number, as numpy sorts
    plain numbers many times faster than it computes an order. Groups are compared in full; if two different pieces
    have one hash, another hash function is tried.
    """
    if not len(starts):
        return np.empty(0, np.int64), np.empty(0, np.int32)
    size = ends - starts
    head = _eight_bytes_at(joined, starts) & _MASKS[np.minimum(size, _WORD_BYTES)]
    tail = _eight_bytes_at(joined, starts + _WORD_BYTES) & _MASKS[np.maximum(size - _WORD_BYTES, 0)]
    index_bits = np.uint64((1 << len(starts).bit_length()) - 1)
    random = np.random.default_rng()  # random, so that no text can be crafted to collide
    while True:
        multiplier, tail_multiplier = random.integers(0, 1 << 63, 2, np.uint64) * np.uint64(2) + np.uint64(1)
        hashes = head * multiplier ^ (tail + (head >> np.uint64(32))) * tail_multiplier
        keys = ((hashes ^ hashes >> np.uint64(32)) * multiplier & ~index_bits) | np.arange(len(starts), dtype=np.uint64)
        keys.sort()
        order = (keys & index_bits).astype(np.int64)
        is_first = np.ones(len(keys), bool)
        np.greater(keys[1:] ^ keys[:-1], index_bits, out=is_first[1:])
        heads, tails = head[order], tail[order]
        is_same = (heads[1:] == heads[:-1]) & (tails[1:] == tails[:-1])
        if (is_same | is_first[1:]).all():
            group_ids = np.empty(len(order), np.int32)
            group_ids[order] = np.cumsum(is_first, dtype=np.int32) - 1
            return order[is_first], group_ids


def _eight_bytes_at(joined: bytes, starts: Offsets) -> UInt64Array:
    """Return the eight bytes from each start as one little-endian number; (n,) uint64."""
    windows: UInt64Array = np.ndarray(len(joined) - _WORD_BYTES + 1, "<u8", joined, strides=(1,))
    return windows[starts]
