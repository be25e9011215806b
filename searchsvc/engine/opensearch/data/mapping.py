"""Mapping and settings of a generation's index, and its manifest."""

from dataclasses import dataclass, field
from typing import Any

from searchsvc.models.documents import FACETS
from searchsvc.schema import BM25F, TEXT_FIELDS

FORMAT = 4  # raised when the meaning of an index's fields changes

# Field weights may be 0.5, but `combined_fields` requires at least 1. Doubling the weights and k1 keeps the order of
# the scores, as it doubles both frequencies and k1.
WEIGHT_SCALE = 2.0

DOCUMENT = "document"  # `kind` of documents; words, near-duplicates and user data have none
WORDS = "words"  # nested: some neighbouring words of a document of their own, each with these three fields
WORD, TERM, COUNT = f"{WORDS}.word", f"{WORDS}.term", f"{WORDS}.count"
KEYWORD_FIELDS = {"id": "id", "language": "facet_language"}  # unanalysed fields of a query
MAX_VALUE_LENGTH = 8_191  # characters; Lucene's bound on a term is 32,766 bytes


@dataclass(frozen=True, slots=True)
class IndexManifest:
    """Content and origin of a generation; an index without manifest is unfinished.

    `created` is UTC in ISO 8601; `piece_counts` counts the pieces of each item of user data.
    """

    fingerprint: str
    created: str
    documents: int
    piece_counts: dict[str, int] = field(default_factory=dict)


def facet_field(name: str) -> str:
    """Return the field with the display values of a facet."""
    return f"facet_{name}"


def filter_field(name: str) -> str:
    """Return the field with the casefolded values of a facet, for filters."""
    return f"filter_{name}"


def index_body(shards: int) -> dict[str, Any]:
    """Return the body that creates an index for loading: no replicas, no refresh, no sync per request.

    A load that is cut off is started again from nothing, so durability is not needed.
    """
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": 0,
            "refresh_interval": "-1",
            "translog": {"durability": "async"},
            "max_terms_count": 1 << 20,  # terms that one prefix may expand to
            "similarity": {"default": {"type": "BM25", "k1": BM25F.k1 * WEIGHT_SCALE, "b": BM25F.b}},
        },
        "mappings": {
            "dynamic": "strict",
            # Documents are never updated in place, so `_source` is useless: `stored` holds the document. The copy of
            # `_source` for recovery would serve operations after a commit, and a complete index has none.
            "_source": {"enabled": False, "recovery_source_enabled": False},
            "properties": _fields(),
        },
    }


def _fields() -> dict[str, Any]:
    keyword, number = {"type": "keyword"}, {"type": "long"}
    fields: dict[str, Any] = {"id": keyword, "published": {"type": "integer"}}
    fields["kind"] = {"type": "keyword", "doc_values": False}
    fields["number"] = number  # in the order of addition
    fields["stored"] = fields["original"] = fields["memo"] = {"type": "binary", "store": True}
    counted = {"word": keyword, "term": keyword, "count": {**number, "index": False}}
    fields[WORDS] = {"type": "nested", "properties": counted}
    fields["copy"] = fields["face"] = keyword
    for text_field in TEXT_FIELDS:
        fields[text_field.name] = {"type": "text", "analyzer": "whitespace"}
    for name in FACETS:
        is_indexed = facet_field(name) in KEYWORD_FIELDS.values()
        fields[facet_field(name)] = {"type": "keyword", "ignore_above": MAX_VALUE_LENGTH, "index": is_indexed}
        fields[filter_field(name)] = {"type": "keyword", "ignore_above": MAX_VALUE_LENGTH, "doc_values": False}
    return fields


USER_DATA, PROBLEMS = "user_data.", "problems"  # names of what is kept beside the documents
