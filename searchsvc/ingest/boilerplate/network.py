"""Network that scores lines: small committed weights and a few matrix products."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import IO

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features.word_scores import TABLES, WordScores, pack_scores
from searchsvc.ingest.boilerplate.gated_layer import gated_states
from searchsvc.ingest.boilerplate.line_batch import Ints, LineBatch
from searchsvc.npy_file import read_arrays

Floats = NDArray[np.float32]

NEAR = (-1, 0, 1)  # lines that the first convolution covers
WIDE = (-6, -3, 0, 3, 6)  # lines that the second convolution covers
_ONE_THREAD = 65_536 * 4  # multiplications of a matrix product that OpenBLAS computes in the calling thread
_SMOOTH = 8.0  # added to the total weight of a mean over the document; a line weighs the square root of its words


@dataclass(frozen=True, slots=True)
class NetworkWeights:
    """Weights of the network, float32. F features; H, C, G, S and T units per line in the hidden layers."""

    names: tuple[str, ...]  # (F,) features of the training, in order
    low: Floats  # (F,) features are clipped to the range low..high of the training data
    high: Floats
    typical: Floats  # (F,) mean over lines of content, the baseline of reasons
    enter: Floats  # (F, H)
    enter_bias: Floats
    near: Floats  # (3H, C)
    near_bias: Floats
    whole: Floats  # (H + C, G)
    whole_bias: Floats
    wide: Floats  # (5C + 2G, C)
    wide_bias: Floats
    gate1: Floats  # (2C, 2S)
    gate1_bias: Floats
    gate2: Floats  # (C + S, 2S)
    gate2_bias: Floats
    join: Floats  # (2C + 2S, T)
    join_bias: Floats
    leave: Floats  # (H + 2C + T,)
    leave_bias: float
    word_scores: WordScores


def product(weights: Floats, values: Floats) -> Floats:
    """Return `weights @ values`, float32. `weights`: (units, width); `values`: (width, lines).

    The product is computed in blocks of lines: OpenBLAS shares a larger product among threads, which then wait for
    each other longer than they compute. One thread also rounds equally on every number of cores.
    """
    units, (width, lines) = len(weights), values.shape
    block = max(1, _ONE_THREAD // max(1, weights.size))
    blocks = lines // block
    cut = blocks * block
    out = np.empty((units, lines), np.float32)
    if blocks:  # One call of matmul on views, since a loop over the blocks takes a third longer.
        whole = out[:, :cut].reshape(units, blocks, block).transpose(1, 0, 2)
        np.matmul(weights, values[:, :cut].reshape(width, blocks, block).transpose(1, 0, 2), out=whole)
    out[:, cut:] = weights @ values[:, cut:]
    return out


def conv1d(values: Floats, offsets: tuple[int, ...], weights: Floats, doc: Ints) -> Floats:
    """Return the convolution over the lines at `offsets`, within each document: (width out, lines) float32.

    `values`: (width, lines) float32. `weights`: (offsets * width, width out) float32. `doc`: (lines,) int64.
    """
    width, out_width, lines = len(values), weights.shape[1], values.shape[1]
    side_by_side = np.concatenate([weights[at * width : (at + 1) * width] for at in range(len(offsets))], axis=1)
    products = product(side_by_side.T, values)
    at = offsets.index(0) * out_width
    out = products[at : at + out_width]
    for number, offset in enumerate(offsets):
        reach = abs(offset)
        if not offset or reach >= lines:
            continue
        block = products[number * out_width : (number + 1) * out_width]
        across = np.flatnonzero(doc[reach:] != doc[:-reach])  # lines whose neighbour belongs to another document
        if offset > 0:
            block[:, across + reach] = 0
            out[:, :-reach] += block[:, reach:]
        else:
            block[:, across] = 0
            out[:, reach:] += block[:, :-reach]
    return out


def context_means(values: Floats, weight: Floats, batch: LineBatch) -> Floats:
    """Return weighted means over all lines above, then over all lines below, in the document: (2 * width, lines)
    float32.

    `values`: (width, lines) float32. `weight`: (lines,) float32.
    """
    first, last = batch.doc_bounds[batch.doc], batch.doc_bounds[batch.doc + 1]
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
    """Outputs of the hidden layers."""

    first: Floats  # (H, L)
    second: Floats  # (C, L)
    third: Floats  # (C, L)
    joined: Floats  # (T, L)


def activations(weights: NetworkWeights, batch: LineBatch, matrix: Floats) -> Activations:
    """Return the outputs of the hidden layers. `matrix`: (features, lines) float32, clipped in place."""
    np.clip(matrix, weights.low[:, None], weights.high[:, None], out=matrix)
    first = _rectify(product(weights.enter.T, matrix), weights.enter_bias)
    second = _rectify(conv1d(first, NEAR, weights.near, batch.doc), weights.near_bias)
    split = len(first)
    summary = product(weights.whole[:split].T, first) + product(weights.whole[split:].T, second)
    summary = _rectify(summary, weights.whole_bias)
    context = context_means(summary, np.sqrt(batch.word_counts).astype(np.float32), batch)
    block = len(WIDE) * len(second)
    third = conv1d(second, WIDE, weights.wide[:block], batch.doc)
    third += product(weights.wide[block:].T, context)
    third = _rectify(third, weights.wide_bias)
    low = gated_states(_stacked(weights.gate1, second, third), weights.gate1_bias, batch.doc)
    high = gated_states(_stacked(weights.gate2, third, low), weights.gate2_bias, batch.doc)
    joined = _rectify(_stacked(weights.join, second, third, low, high), weights.join_bias)
    return Activations(first, second, third, joined)


def _stacked(weights: Floats, *values: Floats) -> Floats:
    """Return `weights.T @ values` with the values stacked, (units, lines) float32. `values`: (width, lines) each."""
    return product(weights.T, np.concatenate(values))


def _rectify(values: Floats, bias: Floats) -> Floats:
    """Add the bias and apply ReLU, in place. `values`: (units, lines) float32; `bias`: (units,)."""
    values += bias[:, None]
    return np.maximum(values, 0, out=values)


def scores(weights: NetworkWeights, layers: Activations) -> Floats:
    """Return log-odds that each line is content, (lines,) float32."""
    stacked = (layers.first, layers.second, layers.third, layers.joined)
    cuts = np.cumsum([len(values) for values in stacked])[:-1]
    out: Floats = np.full(layers.first.shape[1], weights.leave_bias, dtype=np.float32)
    for part, values in zip(np.split(weights.leave, cuts), stacked, strict=True):
        out += np.einsum("u,ul->l", part, values)
    return out


def gradients(weights: NetworkWeights, layers: Activations, at: Ints) -> Floats:
    """Return the gradient of each score by the line's own features, (chosen, features) float32, neighbours held
    constant.

    `at`: (chosen,) int64, rows of the batch.
    """
    first, second, third, joined = (
        values[:, at].T for values in (layers.first, layers.second, layers.third, layers.joined)
    )
    h, c = first.shape[1], second.shape[1]
    near, wide = NEAR.index(0) * h, WIDE.index(0) * c
    join = product(weights.join[: 2 * c], (weights.leave[h + 2 * c :] * (joined > 0)).T).T
    by_third = (weights.leave[h + c : h + 2 * c] + join[:, c:]) * (third > 0)
    by_second = weights.leave[h : h + c] + join[:, :c] + product(weights.wide[wide : wide + c], by_third.T).T
    by_second *= second > 0
    by_first = (weights.leave[:h] + product(weights.near[near : near + h], by_second.T).T) * (first > 0)
    return product(weights.enter, by_first.T).T


def read(file: IO[bytes]) -> NetworkWeights:
    """Read the weights that `training.boilerplate.train` writes."""
    array = read_arrays(file)
    single = {name: value.astype(np.float32) for name, value in array.items() if value.dtype.kind == "f"}
    return NetworkWeights(
        names=tuple(str(name) for name in array["names"]),
        leave_bias=float(single["leave_bias"][0]),
        word_scores=pack_scores({name: array[f"scores_{name}"] for name in TABLES}),
        **{
            name: single[name]
            for name in (
                "low", "high", "typical", "enter", "enter_bias", "near", "near_bias",
                "whole", "whole_bias", "wide", "wide_bias",
                "gate1", "gate1_bias", "gate2", "gate2_bias", "join", "join_bias", "leave",
            )
        },
    )  # fmt: skip


@cache
def shipped() -> NetworkWeights:
    """Return the weights in the package, read once."""
    with (resources.files(__package__) / "data" / "weights.npz").open("rb") as file:
        return read(file)
