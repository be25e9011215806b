"""Texts cut at spaces into pieces, as arrays over a batch of texts. No word crosses the edge of a piece."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Offsets = NDArray[np.int64]
Numbers = NDArray[np.uint64]

_NUMBER_BYTES = 8  # of a uint64
MAX_SHORT_BYTES = 2 * _NUMBER_BYTES  # bytes of a piece that two numbers hold; nearly all pieces are that short
_PADDING = b" " * (MAX_SHORT_BYTES + 1)  # lets the last piece be read as numbers, and ends it
_MASKS: Numbers = np.array([(1 << 8 * size) - 1 for size in range(_NUMBER_BYTES + 1)], np.uint64)
_SPACE, _COMMA = ord(" "), ord(",")


@dataclass(frozen=True, slots=True)
class TextPieces:
    """Pieces of some texts in reading order: UTF-8, ASCII letters lowercased, without most punctuation.

    `data`: all texts. `starts`, `ends`: (pieces,) int64, of each piece in `data`. `bounds`: (texts + 1,) int64, pieces
    of each text.
    """

    data: bytes
    starts: Offsets
    ends: Offsets
    bounds: Offsets

    @classmethod
    def of(cls, texts: Sequence[str]) -> "TextPieces":
        """Cut texts into pieces. A comma before a space belongs to none."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        codes = np.frombuffer(bytearray(b" ".join([b"", *encoded, _PADDING]).translate(_SEPARATORS)), np.uint8)
        _blank_signs(codes)
        data = codes.tobytes()
        is_gap = codes == _SPACE
        is_gap[:-1] |= (codes[:-1] == _COMMA) & is_gap[1:]
        edges = np.flatnonzero(is_gap[1:] != is_gap[:-1]) + 1
        starts, ends = edges[::2], edges[1::2]
        first_bytes = np.cumsum([0, *(len(each) + 1 for each in encoded)])
        return cls(data, starts, ends, starts.searchsorted(first_bytes))

    def at(self, places: Offsets) -> list[bytes]:
        """Return the pieces at `places`, (places,) int64."""
        spans = zip(self.starts[places].tolist(), self.ends[places].tolist(), strict=True)
        return [self.data[start:end] for start, end in spans]

    def numbers(self) -> tuple[Numbers, Numbers]:
        """Return the first eight bytes of each piece and the next eight as numbers, little-endian, (pieces,) uint64.

        Bytes behind a piece count as zero, which no piece holds. So short pieces with equal numbers are equal.
        """
        sizes = self.ends - self.starts
        heads = self._eight_bytes_at(self.starts) & _MASKS[np.minimum(sizes, _NUMBER_BYTES)]
        tails = np.zeros(len(sizes), np.uint64)
        longer = np.flatnonzero(sizes > _NUMBER_BYTES)
        masks = _MASKS[np.minimum(sizes[longer] - _NUMBER_BYTES, _NUMBER_BYTES)]
        tails[longer] = self._eight_bytes_at(self.starts[longer] + _NUMBER_BYTES) & masks
        return heads, tails

    def _eight_bytes_at(self, starts: Offsets) -> Numbers:
        windows: Numbers = np.ndarray(len(self.data) - _NUMBER_BYTES + 1, "<u8", self.data, strides=(1,))
        return windows[starts]


def _blank_signs(codes: NDArray[np.uint8]) -> None:
    """Replace the frequent signs beyond ASCII that no word holds by spaces. `codes`: UTF-8, changed in place."""
    for lead, lasts in _LASTS.items():
        at = np.flatnonzero(codes == lead[0])
        for place, byte in enumerate(lead[1:], 1):
            at = at[codes[at + place] == byte]
        at = at[lasts[codes[at + len(lead)]]]
        for place in range(len(lead) + 1):
            codes[at + place] = _SPACE


def _last_bytes(signs: str) -> dict[bytes, NDArray[np.bool_]]:
    """Return the last bytes of signs, (256,) bool, by the bytes before, which begin a character in UTF-8."""
    tables: dict[bytes, NDArray[np.bool_]] = {}
    for sign in map(str.encode, signs):
        tables.setdefault(sign[:-1], np.zeros(256, np.bool_))[sign[-1]] = True
    return tables


_LASTS = _last_bytes("\xa0«»‘“”„–—…•‹›")


def _separators() -> bytes:
    """Return a table for bytes.translate: lowercases ASCII, and maps ASCII that no word holds to spaces."""
    is_in_word = [byte > 127 or chr(byte).isalnum() or byte in b"_'.," for byte in range(256)]
    return bytes(byte if inside else _SPACE for byte, inside in enumerate(is_in_word)).lower()


_SEPARATORS = _separators()
