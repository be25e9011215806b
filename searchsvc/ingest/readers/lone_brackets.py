"""Brackets of Markdown that begin no link.

A Markdown parser looks from each opening bracket for the one that closes it. A text with thousands of brackets that
nothing closes, or of brackets nested deeply, therefore takes quadratic time.
"""

import re

MAX_LONE = 200  # opening brackets of a text that begin no link, from which they are replaced
LONE_BRACKET = "\x05"  # in place of one, until the text is parsed; no text holds it after `printable`
_MAX_LEVELS = 20  # of brackets in brackets that may be links
_BRACKET = re.compile(r"\\[^\n]|[\[\]]|\n[ \t>]*\n")  # or an escaped character, or the end of a paragraph


def without_lone_brackets(text: str) -> str:
    """Return a text with LONE_BRACKET in place of opening brackets that begin no link, if there are many."""
    if text.count("[") <= MAX_LONE:
        return text
    lone = _lone_brackets(text)
    if len(lone) <= MAX_LONE:
        return text
    characters = list(text)
    for offset in lone:
        characters[offset] = LONE_BRACKET
    return "".join(characters)


def _lone_brackets(text: str) -> list[int]:
    """Return the offsets of opening brackets that nothing closes in their paragraph, or that hold too many levels."""
    lone, opened = list[int](), list[int]()
    levels = [0]  # of closed brackets inside each opened one, and outside of all
    for match in _BRACKET.finditer(text):
        if match[0] == "[":
            opened.append(match.start())
            levels.append(0)
        elif match[0] == "]" and opened:
            start, level = opened.pop(), levels.pop() + 1
            levels[-1] = max(levels[-1], level)
            if level > _MAX_LEVELS:
                lone.append(start)
        elif match[0][0] == "\n":
            lone += opened
            opened, levels = [], [0]
    return sorted(lone + opened)
