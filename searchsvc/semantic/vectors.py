"""Vectors of documents as bytes, and their cosines."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from searchsvc.models.documents import Document

_SCALE = 127  # of the components of a unit vector, as int8
_LONGEST = 1_000  # characters of a body; a model reads less

Vector = NDArray[np.float32]


def text_to_embed(document: Document) -> str:
    """Return the text that a document's vector is made from: title and beginning of the body."""
    return f"{document.title}\n{document.body[:_LONGEST]}"


def packed(vector: Vector) -> bytes:
    """Return a unit vector, (dimensions,) float32, as one byte (int8) for each component.

    Cosines change by less than 0.01.
    """
    return np.rint(vector * _SCALE).astype(np.int8).tobytes()


def unpacked(data: bytes) -> Vector:
    """Return the vector of `packed`, (dimensions,) float32, of unit length but for rounding."""
    return np.frombuffer(data, np.int8).astype(np.float32) / np.float32(_SCALE)


def cosines(vector: Vector, others: Sequence[bytes]) -> NDArray[np.float64]:
    """Return the cosines of a unit vector, (dimensions,) float32, and packed vectors, (others,) float64.

    NaN for a vector that is missing or has other dimensions.
    """
    known = np.full(len(others), np.nan)
    places = [place for place, other in enumerate(others) if len(other) == len(vector)]
    if places:
        table = np.frombuffer(b"".join(others[place] for place in places), np.int8).reshape(len(places), -1)
        known[places] = table @ vector / _SCALE
    return known
