"""Files of a generation: name, writer and content of each.

Names with `*` are patterns: `*` is the number of a segment, or the name under which the indexer keeps user data.
"""

from dataclasses import dataclass

# Files of one segment, by its number. They never change, except that impacts follow the mean lengths of a generation.
POSTINGS, IMPACTS = "postings.{}.arrays", "impacts.{}.arrays"
FORWARD_INDEX, KEY_TERMS = "forward_index.{}.arrays", "key_terms.{}.arrays"
COLUMNS, FACET_VALUES = "columns.{}.arrays", "facet_values.{}.json"
DOCUMENTS, ORIGINALS, STATES = "documents.{}", "originals.{}", "states.{}"  # file stems
BLOBS, BLOB_OFFSETS = "{}.blobs", "{}.offsets.npy"
BLOCK_TEXTS, BLOCK_STARTS = "{}.texts.npy", "{}.blocks.npy"
# Files of a whole generation.
GENERATION = "generation.arrays"
USER_DATA = "user_data."  # prefix of the name given by the indexer
# Removed before a generation is published.
SCRATCH_IMPACTS, SCRATCH_KEY_TERMS, RUNS = "impacts.scratch", "key_terms.scratch", "runs"


@dataclass(frozen=True, slots=True)
class GenerationFile:
    """One file of a generation, or several of one pattern."""

    pattern: str
    written_by: str
    content: str


GENERATION_FILES = (
    GenerationFile(POSTINGS.format("*"), "build.merge", "terms, lexicon, postings, lengths, ids, days"),
    GenerationFile(
        IMPACTS.format("*"), "build.impact_writer", "impact of each posting; bit sets and block maxima of common terms"
    ),
    GenerationFile(FORWARD_INDEX.format("*"), "index.forward_index", "one byte per token, in the order of the text"),
    GenerationFile(KEY_TERMS.format("*"), "build.key_term_writer", "possible key terms of each document"),
    GenerationFile(COLUMNS.format("*"), "index.columns", "id of each document; documents and values of each facet"),
    GenerationFile(FACET_VALUES.format("*"), "index.columns", "sorted values of each facet"),
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
    GenerationFile(
        GENERATION,
        "build.generation_arrays_writer",
        "segments and their live documents; words of all segments; order of ids; near-duplicates",
    ),
    GenerationFile(f"{USER_DATA}*", "generation_writer", "bytes that the indexer keeps in a generation"),
    GenerationFile("_MAIN_*.toc", "whoosh_compat.codec", "table of contents, for stock Whoosh"),
    GenerationFile("manifest.json", "storage.manifest", "the files above with sizes and checksums; build problems"),
)
