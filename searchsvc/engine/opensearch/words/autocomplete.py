"""Completions of a partial word, the most frequent first, in their display form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from searchsvc.analysis import FUNCTION_WORDS, LONGEST_TERM
from searchsvc.engine.embedded.words.display_form import display_form, prose
from searchsvc.engine.opensearch.data.mapping import WORD
from searchsvc.engine.opensearch.query.query_dsl import Clause
from searchsvc.engine.opensearch.query.term_expansion import prefix_clause
from searchsvc.engine.opensearch.words.vocabulary import (
    IndexedWord,
    IndexVocabulary,
    any_field_clause,
    fuzzy_prefix_clause,
    osa_distance,
)
from searchsvc.engine.query import EngineQuery
from searchsvc.models.search import Completion, EngineHit

MAX_CANDIDATES = 64  # most frequent words counted first
MAX_CANDIDATES_IN_CONTEXT = 512  # counted at most, where the context leaves few words
MIN_FUZZY_LENGTH = 4  # letters, from which one may be wrong
DISPLAY_FORM_DOCUMENTS = 4  # read for the display form of a word


class CompletionSource(Protocol):
    """Words of a generation, and documents that contain them."""

    @property
    def vocabulary(self) -> IndexVocabulary: ...

    def hits_of(self, clause: Clause, query: EngineQuery) -> list[EngineHit]: ...


@dataclass(frozen=True, slots=True)
class Completer:
    """Completes words within the documents that match `context` (None: all)."""

    snapshot: CompletionSource
    context: Clause | None

    def complete(self, prefix: str, limit: int) -> list[Completion]:
        """Return up to `limit` completions; see Engine.suggest."""
        if not prefix or len(prefix) > LONGEST_TERM:
            return []
        words = self.snapshot.vocabulary
        exact = words.most_frequent({"term": {WORD: prefix}}, 1)
        prefix_term = exact[0].term if exact else ""
        completions = self._most_frequent_stems(
            words.most_frequent(prefix_clause(prefix), MAX_CANDIDATES_IN_CONTEXT), prefix_term, limit
        )
        if not completions and not exact and len(prefix) >= MIN_FUZZY_LENGTH:
            similar = [
                each
                for each in words.most_frequent(fuzzy_prefix_clause(prefix), MAX_CANDIDATES_IN_CONTEXT)
                if _has_similar_prefix(each.word, prefix)
            ]
            completions = self._most_frequent_stems(similar, prefix_term, limit)
        return [Completion(self._display_form(each), each.documents) for each in completions]

    def _most_frequent_stems(self, words: Sequence[IndexedWord], excluded_term: str, limit: int) -> list[IndexedWord]:
        """Return a word per stem, by number of documents, most first, without the stem `excluded_term`.

        `words` come with the most frequent first.
        """
        first_words: dict[str, IndexedWord] = {}
        for each in words:
            first_words.setdefault(each.term, each)
        candidates = [
            each for term, each in first_words.items() if term != excluded_term and each.word not in FUNCTION_WORDS
        ]
        completions: list[IndexedWord] = []
        for batch in (candidates[:MAX_CANDIDATES], candidates[MAX_CANDIDATES:]):
            if len(completions) < limit:
                counts = self.snapshot.vocabulary.doc_counts([each.term for each in batch], self.context)
                pairs = zip(batch, counts, strict=True)
                completions += [IndexedWord(each.word, each.term, count) for each, count in pairs if count]
        return sorted(completions, key=lambda each: -each.documents)[:limit]

    def _display_form(self, word: IndexedWord) -> str:
        hits = self.snapshot.hits_of(any_field_clause(word.term), EngineQuery(None, limit=DISPLAY_FORM_DOCUMENTS))
        return display_form(word.word, (prose(hit.document) for hit in hits))


def _has_similar_prefix(word: str, prefix: str) -> bool:
    """Return whether the beginning of `word` is within one edit of `prefix`."""
    return any(osa_distance(word[:size], prefix) <= 1 for size in (len(prefix) - 1, len(prefix), len(prefix) + 1))
