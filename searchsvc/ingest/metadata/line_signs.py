"""Signs of lines: kinds of characters in each line as bits, found for all lines of a batch at once.

They rule out expressions that cannot match, so that few lines are searched one by one.
"""

from collections.abc import Sequence

import numpy as np

DIGIT = 1  # 0 to 9, or a character of a script that may have other digits
LATIN = 2  # from U+0080 to U+00FF, such as ©
WIDE = 4  # above U+07FF, except for punctuation and symbols from U+2000 to U+2FFF

_NEWLINE = ord("\n")
_FIRST_DIGIT = 0xD9  # first byte of U+0660, the least digit beyond ASCII


def _of_byte(byte: int) -> int:
    """Return the signs of a byte of UTF-8. A character beyond ASCII has those of its first byte."""
    is_common = byte == 0xE2  # punctuation and symbols from U+2000 on
    signs = {
        DIGIT: byte in b"0123456789" or (byte >= _FIRST_DIGIT and not is_common),
        LATIN: byte in (0xC2, 0xC3),
        WIDE: byte >= 0xE0 and not is_common,
    }
    return sum(sign for sign, is_in in signs.items() if is_in)


_SIGNS = bytes(map(_of_byte, range(256)))  # for bytes.translate


def line_signs(texts: Sequence[str]) -> list[int]:
    """Return the signs of each line. `texts`: lines without line feeds."""
    if not texts:
        return []
    data = "\n".join((*texts, "")).encode("utf-8", "surrogatepass")
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE)
    starts = np.append(0, ends[:-1] + 1)
    signs: list[int] = np.bitwise_or.reduceat(np.frombuffer(data.translate(_SIGNS), np.uint8), starts).tolist()
    return signs
