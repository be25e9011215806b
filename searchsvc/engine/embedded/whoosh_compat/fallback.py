"""Whoosh's own matchers over the arrays, for queries without array evaluation."""

import numpy as np
from whoosh.filedb.filestore import RamStorage
from whoosh.query import Query
from whoosh.reading import MultiReader, SegmentReader
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from searchsvc.analysis import DEFAULT_LANGUAGE
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.index_reader import IndexReader
from searchsvc.engine.embedded.index.live_segment import live_segment
from searchsvc.engine.embedded.search.query_nodes import QueryNode, TermNode
from searchsvc.engine.embedded.whoosh_compat.codec import NAME, ArrayCodec, ArraySegment
from searchsvc.engine.embedded.whoosh_compat.whoosh_schema import whoosh_schema


def match_with_whoosh(reader: IndexReader, tree: Query) -> QueryNode:
    """Return matches and scores of `tree` by Whoosh's BM25F, one document at a time.

    Each call has its own searcher, as Whoosh's searchers are not thread-safe. It reads the open segments, whose files
    may have been deleted since.
    """
    schema = whoosh_schema(DEFAULT_LANGUAGE)  # the tree is analysed already, so the language does not matter
    opened = [
        live_segment(part.segment, deletions)
        for part, deletions in zip(reader.parts, reader.generation.deletions, strict=True)
    ]
    readers = [SegmentReader(RamStorage(), schema, ArraySegment(NAME, each), codec=ArrayCodec(each)) for each in opened]
    searcher = Searcher(readers[0] if len(readers) == 1 else MultiReader(readers), weighting=BM25F())
    docs: list[int] = []
    scores: list[float] = []
    for part, (leaf, _) in zip(reader.parts, searcher.leaf_searchers(), strict=True):
        matcher = tree.matcher(leaf, searcher.context())
        while matcher.is_active():
            docs.append(matcher.id() + part.first_doc)
            scores.append(matcher.score())
            matcher.next()
    return TermNode(DocSet(reader.size, np.array(docs, np.int32)), np.array(scores, np.float64), 1.0)
