"""Cue phrases: wording that is typical of clutter, from one TOML file per language, matched against a whole batch."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from searchsvc.array_ranges import concatenate_ranges
from searchsvc.ingest.boilerplate.features.columns import Columns
from searchsvc.ingest.boilerplate.line_batch import (
    Hashes,
    Ints,
    LineBatch,
    make_line_batch,
    mix,
)

LONGEST = 5  # words of a phrase that count; a longer phrase is matched by its first five
KINDS = (
    "person", "share", "subscribe", "comment", "commenter", "legal", "nav", "related",
    "bio", "caption", "byline", "time", "url", "advert", "tags", "quiz", "end",
)  # fmt: skip
_STEP = np.uint64(0xA0761D6478BD642F)
_SHIFT = np.uint64(48)


@dataclass(frozen=True, slots=True)
class CueTable:
    """Phrases by length (index: words - 1). `keys`: (phrases,) uint64, ascending; `kinds`: (phrases,) uint32, a bit
    per kind."""

    keys: tuple[Hashes, ...]
    may_match: tuple[NDArray[np.bool_], ...]  # (65536,) each, by the top 16 bits of a key: whether a phrase may match
    may_continue: tuple[NDArray[np.bool_], ...]  # (65536,) each, by the same bits: whether a longer phrase may match
    kinds: tuple[NDArray[np.uint32], ...]
    stop: NDArray[np.bool_]  # (65536,), by the top 16 bits of a word's hash


def phrase_words(phrases: Iterable[str]) -> list[Hashes]:
    """Return the word hashes of each phrase, (words,) uint64 each."""
    parsed = make_line_batch(list(phrases))
    return [parsed.hash[a:b] for a, b in zip(parsed.word_bounds[:-1], parsed.word_bounds[1:], strict=True)]


def extend(keys: Hashes, following: Hashes) -> Hashes:
    """Return the keys of phrases that are one word longer. `keys`, `following`: (phrases,) uint64."""
    return mix(keys * _STEP + following)


def phrase_key(hashes: Hashes) -> np.uint64:
    """Return the key of one phrase. `hashes`: (words,) uint64."""
    key = hashes[:1]
    for at in range(1, len(hashes)):
        key = extend(key, hashes[at : at + 1])
    return np.uint64(key[0])


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Phrases of all lists, (phrases,) int64 each: `bits`, index in KINDS, or -1 for a function word; `starts` and
    `lengths`, of the words of each phrase in `hashes`, (words,) uint64."""

    bits: Ints
    starts: Ints
    lengths: Ints
    hashes: Hashes

    def of(self, chosen: NDArray[np.bool_]) -> _Phrases:
        """Return the phrases where `chosen`, (phrases,) bool, is true."""
        return _Phrases(self.bits[chosen], self.starts[chosen], self.lengths[chosen], self.hashes)


def _listed_phrases(lists: Iterable[Mapping[str, str]]) -> _Phrases:
    """Parse the lists in one batch, since a batch costs as much as hundreds of phrases."""
    texts = [
        (bit, phrase)
        for language in lists
        for bit, kind in ((-1, "stop"), *enumerate(KINDS))
        for phrase in language.get(kind, "").replace("\n", " ").split(";")
    ]
    parsed = make_line_batch([phrase for _, phrase in texts])
    bits = np.array([bit for bit, _ in texts], np.int64)[parsed.doc]
    return _Phrases(bits, parsed.word_bounds[:-1], np.diff(parsed.word_bounds), parsed.hash)


