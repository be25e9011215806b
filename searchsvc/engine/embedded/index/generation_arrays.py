"""Arrays of a whole generation: its segments, deleted documents, words of all segments, ids, near-duplicates.

They are small, so every update writes them. All else is in the segments, which never change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine.embedded.files import GENERATION
from searchsvc.engine.embedded.index.array_file import Array, load_arrays
from searchsvc.engine.embedded.index.term_dictionary import FORM_COUNTS

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

DICTIONARIES = ("terms", "words")
_NO_IDS: Int32Array = np.empty(0, np.int32)
_NO_COUNTS: Int64Array = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Deletions:
    """Deleted documents of one segment, and the counts of their terms and forms.

    All ids are of the segment. `docs` (n,) int32, ascending. `terms` (terms,) int32, ascending: terms in free text of
    deleted documents; `term_counts` (terms,) int64: in how many. `forms` (forms,) int32, ascending: indices of forms;
    `form_counts`: deleted documents with the form, (forms,) int64 for each of FORM_COUNTS.
    """

    docs: Int32Array
    terms: Int32Array
    term_counts: Int64Array
    forms: Int32Array
    form_counts: Mapping[str, Int64Array]

    def arrays(self, number: int) -> dict[str, Array]:
        """Return the arrays of `of`, for the segment `number`."""
        counts = {f"{number}.deleted.{name}": counts for name, counts in self.form_counts.items()}
        return counts | {
            f"{number}.deleted.docs": self.docs,
            f"{number}.deleted.terms": self.terms,
            f"{number}.deleted.term_counts": self.term_counts,
            f"{number}.deleted.forms": self.forms,
        }

    @staticmethod
    def of(arrays: Mapping[str, Array], number: int) -> "Deletions":
        """Read the deletions of the segment `number`."""
        prefix = f"{number}.deleted."
        if f"{prefix}docs" not in arrays:
            return NO_DELETIONS
        counts = {name: arrays[f"{prefix}{name}"] for name in FORM_COUNTS}
        return Deletions(
            arrays[f"{prefix}docs"],
            arrays[f"{prefix}terms"],
            arrays[f"{prefix}term_counts"],
            arrays[f"{prefix}forms"],
            counts,
        )


NO_DELETIONS = Deletions(_NO_IDS, _NO_IDS, _NO_COUNTS, _NO_IDS, dict.fromkeys(FORM_COUNTS, _NO_COUNTS))


@dataclass(frozen=True, slots=True)
class GenerationArrays:
    """Content of the file `generation.arrays`.

    `numbers`: of the segments, the largest first; `deletions` of each. `mean_lengths`: of each text field, see
    `impacts.mean_length`. `ids` (documents,) uint64: ids of the live documents, ascending; `order` (documents,) int32:
    their numbers. `duplicates` and `canonicals` (n,) int32: numbers of near-duplicates, ascending, and of their
    canonical documents. `arrays`: all, among them the dictionaries (UnionDictionary), and the place of each segment's
    words (`to_first`).
    """

    numbers: tuple[int, ...]
    deletions: tuple[Deletions, ...]
    mean_lengths: tuple[float, ...]
    ids: NDArray[np.uint64]
    order: Int32Array
    duplicates: Int32Array
    canonicals: Int32Array
    arrays: Mapping[str, Array]

    @staticmethod
    def load(folder: Path) -> "GenerationArrays":
        """Map the arrays of the generation in `folder`."""
        arrays = load_arrays(folder / GENERATION)
        numbers = tuple(arrays["segments"].tolist())
        return GenerationArrays(
            numbers,
            tuple(Deletions.of(arrays, number) for number in numbers),
            tuple(arrays["mean_lengths"].tolist()),
            arrays["ids"],
            arrays["order"],
            arrays["duplicates"],
            arrays["canonicals"],
            arrays,
        )

    @property
    def has_deletions(self) -> bool:
        """Whether a segment has deleted documents."""
        return any(len(each.docs) for each in self.deletions)

    def to_first(self, name: str, number: int) -> Int32Array:
        """Return the place of each word of a segment, (words of the segment,) int32.

        `name`: one of DICTIONARIES. The place is an id of the first segment's dictionary, or -1 - n for the n-th
        added word.
        """
        return self.arrays[f"{number}.{name}"]
