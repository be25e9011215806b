"""Texts cut where no word goes on; which pieces are equal is found by sorting, not word by word."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WIDTH = 8  # bytes that one number holds
_LONGEST = 2 * _WIDTH  # bytes of a piece that is compared as two numbers
_PADDING = b" " * (_LONGEST + 1)  # so that numbers can be read from the last piece, and it has an end

Places = NDArray[np.int64]
Words = NDArray[np.uint64]


def _separators() -> bytes:
    """A table for bytes.translate: capitals to small, and to a space what no word can hold."""
    table = bytearray(b" " * 128) + bytearray(range(128, 256))
    for byte in b"abcdefghijklmnopqrstuvwxyz0123456789_'.,":
        table[byte] = byte
    for byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        table[byte] = byte + 32
    return bytes(table)


SEPARATORS = _separators()
_MASKS: Words = np.array([(1 << 8 * size) - 1 for size in range(_WIDTH + 1)], np.uint64)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of some texts in reading order.

    `distinct`: UTF-8 in small ASCII letters, without most punctuation; a short one stands there
    once, a long one perhaps several times. `numbers` int32: for each piece its place in `distinct`.
    `counts` int32: how many pieces each text has.
    """

    distinct: list[bytes]
    numbers: NDArray[np.int32]
    counts: NDArray[np.int32]


def pretokenize(texts: Sequence[str]) -> Pieces:
    """`texts` in pieces that no word crosses the edges of."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    joined = b" ".join([b"", *encoded, _PADDING]).translate(SEPARATORS)
    inside = np.frombuffer(joined, np.uint8) != ord(" ")
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[0::2], edges[1::2]
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded)) + 1
    counts = np.diff(starts.searchsorted(np.cumsum(np.concatenate([[0], lengths]))))

    short = np.flatnonzero(ends - starts <= _LONGEST)
    long = np.flatnonzero(ends - starts > _LONGEST)
    numbers = np.empty(len(starts), np.int32)
    first, numbers[short] = _equal(joined, starts[short], ends[short])
    numbers[long] = np.arange(len(first), len(first) + len(long))
    kept = np.concatenate([short[first], long])
    spans = zip(starts[kept].tolist(), ends[kept].tolist(), strict=True)
    return Pieces([joined[start:end] for start, end in spans], numbers, counts.astype(np.int32))


def _equal(joined: bytes, starts: Places, ends: Places) -> tuple[Places, NDArray[np.int32]]:
    """One of each set of equal pieces, by its index, and for each piece (int32) the number of its set.

    The bytes of a piece are two 64-bit numbers. A hash of those and the piece's index share one
    number, because numpy sorts plain numbers many times faster than it computes an order. Sets are
    compared in full; if unequal pieces met in one hash, another hash is tried.
    """
    if not len(starts):
        return np.empty(0, np.int64), np.empty(0, np.int32)
    size = ends - starts
    head = _eight(joined, starts) & _MASKS[np.minimum(size, _WIDTH)]
    tail = _eight(joined, starts + _WIDTH) & _MASKS[np.maximum(size - _WIDTH, 0)]
    index_bits = np.uint64((1 << len(starts).bit_length()) - 1)
    random = np.random.default_rng()  # drawn anew, so that no text can be made to collide
    while True:
        one, other = random.integers(0, 1 << 63, 2, np.uint64) * np.uint64(2) + np.uint64(1)
        hashes = head * one ^ (tail + (head >> np.uint64(32))) * other
        keys = ((hashes ^ hashes >> np.uint64(32)) * one & ~index_bits) | np.arange(len(starts), dtype=np.uint64)
        keys.sort()
        order = (keys & index_bits).astype(np.int64)
        new = np.ones(len(keys), bool)
        np.greater(keys[1:] ^ keys[:-1], index_bits, out=new[1:])
        heads, tails = head[order], tail[order]
        alike = (heads[1:] == heads[:-1]) & (tails[1:] == tails[:-1])
        if (alike | new[1:]).all():
            numbers = np.empty(len(order), np.int32)
            numbers[order] = np.cumsum(new, dtype=np.int32) - 1
            return order[new], numbers


def _eight(joined: bytes, starts: Places) -> Words:
    """The eight bytes from each of `starts` on, as one number."""
    every: Words = np.ndarray(len(joined) - _WIDTH + 1, "<u8", joined, strides=(1,))
    return every[starts]
