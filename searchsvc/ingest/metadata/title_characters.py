"""Features of title candidates that depend on single characters, computed as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_SPACE, _NEWLINE, _BAR, _COLON = map(ord, " \n|:")
_SITE_SIGNS = tuple(map(ord, "-–—»•"))  # between spaces, before the name of a site
_SHORT_WORD = 3  # characters of words that titles leave in lower case


@dataclass(frozen=True, slots=True)
class TitleCharacters:
    """Characters of the candidates, each line with a newline before and behind.

    `points`: (characters,) uint32, code points. `starts`: (lines,) int64, place of the first character of each line.
    """

    points: NDArray[np.uint32]
    starts: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> "TitleCharacters":
        """Return the characters of lines that are not empty, and whose only white space is spaces."""
        joined = "\n".join(("", *texts, ""))
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
        ends = np.cumsum([len(text) + 1 for text in texts])
        return cls(points, np.append(0, ends[:-1]) + 1)

    def title_case(self) -> NDArray[np.float64]:
        """Return the share of long words that begin with a capital, (lines,); 0 without long words."""
        is_space = (self.points == _SPACE) | (self.points == _NEWLINE)
        edges = np.flatnonzero(is_space[1:] != is_space[:-1]) + 1
        begins, ends = edges[::2], edges[1::2]
        begins = begins[ends - begins > _SHORT_WORD]
        initials = self.points[begins].tobytes().decode("utf-32-le", "surrogatepass")
        capitals = np.fromiter(map(str.isupper, initials), np.bool_, len(begins))
        lines = np.searchsorted(self.starts, begins, "right") - 1
        counts = np.bincount(lines, minlength=len(self.starts))
        return np.bincount(lines, capitals, len(self.starts)) / np.maximum(counts, 1)

    def site(self) -> Flags:
        """Return whether each line has a sign that separates titles from names of sites, (lines,)."""
        points = self.points
        is_sign = points == _BAR
        is_colon, is_space = points == _COLON, points == _SPACE
        is_sign[1:] |= is_colon[1:] & is_colon[:-1]
        is_sign[1:-1] |= np.isin(points[1:-1], _SITE_SIGNS) & is_space[:-2] & is_space[2:]
        return self._has_any(is_sign)

    def glued(self) -> Flags:
        """Return whether each line has a capital between small letters a to z, as glued lines do, (lines,)."""
        is_small = (self.points >= ord("a")) & (self.points <= ord("z"))
        is_capital = (self.points >= ord("A")) & (self.points <= ord("Z"))
        is_capital[1:-1] &= is_small[:-2] & is_small[2:]
        return self._has_any(is_capital)

    def _has_any(self, flags: Flags) -> Flags:
        has_any: Flags = np.logical_or.reduceat(flags, self.starts)
        return has_any
