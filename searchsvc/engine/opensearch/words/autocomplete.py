"""Words that go on from what was typed, the most frequent first, written as people write them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from searchsvc.analysis import FUNCTION_WORDS, LONGEST_TERM
from searchsvc.engine.embedded.words.display_form import display_form, prose
from searchsvc.engine.opensearch.query.query_dsl import Clause
from searchsvc.engine.opensearch.query.term_expansion import beginning
from searchsvc.engine.opensearch.words.vocabulary import (
    IndexedWord,
    IndexVocabulary,
    any_field,
    edits,
    nearly_beginning,
)
from searchsvc.engine.query import EngineQuery
from searchsvc.models.search import Completion, EngineHit

LOOKED_AT = 64  # of the commonest words, as a rule
AT_MOST = 512  # of them, where the words before leave few
FORGIVING = 4  # letters from which on one may be wrong
LOOKED_INTO = 4  # documents, for how a word is written


class CompletionSource(Protocol):
    """Words of a generation, and documents that contain them."""

    @property
    def vocabulary(self) -> IndexVocabulary: ...

    def found(self, clause: Clause, query: EngineQuery) -> list[EngineHit]: ...


@dataclass(frozen=True, slots=True)
class Completer:
    """Completes within the documents that `before` finds, all if it is None."""

    reader: CompletionSource
    before: Clause | None

    def complete(self, typed: str, limit: int) -> list[Completion]:
        """As Engine.suggest says."""
        if not typed or len(typed) > LONGEST_TERM:
            return []
        words = self.reader.vocabulary
        same = words.commonest({"term": {"word": typed}}, 1)
        own = same[0].term if same else ""
        found = self._best(words.commonest(beginning(typed), AT_MOST), own, limit)
        if not found and not same and len(typed) >= FORGIVING:
            near = [each for each in words.commonest(nearly_beginning(typed), AT_MOST) if _goes_on(each.word, typed)]
            found = self._best(near, own, limit)
        return [Completion(self._written(each), each.documents) for each in found]

    def _best(self, words: Sequence[IndexedWord], own: str, limit: int) -> list[IndexedWord]:
        """Of words, the commonest first, those in most documents; none that is indexed as the term `own`."""
        firsts: dict[str, IndexedWord] = {}
        for each in words:
            firsts.setdefault(each.term, each)
        chosen = [each for term, each in firsts.items() if term != own and each.word not in FUNCTION_WORDS]
        found: list[IndexedWord] = []
        for some in (chosen[:LOOKED_AT], chosen[LOOKED_AT:]):
            if len(found) < limit:
                counts = self.reader.vocabulary.documents([each.term for each in some], self.before)
                pairs = zip(some, counts, strict=True)
                found += [IndexedWord(each.word, each.term, count) for each, count in pairs if count]
        return sorted(found, key=lambda each: -each.documents)[:limit]

    def _written(self, word: IndexedWord) -> str:
        hits = self.reader.found(any_field(word.term), EngineQuery(None, limit=LOOKED_INTO))
        return display_form(word.word, (prose(hit.document) for hit in hits))


def _goes_on(word: str, typed: str) -> bool:
    """Whether `word` begins with at most one edit of `typed`."""
    return any(edits(word[:size], typed) <= 1 for size in (len(typed) - 1, len(typed), len(typed) + 1))
