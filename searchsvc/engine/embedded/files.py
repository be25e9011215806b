"""Names of a generation's files, and of the fields that their arrays hold."""

from searchsvc.schema import TEXT_FIELDS

POSTINGS, SCORES = "postings.arrays", "scores.arrays"
SEQUENCES, TELLING = "sequences.arrays", "telling.arrays"
FIELDS = tuple(field.name for field in TEXT_FIELDS)  # in the order of their numbers
