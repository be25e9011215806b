"""Typed text to tokens: words, phrases, parentheses and signs."""

import re
from collections.abc import Iterator

from searchsvc.analysis import FUNCTION_WORDS
from searchsvc.query.ast import ALIASES, FIELDS

# Every character is replaced by one character, so that spans fit the typed text.
_NORMAL = str.maketrans(
    dict.fromkeys("“”„‟«»〝〞＂", '"')
    | dict(zip("（）：｜＊～＋－", "():|*~+-", strict=True))
    | dict.fromkeys(map(chr, [*range(0x20), *range(0x7F, 0xA0)]), " ")
)

_FIELD = f"(?i:{'|'.join((*FIELDS, *ALIASES))}):"
# A run of parentheses, names or bars is one lexeme: a thousand of them cost no more than one.
_SIGNS = (
    r'(?P<phrase>"[^"]*+"?)',
    r"(?P<open>\(++)",
    r"(?P<close>\)++)",
    r'(?P<weight>(?<=[")])[~^][^\s"()|]*+)',
    rf"(?P<field>(?:{_FIELD})++)(?=[^\s)])",
    r"(?P<or>\|[|\s]*+)",
    r"(?P<minus>-(?=[^\s\-)]))",
    r"(?P<plus>\+(?=[^\s+\-)]))",
)
_SPOKEN = (
    r'(?P<either>OR(?=[\s()"]|$))',
    r'(?P<not>NOT(?=[\s("]))',
    r'(?P<and>AND(?=[\s()"]|$))',
)
_WORD = r'(?P<word>[^\s"()|]++)'

_LEXEME = re.compile("|".join((*_SIGNS, *_SPOKEN, _WORD)))
_LEXEME_OF_A_TITLE = re.compile("|".join((*_SIGNS, _WORD)))
PROSE_WORDS, PROSE_FUNCTION_WORDS = 10, 3
LONG_PROSE = 256  # code points; a longer text is certainly prose

_OPERATOR_WORDS = re.compile(r"\b(?:OR|AND|NOT)\b")


def normal(text: str) -> str:
    """Return `text` with one kind of quotes and signs and without control characters; the length stays the same."""
    return text.translate(_NORMAL)


def lexemes(text: str) -> Iterator[re.Match[str]]:
    """Return the tokens of normalised text; `lastgroup` is the kind of each."""
    return (_LEXEME if _has_operators(text) else _LEXEME_OF_A_TITLE).finditer(text)


def is_prose(text: str) -> bool:
    """Return whether `text` is a sentence, in which capitals are emphasis and quotation marks are quotation."""
    words = text.split(maxsplit=LONG_PROSE)
    return len(words) >= PROSE_WORDS and sum(map(FUNCTION_WORDS.__contains__, words)) >= PROSE_FUNCTION_WORDS


def _has_operators(text: str) -> bool:
    """Whether OR, AND and NOT are operators in this text.

    In "NATO OR EU" they are. In "TO BE OR NOT TO BE", a title in capitals, and in "the army is NOT calling up
    anybody for the war", a sentence, they are not.
    """
    remaining = _OPERATOR_WORDS.sub(" ", text)
    shouted = remaining.isupper() and not FUNCTION_WORDS.isdisjoint(remaining.lower().split())
    return not shouted and not is_prose(text) and any(map(str.isalnum, remaining))
