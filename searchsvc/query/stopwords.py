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
    """Return the function words of the language that the query seems to be in.

    The first of `languages` is assumed, unless the query has two or more function words of another language: the
    German for "was" is "war". If several languages are equally likely, only their common function words are
    returned.
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
    """Return whether `node` is a plain word with grammatical rather than lexical meaning."""
    if not isinstance(node, Word) or node.prefix or node.edits:
        return False
    return _as_listed(node) in stopwords


def _as_listed(word: Word) -> str:
    """The word in the form of the lists of function words. Typed accents count: thé is not the."""
    return unicodedata.normalize("NFC", word.text).strip("?!.,;:¿¡").lower()


def _words(root: AstNode) -> Iterator[Word]:
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Word):
            yield node
        else:
            stack.extend(children(node))
