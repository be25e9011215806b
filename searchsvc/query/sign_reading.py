"""Whether the signs of a query are operators or text: one decision per query, from all of its text.

A pasted sentence, headline or post has quotation marks, dashes and bars too. There, `-Socrates` names the author of a
quotation and excludes nothing.
"""

import re

from searchsvc.analysis import FUNCTION_WORDS
from searchsvc.query.ast import ALIASES, FIELDS

AUTO_SYNTAX, OPERATORS, LITERAL = "auto", "operators", "literal"
SYNTAXES = (AUTO_SYNTAX, OPERATORS, LITERAL)

PROSE_WORDS, PROSE_FUNCTION_WORDS = 10, 3
LONG_PROSE = 256  # words; a longer text is certainly prose
POST_WORDS = 5  # words of a post with a hashtag, a name or an address
TITLE_WORDS = 3  # words before the bar in "Headline of a page | Name of the site"
MIN_ATTRIBUTED = (6, 3)  # words and function words before -Socrates, without quotation marks or a full stop
QUOTATION_WORDS, HEADLINE_WORDS = 6, 4  # words of a phrase that may be a quotation, and of one in title case
FEW_QUOTED = 3  # words; a shorter quotation before -Socrates is a phrase to search for

SIGNS_AROUND = "\"'“”‘’.,;:!?()[]…–—-+"  # stripped from a word
_OPERATOR_WORDS = re.compile(r"\b(?:OR|AND|NOT)\b")
_SIGNS = re.compile(r'["()|]|(?<!\S)[-+]\S')
_FIELD = re.compile(rf"(?i:(?<![^\s(+-])(?:{'|'.join((*FIELDS, *ALIASES))}):[^\s)])")
_EDITED = re.compile(r"\w[*~]\d*(?![^\s)])")  # governm*, wrold~1
_POST = re.compile(r"(?<!\S)[#@]\w|https?://")
_EXCLUDED = re.compile(r"(?<!\S)-[^\W\d_]")
_SENTENCE_END = re.compile(r"\w[.!?…][\"')\]]*\s+\S")
_NAME = r"[^\W\d_a-z][\w.'’]*"
_PARTICLES = "of|de|da|van|von|der|the|bin|al"
_ATTRIBUTION = re.compile(rf"\s-\s?({_NAME}(?:\s(?:{_PARTICLES}))*(?:\s{_NAME}){{0,3}})[.\")]?\s*$")
_DESCRIBED = re.compile(r'"([^"]+)"\s*-\s?([^\W\d_A-Z][^"]*)$')  # "Salt keeps" -old saying of the market
_QUOTED_BEFORE = re.compile(r'"([^"]*)"\s*$')


def is_prose(text: str) -> bool:
    """Return whether `text` is a sentence, in which capitals are emphasis and quotation marks are quotation."""
    words = _words(text)
    return len(words) >= PROSE_WORDS and _function_words(words) >= PROSE_FUNCTION_WORDS


def has_operator_words(text: str) -> bool:
    """Return whether OR, AND and NOT are operators in this text.

    In "NATO OR EU" they are. In "TO BE OR NOT TO BE", a title in capitals, and in "the army is NOT calling up
    anybody for the war", a sentence, they are not.
    """
    remaining = _OPERATOR_WORDS.sub(" ", text)
    shouted = remaining.isupper() and not FUNCTION_WORDS.isdisjoint(remaining.lower().split())
    return not shouted and not is_prose(text) and any(map(str.isalnum, remaining))


def reads_as_text(text: str) -> bool:
    """Return whether the signs of a query are text; `text` has one kind of quotation marks and signs.

    A field, a prefix, a fuzzy word or a spoken operator shows that the signs are operators.
    """
    if not _SIGNS.search(text) or _has_sure_operators(text):
        return False
    words = _words(text)
    if is_prose(text) or (_POST.search(text) and len(words) >= POST_WORDS):
        return True
    return _is_attributed(text) or _is_page_title(text) or _is_sentence(text, words)


def is_quotation(phrase: str) -> bool:
    """Return whether a phrase may be a quotation or a headline: it is long, or fairly long and in title case."""
    words = phrase.split(maxsplit=LONG_PROSE)
    significant = [word for word in words if word.lower() not in FUNCTION_WORDS]
    is_title_case = all(word[:1].isupper() or not word[:1].isalpha() for word in significant)
    return len(words) >= (HEADLINE_WORDS if is_title_case and not phrase.isupper() else QUOTATION_WORDS)


def _has_sure_operators(text: str) -> bool:
    if _FIELD.search(text) or _EDITED.search(text):
        return True
    return _OPERATOR_WORDS.search(text) is not None and has_operator_words(text)


def _is_sentence(text: str, words: list[str]) -> bool:
    """Several sentences, or a long one with a full stop inside, and no word in lower case excluded."""
    if any(match.group()[1].islower() for match in _EXCLUDED.finditer(text)):
        return False
    return _SENTENCE_END.search(text) is not None and len(words) >= POST_WORDS and _function_words(words) > 1


def _is_attributed(text: str) -> bool:
    """Whether a quotation is followed by the name of a person, as in `Know thyself. -Socrates`."""
    if described := _DESCRIBED.search(text):
        saying, speaker = map(_words, described.groups())
        return min(len(saying), len(speaker)) >= FEW_QUOTED and _function_words(speaker) > 0
    match = _ATTRIBUTION.search(text)
    if match is None:
        return False
    before = text[: match.start()].rstrip()
    words = _words(before)
    if quoted := _QUOTED_BEFORE.search(before):
        inside = _words(quoted[1])
        return len(inside) >= FEW_QUOTED and (_function_words(inside) > 0 or len(inside) > FEW_QUOTED)
    if before.endswith((".", "!", "?", "…")) and len(words) > 1:
        return True
    least_words, least_function_words = MIN_ATTRIBUTED
    if " " in match[1]:  # first name and surname
        least_words, least_function_words = FEW_QUOTED, 1
    return len(words) >= least_words and _function_words(words) >= least_function_words


def _is_page_title(text: str) -> bool:
    """Whether a bar separates the title of a page from the name of its site."""
    title, bar, site = text.rpartition("|")
    if not bar or text.count("|") > 2 or "(" in text:
        return False
    return len(title.split()) >= TITLE_WORDS and title[:1].isupper() and site.strip()[:1].isupper()


def _words(text: str) -> list[str]:
    stripped = (word.strip(SIGNS_AROUND).lower() for word in text.split(maxsplit=LONG_PROSE))
    return [word for word in stripped if word]


def _function_words(words: list[str]) -> int:
    return sum(map(FUNCTION_WORDS.__contains__, words))
