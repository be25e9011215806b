"""Vocabulary of a generation for spelling correction: frequencies, similar words, co-occurrence."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from whoosh.query import Phrase, Query, Term

from searchsvc.analysis import analyzer
from searchsvc.engine.embedded.index.doc_set import DocSet, intersection, no_docs
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.term_dictionary import Lexicon, encode
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.engine.embedded.search.bm25f import Scorer
from searchsvc.engine.embedded.search.searcher import search
from searchsvc.engine.embedded.words.edit_distance import transpositions
from searchsvc.query import AcrossFields, Neighbour, across_languages
from searchsvc.schema import FREE_TEXT


class GenerationVocabulary:
    """A `query.Vocabulary` over the words of a generation."""

    def __init__(self, reader: IndexReader, scorer: Scorer, languages: tuple[str, ...]) -> None:
        """`languages` of the documents; documents in a language without stemmer use the first."""
        self._reader, self._scorer, self._languages = reader, scorer, languages
        self._frequent_words = weak_lru_cache(self._words_in_more_than, 8)  # few limits are in use

    @property
    def _lexicon(self) -> Lexicon:
        return self._reader.lexicon

    def frequencies(self, words: Sequence[str]) -> list[int]:
        return [self._frequency(word) for word in words]

    def _frequency(self, word: str) -> int:
        word_id = self._lexicon.words.find(encode(word))
        return int(self._lexicon.doc_counts[word_id]) if word_id >= 0 else self._documents(word).count

    def near(self, word: str, distance: int) -> list[Neighbour]:
        """As `query.Vocabulary`, except that a swap with another edit is not found."""
        return self._neighbours(word, distance) or self._neighbours_of_stem(word, distance)

    def _neighbours_of_stem(self, word: str, distance: int) -> list[Neighbour]:
        return next((neighbours for stem in self._stems(word) if (neighbours := self._neighbours(stem, distance))), [])

    def may_be_near(self, word: str, above: int) -> bool:
        forms = dict.fromkeys((word, *self._stems(word)))
        return any(self._lexicon.words.any_spelled_like(each, 2, self._frequent_words(above)) for each in forms)

    def _words_in_more_than(self, documents: int) -> NDArray[np.int64]:
        """Return ids of the words in more than `documents` documents; (n,) int64."""
        return np.flatnonzero(self._lexicon.doc_counts > documents)

    def _neighbours(self, word: str, distance: int) -> list[Neighbour]:
        words = self._lexicon.words
        edits = dict(words.spelled_like(word, distance)) | dict.fromkeys(map(words.find, transpositions(word)), 1)
        edits.pop(-1, None)
        edits.pop(words.find(encode(word)), None)
        neighbours = [Neighbour(words[n].decode(), edits[n], int(self._lexicon.doc_counts[n])) for n in sorted(edits)]
        return [each for each in neighbours if each.frequency]

    def together(self, one: str, other: str) -> int:
        return intersection([self._documents(one), self._documents(other)]).count

    def side_by_side(self, one: str, other: str) -> int:
        return self._matches((one, other), _phrase).count

    def _documents(self, word: str) -> DocSet:
        stems = self._stems(word)
        if len(stems) > 1:
            return self._matches((word,), _word)
        term_id = self._reader.term_id(stems[0])
        if term_id < 0:
            return no_docs(self._reader.size)
        return self._reader.live_only(self._reader.free_text.postings(term_id).doc_set)

    def _stems(self, word: str) -> list[str]:
        """Return the distinct stems of a word in the languages of the index."""
        return list(dict.fromkeys(analyzer(language).stems([word])[0] for language in self._languages))

    def _matches(self, words: Sequence[str], tree: Callable[[list[str]], Query]) -> DocSet:
        """Return the documents that match `tree` of the words' terms, in each language."""
        across = across_languages(self._languages, lambda each: analyzer(each).stems(list(words)), tree)
        return search(self._reader, self._scorer, across).filtered


def _word(terms: list[str]) -> Query:
    return AcrossFields([Term(name, terms[0], boost=weight) for name, weight in FREE_TEXT.items()])


def _phrase(terms: list[str]) -> Query:
    return AcrossFields([Phrase(name, terms) for name in FREE_TEXT])
