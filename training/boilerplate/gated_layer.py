"""Gated recurrent layer over the lines of documents, with its gradients, in numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_REACH = 256  # lines that the recurrence looks back at most


def scan(keep: Floats, new: Floats) -> Floats:
    """Return h with `h[t] = keep[t] * h[t - 1] + new[t]` over the rows, (rows, units) float32.

    `keep`, `new`: (rows, units) float32. The sums double in reach at every step (Hillis and Steele 1986).
    """
    keep, out = keep.copy(), new.copy()
    reach = 1
    while reach < min(_REACH, len(out)):
        out[reach:] += keep[reach:] * out[:-reach]
        keep[reach:] = keep[reach:] * keep[:-reach]
        keep[:reach] = 0
        reach *= 2
    return out


def scan_both_ways(keep: Floats, new: Floats, first: NDArray[np.bool_], last: NDArray[np.bool_]) -> Floats:
    """Return states downwards in the left half of the units and upwards in the right half, (rows, units) float32.

    `first`, `last`: (rows,) bool, first and last row of each document, where the states start from zero.
    """
    half = keep.shape[1] // 2
    down = scan(keep[:, :half] * ~first[:, None], new[:, :half])
    up = scan((keep[:, half:] * ~last[:, None])[::-1], new[::-1, half:])[::-1]
    return np.concatenate([down, up], axis=1)


@dataclass(frozen=True, slots=True)
class Pass:
    """Values of one forward pass that the gradients need, (rows, units) float32 each."""

    inputs: Floats
    candidate: Floats
    keep: Floats
    states: Floats
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]


def forward(inputs: Floats, weights: Floats, bias: Floats, ends: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> Pass:
    """Compute the states of the layer.

    `weights`: (width, 2 * units), candidates left and gates right. `ends`: first and last row of each document.
    """
    both = inputs @ weights + bias
    units = both.shape[1] // 2
    candidate = np.maximum(both[:, :units], 0)
    keep = 1 / (1 + np.exp(-np.clip(both[:, units:], -15, 15)))
    first, last = ends
    return Pass(inputs, candidate, keep, scan_both_ways(keep, (1 - keep) * candidate, first, last), first, last)


def backward(run: Pass, gradient: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the gradients of weights, bias and inputs. `gradient`: (rows, units) float32, by the states."""
    half = gradient.shape[1] // 2
    keep = run.keep.copy()
    keep[run.first, :half] = 0
    keep[run.last, half:] = 0
    preceding = np.zeros_like(run.states)
    preceding[1:, :half] = run.states[:-1, :half]
    preceding[:-1, half:] = run.states[1:, half:]
    preceding[run.first, :half] = 0
    preceding[run.last, half:] = 0
    later = np.zeros_like(keep)
    later[:-1, :half] = keep[1:, :half]
    later[1:, half:] = keep[:-1, half:]
    total = np.concatenate(
        [scan(later[::-1, :half], gradient[::-1, :half])[::-1], scan(later[:, half:], gradient[:, half:])], axis=1
    )
    d_candidate = total * (1 - run.keep) * (run.candidate > 0)
    d_gate = total * (preceding - run.candidate) * run.keep * (1 - run.keep)
    d = np.concatenate([d_candidate, d_gate], axis=1)
    return run.inputs.T @ d, d.sum(axis=0), d @ weights.T
