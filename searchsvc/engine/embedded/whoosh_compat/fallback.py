"""Whoosh's own matchers over the arrays, for queries without array evaluation."""

import numpy as np
from whoosh.filedb.filestore import RamStorage
from whoosh.query import Query
from whoosh.reading import SegmentReader
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from searchsvc.analysis import DEFAULT_LANGUAGE
from searchsvc.engine.embedded.index.doc_set import DocSet
from searchsvc.engine.embedded.index.segment import Segment
from searchsvc.engine.embedded.search.query_nodes import QueryNode, TermNode
from searchsvc.engine.embedded.whoosh_compat.codec import NAME, ArrayCodec, ArraySegment
from searchsvc.engine.embedded.whoosh_compat.whoosh_schema import whoosh_schema


def match_with_whoosh(segment: Segment, tree: Query) -> QueryNode:
    """Return matches and scores of `tree` by Whoosh's BM25F, one document at a time.

    Each call has its own searcher, as Whoosh's searchers are not thread-safe. It reads the open `segment`, whose
    files may have been deleted since.
    """
    schema = whoosh_schema(DEFAULT_LANGUAGE)  # the tree is analysed already, so the language does not matter
    reader = SegmentReader(RamStorage(), schema, ArraySegment(NAME, segment.size), codec=ArrayCodec(segment))
    docs: list[int] = []
    scores: list[float] = []
    matcher = tree.matcher(searcher := Searcher(reader, weighting=BM25F()), searcher.context())
    while matcher.is_active():
        docs.append(matcher.id())
        scores.append(matcher.score())
        matcher.next()
    return TermNode(DocSet(segment.size, np.array(docs, np.int32)), np.array(scores, np.float64), 1.0)
