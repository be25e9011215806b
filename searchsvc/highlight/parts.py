"""Parts of a long text, which a page shows one at a time."""

from collections.abc import Sequence

PART = 60_000  # code points; few articles are longer

Part = tuple[int, int]  # start and end in code points


def text_parts(text: str) -> list[Part]:
    """Return the parts of `text`: each ends after a line if it can, else after a word; at least one part."""
    parts, start = [], 0
    while len(text) - start > PART:
        limit, least = start + PART, start + PART // 2
        end = max(text.rfind("\n", least, limit), -1) + 1 or text.rfind(" ", least, limit) + 1 or limit
        parts.append((start, end))
        start = end
    return [*parts, (start, len(text))]


def part_at(parts: Sequence[Part], offset: int) -> int:
    """Return the index of the part that contains `offset`."""
    return next((index for index, (_, end) in enumerate(parts) if offset < end), len(parts) - 1)
