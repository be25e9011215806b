"""The pieces of a text that may contain a term, without analysing the text.

A stem shares its beginning with the words that have it. So the pieces with a term are among those that contain the
beginning of the term, which is looked up as a string. Where that is not so, every piece counts as a candidate.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

# Letters that fold to their lower case alone, and punctuation outside of words. Nearly all Chinese and Japanese text
# is of these characters: a word of them has its adjacent pairs as terms.
PLAIN_HAN = "\u3400-\u4dbf\u4e00-\u9fff\u3041-\u3096\u30a1-\u30fa\u30fc"
PLAIN = rf"\x00-\x7f\u0410-\u0438\u043a-\u044f\uac00-\ud7a3{PLAIN_HAN}\u00a0«»“”„–—…、。，！？「」（）"

_HAN = re.compile(f"[{PLAIN_HAN}]")

# Letters of a stem, from its end, that its words may lack. No word of 28 languages' texts, and none made of random
# beginnings and endings, had more; tests/highlight/test_piece_search.py makes such words.
_CHANGED_ENDINGS = dict.fromkeys(
    ("ca", "da", "de", "en", "es", "eu", "fr", "hi", "hu", "hy", "it", "lt", "ne", "no", "pt", "ro", "ru", "sv"), 2
) | {"tr": 2, "nl": 3}
_MAY_CHANGE_START = frozenset({"tr", "nl"})  # even the first two letters of a short stem, as in aben, aab
# Words with one of these strings have stems that differ further on: dying, die; fuer, fur; abgefallen, abfal.
_IRREGULAR = {"en": ("ying",), "de": ("ae", "oe", "ue"), "nl": ("ge",)}
MANY_STRINGS = 8  # above this, cutting the text at spaces is faster than looking up each string
_SHORTEST = 2  # characters; a single letter is in too many pieces

# Pieces with these may fold to a term that they do not contain: é, U.S., 1,000.
_ODD = re.compile(rf"[^{PLAIN}]|\.\w|,\d")
_ODD_ASCII = (re.compile(r"\.\w"), re.compile(r",\d"))  # fast, since they begin with a literal

Piece = tuple[int, str]  # start in the text, and the piece


def pieces_of(text: str) -> list[str]:
    """Split `text` at every space and line end; exactly one character separates two pieces."""
    return text.replace("\n", " ").split(" ")


class PieceSearch:
    """Finds the pieces of texts in `language` that may contain one of `terms`, or a word that starts with a prefix.

    These are all that do, and some more.
    """

    def __init__(self, terms: Collection[str], prefixes: Collection[str], language: str) -> None:
        self._strings = _search_strings(terms, prefixes, language)

    def __call__(self, text: str) -> list[Piece]:
        """Return the pieces in their order. The time is linear in the text."""
        spaced = f" {text} ".replace("\n", " ")  # every piece is between spaces
        lowered = spaced.lower()
        if self._strings is None or len(lowered) != len(spaced):  # lower() never shortens: equal lengths, equal offsets
            return list(_all_pieces(text))
        starts: dict[int, int] = {}
        for string in self._strings:
            at = lowered.find(string)
            while at >= 0:
                end = starts[spaced.rfind(" ", 0, at) + 1] = spaced.find(" ", at)
                at = lowered.find(string, end)
        for pattern in _ODD_ASCII if spaced.isascii() else (_ODD,):
            match = pattern.search(spaced)
            while match:
                end = starts[spaced.rfind(" ", 0, match.start()) + 1] = spaced.find(" ", match.start())
                match = pattern.search(spaced, end)
        return [(start - 1, spaced[start:end]) for start, end in sorted(starts.items())]


def _all_pieces(text: str) -> Iterator[Piece]:
    start = 0
    for piece in pieces_of(text):
        yield start, piece
        start += len(piece) + 1


def _search_strings(terms: Iterable[str], prefixes: Iterable[str], language: str) -> Sequence[str] | None:
    """Return strings in lower case, one of which is in each plain piece that matches.

    Return None if no such strings are known, or if they are too many.

    A string that contains a different one is left out.
    """
    strings = [*prefixes, *_IRREGULAR.get(language, ())]
    for term in terms:
        if _HAN.match(term):
            strings.append(term)
        elif (beginning := _unchanged_beginning(term, language)) is not None:
            strings.append(beginning)
        else:
            return None
    if any(len(string) < _SHORTEST and not _HAN.match(string) for string in strings):
        return None
    distinct: list[str] = []
    for string in sorted(set(strings), key=len):
        if not any(shorter in string for shorter in distinct):
            distinct.append(string)
    return distinct if len(distinct) <= MANY_STRINGS else None


def _unchanged_beginning(term: str, language: str) -> str | None:
    """Return the letters that every plain word with the stem `term` contains; None if there is no such rule."""
    changed = _CHANGED_ENDINGS.get(language)
    if changed is None:
        return None
    least = 0 if language in _MAY_CHANGE_START else _SHORTEST
    return term[: max(len(term) - changed, least)]
