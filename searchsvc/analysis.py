"""Text analysis: one analyzer for indexing, queries and highlighting, in every engine."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import chain
from typing import NamedTuple

import Stemmer

LONGEST_TERM = 64  # characters; one unbroken run of letters would otherwise make a term of megabytes
_MOST_PARTS = 4  # of a cached word
DEFAULT_LANGUAGE = "en"

# ISO 639-1 code to the name of the Snowball algorithm (https://snowballstem.org).
SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


class Token(NamedTuple):
    """A term with its span in code points and its position in tokens."""

    term: str
    start: int
    end: int
    position: int


# Where Unicode has combining marks: not among ideographs, Hangul and cuneiform, and looking there takes 10 ms.
MARKED = (range(0x80, 0x3400), range(0xA000, 0xAC00), range(0xFB00, 0x12000), range(0x13400, 0x14500),
          range(0x16000, 0x17000), range(0x1BC00, 0x1F000))  # fmt: skip


def _marks() -> str:
    """Combining marks below the private planes, as ranges for a character class."""
    points = [p for p in chain(*MARKED) if unicodedata.category(chr(p))[0] == "M"]
    starts = [p for p, previous in zip(points, [-1, *points], strict=False) if p != previous + 1]
    ends = [p for p, after in zip(points, [*points[1:], -1], strict=False) if p + 1 != after]
    return "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(starts, ends, strict=True))


_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\U00020000-\U0003ffff"
# Thai, Lao, Burmese, Khmer and their relatives: the scripts of Unicode's line breaking class SA, without their digits.
_SOUTH_EAST_ASIAN = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f"
    "\u1780-\u17d3\u17d7\u17dc\u17dd\u1950-\u19cf\u1a20-\u1a7c\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaadf"
)
UNSPACED = _HAN + _SOUTH_EAST_ASIAN  # characters of scripts without spaces between words
# Python's \\w has no combining marks, though many scripts write their vowels with them.
_MARKS = _marks()
_IN_WORD = rf"[\w{_MARKS}{_INVISIBLE}]"
_APOSTROPHES = "'\u2019\u02bc\uff07"
# An accent may be a code point of its own, and so may the parts of a Korean syllable.
_LETTER = rf"(?:[\u1100-\u115f][\u1160-\u11ff]*+|[^\W\d_])[{_MARKS}]*+"
# No repetition can match the same text in two ways, so matching is linear in the text; the
# bound on U.S.-like words keeps a failed look-ahead from rescanning a run of them.
WORD = re.compile(
    rf"(?:{_LETTER}\.){{2,8}}(?:{_LETTER}(?!\w))?(?!\w)"  # U.S. and e.g.
    r"|\d++(?:[.,]\d++)+"  # 3.5 and 1,000
    rf"|{_IN_WORD}++(?:[{_APOSTROPHES}]{_IN_WORD}++)*"  # words, don't
)
_IDEOGRAPH = re.compile(f"[{_HAN}]")
_HANGUL = "\uac00-\ud7a3"
_HANGUL_WORD = re.compile(f"[{_HANGUL}]{{2,}}")
_HAS_SYLLABLE = re.compile(f"[{_HAN}{_HANGUL}]")
_PIECE = re.compile(rf"[{UNSPACED}][{UNSPACED}{_INVISIBLE}]*|[^_{UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
# Kana and its voicing may be two code points. Thai vowels and tones, and the subscript consonants that the signs
# U+1039 (Burmese), U+17D2 (Khmer) and U+1A60 (Tai Tham) introduce, belong to the consonant before them.
_CHARACTER = re.compile(
    rf".[\u3099\u309a\uff9e\uff9f{_MARKS}{_INVISIBLE}]*(?:(?<=[\u1039\u17d2\u1a60]).[{_MARKS}{_INVISIBLE}]*)*"
)
# Arabic and Hebrew points, which most texts leave out, and the stroke that only lengthens an Arabic word.
_OPTIONAL = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u0652\u0670"
_DELETED = re.compile(f"[{_INVISIBLE}]")
_POINTS = re.compile(f"[{_OPTIONAL}]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_ACCENTED_SCRIPTS = re.compile("[\u00c0-\u024f\u0370-\u03ff\u1e00-\u1fff]")

_FOLDED_BY_HAND = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ё": "е"}
    | dict.fromkeys(_APOSTROPHES, "'")
    | dict.fromkeys("أإآٱ", "ا")  # the forms of alef are interchangeable
)


def fold(word: str) -> str:
    """Return `word` without case, accents, compatibility forms and invisible characters.

    Unicode NFKC, then case folding. Accents are removed from Latin and Greek only: in other scripts marks are
    vowels (Hindi) or make a different letter (Russian й). Arabic and Hebrew points are removed, as they are rarely
    written, and the forms of alef are unified.
    """
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFKC", _DELETED.sub("", word)).casefold()
    folded = _POINTS.sub("", unicodedata.normalize("NFC", folded))
    if _ACCENTED_SCRIPTS.search(folded) or _ACCENTS.search(folded):
        folded = "".join(_without_accent(character) for character in folded)
    return folded.translate(_FOLDED_BY_HAND)  # last, since ǽ is æ with an accent


def _without_accent(character: str) -> str:
    if _ACCENTS.match(character):
        return ""
    if _ACCENTED_SCRIPTS.match(character):
        return _ACCENTS.sub("", unicodedata.normalize("NFKD", character))
    return character


class Analyzer:
    """Split text into terms of one language; the analysis of each distinct word is cached.

    Safe to use from several threads, as threads can only add equal entries to the cache.
    """

    CACHED_WORDS = 50_000  # about 13 MB

    def __init__(self, language: str = DEFAULT_LANGUAGE) -> None:
        self.language = language
        # Without the stemmer's own cache: a word comes here once, and clearing old entries costs more than stems.
        self._stemmer = Stemmer.Stemmer(SNOWBALL[language], 0) if language in SNOWBALL else None
        self._cache: dict[str, tuple[tuple[str, int, int], ...]] = {}
        self._terms = _Terms(self)

    def tokens(self, text: str) -> Iterator[Token]:
        """Yield the terms of `text` in order, with spans and positions."""
        position = 0
        for match in WORD.finditer(text):
            begin = match.start()
            for term, start, end in self.analyse(match.group()):
                yield Token(term, begin + start, begin + end, position)
                position += 1

    def terms(self, text: str) -> list[str]:
        """Return the terms of `text` in order."""
        return list(chain.from_iterable(map(self._terms.__getitem__, WORD.findall(text))))

    def analyse(self, word: str) -> tuple[tuple[str, int, int], ...]:
        """Return (term, start, end) for the terms of one match of WORD; offsets within the word."""
        cached = self._cache.get(word)
        if cached is None:
            if word.isalpha() and word.isascii() and len(word) <= LONGEST_TERM:
                cached = (
                    (self.stem(word.lower()), 0, len(word)),
                )  # equal to the general case, in a quarter of the time
            else:
                cached = tuple((self.stem(text) if stems else text, a, b) for text, a, b, stems in folded_parts(word))
            if len(self._cache) >= self.CACHED_WORDS:
                self._cache.clear()
            if _is_worth_caching(word, cached):
                self._cache[word] = cached
        return cached

    def stem(self, folded: str) -> str:
        """Return the stem of a folded word."""
        return self._stemmer.stemWord(folded) if self._stemmer else folded

    def stems(self, folded: list[str]) -> list[str]:
        """Return the stems of folded words, in one call to the compiled stemmer."""
        return self._stemmer.stemWords(folded) if self._stemmer else folded


class _Terms(dict[str, tuple[str, ...]]):
    """Cached terms of words, for whole texts: one lookup per word."""

    def __init__(self, analyzer: Analyzer) -> None:
        super().__init__()
        self._analyse = analyzer.analyse

    def __missing__(self, word: str) -> tuple[str, ...]:
        if len(self) >= Analyzer.CACHED_WORDS:
            self.clear()
        terms = tuple(term for term, _, _ in self._analyse(word))
        if _is_worth_caching(word, terms):
            self[word] = terms
        return terms


def _is_worth_caching(word: str, parts: Sequence[object]) -> bool:
    """Whether to cache the analysis of a word.

    Long words and clauses without spaces rarely recur, and take much memory.
    """
    return len(word) <= LONGEST_TERM and len(parts) <= _MOST_PARTS


def folded_parts(word: str) -> Iterator[tuple[str, int, int, bool]]:
    """Yield (folded text, start, end, has stem) for the parts of a word, before stemming."""
    if "." in word and not word[0].isdigit():  # U.S. is also written US
        yield _folded(word.replace(".", "")), 0, len(word), True
        return
    for piece in _PIECE.finditer(word):
        if _IS_UNSPACED.match(piece.group()):
            for pair, start, end in _bigrams(piece.group(), piece.start()):
                yield pair, start, end, False
        elif folded := _folded(piece.group()):
            yield folded, piece.start(), piece.end(), True


def _folded(word: str) -> str:
    folded = fold(word[: LONGEST_TERM * 4])
    if folded[:1].isdigit():
        folded = folded.replace(",", "")
    return folded.replace(" ", "").strip("'")[:LONGEST_TERM]


def _bigrams(run: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield overlapping pairs of a run of characters of a script without spaces between words."""
    spans = [match.span() for match in _CHARACTER.finditer(run)]
    folded = fold(run) == run  # then so is every part of it: Unicode's normal forms are closed under cutting
    for (begin, _), (_, end) in zip(spans, spans[1:] or spans, strict=False):
        pair = run[begin:end]
        yield pair if folded else fold(pair), start + begin, start + end


