"""Text that is searched for matches: a whole text, or excerpts of a long one."""

from bisect import bisect_right
from itertools import accumulate

import msgspec

from searchsvc.models.search import BodyExcerpts


class HighlightedText(msgspec.Struct, frozen=True):
    """Text that is searched for matches: a whole text, or the excerpts of a long text, joined by line feeds.

    `rooms`: start and end of each excerpt in `text`. `starts`: its offset in the whole text, which has `length`
    code points.
    """

    text: str
    rooms: tuple[tuple[int, int], ...]
    starts: tuple[int, ...]
    length: int

    @classmethod
    def whole(cls, text: str) -> "HighlightedText":
        return cls(text, ((0, len(text)),), (0,), len(text))

    @classmethod
    def of(cls, body: str, excerpts: BodyExcerpts | None) -> "HighlightedText":
        """Return the body of a hit, or the excerpts of a long body."""
        return cls.whole(body) if excerpts is None else cls.excerpts(excerpts)

    @classmethod
    def excerpts(cls, excerpts: BodyExcerpts) -> "HighlightedText":
        texts = [part.text for part in excerpts.parts]
        ends = list(accumulate(len(text) + 1 for text in texts))
        rooms = tuple((end - 1 - len(text), end - 1) for text, end in zip(texts, ends, strict=True))
        return cls("\n".join(texts), rooms, tuple(part.start for part in excerpts.parts), excerpts.length)

    def offset(self, place: int) -> int:
        """Return the offset in the whole text of a place in `text`."""
        if len(self.rooms) == 1:
            return self.starts[0] + place
        room = bisect_right(self.rooms, (place, len(self.text))) - 1
        return self.starts[room] + place - self.rooms[room][0]
