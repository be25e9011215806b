"""Writing systems of a text: number of letters of each."""

from collections.abc import Mapping

import numpy as np

# First and last code point of the blocks of each script (https://www.unicode.org/Public/UNIDATA/Blocks.txt).
_BLOCKS = {
    "latin": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF)),
    "greek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "cyrillic": ((0x400, 0x52F),),
    "armenian": ((0x531, 0x58A),),
    "hebrew": ((0x5D0, 0x5F4),),
    "arabic": ((0x620, 0x64A), (0x66E, 0x6D3), (0x6D5, 0x6FF), (0x750, 0x77F)),
    "devanagari": ((0x900, 0x963), (0x970, 0x97F)),
    "bengali": ((0x980, 0x9FF),),
    "gurmukhi": ((0xA00, 0xA7F),),
    "gujarati": ((0xA80, 0xAFF),),
    "odia": ((0xB00, 0xB7F),),
    "tamil": ((0xB80, 0xBFF),),
    "telugu": ((0xC00, 0xC7F),),
    "kannada": ((0xC80, 0xCFF),),
    "malayalam": ((0xD00, 0xD7F),),
    "sinhala": ((0xD80, 0xDFF),),
    "thai": ((0xE01, 0xE4E),),
    "lao": ((0xE81, 0xEDF),),
    "tibetan": ((0xF00, 0xFFF),),
    "burmese": ((0x1000, 0x109F),),
    "georgian": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF)),
    "ethiopic": ((0x1200, 0x139F),),
    "khmer": ((0x1780, 0x17FF),),
    "kana": ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)),
    "han": ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)),
    "hangul": ((0x1100, 0x11FF), (0x3131, 0x318E), (0xAC00, 0xD7A3)),
}
_NAMES = ("", *_BLOCKS)  # "" for other characters
_EDGES = sorted(
    edge
    for number, name in enumerate(_NAMES)
    for first, last in _BLOCKS.get(name, ())
    for edge in ((first, number), (last + 1, 0))
)
# Where a block ends and the next begins, the beginning counts: searchsorted finds the last of equal edges.
_STARTS = np.array([point for point, _ in _EDGES], np.uint32)
_NUMBERS = np.array([0, *(number for _, number in _EDGES)], np.int64)


def letters_by_script(text: str) -> Mapping[str, int]:
    """Return the number of letters of each script in `text`, the most frequent script first."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    counts = np.bincount(_NUMBERS[np.searchsorted(_STARTS, points, "right")], minlength=len(_NAMES))
    return {_NAMES[i]: int(counts[i]) for i in np.argsort(-counts, kind="stable") if i and counts[i]}
