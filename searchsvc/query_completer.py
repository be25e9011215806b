"""Completions of a partial query: words of the index, and phrases of articles."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

from searchsvc.analysis import FUNCTION_WORDS, Analyzer, fold
from searchsvc.engine.interface import Snapshot
from searchsvc.engine.query import EngineQuery
from searchsvc.models.search import Completion
from searchsvc.models.search_request import MAX_QUERY
from searchsvc.query import CompletionInput, ParsedQuery, completion_input
from searchsvc.query.phrase_completion import (
    PhraseBeginning,
    phrase_beginning,
    phrases_in,
)

SAMPLED = 32  # articles read for phrases
CONTINUED = 2  # words that are continued by phrases
FEW = 4  # articles read for one phrase
MAX_RARE = 5  # phrases looked up one by one


class QueryParser(Protocol):
    """Parses a query with operators. If it is `unfinished`, its last word is a prefix."""

    def __call__(self, query: str, *, unfinished: bool = False) -> ParsedQuery: ...


class QueryCompleter:
    """Completes queries over one snapshot."""

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer, parse: QueryParser) -> None:
        self._snapshot, self._analyzer, self._parse = snapshot, analyzer, parse

    def completions(self, typed: str, limit: int) -> tuple[Completion, ...]:
        """Return up to `limit` completions of `typed`, with the number of documents that match each.

        Words come in the order of their documents, then phrases, those in most of the articles read first.
        """
        partial = completion_input(typed.rstrip())
        if partial is None or not (partial.long_enough or (partial.plain and partial.completed.strip())):
            return ()
        if not partial.plain:  # in quotes, a field or an alternative
            return self._counted([partial.completed + word.text for word in self._words(partial, limit)], limit)
        is_whole = typed != typed.rstrip()
        beginnings = _beginnings(partial, is_whole=is_whole)
        if beginnings[0].run or is_whole:
            return self._phrases(partial, beginnings, limit)
        return self._words_and_phrases(partial, beginnings[0], limit)

    def _words(self, partial: CompletionInput, limit: int) -> Sequence[Completion]:
        return self._snapshot.suggest(partial.prefix, self._parse(partial.context).tree, limit)

    def _words_and_phrases(
        self, partial: CompletionInput, beginning: PhraseBeginning, limit: int
    ) -> tuple[Completion, ...]:
        """Return words that the last one begins, and phrases that begin with them."""
        words = self._words(partial, limit)
        first = [word.text for word in words[:CONTINUED]]
        beginning = replace(beginning, words=tuple(first))
        sample = self._sample(f"{partial.completed}({' OR '.join(first)})", unfinished=False) if first else ()
        longer = [each.text for each in phrases_in(sample, beginning, self._analyzer) if each.more][: limit // 2]
        return (
            *(Completion(partial.completed + word.text, word.documents) for word in words[: limit - len(longer)]),
            *self._counted((beginning.before + text for text in longer), limit),
        )

    def _phrases(
        self, partial: CompletionInput, beginnings: Sequence[PhraseBeginning], limit: int
    ) -> tuple[Completion, ...]:
        """Return phrases of plain words before the last one and what that begins.

        If no article has the phrase of these words, a shorter one is completed, down to the last two words.
        """
        sample = self._sample(partial.completed + partial.last, unfinished=not beginnings[0].is_whole)
        for beginning in beginnings:
            typed = self._analyzer.terms(" ".join((*beginning.run, beginning.last)))
            phrases = phrases_in(sample, beginning, self._analyzer)
            phrases = [each for each in phrases if self._analyzer.terms(each.text) != typed]
            if beginning.is_whole:
                phrases = [each for each in phrases if each.more]
            longer = [each.text for each in phrases if each.more][: limit // 2]
            ending = [each.text for each in phrases if not each.more][: limit - len(longer)]
            if completions := self._counted((beginning.before + text for text in (*ending, *longer)), limit):
                return completions
        return () if beginnings[0].is_whole else self._rare_phrases(partial, beginnings[-1], limit)

    def _rare_phrases(self, partial: CompletionInput, beginning: PhraseBeginning, limit: int) -> tuple[Completion, ...]:
        """Return phrases that no sampled article has, but another article."""
        phrases = (" ".join((*beginning.run, word.text)) for word in self._words(partial, MAX_RARE))
        texts: list[str] = []
        for phrase in phrases:
            tree = self._parse(f'"{phrase}"').tree
            if tree is not None and (sample := self._snapshot.sample(tree, FEW)):
                forms = phrases_in(sample, beginning, self._analyzer)
                texts.append(next((form.text for form in forms if not form.more), phrase))
        return self._counted((beginning.before + text for text in dict.fromkeys(texts)), limit)

    def _sample(self, query: str, *, unfinished: bool) -> Sequence[str]:
        """Bodies of articles that match `query`."""
        tree = self._parse(query, unfinished=unfinished).tree
        return self._snapshot.sample(tree, SAMPLED) if tree is not None else ()

    def _counted(self, texts: Iterable[str], limit: int) -> tuple[Completion, ...]:
        """Completions with the number of documents that match each."""
        completions = (
            Completion(text, total) for text in texts if len(text) <= MAX_QUERY and (total := self._total(text))
        )
        return tuple(islice(completions, limit))

    def _total(self, query: str) -> int:
        tree = self._parse(query).tree
        return self._snapshot.search(EngineQuery(tree, limit=0)).total if tree else 0


def _beginnings(partial: CompletionInput, *, is_whole: bool) -> list[PhraseBeginning]:
    """Return the beginning of a phrase with all words directly before the last one, then with fewer.

    A shorter one has a word before the last one that is no function word.
    """
    whole = phrase_beginning(partial.completed, partial.prefix)
    sizes = range(len(whole.run) - 1, 0, -1)
    informative = [size for size in sizes if any(fold(word) not in FUNCTION_WORDS for word in whole.run[-size:])]
    shorter = [phrase_beginning(partial.completed, partial.prefix, size) for size in informative]
    return [replace(each, is_whole=is_whole) for each in (whole, *shorter)]
