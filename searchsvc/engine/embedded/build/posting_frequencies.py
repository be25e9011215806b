"""Weighted frequency of each posting over all free-text fields, and its impact."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.index.array_file import Array
from searchsvc.engine.embedded.index.postings import Postings
from searchsvc.schema import FREE_TEXT, Bm25f


@dataclass(frozen=True, slots=True)
class PostingFrequencies:
    """Weighted frequencies of the body's postings over all free-text fields; see `index.impacts`.

    `norms`: (documents,) float32 for each free-text field.
    """

    arrays: Mapping[str, Array]
    body: Postings
    parameters: Bm25f
    norms: dict[str, NDArray[np.float32]]

    def impacts(self, rows: range) -> NDArray[np.float32]:
        """Return the impacts of the postings of the terms at `rows`; (postings,) float32."""
        body = self.body
        span = slice(int(body.offsets[rows.start]), int(body.offsets[rows.stop]))
        docs = body.docs[span]
        body_frequency = body.tfs[span] + np.float32(self.parameters.lead_weight) * self._in_lead(span)
        weighted = body_frequency * self.norms["body"][docs] * np.float32(FREE_TEXT["body"])
        frequency: NDArray[np.float32] = weighted.astype(np.float32, copy=False)
        counts = np.diff(body.offsets[rows.start : rows.stop + 1])
        keys = _posting_keys(body.terms[rows.start : rows.stop], counts, docs)
        for name, weight in FREE_TEXT.items():
            if name == "body":
                continue
            field = Postings.of(self.arrays, name)
            field_rows = field.row_range(int(body.terms[rows.start]), int(body.terms[rows.stop - 1]) + 1)
            field_span = slice(int(field.offsets[field_rows.start]), int(field.offsets[field_rows.stop]))
            field_counts = np.diff(field.offsets[field_rows.start : field_rows.stop + 1])
            field_keys = _posting_keys(
                field.terms[field_rows.start : field_rows.stop], field_counts, field.docs[field_span]
            )
            norms = self.norms[name][field.docs[field_span]]
            frequency[keys.searchsorted(field_keys)] += np.float32(weight) * field.tfs[field_span] * norms
        return frequency / (np.float32(self.parameters.k1) + frequency)

    def _in_lead(self, span: slice) -> NDArray[np.float32]:
        """Return 1 for each posting in `span` whose first position is in the lead, else 0; float32."""
        if not len(self.body.positions):  # no document has a body
            return np.zeros(span.stop - span.start, np.float32)
        if span.start == span.stop:
            return np.empty(0, np.float32)
        starts = self.body.position_starts(np.array([span.start], np.int64))[0] + np.append(
            0, self.body.tfs[span].cumsum(dtype=np.int64)[:-1]
        )
        is_early = self.body.positions.take(starts, mode="clip") < self.parameters.lead
        is_in_lead: NDArray[np.bool_] = is_early & (self.body.tfs[span] > 0)
        return is_in_lead.astype(np.float32)


def _posting_keys(terms: NDArray[np.int32], counts: Array, docs: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return term << 32 | document of each posting; (postings,) int64, ascending."""
    return (np.repeat(terms.astype(np.int64), counts) << 32) | docs
