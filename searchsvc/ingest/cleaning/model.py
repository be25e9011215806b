"""The line model: how likely each line is debris, from small committed weights and a few matrix products."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import IO

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.cleaning.blocks import Batch, Ints

Floats = NDArray[np.float32]

NEAR = (-2, -1, 0, 1, 2)  # lines a first look takes in
WIDE = (-8, -5, -3, 0, 3, 5, 8)  # lines a second look takes in
GAP = 8  # empty rows between documents, so that a look never reaches the next one
READ = 16  # words of a line that are read; the ending is read apart
ENDS = 2
_SMOOTH = 8.0  # words a mean over the document starts from, as the square root of a line's words


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of the network; F features, V known words, E numbers a word, H, C and G hidden numbers a line."""

    names: tuple[str, ...]  # (F,) the features it was trained on, in order
    low: Floats  # (F,) features are clipped to low..high, which training saw
    high: Floats
    buckets: NDArray[np.uint16]  # (V,) sorted: the top bits of the hashes of known words
    words: tuple[Floats, Floats, Floats]  # (V + 1, E) each: anywhere, opening, ending; row 0 is the unknown word
    typical: Floats  # (F + 3E,) the mean of lines of content, which reasons are measured against
    enter: Floats  # (F + 3E, H)
    enter_bias: Floats
    near: Floats  # (5H, C)
    near_bias: Floats
    whole: Floats  # (H + C, G)
    whole_bias: Floats
    wide: Floats  # (7C + 2G, C)
    wide_bias: Floats
    leave: Floats  # (H + 2C,)
    leave_bias: float


def padded_rows(words: Batch) -> Ints:
    """(L,) the row of each line once GAP empty rows stand above, below and between documents."""
    rows: Ints = np.arange(len(words.doc)) + GAP * (words.doc + 1)
    return rows


def word_numbers(model: Model, words: Batch) -> Floats:
    """(L, 3E): what the words of each line say: the first sixteen, the first two, the last two."""
    table = np.zeros(65536, dtype=np.int32)
    table[model.buckets] = np.arange(1, len(model.buckets) + 1)
    known = table[(words.hash >> np.uint64(48)).astype(np.int64)]
    begin, end = words.word_bounds[:-1], words.word_bounds[1:]
    count = np.minimum(words.words, READ)
    anywhere, opening, ending = model.words
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(begin, count)
    read = np.add.reduceat(anywhere[known[place]], np.cumsum(count) - count) / np.sqrt(count)[:, None]
    second = np.where(count > 1, known[np.minimum(begin + 1, len(known) - 1)], 0)
    before = np.where(count > 1, known[np.maximum(end - 2, 0)], 0)
    return np.column_stack(
        [read, 0.7 * (opening[known[begin]] + opening[second]), 0.7 * (ending[known[end - 1]] + ending[before])]
    ).astype(np.float32)


def looks(rows: Floats, offsets: tuple[int, ...], weights: Floats, count: int) -> Floats:
    """The product of what stands at these distances from each row, block of weights by block.

    `rows` has GAP empty rows above and below the `count` rows that the answer is for.
    """
    width = rows.shape[1]
    out = np.zeros((count, weights.shape[1]), dtype=np.float32)
    for at, offset in enumerate(offsets):
        out += rows[GAP + offset : GAP + offset + count] @ weights[at * width : (at + 1) * width]
    return out


