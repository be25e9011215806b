"""What an index of one generation looks like: fields, settings, and what stands in its manifest."""

from dataclasses import dataclass, field
from typing import Any

from searchsvc.models.documents import FACETS
from searchsvc.schema import BM25F, TEXT_FIELDS

FORMAT = 3  # raised when the fields of an index change their meaning

# The weight of a field may be a half, and `combined_fields` wants no less than 1. Twice the
# weights and twice k1 give the same order as the weights and k1 as they are: frequencies are
# doubled, and so is what they are compared with.
WEIGHT_SCALE = 2.0

DOCUMENT = "document"  # the kind of the documents; words, copies and what is kept have none
EXACT = {"id": "id", "language": "facet_language"}  # fields of a query that are not analysed
LONGEST_VALUE = 8_191  # characters; Lucene's bound on a term is 32,766 bytes


@dataclass(frozen=True, slots=True)
class IndexManifest:
    """What a generation holds and how it was made; an index without one was never finished.

    `created` is UTC in ISO 8601; `kept` says how many pieces each thing kept beside the documents has.
    """

    fingerprint: str
    created: str
    documents: int
    kept: dict[str, int] = field(default_factory=dict)


def facet_field(name: str) -> str:
    """Holds the values of a facet as they are shown."""
    return f"facet_{name}"


def filter_field(name: str) -> str:
    """Holds the values of a facet without case, for filters."""
    return f"filter_{name}"


def index_body(shards: int) -> dict[str, Any]:
    """The body that creates an index for loading: no copies, nothing visible until asked, no waiting
    for the disk, since a load that is cut off is begun anew."""
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": 0,
            "refresh_interval": "-1",
            "translog": {"durability": "async"},
            "max_terms_count": 1 << 20,  # a beginning of a word may stand for this many terms
            "similarity": {"default": {"type": "BM25", "k1": BM25F.k1 * WEIGHT_SCALE, "b": BM25F.b}},
        },
        "mappings": {
            "dynamic": "strict",
            # Nothing is ever changed in place, so the JSON as sent is of no use: `stored` has the document.
            "_source": {"enabled": False},
            "properties": _fields(),
        },
    }


def _fields() -> dict[str, Any]:
    keyword, number = {"type": "keyword"}, {"type": "long"}
    fields: dict[str, Any] = {"id": keyword, "published": {"type": "integer"}}
    fields["kind"] = {"type": "keyword", "doc_values": False}
    fields["number"] = number  # in the order in which documents came
    fields["stored"] = fields["original"] = fields["memo"] = {"type": "binary", "store": True}
    fields["word"] = fields["term"] = keyword
    fields["count"] = {**number, "index": False}
    fields["copy"] = fields["face"] = keyword
    for each in TEXT_FIELDS:
        fields[each.name] = {"type": "text", "analyzer": "whitespace"}
    for name in FACETS:
        looked_up = facet_field(name) in EXACT.values()
        fields[facet_field(name)] = {"type": "keyword", "ignore_above": LONGEST_VALUE, "index": looked_up}
        fields[filter_field(name)] = {"type": "keyword", "ignore_above": LONGEST_VALUE, "doc_values": False}
    return fields


USER_DATA, PROBLEMS = "attached.", "problems"  # names of what is kept beside the documents
