"""Phrases of short queries in which function words have a meaning: vitamin A, The Who, to be or not to be."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from searchsvc.query.ast import AndClause, Phrase, Word
from searchsvc.query.stopwords import is_function_word

MAX_WORDS = 8  # of a query
MAX_SIGNIFICANT = 3  # words of a query that are no function words


def phrases_of_short_query(root: AndClause, stopwords: AbstractSet[str]) -> tuple[Phrase, ...]:
    """Return the phrases that documents score more for, if `root` is a short query with function words.

    The whole query is a phrase. So is its last significant word with the function words after it: benefits of
    vitamin A. Function words decide no match, so only the order of documents depends on these phrases.
    """
    words = [unit for unit in root.units if isinstance(unit, Word) and not (unit.prefix or unit.edits)]
    if len(words) < len(root.units) or not all(any(map(str.isalnum, word.text)) for word in words):
        return ()
    if not 2 <= len(words) <= MAX_WORDS or words[-1].unfinished:
        return ()
    significant = [place for place, word in enumerate(words) if not is_function_word(word, stopwords)]
    if len(significant) == len(words) or len(significant) > MAX_SIGNIFICANT:
        return ()
    starts = {0, *significant[-1:]} if significant and significant[-1] < len(words) - 1 else {0}
    return tuple(_phrase(words[start:]) for start in sorted(starts))


def _phrase(words: Sequence[Word]) -> Phrase:
    return Phrase(" ".join(word.text for word in words), words[0].start, words[-1].end)
