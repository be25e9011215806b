"""Gated recurrent layer: states that run over the lines of each document, downwards and upwards.

The gates depend on the inputs alone, as in a quasi-recurrent network (Bradbury et al. 2017, "Quasi-Recurrent Neural
Networks"). So a scan computes the states of all documents of a batch at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.line_batch import Ints

Floats = NDArray[np.float32]
_REACH = 256  # lines that the recurrence looks back at most
_FORGOTTEN = 1e-6  # greatest weight of an earlier state below which a longer reach changes nothing


def scan(keep: Floats, new: Floats) -> Floats:
    """Return h with `h[:, t] = keep[:, t] * h[:, t - 1] + new[:, t]`, (units, lines) float32. Both inputs are
    overwritten.

    `keep`, `new`: (units, lines) float32. The reach doubles at every step (Hillis and Steele 1986, "Data parallel
    algorithms").
    """
    lines, reach = keep.shape[1], 1
    while reach < min(_REACH, lines):
        new[:, reach:] += keep[:, reach:] * new[:, :-reach]
        keep[:, reach:] = keep[:, reach:] * keep[:, :-reach]
        keep[:, :reach] = 0
        reach *= 2
        if reach > 8 and keep.max() < _FORGOTTEN:
            break
    return new


def gated_states(inputs: Floats, bias: Floats, doc: Ints) -> Floats:
    """Return the states, (units, lines) float32: the first half runs downwards, the second half upwards.

    `inputs`: (2 * units, lines) float32, overwritten: candidates, then gates. `bias`: (2 * units,). `doc`: (lines,)
    int64.
    """
    inputs += bias[:, None]
    units = len(inputs) // 2
    candidate, keep = inputs[:units], inputs[units:]
    np.maximum(candidate, 0, out=candidate)
    np.negative(keep, out=keep)
    np.clip(keep, -15, 15, out=keep)
    np.exp(keep, out=keep)
    keep += 1
    np.reciprocal(keep, out=keep)
    candidate *= 1 - keep
    half = units // 2
    edge = np.flatnonzero(doc[1:] != doc[:-1])
    keep[:half, edge + 1] = 0
    keep[half:, edge] = 0
    out = np.empty_like(candidate)
    out[:half] = scan(keep[:half], candidate[:half])
    out[half:, ::-1] = scan(np.ascontiguousarray(keep[half:, ::-1]), np.ascontiguousarray(candidate[half:, ::-1]))
    return out