def around(values: Floats, weight: Floats, words: Batch) -> Floats:
    """(L, 2 * width): weighted means over all lines above, and over all below, in the document."""
    first, last = words.doc_bounds[words.doc], words.doc_bounds[words.doc + 1]
    sums = np.zeros((len(values) + 1, values.shape[1]), dtype=np.float64)
    np.cumsum(values * weight[:, None], axis=0, dtype=np.float64, out=sums[1:])
    mass = np.append(0.0, np.cumsum(weight, dtype=np.float64))
    above = (sums[:-1] - sums[first]) / (mass[:-1] - mass[first] + _SMOOTH)[:, None]
    below = (sums[last] - sums[1:]) / (mass[last] - mass[1:] + _SMOOTH)[:, None]
    return np.concatenate([above, below], axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Entering:
    """What the network takes in: clipped features (F, L) and what the words say (L, 3E)."""

    features: Floats
    spoken: Floats

    def rows(self, at: Ints) -> Floats:
        """(len(at), F + 3E)"""
        return np.concatenate([self.features[:, at].T, self.spoken[at]], axis=1)


def inputs(model: Model, words: Batch, matrix: Floats) -> Entering:
    """From (F, L) features, which are clipped in place."""
    np.clip(matrix, model.low[:, None], model.high[:, None], out=matrix)
    return Entering(matrix, word_numbers(model, words))


@dataclass(frozen=True, slots=True)
class Layers:
    """What each line makes the network feel, layer by layer."""

    first: Floats  # (L, H)
    second: Floats  # (L, C)
    third: Floats  # (L, C)


def layers(model: Model, words: Batch, entering: Entering) -> Layers:
    lines, count = len(words.doc), len(model.low)
    row = padded_rows(words)
    rows = lines + GAP * (len(words.doc_bounds) - 2)
    first: Floats = entering.features.T @ model.enter[:count]
    first += entering.spoken @ model.enter[count:]
    first += model.enter_bias
    np.maximum(first, 0, out=first)
    wide_first = np.zeros((rows + 2 * GAP, first.shape[1]), dtype=np.float32)
    wide_first[row] = first
    second: Floats = looks(wide_first, NEAR, model.near, rows)[row - GAP] + model.near_bias
    np.maximum(second, 0, out=second)
    wide_second = np.zeros((rows + 2 * GAP, second.shape[1]), dtype=np.float32)
    wide_second[row] = second
    split = first.shape[1]
    summary = np.maximum(first @ model.whole[:split] + second @ model.whole[split:] + model.whole_bias, 0)
    context = around(summary, np.sqrt(words.words).astype(np.float32), words)
    block = len(WIDE) * second.shape[1]
    third = looks(wide_second, WIDE, model.wide[:block], rows)[row - GAP]
    third = third + context @ model.wide[block:] + model.wide_bias
    return Layers(first, second, np.maximum(third, 0, out=third))


def scores(model: Model, felt: Layers) -> Floats:
    """Log-odds that each line is content; shape (L,)."""
    h, c = felt.first.shape[1], felt.second.shape[1]
    out: Floats = felt.first @ model.leave[:h] + np.float32(model.leave_bias)
    out += felt.second @ model.leave[h : h + c]
    out += felt.third @ model.leave[h + c :]
    return out


def gradients(model: Model, felt: Layers, at: Ints) -> Floats:
    """(len(at), F + 3E): how the scores of these lines move with their own inputs, their neighbours held still."""
    felt = Layers(felt.first[at], felt.second[at], felt.third[at])
    h, c = felt.first.shape[1], felt.second.shape[1]
    near, wide = NEAR.index(0) * h, WIDE.index(0) * c
    third = model.leave[h + c :] * (felt.third > 0)
    second = (model.leave[h : h + c] + third @ model.wide[wide : wide + c].T) * (felt.second > 0)
    first = (model.leave[:h] + second @ model.near[near : near + h].T) * (felt.first > 0)
    out: Floats = (first @ model.enter.T).astype(np.float32)
    return out


def read(file: IO[bytes]) -> Model:
    """Weights as `benchmarks/cleaning/train.py` writes them."""
    with np.load(file, allow_pickle=False) as raw:
        array = {name: raw[name] for name in raw.files}
    single = {name: value.astype(np.float32) for name, value in array.items() if value.dtype.kind in "fi"}
    tables = [single[f"words_{part}"] * single[f"words_{part}_scale"] for part in ("anywhere", "opening", "ending")]
    return Model(
        names=tuple(str(name) for name in array["names"]),
        buckets=array["buckets"],
        words=(tables[0], tables[1], tables[2]),
        leave_bias=float(single["leave_bias"][0]),
        **{
            name: single[name]
            for name in (
                "low", "high", "typical", "enter", "enter_bias", "near", "near_bias",
                "whole", "whole_bias", "wide", "wide_bias", "leave",
            )
        },
    )  # fmt: skip


@cache
def shipped() -> Model:
    with (resources.files(__package__) / "weights.npz").open("rb") as file:
        return read(file)
