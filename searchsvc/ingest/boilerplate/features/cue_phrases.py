"""Cue phrases: wording that is typical of clutter, from one TOML file per language, matched against a whole batch."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

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


def _listed_phrases(lists: Iterable[Mapping[str, str]]) -> Iterator[tuple[int, Hashes]]:
    """Yield the index in KINDS and the word hashes of each phrase; -1 for a list of function words.

    All are parsed in one batch, since a batch costs as much as hundreds of phrases.
    """
    texts = [
        (bit, phrase)
        for language in lists
        for bit, kind in ((-1, "stop"), *enumerate(KINDS))
        for phrase in language.get(kind, "").replace("\n", " ").split(";")
    ]
    parsed = make_line_batch([phrase for _, phrase in texts])
    for place, (start, end) in zip(parsed.doc.tolist(), pairwise(parsed.word_bounds.tolist()), strict=True):
        yield texts[place][0], parsed.hash[start:end]


def cue_table(lists: Iterable[Mapping[str, str]]) -> CueTable:
    """Build a table from lists of phrases, one mapping of kinds to phrases per language."""
    by_length: list[dict[int, int]] = [{} for _ in range(LONGEST)]
    onward = tuple(np.zeros(65536, dtype=np.bool_) for _ in range(LONGEST))
    stop = np.zeros(65536, dtype=np.bool_)
    for bit, hashes in _listed_phrases(lists):
        if bit < 0:
            stop[hashes >> _SHIFT] = True
            continue
        key = hashes[:1]
        for size, following in enumerate(hashes[1:LONGEST]):
            onward[size][key >> _SHIFT] = True
            key = extend(key, following)
        kinds_by_key = by_length[min(len(hashes), LONGEST) - 1]
        kinds_by_key[int(key[0])] = kinds_by_key.get(int(key[0]), 0) | 1 << bit
    keys = tuple(np.array(sorted(kinds_by_key), dtype=np.uint64) for kinds_by_key in by_length)
    maybe = tuple(np.zeros(65536, dtype=np.bool_) for _ in by_length)
    for row, row_keys in zip(maybe, keys, strict=True):
        row[row_keys >> _SHIFT] = True
    kinds = tuple(
        np.array([kinds_by_key[key] for key in sorted(kinds_by_key)], dtype=np.uint32) for kinds_by_key in by_length
    )
    return CueTable(keys, maybe, onward, kinds, stop)


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
