"""Completions of a partial word in one generation, in their display forms."""

from dataclasses import replace

from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.generation_documents import GenerationDocuments
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.weak_lru_cache import weak_lru_cache
from searchsvc.engine.embedded.search.body_excerpts import body_excerpts
from searchsvc.engine.embedded.words.autocomplete import complete
from searchsvc.engine.embedded.words.display_form import display_form, prose
from searchsvc.models.search import Completion
from searchsvc.query import HighlightTerm

LOOKED_INTO = 4  # documents read for the display form of a word


class WordCompleter:
    """Completes words from the lexicon, and caches display forms."""

    def __init__(self, reader: IndexReader, contents: GenerationDocuments) -> None:
        self._reader, self._contents = reader, contents
        self._display_form = weak_lru_cache(self._display_form_of, 20_000)
        self._words = weak_lru_cache(self._words_of_all, 256)  # a search while typing and its suggestions ask the same

    def complete(self, prefix: str, within: DocSet | None, limit: int) -> list[Completion]:
        """Return up to `limit` words that start with the folded `prefix`, counted in documents `within` if given."""
        return list(self._words(prefix, limit)) if within is None else self._completions(prefix, within, limit)

    def _words_of_all(self, prefix: str, limit: int) -> tuple[Completion, ...]:
        return tuple(self._completions(prefix, None, limit))

    def _completions(self, prefix: str, within: DocSet | None, limit: int) -> list[Completion]:
        words = complete(self._reader, prefix, within, limit)
        return [Completion(self._display_form(each.word_id), each.documents) for each in words]

    def _display_form_of(self, word: int) -> str:
        """Return the most usual written form of a word, given by its number in the lexicon."""
        lexicon = self._reader.lexicon
        docs = self._reader.live_only(self._reader.free_text.postings(int(lexicon.term_ids[word])).doc_set).docs_array()
        first = docs[self._reader.id_ranks[docs].argsort()[:LOOKED_INTO]].tolist()
        term = HighlightTerm("body", (self._reader.terms[int(lexicon.term_ids[word])].decode(),))
        return display_form(lexicon.words[word].decode(), (self._prose(number, term) for number in first))

    def _prose(self, number: int, term: HighlightTerm) -> str:
        """Return the text of a document written as sentences; of a long one, around `term`."""
        stored = self._contents.stored(number)
        excerpts = body_excerpts(*self._reader.locate(number), stored, (term,), 1)
        text = "\n".join(part.text for part in excerpts.parts) if excerpts else stored.document().body
        return prose(replace(stored.brief(), body=text))
