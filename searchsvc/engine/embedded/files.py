"""Names of a generation's files, and of the fields that their arrays hold."""

from searchsvc.schema import TEXT_FIELDS

POSTINGS, IMPACTS = "postings.arrays", "scores.arrays"
FORWARD_INDEX, KEY_TERMS = "sequences.arrays", "telling.arrays"
FIELDS = tuple(field.name for field in TEXT_FIELDS)  # in the order of their numbers
