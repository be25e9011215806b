"""Other ways to write a word: e-mail and email, F-16 and F16, A. H. and A.H., 155.34 and 155,34.

The index has words as they are written, so a query looks up each variant. A variant is a sequence of words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from searchsvc.query.ast import AstNode, Word

# Only compounds with a short or listed part: the words of NATO-Russia are words of their own.
_COMPOUND = re.compile(r"([^\W_]+)([-.’'\u2010\u2011])([^\W_]+)", re.ASCII)
_SHORT_PART = 2  # characters
_FIRST_PARTS = re.compile("anti|auto|bi|co|de|ex|inter|mid|mini|multi|non|over|post|pre|pro|re|self|semi|sub|un")
_LAST_PARTS = frozenset({"js", "net", "io", "py"})
_LETTERS_AND_DIGITS = re.compile(r"([a-z]{1,12})(\d{1,4})|(\d{1,4})([a-z]{1,3})")
_WITH_LAST_PART = re.compile(rf"([a-z]{{3,16}})({'|'.join(sorted(_LAST_PARTS))})")
_CONTRACTIONS = frozenset({"d", "ll", "m", "re", "s", "ve"})  # after an apostrophe; the stemmer removes 's
_IRISH_NAMES = re.compile(  # OBrien
    "o(brien|callaghan|connell|connor|dea|donnell|donoghue|dowd|driscoll|flaherty|gorman|grady|hagan|halloran|hanlon|"
    "hara|hare|keefe|leary|mahony|malley|meara|neal|neill|regan|reilly|riordan|rourke|shaughnessy|shea|sullivan|toole)"
)
# Words that are also written with a hyphen: after their first letter, as a rule.
_ALSO_HYPHENATED = re.compile(
    "(e)(bike|book|cigarette|commerce|government|learning|mail|mobility|paper|reader|scooter|sport|ticket|voting)(s?)"
    "|(t)(shirt)(s?)|(u)(boat|turn)(s?)|(x)(ray)(s?)"
    "|(co)(o[a-z]{4,})|(re|pre|de)(e[a-z]{4,})|(anti|semi)(i[a-z]{4,})"  # or between two equal vowels
)
_MANY_DIGITS = 5  # the index has 3,5 as 35, which is too often a number of its own
_DECIMAL = re.compile(r"(\d+)([.,])(\d+)")
_THOUSANDS = re.compile(r"\d{1,3}\.\d{3}")
_VERSION = re.compile(r"\d{1,2}\.\d{1,2}")
_POINT_RELEASE = re.compile(r"(\d{1,2}\.\d{1,2})(?:\.\d{1,3})+")
_INITIAL = re.compile(r"[^\W\d_]\.")
_INITIALS = re.compile(r"(?:[^\W\d_]\.){2,8}")


def spelling_variants(text: str) -> Iterator[Sequence[str]]:
    """Yield the words of each other way to write `text`, a word without spaces."""
    folded = text.lower()
    if decimal := _DECIMAL.fullmatch(text):
        if decimal[2] == ",":
            yield [f"{decimal[1]}.{decimal[3]}"]
        elif len(text) > _MANY_DIGITS or _THOUSANDS.fullmatch(text):
            yield [f"{decimal[1]},{decimal[3]}"]
    elif match := _COMPOUND.fullmatch(text):
        if _is_short_compound(*match.groups()):
            yield [match[1] + match[3]]
    elif release := _POINT_RELEASE.fullmatch(text):
        yield [release[1]]
    elif _INITIALS.fullmatch(text):
        yield text.replace(".", " ").split()
    elif match := _LETTERS_AND_DIGITS.fullmatch(folded) or _WITH_LAST_PART.fullmatch(folded):
        yield [part for part in match.groups() if part]
    elif match := _ALSO_HYPHENATED.fullmatch(folded):
        first, *rest = (part for part in match.groups() if part)
        yield [first, "".join(rest)]
    elif match := _IRISH_NAMES.fullmatch(folded):
        yield [f"o'{match[1]}"]


def is_version(text: str) -> bool:
    """Return whether `text` may be a version such as 3.12, which 3.12.1 belongs to."""
    return _VERSION.fullmatch(text) is not None


def _is_short_compound(first: str, sign: str, last: str) -> bool:
    if (first.isdigit() and last.isdigit()) or (sign in "’'" and last.lower() in _CONTRACTIONS):
        return False
    if min(len(first), len(last)) <= _SHORT_PART or last.lower() in _LAST_PARTS:
        return True
    return _FIRST_PARTS.fullmatch(first.lower()) is not None


def join_initials(units: Sequence[AstNode]) -> Iterator[AstNode]:
    """Yield `units` with words that are initials in a row, such as A. H., as one word, A.H."""
    run: list[Word] = []
    for unit in (*units, None):
        if isinstance(unit, Word) and _INITIAL.fullmatch(unit.text):
            run.append(unit)
            continue
        if len(run) > 1:
            yield replace(run[0], text="".join(word.text for word in run), end=run[-1].end)
        else:
            yield from run
        run = []
        if unit is not None:
            yield unit


def with_other_initials(words: Sequence[str]) -> Sequence[str] | None:
    """Return the words of a phrase with its initials joined, or apart if they are joined; None if it has none."""
    apart = [part for word in words for part in (word.split(".") if _INITIALS.fullmatch(word) else [word]) if part]
    if len(apart) != len(words):
        return apart
    joined: list[str] = []
    after_initial = False
    for word in words:
        is_initial = len(word) == 1 and word.isupper()
        if is_initial and after_initial:
            joined[-1] += word
        else:
            joined.append(word)
        after_initial = is_initial
    return joined if len(joined) != len(words) else None