def cue_table(lists: Iterable[Mapping[str, str]]) -> CueTable:
    """Build a table from lists of phrases, one mapping of kinds to phrases per language."""
    listed = _listed_phrases(lists)
    function_words, phrases = listed.of(listed.bits < 0), listed.of(listed.bits >= 0)
    stop_words = concatenate_ranges(function_words.starts, function_words.lengths)
    keys = phrases.hashes[phrases.starts]
    onward = []
    for size in range(1, LONGEST):
        longer = phrases.lengths > size
        onward.append(_heads(keys[longer]))
        keys[longer] = extend(keys[longer], phrases.hashes[phrases.starts[longer] + size])
    lengths = phrases.lengths.clip(max=LONGEST)
    by_length = [_merged(keys[lengths == size], phrases.bits[lengths == size]) for size in range(1, LONGEST + 1)]
    return CueTable(
        tuple(keys for keys, _ in by_length),
        tuple(_heads(keys) for keys, _ in by_length),
        (*onward, _heads(keys[:0])),
        tuple(kinds for _, kinds in by_length),
        _heads(listed.hashes[stop_words]),
    )


def _heads(hashes: Hashes) -> NDArray[np.bool_]:
    """Return a table of the top 16 bits of `hashes`, (65536,) bool."""
    table = np.zeros(65536, dtype=np.bool_)
    table[hashes >> _SHIFT] = True
    return table


def _merged(keys: Hashes, bits: Ints) -> tuple[Hashes, NDArray[np.uint32]]:
    """Return the distinct keys, ascending, and the kinds of each as bits, uint32. `keys`, `bits`: (phrases,)."""
    distinct, places = np.unique(keys, return_inverse=True)
    kinds = np.zeros(len(distinct), np.uint32)
    np.bitwise_or.at(kinds, places, np.uint32(1) << bits.astype(np.uint32))
    return distinct, kinds


@cache
def shipped() -> CueTable:
    """Return the table of all languages in the package."""
    folder = resources.files("searchsvc.ingest.boilerplate") / "data" / "phrases"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return cue_table([tomllib.loads(item.read_text(encoding="utf-8")) for item in files])


def match(batch: LineBatch, cues: CueTable) -> NDArray[np.float32]:
    """Return the words of each line that phrases of each kind cover, (kinds, lines) float32."""
    lines = len(batch.doc)
    cells, weights = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    at = np.flatnonzero((cues.may_continue[0] | cues.may_match[0])[batch.bucket])
    room = batch.word_bounds[batch.line[at] + 1] - at
    keys = batch.hash[at]
    for size in range(1, LONGEST + 1):
        if size > 1:
            longer = np.flatnonzero((room >= size) & cues.may_continue[size - 2][keys >> _SHIFT])
            at, room, keys = at[longer], room[longer], extend(keys[longer], batch.hash[at[longer] + size - 1])
        near = np.flatnonzero(cues.may_match[size - 1][keys >> _SHIFT])
        if len(near):
            hit, kind = _kinds(keys[near], cues.keys[size - 1], cues.kinds[size - 1])
            cells.append(kind * lines + batch.line[at[near[hit]]])
            weights.append(np.full(len(hit), float(size)))
    sums = np.bincount(np.concatenate(cells), np.concatenate(weights), len(KINDS) * lines)
    return sums.astype(np.float32).reshape(len(KINDS), lines)


def cue_columns(share: NDArray[np.float32]) -> Columns:
    """Return the shares of cue phrases as columns. `share`: (kinds, lines) float32, of the words of each line."""
    columns = Columns()
    columns.add_rows([f"cue:{kind}" for kind in KINDS], [f"cue_{kind}" for kind in KINDS], share)
    return columns


def _kinds(keys: Hashes, phrase_keys: Hashes, kinds: NDArray[np.uint32]) -> tuple[Ints, Ints]:
    """Return index and kind, int64 each, of every match among `keys`. A key with two kinds occurs twice."""
    slot = np.minimum(np.searchsorted(phrase_keys, keys), len(phrase_keys) - 1)
    hit = np.flatnonzero(phrase_keys[slot] == keys)
    row, kind = np.nonzero(kinds[slot[hit], None] >> np.arange(len(KINDS), dtype=np.uint32) & np.uint32(1))
    return hit[row], kind
