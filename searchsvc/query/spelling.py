"""Spelling correction of a query with the words of the index."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from typing import Protocol

from searchsvc.analysis import FUNCTION_WORDS, WORD, folded_parts
from searchsvc.query.ast import (
    AndClause,
    AstNode,
    OrClause,
    RequiredClause,
    Word,
)

MAX_DOUBTFUL = 8  # words of a query; each costs a search for similar words
CANDIDATES = 5  # per word
RARE = 3  # documents; a word in more documents is not misspelt
FREQUENCY_RATIO = 1000  # a rare word is misspelt if a similar word is this many times as frequent

# Bonus, in natural logarithms, of a missing letter or two swapped letters: there is one way to omit a given
# letter, but 25 ways to replace it. Any value from 2 to 4 does equally well (benchmarks/README.md).
LIKELY_TYPO = 3.0
_WORD_START = re.compile("[bcdfghjklmnprstvwz][aeiou]|[bcfgps]l|[bcdfgpt]r|[cpstw]h|s[cknptw]")  # xg begins none
LONGEST_SYMBOL = 5  # letters of a symbol of a share
COOCCURRENCE = 0.5  # weight of co-occurrence relative to the candidates' own worth


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A word of the index at edit distance `edits`, and its document frequency."""

    word: str
    edits: int
    frequency: int


class Vocabulary(Protocol):
    """Words of the free text of an index, folded but not stemmed, with document frequencies.

    Words that differ only in their endings are forms of one word.
    """

    def frequencies(self, words: Sequence[str]) -> Sequence[int]:
        """Return the document frequency of each word as written, or else of all its forms; 0 for unknown words."""

    def near(self, word: str, distance: int) -> Sequence[Neighbour]:
        """Return words within `distance` edits (1 or 2) of `word`, itself excluded; if there are none, of its stem.

        An edit inserts, deletes or replaces a letter, or swaps two adjacent letters (Damerau-Levenshtein).
        """

    def may_be_near(self, word: str, above: int) -> bool:
        """Return False only if `near` has no word in more than `above` documents; cheap."""

    def together(self, one: str, other: str) -> int:
        """Return the number of documents that contain both words, in any form."""

    def side_by_side(self, one: str, other: str) -> int:
        """Return the number of documents that contain `one` directly before `other`, in any form."""


@dataclass(frozen=True, slots=True)
class Change:
    """A replaced part of the query; `start` and `end` in code points."""

    typed: str
    corrected: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Correction:
    """The corrected query and its changes, in order, and doubtful changes.

    `text` has the `changes`. `suggested_text` has `doubtful` changes too; it is None if there are none.
    """

    typed: str
    text: str
    changes: tuple[Change, ...]
    doubtful: tuple[Change, ...] = ()
    suggested_text: str | None = None

    def without(self, change: Change) -> str:
        """Return the query with all changes but `change`, whose word is in quotes, so that it stays as it is."""
        quoted = replace(change, corrected=f'"{change.typed}"')
        return _replaced(self.typed, (quoted if each == change else each for each in self.changes))


