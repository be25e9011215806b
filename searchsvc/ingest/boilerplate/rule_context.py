"""State that the rules are evaluated on, computed from the features of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features import cue_phrases
from searchsvc.ingest.boilerplate.features.feature_matrix import LineFeatures
from searchsvc.ingest.boilerplate.features.prose import Prose
from searchsvc.ingest.boilerplate.line_batch import (
    Flags,
    Hashes,
    Ints,
    LineBatch,
    alphabet,
)

_SHIFT = np.uint64(48)


@cache
def first_word_buckets(phrases: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return (65536,) bool: the top 16 bits of the first words of the phrases."""
    out = np.zeros(65536, dtype=np.bool_)
    out[[int(hashes[0] >> _SHIFT) for hashes in cue_phrases.phrase_words(phrases)]] = True
    return out


@cache
def opening_key(phrase: str) -> np.uint64:
    """Return the key of a phrase, as in RuleContext.opening."""
    return cue_phrases.phrase_key(cue_phrases.phrase_words([phrase])[0])


@dataclass(frozen=True, slots=True)
class RuleContext:
    """State that the rules are evaluated on: lines, prose, likely title and cue phrases of a batch."""

    batch: LineBatch
    prose: Prose
    title: Ints  # (docs,) row of the most likely title, -1 for none
    share: NDArray[np.float32]  # (kinds, lines) share of words that cue phrases cover
    keys: Hashes  # (lines,) keys of whole lines
    opening: tuple[Hashes, ...]  # (lines,) each: keys of the first one, two, three and four words
    capitalised: Flags  # (lines,) whether every word begins with a capital

    def opens(self, *phrases: str) -> Flags:
        """Return (lines,) bool: lines that begin with one of the phrases, of at most four words."""
        out = np.zeros(len(self.batch.doc), dtype=np.bool_)
        likely = np.flatnonzero(first_word_buckets(phrases)[self.batch.bucket[self.batch.word_bounds[:-1]]])
        for phrase in phrases:
            out[likely] |= self.opening[phrase.count(" ")][likely] == opening_key(phrase)
        return out

    def colon_after(self, count: int) -> Flags:
        """Return (lines,) bool: lines with a colon right after word number `count`, from 1."""
        at = np.minimum(self.batch.word_bounds[:-1] + count, self.batch.word_bounds[1:]) - 1
        out: Flags = alphabet().kind["colon"][self.batch.codes[self.batch.end[at]]]
        return out

    def after_prose(self) -> Flags:
        """Return (lines,) bool: lines with most of the document's prose above and little or none below."""
        after = self.prose.total_words - self.prose.words_before - self.prose.words
        return (self.prose.words_before >= 60) & (after <= 0.35 * self.prose.words_before)

    def kind(self, name: str) -> NDArray[np.float32]:
        """Return (lines,) float32: the share of words that cue phrases of this kind cover."""
        row: NDArray[np.float32] = self.share[cue_phrases.KINDS.index(name)]
        return row


def opening_keys(batch: LineBatch) -> tuple[Hashes, ...]:
    """Return keys of the first one, two, three and four words, (lines,) uint64 each; 0 for shorter lines."""
    first, room = batch.word_bounds[:-1], batch.entries
    keys = [batch.hash[first]]
    for step in range(1, 4):
        following = batch.hash[np.minimum(first + step, len(batch.hash) - 1)]
        keys.append(np.where(room > step, cue_phrases.extend(keys[-1], following), np.uint64(0)))
    return tuple(keys)


def rule_context(features: LineFeatures) -> RuleContext:
    """Return the state that the rules need from the features of a batch."""
    return RuleContext(
        batch=features.batch,
        prose=features.prose,
        title=features.title,
        share=features.share,
        keys=features.keys,
        opening=opening_keys(features.batch),
        capitalised=features.capitals == 1,
    )
