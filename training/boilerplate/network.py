"""Training of the network: layers, gradients and the Adam optimiser, in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.network import NEAR, WIDE
from training.boilerplate import gated_layer
from training.boilerplate.dataset import Table
from training.boilerplate.loss import loss_gradient

Floats = NDArray[np.float32]
_SMOOTH = 8.0
GAP = max(WIDE)  # empty rows between documents, so that no convolution reaches the next document


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """Sizes of the layers and settings of the optimiser."""

    hidden: int = 48
    second: int = 32
    summary: int = 12
    states: int = 32
    third: int = 32
    epochs: int = 12
    rate: float = 4e-3
    rows: int = 3000
    drop: float = 0.3
    decay: float = 0.01
    doubt: float = 0.6  # exponent of the generalised cross entropy, which learns little from labels that look wrong
    certain: float = 0.3  # share of the training with plain cross entropy, before labels can look wrong
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Standardised:
    """Standardised features of a table, (lines, features) float32, with the statistics, (features,) each."""

    x: Floats
    low: Floats
    high: Floats
    mean: Floats
    deviation: Floats


def standardise(table: Table, docs: NDArray[np.int64]) -> Standardised:
    """Standardise the features with statistics of the given documents, `docs` (docs,) int64."""
    chosen = np.isin(table.doc, docs)
    mean = table.x[chosen].mean(axis=0)
    deviation = table.x[chosen].std(axis=0) + np.float32(1e-3)
    x = np.clip((table.x - mean) / deviation, -6, 6).astype(np.float32)
    return Standardised(x, mean - 6 * deviation, mean + 6 * deviation, mean, deviation)


def shifted(h: Floats, offsets: tuple[int, ...]) -> Floats:
    """Return the rows at each offset side by side, 0 out of range: (rows, offsets * width) float32."""
    out = np.zeros((len(h), len(offsets) * h.shape[1]), dtype=np.float32)
    for at, offset in enumerate(offsets):
        block = out[:, at * h.shape[1] : (at + 1) * h.shape[1]]
        if offset > 0:
            block[:-offset] = h[offset:]
        elif offset < 0:
            block[-offset:] = h[:offset]
        else:
            block[:] = h
    return out


def shifted_back(gradient: Floats, offsets: tuple[int, ...], width: int) -> Floats:
    """Return the gradient of `shifted`, (rows, width) float32."""
    out = np.zeros((len(gradient), width), dtype=np.float32)
    for at, offset in enumerate(offsets):
        block = gradient[:, at * width : (at + 1) * width]
        if offset > 0:
            out[offset:] += block[:-offset]
        elif offset < 0:
            out[:offset] += block[-offset:]
        else:
            out += block
    return out


@dataclass(frozen=True, slots=True)
class Rows:
    """A group of documents, separated by empty rows."""

    index: NDArray[np.int64]  # (rows,) row of the table, 0 for an empty row
    filled: Floats  # (rows, 1) 1 or 0 for an empty row
    doc: NDArray[np.int64]  # (rows,) document from 0; empty rows belong to the document above
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    weight: Floats  # (rows, 1) weight of a line in means over its document


def rows_of(table: Table, starts: NDArray[np.int64], docs: Sequence[int]) -> Rows:
    """Lay out some documents as rows. `starts`: (docs + 1,) int64, first row of each document in the table."""
    pieces: list[NDArray[np.int64]] = []
    for doc in docs:
        pieces += [np.arange(starts[doc], starts[doc + 1]), np.full(GAP, -1)]
    index = np.concatenate(pieces)
    sizes = np.array([int(starts[doc + 1] - starts[doc]) + GAP for doc in docs])
    local = np.repeat(np.arange(len(docs)), sizes)
    filled = (index >= 0)[:, None].astype(np.float32)
    index = np.maximum(index, 0)
    ends = np.cumsum(sizes)
    weight = np.sqrt(table.word_counts[index])[:, None].astype(np.float32) * filled
    return Rows(index, filled, local, (ends - sizes)[local], ends[local], weight)


def _running(values: NDArray[Any]) -> NDArray[np.float64]:
    out = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, dtype=np.float64, out=out[1:])
    return out


class Network:
    """Weights of the network, with gradients and the state of Adam."""

    def __init__(self, features: int, plan: Hyperparameters) -> None:
        random = np.random.default_rng(plan.seed)
        h, c, g, s, t = plan.hidden, plan.second, plan.summary, plan.states, plan.third

        def dense(rows: int, columns: int, scale: float = 1.0) -> Floats:
            out: Floats = (random.standard_normal((rows, columns)) * scale * np.sqrt(2 / rows)).astype(np.float32)
            return out

        def gate_bias(units: int) -> Floats:
            """Spread the memory of the units from 2 to some 30 lines."""
            lasting = np.tile(np.linspace(0, 3.5, units // 2), 2)
            return np.concatenate([np.zeros(units), lasting]).astype(np.float32)

        self.plan = plan
        self.p: dict[str, Floats] = {
            "enter": dense(features, h, 0.7), "enter_bias": np.zeros(h, np.float32),
            "near": dense(len(NEAR) * h, c), "near_bias": np.zeros(c, np.float32),
            "whole": dense(h + c, g), "whole_bias": np.zeros(g, np.float32),
            "wide": dense(len(WIDE) * c + 2 * g, c), "wide_bias": np.zeros(c, np.float32),
            "gate1": dense(2 * c, 2 * s, 0.7), "gate1_bias": gate_bias(s),
            "gate2": dense(c + s, 2 * s, 0.7), "gate2_bias": gate_bias(s),
            "join": dense(2 * c + 2 * s, t), "join_bias": np.zeros(t, np.float32),
            "leave": dense(h + 2 * c + t, 1, 0.3), "leave_bias": np.zeros(1, np.float32),
        }  # fmt: skip
        self.first = {name: np.zeros_like(value) for name, value in self.p.items()}
        self.second = {name: np.zeros_like(value) for name, value in self.p.items()}
        self.steps = 0
        self.cache: tuple[Any, ...] = ()

    def forward(self, x: Floats, rows: Rows, random: np.random.Generator | None = None) -> Floats:
        """Return the score of each row, (rows,) float32. With `random`, apply dropout."""
        p, filled = self.p, rows.filled
        h0 = np.maximum(x @ p["enter"] + p["enter_bias"], 0) * filled
        mask0 = self._mask(h0.shape, random)
        h0 = h0 * mask0
        c1 = shifted(h0, NEAR)
        h1 = np.maximum(c1 @ p["near"] + p["near_bias"], 0) * filled
        both = np.concatenate([h0, h1], axis=1)
        summary = np.maximum(both @ p["whole"] + p["whole_bias"], 0) * filled
        sums, mass = _running(summary * rows.weight), _running(rows.weight)
        up = mass[:-1] - mass[rows.first] + _SMOOTH
        down = mass[rows.last] - mass[1:] + _SMOOTH
        context = np.concatenate([(sums[:-1] - sums[rows.first]) / up, (sums[rows.last] - sums[1:]) / down], axis=1)
        c2 = np.concatenate([shifted(h1, WIDE), context.astype(np.float32)], axis=1)
        h2 = np.maximum(c2 @ p["wide"] + p["wide_bias"], 0) * filled
        ends = (rows.first == np.arange(len(h0)), rows.last - GAP - 1 == np.arange(len(h0)))
        mask1 = self._mask((len(h0), 2 * h2.shape[1]), random)
        low = gated_layer.forward(np.concatenate([h1, h2], axis=1) * mask1, p["gate1"], p["gate1_bias"], ends)
        mask2 = self._mask((len(h0), h2.shape[1] + low.states.shape[1]), random)
        high = gated_layer.forward(np.concatenate([h2, low.states], axis=1) * mask2, p["gate2"], p["gate2_bias"], ends)
        mask3 = self._mask((len(h0), len(p["join"])), random)
        c3 = np.concatenate([h1, h2, low.states, high.states], axis=1) * mask3
        h3 = np.maximum(c3 @ p["join"] + p["join_bias"], 0) * filled
        mask = self._mask((len(h0), both.shape[1] + h2.shape[1] + h3.shape[1]), random)
        out = np.concatenate([both, h2, h3], axis=1) * mask
        self.cache = (
            x, rows, h0, mask0, c1, h1, both, summary, up, down, c2, h2, mask, out,
            low, high, mask1, mask2, mask3, c3, h3,
        )  # fmt: skip
        return np.asarray(out @ p["leave"] + p["leave_bias"])[:, 0]

    def _mask(self, shape: tuple[int, ...], random: np.random.Generator | None) -> Any:
        if random is None:
            return np.float32(1)
        keep = 1 - self.plan.drop
        return (random.random(shape, dtype=np.float32) < keep).astype(np.float32) / np.float32(keep)

    def backward(self, top: NDArray[np.floating[Any]]) -> dict[str, Floats]:
        """Return the gradient of each weight. `top`: (rows,), gradient of the loss by the scores of the last
        `forward`."""
        (
            x, rows, h0, mask0, c1, h1, both, summary, up, down, c2, h2, mask, out,
            low, high, mask1, mask2, mask3, c3, h3,
        ) = self.cache  # fmt: skip
        p, plan, g = self.p, self.plan, {}
        h, c, s = plan.hidden, plan.second, plan.states
        d = top[:, None].astype(np.float32)
        g["leave"], g["leave_bias"] = out.T @ d, d.sum(axis=0)
        d_out = d @ p["leave"].T * mask
        d3 = d_out[:, h + 2 * c :] * (h3 > 0)
        g["join"], g["join_bias"] = c3.T @ d3, d3.sum(axis=0)
        d_c3 = d3 @ p["join"].T * mask3
        g["gate2"], g["gate2_bias"], d_high = gated_layer.backward(high, d_c3[:, 2 * c + s :], p["gate2"])
        d_high = d_high * mask2
        d_low = d_c3[:, 2 * c : 2 * c + s] + d_high[:, c:]
        g["gate1"], g["gate1_bias"], d_in = gated_layer.backward(low, d_low, p["gate1"])
        d_in = d_in * mask1
        d0, d1 = d_out[:, :h], d_out[:, h : h + c] + d_c3[:, :c] + d_in[:, :c]
        d2 = (d_out[:, h + c : h + 2 * c] + d_c3[:, c : 2 * c] + d_high[:, :c] + d_in[:, c:]) * (h2 > 0)
        g["wide"], g["wide_bias"] = c2.T @ d2, d2.sum(axis=0)
        d_c2 = d2 @ p["wide"].T
        near = len(WIDE) * c
        d1 = d1 + shifted_back(d_c2[:, :near], WIDE, c)
        d_sum = self._context_back(d_c2[:, near:], rows, up, down) * (summary > 0)
        g["whole"], g["whole_bias"] = both.T @ d_sum, d_sum.sum(axis=0)
        d_both = d_sum @ p["whole"].T
        d0, d1 = d0 + d_both[:, :h], (d1 + d_both[:, h:]) * (h1 > 0)
        g["near"], g["near_bias"] = c1.T @ d1, d1.sum(axis=0)
        d0 = (d0 + shifted_back(d1 @ p["near"].T, NEAR, h)) * mask0 * (h0 > 0)
        g["enter"], g["enter_bias"] = x.T @ d0, d0.sum(axis=0)
        return g

    def _context_back(self, d: Floats, rows: Rows, up: Any, down: Any) -> Floats:
        width = self.plan.summary
        above, below = _running(d[:, :width] / up), _running(d[:, width:] / down)
        total = (above[rows.last] - above[1:]) + (below[:-1] - below[rows.first])
        return (total * rows.weight * rows.filled).astype(np.float32)

    def step(self, gradient: dict[str, Floats], rate: float) -> None:
        """Update the weights by Adam with decoupled weight decay."""
        self.steps += 1
        for name, value in self.p.items():
            g = gradient[name].astype(np.float32)
            self.first[name] += 0.1 * (g - self.first[name])
            self.second[name] += 0.002 * (g * g - self.second[name])
            mean, square = self.first[name] / (1 - 0.9**self.steps), self.second[name] / (1 - 0.998**self.steps)
            move = mean / (np.sqrt(square) + 1e-6)
            value -= np.float32(rate) * (move + np.float32(self.plan.decay) * value)


def train(
    table: Table,
    data: Standardised,
    docs: NDArray[np.int64],
    plan: Hyperparameters,
    forgotten: Sequence[tuple[NDArray[np.int64], float]],
) -> Network:
    """Train on the documents `docs`, (docs,) int64.

    `forgotten`: columns that are blanked together in a share of the documents, as some converters drop these
    features.
    """
    random = np.random.default_rng(plan.seed)
    starts = np.searchsorted(table.doc, np.arange(table.doc.max() + 2))
    docs = docs[starts[docs + 1] > starts[docs]]
    network = Network(data.x.shape[1], plan)
    zero = np.clip(-data.mean / data.deviation, -6, 6)
    done, total = 0, plan.epochs * int((starts[docs + 1] - starts[docs] + GAP).sum())
    for _ in range(plan.epochs):
        order = random.permutation(docs)
        at = 0
        while at < len(order):
            group, size = [], 0
            while at < len(order) and size < plan.rows:
                group.append(int(order[at]))
                size += int(starts[order[at] + 1] - starts[order[at]]) + GAP
                at += 1
            rows = rows_of(table, starts, group)
            x = data.x[rows.index] * rows.filled
            for columns, chance in forgotten:
                blank = (random.random(len(group)) < chance)[rows.doc] & (rows.filled[:, 0] > 0)
                x[np.ix_(blank, columns)] = zero[columns]
            score = network.forward(x, rows, random)
            cost = table.cost[rows.index] * rows.filled[:, 0]
            error = loss_gradient(score, table.cover[rows.index], plan.doubt if done >= plan.certain * total else 0)
            gradient = network.backward(cost * error / len(group))
            done += size
            warm, cool = min(1.0, (network.steps + 1) / 100), 0.5 * (1 + np.cos(np.pi * min(done / total, 1.0)))
            network.step(gradient, plan.rate * warm * cool + 1e-6)
    network.cache = ()
    return network


def predict(network: Network, table: Table, data: Standardised, docs: NDArray[np.int64]) -> Floats:
    """Return log-odds of the lines of the given documents, (lines,) float32, 0 for other lines."""
    starts = np.searchsorted(table.doc, np.arange(table.doc.max() + 2))
    out = np.zeros(len(table.doc), dtype=np.float32)
    for part in np.array_split(docs, max(1, len(docs) // 32)):
        rows = rows_of(table, starts, [int(doc) for doc in part])
        score = network.forward(data.x[rows.index] * rows.filled, rows)
        at = rows.filled[:, 0] > 0
        out[rows.index[at]] = score[at]
    network.cache = ()
    return out
