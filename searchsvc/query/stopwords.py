"""Stop words: function words that do not decide which documents match."""

import unicodedata
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from searchsvc.analysis import FUNCTION_WORDS, function_words
from searchsvc.query.ast import (
    AstNode,
    Word,
    children,
)

MIN_EVIDENCE = 2  # function words that show which language a query is in


def ignorable_words(root: AstNode, languages: Sequence[str]) -> AbstractSet[str]:
    """The function words of the language that a query seems to be in, by how many of them it has.

    The first of `languages` is assumed, unless a query has two or more function words of another: a
    function word of one may be what is looked for in another (the German for "was" is "war"). If several
    are as likely, only what they have in common counts.
    """
    if len(languages) == 1:
        return function_words(languages[0])
    typed = [_as_listed(word) for word in _words(root)]
    counts = {language: sum(map(function_words(language).__contains__, typed)) for language in languages}
    most = max(counts.values())
    if most < MIN_EVIDENCE and counts[languages[0]] < most:
        return function_words(languages[0])
    return frozenset.intersection(*(function_words(each) for each, count in counts.items() if count == most))


def is_function_word(node: AstNode, stopwords: AbstractSet[str] = FUNCTION_WORDS) -> bool:
    """Whether `node` is a word that carries grammar rather than meaning, typed freely."""
    if not isinstance(node, Word) or node.prefix or node.edits:
        return False
    return _as_listed(node) in stopwords


def _as_listed(word: Word) -> str:
    """A word as lists of function words have it: accents that were typed count, as thé is not the."""
    return unicodedata.normalize("NFC", word.text).strip("?!.,;:¿¡").lower()


def _words(root: AstNode) -> Iterator[Word]:
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Word):
            yield node
        else:
            stack.extend(children(node))