@dataclass(frozen=True, slots=True)
class _Typed:
    """A folded word of the query that may be corrected, and its span; `is_name`: it was typed with a capital."""

    word: str
    start: int
    end: int
    is_name: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A possible correction; `frequency` in documents, `worth` in natural logarithms."""

    text: str
    frequency: int
    worth: float


def correct_spelling(
    typed: str, root: AstNode, vocabulary: Vocabulary, *, capitals_mean_names: bool = True
) -> Correction | None:
    """Correct `typed`, whose syntax tree is `root`; return None if nothing looks misspelt.

    Only words of letters that are rare or missing in the index are changed, by one edit from 5 letters and by two
    from 9. Words in quotes, fields, exclusions and prefixes are never changed. The chosen candidate is likely as a
    typo, frequent, and co-occurs with the words around it: a noisy channel model (Kernighan, Church and Gale, "A
    spelling correction program based on a noisy channel model", 1990).

    A change is doubtful if the word is in a document, was typed with a capital, or begins like a word and loses its
    first letter (pinterest): it may be a name. Taking a word apart is never doubtful. Unless `capitals_mean_names`,
    capitals say nothing, as in German.
    """
    words = list(_changeable(typed, root))
    if not capitals_mean_names:
        words = [replace(word, is_name=False) for word in words]
    changes = list(_joined_pairs(typed, words, vocabulary))
    joined_offsets = {at for change in changes for at in range(change.start, change.end)}
    words = [each for each in words if each.start not in joined_offsets]
    doubtful: list[Change] = []
    for each, candidate in zip(words, _best(_lattice(words, vocabulary), vocabulary), strict=True):
        if candidate.text != each.word:
            corrected = changes if _is_surely_misspelt(each, candidate.text, vocabulary) else doubtful
            corrected.append(Change(typed[each.start : each.end], candidate.text, each.start, each.end))
    if not (changes or doubtful):
        return None
    changes.sort(key=lambda change: change.start)
    every = sorted([*changes, *doubtful], key=lambda change: change.start)
    suggested = _replaced(typed, every) if doubtful else None
    return Correction(typed, _replaced(typed, changes), tuple(changes), tuple(doubtful), suggested)


def _is_surely_misspelt(typed: _Typed, corrected: str, vocabulary: Vocabulary) -> bool:
    if " " in corrected:  # a hashtag or a compound, which is only taken apart
        return True
    is_longer = typed.word.endswith(corrected) and _WORD_START.match(typed.word) is not None
    return not (typed.is_name or is_longer) and not any(vocabulary.frequencies([typed.word]))


def _changeable(typed: str, node: AstNode) -> Iterator[_Typed]:
    """Words of free text, in order, without function words."""
    match node:
        case Word() if not (node.prefix or node.edits or node.unfinished):
            for match in WORD.finditer(typed, node.start, node.end):
                parts = list(folded_parts(match.group()))
                if len(parts) == 1 and parts[0][3] and parts[0][0] not in FUNCTION_WORDS:
                    yield _Typed(parts[0][0], *match.span(), _is_name(match.group(), typed))
        case AndClause() | OrClause():
            for unit in node.units:
                yield from _changeable(typed, unit)
        case RequiredClause():
            yield from _changeable(typed, node.unit)


def _is_name(word: str, query: str) -> bool:
    """Whether a word of `query` was typed with a capital, unless all words were, which is no sign of a name.

    A few capitals alone may be the symbol of a share.
    """
    has_capital = word != word.lower()
    return has_capital and (not query.isupper() or len(word) <= LONGEST_SYMBOL)


def _joined_pairs(typed: str, words: Sequence[_Typed], vocabulary: Vocabulary) -> Iterator[Change]:
    """Adjacent words that the index has only as one word: `news paper`."""
    pairs = [(one, other) for one, other in pairwise(words) if not typed[one.end : other.start].strip()]
    joined = [one.word + other.word for one, other in pairs]
    end = 0
    for (one, other), word, frequency in zip(pairs, joined, vocabulary.frequencies(joined), strict=True):
        if one.start >= end and frequency and not vocabulary.side_by_side(one.word, other.word):
            end = other.end
            yield Change(typed[one.start : end], word, one.start, end)


def _lattice(words: Sequence[_Typed], vocabulary: Vocabulary) -> list[list[_Candidate]]:
    """Candidates for each word; only the word itself if it is not doubtful."""
    frequencies = vocabulary.frequencies([each.word for each in words])
    typed = [_Candidate(each.word, frequency, 0.0) for each, frequency in zip(words, frequencies, strict=True)]
    rare = dict.fromkeys(each for each in typed if each.frequency <= RARE)
    doubtful = sorted(rare, key=lambda each: each.frequency)
    candidates = {each: _candidates(each, vocabulary) for each in doubtful[:MAX_DOUBTFUL]}
    return [candidates.get(each) or [each] for each in typed]


def _candidates(typed: _Candidate, vocabulary: Vocabulary) -> list[_Candidate]:
    word, least = typed.text, FREQUENCY_RATIO * typed.frequency
    if typed.frequency and not vocabulary.may_be_near(word, least):
        return []
    candidates = [_neighbour(word, each) for each in _similar_words(word, vocabulary) if each.frequency > least]
    if not (candidates or typed.frequency):
        candidates = _split_in_two(word, vocabulary)
    return sorted(candidates, key=lambda each: (-each.worth, each.text))[:CANDIDATES]


def _similar_words(word: str, vocabulary: Vocabulary) -> list[Neighbour]:
    """Words that `word` may be a typo of, at the smallest distance that its length allows."""
    if not word.isalpha():
        return []
    for distance, letters in ((1, 5), (2, 9)):
        if len(word) + 1 >= letters:
            near = [n for n in vocabulary.near(word, distance) if n.word.isalpha()]
            if matches := [n for n in near if max(len(word), len(n.word)) >= letters]:
                return matches
    return []


def _neighbour(word: str, near: Neighbour) -> _Candidate:
    slip = len(near.word) > len(word) or (near.edits == 1 and sorted(near.word) == sorted(word))
    return _Candidate(near.word, near.frequency, log(near.frequency) + LIKELY_TYPO * slip)


def _split_in_two(word: str, vocabulary: Vocabulary) -> list[_Candidate]:
    """`word` as two adjacent words: `covid19`."""
    first_halves, second_halves = (
        [word[:at] for at in range(2, len(word) - 1)],
        [word[at:] for at in range(2, len(word) - 1)],
    )
    frequencies = map(min, vocabulary.frequencies(first_halves), vocabulary.frequencies(second_halves))
    frequency_of = dict(zip(zip(first_halves, second_halves, strict=True), frequencies, strict=True))
    candidates = []
    for one, other in sorted(frequency_of, key=frequency_of.__getitem__, reverse=True)[:CANDIDATES]:
        if frequency_of[one, other] and (count := vocabulary.side_by_side(one, other)):
            candidates.append(_Candidate(f"{one} {other}", count, log(count) + LIKELY_TYPO))
    return candidates


def _best(lattice: Sequence[Sequence[_Candidate]], vocabulary: Vocabulary) -> list[_Candidate]:
    """One candidate per word, with the greatest sum of worth and co-occurrence (Viterbi)."""
    paths = [(0.0, [])] if not lattice else [(each.worth, [each]) for each in lattice[0]]
    for previous, row in pairwise(lattice):
        unambiguous = len(previous) == len(row) == 1
        extended = []
        for each in row:
            cooccurrence = [0.0 if unambiguous else _cooccurrence(path[-1], each, vocabulary) for _, path in paths]
            worth, path = max(
                ((worth + more, path) for (worth, path), more in zip(paths, cooccurrence, strict=True)),
                key=lambda p: p[0],
            )
            extended.append((worth + each.worth, [*path, each]))
        paths = extended
    return max(paths, key=lambda path: path[0])[1]


def _cooccurrence(one: _Candidate, other: _Candidate, vocabulary: Vocabulary) -> float:
    shared = vocabulary.together(one.text.split()[-1], other.text.split()[0])
    return COOCCURRENCE * log((shared + 0.1) / ((one.frequency + 1) * (other.frequency + 1)))


def _replaced(typed: str, changes: Iterable[Change]) -> str:
    pieces, end = [], 0
    for change in changes:
        pieces += [typed[end : change.start], change.corrected]
        end = change.end
    return "".join([*pieces, typed[end:]])
