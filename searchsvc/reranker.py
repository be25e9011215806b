"""Re-ranking of hits by meaning, with the vectors of a generation."""

from collections.abc import Sequence
from itertools import groupby

from searchsvc.engine.interface import Snapshot
from searchsvc.models.search import EngineHit
from searchsvc.semantic import MODEL_KEY, RERANKED, SentenceModel, cosines, rerank, unpacked
from searchsvc.semantic.vectors import Vector


class Reranker:
    """Orders the best hits by words and meaning. Safe to use from several threads.

    `by_default`: whether requests that leave it open are re-ranked.
    """

    def __init__(self, model: SentenceModel, by_default: bool) -> None:
        self._model, self._by_default = model, by_default
        self._known = ("", False)  # a generation, and whether it has vectors of the model

    def applies_to(self, choice: str) -> bool:
        """Return whether a request with `rerank` = `choice` is re-ranked."""
        return choice == "on" or (choice == "auto" and self._by_default)

    def fits(self, snapshot: Snapshot) -> bool:
        """Return whether a generation has vectors of the model."""
        name, fits = self._known
        if name != snapshot.name:
            fits = model_key(snapshot) == self._model.key
            self._known = (snapshot.name, fits)
        return fits

    def by_text(self, hits: Sequence[EngineHit], text: str) -> tuple[EngineHit, ...]:
        """Return `hits`, the first ones of a search, in the order for a query; only the best RERANKED change places.

        Partial matches stay behind full ones.
        """
        vector = self._model.embed(text)
        best = groupby(hits[:RERANKED], lambda hit: hit.partial_match)
        ordered = (hit for _, group in best for hit in _ordered(tuple(group), vector))
        return (*ordered, *hits[RERANKED:])

    def by_vector(self, hits: Sequence[EngineHit], vector: bytes) -> tuple[EngineHit, ...]:
        """Return `hits` in the order for a packed vector."""
        return _ordered(hits, unpacked(vector))


def _ordered(hits: Sequence[EngineHit], vector: Vector) -> tuple[EngineHit, ...]:
    order = rerank([hit.score for hit in hits], cosines(vector, [hit.document.vector for hit in hits]))
    return tuple(hits[place] for place in order)


def model_key(snapshot: Snapshot) -> str:
    """Return the key of the model that made the vectors of a generation; empty if it has none."""
    try:
        return snapshot.user_data(MODEL_KEY).decode("ascii", "replace")
    except KeyError:
        return ""