def is_ideograph(term: str) -> bool:
    """Return whether `term` is a single ideograph or kana, which is indexed alone only where no other is next to it."""
    return _IDEOGRAPH.fullmatch(term) is not None


def is_hangul_word(folded: str) -> bool:
    """Return whether a folded word has two or more Korean syllables and nothing else; particles may follow it."""
    return _HANGUL_WORD.fullmatch(folded) is not None


def has_syllable(text: str) -> bool:
    """Return whether `text` has an ideograph, kana or Korean syllable, which says as much as several letters."""
    return _HAS_SYLLABLE.search(unicodedata.normalize("NFC", text)) is not None


def characters(run: str) -> Iterator[tuple[str, int, int]]:
    """Yield (folded character, start, end) for each character of a script without spaces between words."""
    return ((fold(match.group()), *match.span()) for match in _CHARACTER.finditer(run))


@cache
def analyzer(language: str) -> Analyzer:
    """Return the shared analyzer of a language."""
    return Analyzer(language)


def analysed_as(language: str, configured: str) -> str:
    """Return the language whose stemmer documents in `language` are indexed with."""
    return language if language in SNOWBALL else configured


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the listed function words of a language, in lower case, as written and folded; empty if it has no list.

    Function words are indexed, since phrases need them. They do not decide which documents match a query that has
    any other word.
    """
    return frozenset(form for word in _function_word_lists().get(language, "").split() for form in (word, fold(word)))


@cache
def _function_word_lists() -> Mapping[str, str]:
    return tomllib.loads((resources.files("searchsvc") / "function_words.toml").read_text("utf-8"))


FUNCTION_WORDS = function_words(DEFAULT_LANGUAGE)
