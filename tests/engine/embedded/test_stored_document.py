"""Long documents are read in parts, and are the same documents."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.analysis import analyzer
from searchsvc.engine.embedded.index.stored_document import StoredDocument, encode_document
from searchsvc.engine.excerpts import LONG_BODY
from searchsvc.models.documents import Document, RemovedBlock

REMOVED = (RemovedBlock("share", "a share button", 3, 4, "Share\nTweet", 0.9),)
PIECES = st.lists(
    st.sampled_from(
        [
            "harbour ",
            "Crème brûlée, ",
            "U.S. ",
            "don't\n",
            "1,000.5 ",
            "東京の港は広い。",
            "x" * 300,
            "한국어 ",
            "\u200b",
            "  ",
        ]
    )
    | st.text(max_size=8),
    min_size=1,
    max_size=40,
)


def stored(body: str) -> StoredDocument:
    document = Document("a" * 16, "slug", "a.txt", "hash", "Title", body, headings=("One",), removed=REMOVED)
    return StoredDocument(memoryview(encode_document(document)))


def long_text(pieces: list[str]) -> str:
    text = "".join(pieces) or "x"
    return (text * (LONG_BODY * 2 // len(text) + 1)).encode("utf-8", "ignore").decode()


@settings(deadline=None, max_examples=15)
@given(st.booleans(), PIECES)
def test_a_document_is_read_as_it_was_stored(long: bool, pieces: list[str]) -> None:
    body = long_text(pieces) if long else "".join(pieces).encode("utf-8", "ignore").decode()
    document = stored(body).document()
    assert (document.body, document.removed, document.headings) == (body, REMOVED, ("One",))


@settings(deadline=None, max_examples=15)
@given(PIECES)
def test_chunks_join_to_the_body(pieces: list[str]) -> None:
    body = long_text(pieces)
    long = stored(body)
    assert "".join(long.text(range(n, n + 1)) for n in range(long.chunks.shape[1] - 1)) == body


@settings(deadline=None, max_examples=15)
@given(PIECES.map(lambda pieces: [piece for piece in pieces if not piece.startswith("x" * 100)] or ["a "]))
def test_the_chunk_table_counts_tokens_as_the_index_does(pieces: list[str]) -> None:
    body = long_text([*pieces, " "])  # with a gap in every chunk
    long = stored(body)
    starts = [token.start for token in analyzer("en").tokens(body)]
    for (begin, end), (first, last) in zip(pairwise(long.chunks[0]), pairwise(long.chunks[2]), strict=True):
        assert all(begin <= start < end for start in starts[first:last])


@settings(deadline=None, max_examples=15)
@given(PIECES, st.integers(0, LONG_BODY))
def test_the_beginning_is_cut_at_the_length(pieces: list[str], length: int) -> None:
    body = long_text(pieces)
    assert stored(body).beginning(length) == body[:length]


def test_a_long_document_is_described_without_its_texts() -> None:
    brief = stored("Long. " * LONG_BODY).brief()
    assert (brief.title, brief.body, brief.removed) == ("Title", "", ())


def test_removed_text_alone_makes_a_document_long_but_not_its_body() -> None:
    removed = (RemovedBlock("share", "a share button", 1, 1, "Share " * LONG_BODY),)
    document = Document("a" * 16, "slug", "a.txt", "hash", "Title", "Short.", removed=removed)
    long = StoredDocument(memoryview(encode_document(document)))
    assert (long.is_long, long.has_long_body, long.document()) == (True, False, document)
