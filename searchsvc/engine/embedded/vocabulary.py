"""The words of a generation as correction asks for them: how frequent, spelled how, together where."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from whoosh.query import Phrase

from searchsvc.analysis import Analyzer
from searchsvc.engine.embedded.dictionary import encode
from searchsvc.engine.embedded.docsets import DocSet, intersection, nothing
from searchsvc.engine.embedded.search import search
from searchsvc.engine.embedded.segment import Segment
from searchsvc.engine.embedded.spelling import swaps
from searchsvc.engine.embedded.weighting import Scorer
from searchsvc.query import AcrossFields, Neighbour
from searchsvc.schema import FREE_TEXT


class SegmentVocabulary:
    """A query.Vocabulary over a segment."""

    def __init__(self, segment: Segment, scorer: Scorer, analyzer: Analyzer) -> None:
        self._segment, self._scorer, self._analyzer = segment, scorer, analyzer
        self._lexicon = segment.lexicon
        self._in_more = lru_cache(maxsize=8)(self._in_more_than)  # correction asks for a few numbers only

    def frequency(self, word: str) -> int:
        number = self._lexicon.words.find(encode(word))
        return int(self._lexicon.counts[number]) if number >= 0 else self._documents(word).count

    def near(self, word: str, distance: int) -> list[Neighbour]:
        """As query.Vocabulary says, but for words that take a swap and another edit: they are not found."""
        return self._alike(word, distance) or self._alike(self._analyzer.stems([word])[0], distance)

    def may_be_near(self, word: str, above: int) -> bool:
        forms = dict.fromkeys((word, self._analyzer.stems([word])[0]))
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
        terms = self._analyzer.stems([one, other])
        tree = AcrossFields([Phrase(name, terms) for name in FREE_TEXT])
        return search(self._segment, self._scorer, tree).found.count

    def _documents(self, word: str) -> DocSet:
        number = self._segment.number(self._analyzer.stems([word])[0])
        return self._segment.free(number).found if number >= 0 else nothing(self._segment.size)
