"""The line model: how likely each line is debris, from small committed weights and a few matrix products."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import IO

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.line_batch import Ints, LineBatch

Floats = NDArray[np.float32]

NEAR = (-1, 0, 1)  # lines a first look takes in
WIDE = (-6, -3, 0, 3, 6)  # lines a second look takes in
_SMOOTH = 8.0  # words a mean over the document starts from, as the square root of a line's words


@dataclass(frozen=True, slots=True)
class NetworkWeights:
    """Weights of the network; F features, H, C and G hidden numbers a line."""

    names: tuple[str, ...]  # (F,) the features it was trained on, in order
    low: Floats  # (F,) features are clipped to low..high, which training saw
    high: Floats
    typical: Floats  # (F,) the mean of lines of content, which reasons are measured against
    enter: Floats  # (F, H)
    enter_bias: Floats
    near: Floats  # (3H, C)
    near_bias: Floats
    whole: Floats  # (H + C, G)
    whole_bias: Floats
    wide: Floats  # (5C + 2G, C)
    wide_bias: Floats
    leave: Floats  # (H + 2C,)
    leave_bias: float


def conv1d(felt: Floats, offsets: tuple[int, ...], weights: Floats, doc: Ints) -> Floats:
    """(width out, L): the product of what stands at these distances from each line, within its document.

    Shapes: felt (width, L), weights (distances * width, width out).
    """
    width, out_width, lines = len(felt), weights.shape[1], felt.shape[1]
    every = np.concatenate([weights[at * width : (at + 1) * width] for at in range(len(offsets))], axis=1).T @ felt
    at = offsets.index(0) * out_width
    out = every[at : at + out_width]
    for number, offset in enumerate(offsets):
        reach = abs(offset)
        if not offset or reach >= lines:
            continue
        block = every[number * out_width : (number + 1) * out_width]
        over = np.flatnonzero(doc[reach:] != doc[:-reach])  # where a look would reach another document
        if offset > 0:
            block[:, over + reach] = 0
            out[:, :-reach] += block[:, reach:]
        else:
            block[:, over] = 0
            out[:, reach:] += block[:, :-reach]
    return out


def context_means(values: Floats, weight: Floats, words: LineBatch) -> Floats:
    """(2 * width, L): weighted means over all lines above, and over all below, in the document."""
    first, last = words.doc_bounds[words.doc], words.doc_bounds[words.doc + 1]
    sums = np.zeros((len(values) + 1, values.shape[1] + 1))
    np.cumsum(values * weight, axis=1, dtype=np.float64, out=sums[:-1, 1:])
    np.cumsum(weight, dtype=np.float64, out=sums[-1, 1:])
    above, below = sums[:, :-1] - sums[:, first], sums[:, last] - sums[:, 1:]
    out = np.empty((2 * len(values), values.shape[1]), dtype=np.float32)
    np.divide(above[:-1], above[-1] + _SMOOTH, out=out[: len(values)], casting="same_kind")
    np.divide(below[:-1], below[-1] + _SMOOTH, out=out[len(values) :], casting="same_kind")
    return out


@dataclass(frozen=True, slots=True)
class Activations:
    """What each line makes the network feel, layer by layer."""

    first: Floats  # (H, L)
    second: Floats  # (C, L)
    third: Floats  # (C, L)


def activations(model: NetworkWeights, words: LineBatch, matrix: Floats) -> Activations:
    """From (F, L) features, which are clipped in place to what training saw."""
    np.clip(matrix, model.low[:, None], model.high[:, None], out=matrix)
    first = _rectify(model.enter.T @ matrix, model.enter_bias)
    second = _rectify(conv1d(first, NEAR, model.near, words.doc), model.near_bias)
    split = len(first)
    summary = _rectify(model.whole[:split].T @ first + model.whole[split:].T @ second, model.whole_bias)
    context = context_means(summary, np.sqrt(words.words).astype(np.float32), words)
    block = len(WIDE) * len(second)
    third = conv1d(second, WIDE, model.wide[:block], words.doc)
    third += model.wide[block:].T @ context
    return Activations(first, second, _rectify(third, model.wide_bias))


def _rectify(values: Floats, bias: Floats) -> Floats:
    """In place."""
    values += bias[:, None]
    return np.maximum(values, 0, out=values)


def scores(model: NetworkWeights, felt: Activations) -> Floats:
    """Log-odds that each line is content; shape (L,)."""
    h, c = len(felt.first), len(felt.second)
    out: Floats = model.leave[:h] @ felt.first + np.float32(model.leave_bias)
    out += model.leave[h : h + c] @ felt.second
    out += model.leave[h + c :] @ felt.third
    return out


def gradients(model: NetworkWeights, felt: Activations, at: Ints) -> Floats:
    """(len(at), F): how the scores of these lines move with their own inputs, their neighbours held still."""
    felt = Activations(felt.first[:, at].T, felt.second[:, at].T, felt.third[:, at].T)
    h, c = felt.first.shape[1], felt.second.shape[1]
    near, wide = NEAR.index(0) * h, WIDE.index(0) * c
    third = model.leave[h + c :] * (felt.third > 0)
    second = (model.leave[h : h + c] + third @ model.wide[wide : wide + c].T) * (felt.second > 0)
    first = (model.leave[:h] + second @ model.near[near : near + h].T) * (felt.first > 0)
    out: Floats = (first @ model.enter.T).astype(np.float32)
    return out


def read(file: IO[bytes]) -> NetworkWeights:
    """Weights as `training.boilerplate.train` writes them."""
    with np.load(file, allow_pickle=False) as raw:
        array = {name: raw[name] for name in raw.files}
    single = {name: value.astype(np.float32) for name, value in array.items() if value.dtype.kind in "fi"}
    return NetworkWeights(
        names=tuple(str(name) for name in array["names"]),
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
def shipped() -> NetworkWeights:
    with (resources.files(__package__) / "data" / "weights.npz").open("rb") as file:
        return read(file)
