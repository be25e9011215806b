"""Typed text to tokens: words, phrases, parentheses and signs."""

import re
from collections.abc import Iterator

from searchsvc.query.ast import ALIASES, FIELDS
from searchsvc.query.sign_reading import has_operator_words

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
    r"(?P<plus>\+(?=[^\s+\-)\d]))",  # +1 and +44 are numbers
)
_SPOKEN = (
    r'(?P<either>OR(?=[\s()"]|$))',
    r'(?P<not>NOT(?=[\s("]))',
    r'(?P<and>AND(?=[\s()"]|$))',
)
_WORD = r'(?P<word>[^\s"()|]++)'

_LEXEME = re.compile("|".join((*_SIGNS, *_SPOKEN, _WORD)))
_LEXEME_OF_A_TITLE = re.compile("|".join((*_SIGNS, _WORD)))


def normal(text: str) -> str:
    """Return `text` with one kind of quotes and signs and without control characters; the length stays the same."""
    return text.translate(_NORMAL)


def lexemes(text: str) -> Iterator[re.Match[str]]:
    """Return the tokens of normalised text; `lastgroup` is the kind of each."""
    return (_LEXEME if has_operator_words(text) else _LEXEME_OF_A_TITLE).finditer(text)
