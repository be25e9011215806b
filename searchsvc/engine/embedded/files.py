"""Files of a generation: name, writer and content of each.

Names with `*` are patterns: `*` is the number of a volume of stored fields, the name of a facet,
or the name under which the indexer keeps user data.
"""

from dataclasses import dataclass

POSTINGS, IMPACTS = "postings.arrays", "impacts.arrays"
FORWARD_INDEX, KEY_TERMS = "forward_index.arrays", "key_terms.arrays"
IDS, ID_ORDER, ID_RANKS = "ids.npy", "id_order.npy", "id_ranks.npy"
CANONICALS = "canonicals.npy"
FACET, FACET_VALUES = "facet.{}.npy", "facet_values.json"
STORED_ROWS = "stored_rows.npy"
DOCUMENTS, ORIGINALS, STATES = "documents.{}", "originals.{}", "states.{}"  # file stems of a volume
BLOBS, BLOB_OFFSETS = "{}.blobs", "{}.offsets.npy"
BLOCK_TEXTS, BLOCK_STARTS = "{}.texts.npy", "{}.blocks.npy"
USER_DATA = "user_data."  # prefix of the name given by the indexer
SCRATCH_IMPACTS, RUNS = "impacts.scratch", "runs"  # removed before a generation is published


@dataclass(frozen=True, slots=True)
class GenerationFile:
    """One file of a generation, or several of one pattern."""

    pattern: str
    written_by: str
    content: str


GENERATION_FILES = (
    GenerationFile(POSTINGS, "build.merge, build.reused_postings", "terms, lexicon, postings, lengths, ids, days"),
    GenerationFile(IMPACTS, "build.impact_writer", "impact of each posting; bit sets and block maxima of common terms"),
    GenerationFile(FORWARD_INDEX, "index.forward_index", "one byte per token, in the order of the text"),
    GenerationFile(KEY_TERMS, "index.key_terms", "top TF-IDF terms of each document"),
    GenerationFile(IDS, "index.doc_values", "id of each document"),
    GenerationFile(ID_ORDER, "index.doc_values", "document numbers in the order of the ids"),
    GenerationFile(ID_RANKS, "index.doc_values", "rank of each document in the order of the ids"),
    GenerationFile(CANONICALS, "index.doc_values", "canonical document of each document"),
    GenerationFile(FACET.format("*"), "index.doc_values", "pairs of document and value ordinal of a facet"),
    GenerationFile(FACET_VALUES, "index.doc_values", "sorted values of each facet"),
    GenerationFile(STORED_ROWS, "index.stored_fields", "volume and row of each document's stored fields"),
    GenerationFile(
        BLOBS.format(DOCUMENTS.format("*")), "index.blob_file", "documents as MessagePack; long ones in parts"
    ),
    GenerationFile(BLOB_OFFSETS.format(DOCUMENTS.format("*")), "index.blob_file", "start of each document"),
    GenerationFile(BLOBS.format(ORIGINALS.format("*")), "index.blob_file", "original texts, compressed in blocks"),
    GenerationFile(BLOB_OFFSETS.format(ORIGINALS.format("*")), "index.blob_file", "start of each compressed block"),
    GenerationFile(BLOCK_TEXTS.format(ORIGINALS.format("*")), "index.blob_file", "start of each original text"),
    GenerationFile(BLOCK_STARTS.format(ORIGINALS.format("*")), "index.blob_file", "start of each uncompressed block"),
    GenerationFile(BLOBS.format(STATES.format("*")), "index.blob_file", "document states for the next update"),
    GenerationFile(BLOB_OFFSETS.format(STATES.format("*")), "index.blob_file", "start of each document state"),
    GenerationFile(f"{USER_DATA}*", "generation_writer", "bytes that the indexer keeps in a generation"),
    GenerationFile("_MAIN_*.toc", "whoosh_compat.codec", "table of contents, for stock Whoosh"),
    GenerationFile("manifest.json", "storage.manifest", "the files above with sizes and checksums; build problems"),
)
