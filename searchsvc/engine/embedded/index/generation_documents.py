"""Documents of a generation: stored documents, original texts, document states and near-duplicates.

Numbers of documents are those of the IndexReader.
"""

from collections.abc import Sequence
from itertools import islice

import numpy as np

from searchsvc.engine.embedded.index.doc_values import DocValues
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.stored_document import StoredDocument
from searchsvc.engine.embedded.index.stored_fields import StoredFields, StoredStates
from searchsvc.engine.excerpts import LONG_BODY
from searchsvc.engine.interface import MAX_DUPLICATES, DocumentStates
from searchsvc.errors import DocumentNotFound
from searchsvc.models.documents import Document, DuplicateCluster


class GenerationDocuments:
    """Documents of all segments of a published generation."""

    def __init__(self, reader: IndexReader, columns: DocValues, stored_fields: Sequence[StoredFields]) -> None:
        """`stored_fields`: those of each segment."""
        self._reader, self._columns, self._stored_fields = reader, columns, stored_fields

    def number_of(self, document_id: str) -> int:
        """Return the number of the document with this id. Raises DocumentNotFound."""
        number = self._columns.number_of(document_id)
        if number is None:
            raise DocumentNotFound("no document has this address; it may have been removed since")
        return number

    def stored(self, number: int) -> StoredDocument:
        """Return the stored form of a document."""
        place, doc = self._reader.place(number)
        return self._stored_fields[place].document(doc)

    def document(self, number: int) -> Document:
        """Return a document."""
        return self.stored(number).document()

    def brief(self, number: int) -> Document:
        """Return a document; a long one without body and removed blocks."""
        return self.stored(number).brief()

    def beginning(self, number: int) -> str:
        """Return the body of a document; of a long one, its beginning."""
        stored = self.stored(number)
        return stored.beginning(LONG_BODY) if stored.has_long_body else stored.document().body

    def original(self, number: int) -> str:
        """Return the text from which a document was cleaned."""
        place, doc = self._reader.place(number)
        return self._stored_fields[place].originals[doc].decode("utf-8")

    def near_duplicates(self, number: int) -> tuple[Document, ...]:
        """Return up to MAX_DUPLICATES near-duplicates of a document, the canonical document first."""
        canonical = int(self._columns.canonicals[number])
        duplicates = self._columns.clusters.get(canonical)
        if duplicates is None:
            return ()
        numbers = islice((each for each in (canonical, *duplicates) if each != number), MAX_DUPLICATES)
        return tuple(map(self.brief, numbers))

    def clusters(self) -> list[DuplicateCluster]:
        """Return all clusters of near-duplicates, the largest first."""
        clusters = [
            DuplicateCluster(self.brief(canonical), tuple(map(self.brief, duplicates)))
            for canonical, duplicates in self._columns.clusters.items()
        ]
        return sorted(clusters, key=lambda cluster: (-len(cluster.duplicates), cluster.canonical.id))

    def canonical_ids(self) -> dict[str, str]:
        """Return the id of each near-duplicate, mapped to the id of its canonical document."""
        generation, ids = self._reader.generation, self._columns.ids
        numbers = zip(generation.duplicates.tolist(), generation.canonicals.tolist(), strict=True)
        return {f"{ids[duplicate]:016x}": f"{ids[canonical]:016x}" for duplicate, canonical in numbers}

    def states(self) -> DocumentStates:
        """Return the states of all live documents."""
        flags = self._reader.all_docs.flags()
        states = StoredStates.joined(
            self._stored_fields, [np.flatnonzero(flags[part.docs]) for part in self._reader.parts]
        )
        return DocumentStates(
            self._columns.ids[self._reader.all_docs.docs_array()], states.data, states.starts, states.ends
        )
