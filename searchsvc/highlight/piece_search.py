"""The pieces of a text that may contain a term, without analysing the text.

A stem shares its beginning with the words that have it. So the pieces with a term are among those that contain the
beginning of the term, which is looked up as a string. For many terms, or a single letter, each different
piece is compared with their beginnings instead. Where that is not so, every piece counts as a candidate.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate, compress, count
from typing import NamedTuple

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
# First the ending of these stems: the strings are looked up only if a term has it.
_IRREGULAR = {"en": ("ie", ("ying",)), "de": ("", ("ae", "oe", "ue")), "nl": ("", ("ge",))}
MANY_STRINGS = 8  # above this, comparing each different piece is faster than looking up each string
AROUND_WORDS = ".,;:!?\"'()[]"  # no part of a word, at its edges
_SHORTEST = 2  # characters; a single letter is in too many pieces

# Pieces with these may fold to a term that they do not contain: é, U.S., 1,000.
# Several patterns are faster than one, as a literal at the beginning is looked up quickly.
_ODD_ASCII = (re.compile(r"\.\w"), re.compile(r",\d"))
_ODD = (re.compile(f"[^{PLAIN}]"), *_ODD_ASCII)

# ASCII in lower case, with a space in place of all but letters and digits: words begin after a space.
_WORD_EDGES = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128)).encode() + bytes(128)

Piece = tuple[int, str]  # start in the text, and the piece


class SearchString(NamedTuple):
    """String in lower case. If it `begins_word`, occurrences after an ASCII letter are skipped."""

    text: str
    begins_word: bool

    def finds_all_of(self, other: "SearchString") -> bool:
        """Return whether this string is in each piece that has the other."""
        if not self.begins_word:
            return self.text in other.text
        return other.begins_word and other.text.startswith(self.text)


def pieces_of(text: str) -> list[str]:
    """Split `text` at every space and line end; exactly one character separates two pieces."""
    return text.replace("\n", " ").split(" ")


class PieceSearch:
    """Finds the pieces of texts in `language` that may contain one of `terms`, or a word that starts with a prefix.

    These are all that do, and some more.
    """

    def __init__(self, terms: Collection[str], prefixes: Collection[str], language: str) -> None:
        strings = _search_strings(terms, prefixes, language)
        distinct = _distinct_strings(strings) if strings is not None else []
        looked_up = len(distinct) <= MANY_STRINGS and not any(_in_too_many_pieces(each.text) for each in distinct)
        self._strings = distinct if looked_up else []
        begin_words = all(each.begins_word and each.text.isascii() and each.text.isalnum() for each in self._strings)
        self._word_beginnings = [f" {each.text}".encode() for each in self._strings] if begin_words else []
        self._may_match = None if looked_up or strings is None else _PlainWords(strings)

    def __call__(self, text: str) -> list[Piece]:
        """Return the pieces in their order. The time is linear in the text."""
        if self._may_match is not None:
            return _chosen_pieces(text, self._may_match)
        spaced = f" {text} ".replace("\n", " ")  # every piece is between spaces
        is_ascii = spaced.isascii()
        starts: dict[int, int] = {}
        if is_ascii and self._word_beginnings:
            edges = spaced.encode().translate(_WORD_EDGES)
            for beginning in self._word_beginnings:
                _add_pieces_beginning(starts, spaced, edges, beginning)
        else:
            lowered = spaced.lower()
            if not self._strings or len(lowered) != len(spaced):  # lower() never shortens: equal lengths, equal offsets
                return _chosen_pieces(text, None)
            for string, begins_word in self._strings:
                _add_pieces(starts, spaced, lowered, string, begins_word)
        for pattern in _ODD_ASCII if is_ascii else _ODD:
            match = pattern.search(spaced)
            while match:
                end = starts[spaced.rfind(" ", 0, match.start()) + 1] = spaced.find(" ", match.start())
                match = pattern.search(spaced, end)
        return [(start - 1, spaced[start:end]) for start, end in sorted(starts.items())]

    def in_texts(self, texts: Sequence[str]) -> list[list[Piece]]:
        """Return the pieces of each text. ASCII texts are searched at once, as each search has its fixed cost.

        Other texts are searched one by one: all would take the time of the most unusual characters among them.
        """
        pieces: list[list[Piece]] = [[] if text.isascii() else self(text) for text in texts]
        ascii_texts = [(text, here) for text, here in zip(texts, pieces, strict=True) if text.isascii()]
        joined_pieces = self("\n".join(text for text, _ in ascii_texts))
        index, end = 0, -1
        for text, here in ascii_texts:
            start, end = end + 1, end + 1 + len(text)
            while index < len(joined_pieces) and joined_pieces[index][0] <= end:
                at, piece = joined_pieces[index]
                here.append((at - start, piece))
                index += 1
        return pieces


def _add_pieces_beginning(starts: dict[int, int], spaced: str, edges: bytes, beginning: bytes) -> None:
    """Add start and end of the pieces of `spaced` with a word that starts with `beginning`, which has a space first."""
    at = edges.find(beginning)
    while at >= 0:
        before = at if spaced[at] == " " else spaced.rfind(" ", 0, at)
        end = starts[before + 1] = spaced.find(" ", at + 1)
        at = edges.find(beginning, end)


def _add_pieces(starts: dict[int, int], spaced: str, text: str, string: str, begins_word: bool) -> None:
    """Add start and end of the pieces of `spaced` that have `string` at the same place of `text`."""
    at = text.find(string)
    while at >= 0:
        if begins_word and "a" <= text[at - 1] <= "z":
            at = text.find(string, at + 1)
            continue
        end = starts[spaced.rfind(" ", 0, at + 1) + 1] = spaced.find(" ", at + 1)
        at = text.find(string, end)


class _PlainWords(dict[str, bool]):
    """Whether a piece may contain a term, cached; only a single word of ASCII letters is known not to.

    `strings`: one of them is in each piece that matches.
    """

    def __init__(self, strings: Collection[SearchString]) -> None:
        anywhere = [re.escape(each.text) for each in strings if not each.begins_word]
        self._anywhere = re.compile("|".join(anywhere) if anywhere else "(?!)")
        self._beginnings = tuple(each.text for each in strings if each.begins_word)
        self._first_letters = {string[:2] for string in self._beginnings}

    def __missing__(self, piece: str) -> bool:
        word = piece.strip(AROUND_WORDS)
        may_match = self[piece] = word != "" and self._may_match(word)
        return may_match

    def _may_match(self, word: str) -> bool:
        if not (word.isalpha() and word.isascii()):
            return True
        lowered = word.lower()
        begins = lowered[:2] in self._first_letters or lowered[0] in self._first_letters
        return (begins and lowered.startswith(self._beginnings)) or self._anywhere.search(lowered) is not None


def _chosen_pieces(text: str, may_match: "_PlainWords | None") -> list[Piece]:
    pieces = pieces_of(text)
    numbered = zip(count(), accumulate(map(len, pieces), initial=0), pieces, strict=False)
    chosen = compress(numbered, map(may_match.__getitem__, pieces)) if may_match is not None else numbered
    return [(spaces + letters, piece) for spaces, letters, piece in chosen]


def _search_strings(terms: Collection[str], prefixes: Iterable[str], language: str) -> set[SearchString] | None:
    """Return strings in lower case, one of which is in each plain piece that matches; None if no such are known."""
    starts_stay = language not in _MAY_CHANGE_START
    strings = {SearchString(each, starts_stay) for each in prefixes}
    ending, irregular = _IRREGULAR.get(language, ("", ()))
    if any(term.endswith(ending) for term in terms):
        strings |= {SearchString(each, False) for each in irregular}
    for term in terms:
        if _HAN.match(term):
            strings.add(SearchString(term, False))
        elif (beginning := _unchanged_beginning(term, language)) is not None:
            strings.add(SearchString(beginning, starts_stay))
        else:
            return None
    return strings


def _in_too_many_pieces(string: str) -> bool:
    return len(string) < _SHORTEST and not _HAN.match(string)


def _distinct_strings(strings: Iterable[SearchString]) -> list[SearchString]:
    """Return the strings, shortest first, without those whose pieces a different one finds."""
    distinct: list[SearchString] = []
    for string in sorted(strings, key=lambda each: (len(each.text), each)):
        if not any(shorter.finds_all_of(string) for shorter in distinct):
            distinct.append(string)
    return distinct


def _unchanged_beginning(term: str, language: str) -> str | None:
    """Return the letters that every plain word with the stem `term` contains; None if there is no such rule."""
    changed = _CHANGED_ENDINGS.get(language)
    if changed is None:
        return None
    least = 0 if language in _MAY_CHANGE_START else _SHORTEST
    return term[: max(len(term) - changed, least)]
