"""Pieces of texts with numbers, equal short pieces with one number, found by sorting hashes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.text_pieces import MAX_SHORT_BYTES, Numbers, Offsets, TextPieces


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of some texts in reading order.

    `distinct`: pieces as in TextPieces. Short pieces are distinct; long ones may repeat. `piece_ids` (pieces,) int32:
    index of each piece in `distinct`. `counts` (texts,) int32: pieces per text.
    """

    distinct: list[bytes]
    piece_ids: NDArray[np.int32]
    counts: NDArray[np.int32]


def pretokenize(texts: Sequence[str]) -> Pieces:
    """Cut `texts` into pieces, and number them."""
    cut = TextPieces.of(texts)
    heads, tails = cut.numbers()
    is_short = cut.ends - cut.starts <= MAX_SHORT_BYTES
    short, long = np.flatnonzero(is_short), np.flatnonzero(~is_short)
    piece_ids = np.empty(len(cut.starts), np.int32)
    first_of_group, piece_ids[short] = _group_equal(heads[short], tails[short])
    piece_ids[long] = np.arange(len(first_of_group), len(first_of_group) + len(long))
    distinct = cut.at(np.concatenate([short[first_of_group], long]))
    return Pieces(distinct, piece_ids, np.diff(cut.bounds).astype(np.int32))


def _group_equal(head: Numbers, tail: Numbers) -> tuple[Offsets, NDArray[np.int32]]:
    """Return the index of one piece per group of equal pieces (int64), and the group of each piece (int32).

    `head`, `tail`: as in TextPieces.numbers, (pieces,). Their hash and the index of the piece share one number,
    as numpy sorts plain numbers many times faster than it computes an order. Groups are compared in full; if two
    different pieces have one hash, another hash function is tried.
    """
    if not len(head):
        return np.empty(0, np.int64), np.empty(0, np.int32)
    index_bits = np.uint64((1 << len(head).bit_length()) - 1)
    random = np.random.default_rng()  # random, so that no text can be crafted to collide
    while True:
        multiplier, tail_multiplier = random.integers(0, 1 << 63, 2, np.uint64) * np.uint64(2) + np.uint64(1)
        hashes = head * multiplier ^ (tail + (head >> np.uint64(32))) * tail_multiplier
        keys = ((hashes ^ hashes >> np.uint64(32)) * multiplier & ~index_bits) | np.arange(len(head), dtype=np.uint64)
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
