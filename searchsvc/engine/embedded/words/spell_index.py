"""The words of a generation as correction asks for them: how frequent, spelled how, together where."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from whoosh.query import Phrase, Query, Term

from searchsvc.analysis import analyzer
from searchsvc.engine.embedded.index.doc_set import DocSet, intersection, nothing
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.term_dictionary import encode
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.engine.embedded.search.bm25f import Scorer
from searchsvc.engine.embedded.search.searcher import search
from searchsvc.engine.embedded.words.edit_distance import swaps
from searchsvc.query import AcrossFields, Neighbour, across_languages
from searchsvc.schema import FREE_TEXT


class SegmentVocabulary:
    """A query.Vocabulary over a segment."""

    def __init__(self, segment: Segment, scorer: Scorer, languages: tuple[str, ...]) -> None:
        """`languages`: of the documents; the first takes in those without stems."""
        self._segment, self._scorer, self._languages = segment, scorer, languages
        self._lexicon = segment.lexicon
        self._in_more = weak_lru_cache(self._in_more_than, 8)  # correction asks for a few numbers only

    def frequencies(self, words: Sequence[str]) -> list[int]:
        return [self._frequency(word) for word in words]

    def _frequency(self, word: str) -> int:
        number = self._lexicon.words.find(encode(word))
        return int(self._lexicon.counts[number]) if number >= 0 else self._documents(word).count

    def near(self, word: str, distance: int) -> list[Neighbour]:
        """As query.Vocabulary says, but for words that take a swap and another edit: they are not found."""
        return self._alike(word, distance) or self._alike_stem(word, distance)

    def _alike_stem(self, word: str, distance: int) -> list[Neighbour]:
        return next((found for stem in self._stems(word) if (found := self._alike(stem, distance))), [])

    def may_be_near(self, word: str, above: int) -> bool:
        forms = dict.fromkeys((word, *self._stems(word)))
        return any(self._lexicon.words.may_be_like(each, 2, self._in_more(above)) for each in forms)

    def _in_more_than(self, documents: int) -> NDArray[np.int64]:
        """The words in more than so many documents, by number."""
        return np.flatnonzero(self._lexicon.counts > documents)

    def _alike(self, word: str, distance: int) -> list[Neighbour]:
        words = self._lexicon.words
        edits = dict(words.spelled_like(word, distance)) | dict.fromkeys(map(words.find, swaps(word)), 1)
        edits.pop(-1, None)
        edits.pop(words.find(encode(word)), None)
        found = [Neighbour(words[n].decode(), edits[n], int(self._lexicon.counts[n])) for n in sorted(edits)]
        return [each for each in found if each.frequency]

    def together(self, one: str, other: str) -> int:
        return intersection([self._documents(one), self._documents(other)]).count

    def side_by_side(self, one: str, other: str) -> int:
        return self._found((one, other), _phrase).count

    def _documents(self, word: str) -> DocSet:
        stems = self._stems(word)
        if len(stems) > 1:
            return self._found((word,), _word)
        number = self._segment.term_id(stems[0])
        return self._segment.all_fields(number).doc_set if number >= 0 else nothing(self._segment.size)

    def _stems(self, word: str) -> list[str]:
        """Those of the languages, each once."""
        return list(dict.fromkeys(analyzer(language).stems([word])[0] for language in self._languages))

    def _found(self, words: Sequence[str], tree: Callable[[list[str]], Query]) -> DocSet:
        """The documents that `tree` finds, made of the terms that folded words have in the languages."""
        across = across_languages(self._languages, lambda each: analyzer(each).stems(list(words)), tree)
        return search(self._segment, self._scorer, across).filtered


def _word(terms: list[str]) -> Query:
    return AcrossFields([Term(name, terms[0], boost=weight) for name, weight in FREE_TEXT.items()])


def _phrase(terms: list[str]) -> Query:
    return AcrossFields([Phrase(name, terms) for name in FREE_TEXT])
