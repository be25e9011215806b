"""Words that go on from what was typed, the most frequent first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import FUNCTION_WORDS
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.index.term_dictionary import encode
from searchsvc.engine.embedded.words.edit_distance import swaps

LOOKED_AT = 64  # of the commonest words, as a rule
AT_MOST = 1024  # of them, where the words before leave few
MOST_POSTINGS = 2_000_000  # read for that; 5 ms
FORGIVING = 4  # letters from which on one may be wrong
SIMILAR = 4096  # of the commonest words that begin with the same letter, looked at then


@dataclass(frozen=True, slots=True)
class CompletedWord:
    """A word by number in the lexicon, and how many documents have it in any form."""

    number: int
    documents: int


def complete(segment: Segment, beginning: str, within: DocSet | None, limit: int) -> list[CompletedWord]:
    """Up to `limit` words that go on from `beginning`, or nearly so if none does.

    Each stands for all its forms, of which it is the commonest. Only documents of `within` count,
    if that is given. What stands for no more than `beginning` does is left out.
    """
    words = segment.lexicon.words
    numbers = words.prefixed(encode(beginning))
    typed = words.find(encode(beginning))
    own = int(segment.lexicon.terms[typed]) if typed >= 0 else -1
    found = _best(segment, _commonest(segment, np.arange(numbers.start, numbers.stop), AT_MOST), own, within, limit)
    if not found and typed < 0 and len(beginning) >= FORGIVING:
        found = _best(segment, _misspelt(segment, beginning), own, within, limit)
    return found


def _best(
    segment: Segment, numbers: NDArray[np.int64], own: int, within: DocSet | None, limit: int
) -> list[CompletedWord]:
    """Of words, the commonest first, those in most documents; none that is indexed as the term `own`."""
    words, terms = segment.lexicon.words, segment.lexicon.terms[numbers]
    firsts = np.sort(np.unique(terms, return_index=True)[1])
    firsts = firsts[terms[firsts] != own]
    chosen = [n for n in numbers[firsts].tolist() if words[n].decode() not in FUNCTION_WORDS]
    found: list[CompletedWord] = []
    for some in (chosen[:LOOKED_AT], chosen[LOOKED_AT:]):
        if len(found) < limit and some:
            counts = _documents(segment, segment.lexicon.terms[some], within)
            found += [CompletedWord(n, count) for n, count in zip(some, counts.tolist(), strict=True) if count]
    return sorted(found, key=lambda each: -each.documents)[:limit]


def _documents(segment: Segment, terms: NDArray[np.int32], within: DocSet | None) -> NDArray[np.int64]:
    """In how many documents each of `terms` stands, of those `within`; 0 where too much was to read."""
    body = segment.fields["body"]
    rows = body.terms.searchsorted(terms)
    there = body.terms.take(rows, mode="clip") == terms
    counts = np.zeros(len(terms), np.int64)
    rows = rows[there]
    starts, ends = body.offsets[rows].astype(np.int64), body.offsets[rows + 1].astype(np.int64)
    sizes = ends - starts
    if within is not None:
        read = np.flatnonzero(sizes.cumsum() <= MOST_POSTINGS)
        spans = [body.docs[a:b] for a, b in zip(starts[read].tolist(), ends[read].tolist(), strict=True)]
        inside = within.flags()[np.concatenate(spans)] if spans else np.empty(0, bool)
        before = np.append(0, inside.cumsum())
        edges = np.append(0, sizes[read].cumsum())
        sizes[:] = 0
        sizes[read] = np.diff(before[edges])
    counts[there] = sizes
    return counts


def _commonest(segment: Segment, numbers: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """The words in most documents first, equals in the order of the alphabet."""
    counts = segment.lexicon.counts[numbers].astype(np.int64)
    if len(numbers) > most:
        kept = np.sort(np.argpartition(-counts, most)[:most])
        numbers, counts = numbers[kept], counts[kept]
    return numbers[np.argsort(-counts, kind="stable")]


def _misspelt(segment: Segment, beginning: str) -> NDArray[np.int64]:
    """Words that begin within one edit of `beginning`; the first two letters may be swapped at most."""
    words = segment.lexicon.words
    same = [words.prefixed(encode(letter)) for letter in dict.fromkeys(beginning[:2])]
    near = _commonest(segment, np.concatenate([np.arange(each.start, each.stop) for each in same]), SIMILAR)
    swapped = [words.prefixed(each) for each in swaps(beginning)]
    alike = [words.beginning_like(beginning, near), *(np.arange(each.start, each.stop) for each in swapped)]
    return _commonest(segment, np.unique(np.concatenate(alike)), AT_MOST)
