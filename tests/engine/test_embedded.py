"""The engine in the process: the contract, an oracle of matching, and stock Whoosh as a witness."""

import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import singledispatch
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from whoosh.index import FileIndex, open_dir
from whoosh.query import And, AndMaybe, Every, Not, NumericRange, Or, Phrase, Prefix, Query, Term, TermRange

from searchsvc.analysis import analyzer
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.query import EngineQuery
from searchsvc.models.documents import Document
from tests.engine.contract import EngineContract, NewEngine, document, publish

FIRST_DAY = date(2024, 1, 1)
WORDS = ("al", "alp", "alpin", "bet", "beta", "gam", "the")  # each its own stem


class TestEmbeddedEngine(EngineContract):
    @pytest.fixture(scope="class")
    @classmethod
    def new_engine(cls, tmp_path_factory: pytest.TempPathFactory) -> NewEngine:
        return lambda: EmbeddedEngine(tmp_path_factory.mktemp("index"), "en")


# The oracle: what a tree means, in plain Python.


@singledispatch
def matches(tree: Query, each: Document) -> bool:
    raise NotImplementedError(f"no meaning given for {tree!r}")


@matches.register
def _(tree: Term, each: Document) -> bool:
    return tree.text in terms(each, tree.fieldname)


@matches.register
def _(tree: Prefix, each: Document) -> bool:
    return any(term.startswith(tree.text) for term in terms(each, tree.fieldname))


@matches.register
def _(tree: Phrase, each: Document) -> bool:
    found, wanted = terms(each, tree.fieldname), list(tree.words)
    return any(found[at : at + len(wanted)] == wanted for at in range(len(found)))


@matches.register
def _(tree: NumericRange, each: Document) -> bool:
    return each.published is not None and tree.start <= each.published.toordinal() <= tree.end


@matches.register
def _(tree: And, each: Document) -> bool:
    return all(matches(child, each) for child in tree.children())


@matches.register
def _(tree: Or, each: Document) -> bool:
    return any(matches(child, each) for child in tree.children())


@matches.register
def _(tree: AndMaybe, each: Document) -> bool:
    return matches(tree.a, each)


@matches.register
def _(tree: Not, each: Document) -> bool:
    return not matches(tree.query, each)


@matches.register
def _(tree: Every, each: Document) -> bool:
    return True


def terms(each: Document, field: str) -> list[str]:
    return analyzer("en").terms(getattr(each, field))


def expected(tree: Query, documents: list[Document]) -> list[str]:
    return sorted(each.id for each in documents if matches(tree, each))


def found(engine: EmbeddedEngine, tree: Query) -> list[str]:
    return sorted(hit.document.id for hit in engine.snapshot().search(EngineQuery(tree, limit=10_000)).hits)


# Random trees of the shapes the parser makes: an exclusion stands beside something to exclude from.

fields = st.sampled_from(["title", "body"])
words = st.sampled_from([*WORDS, "absent"])
days = st.integers(-2, 12).map(lambda n: (FIRST_DAY + timedelta(n)).toordinal())
leaves = st.one_of(
    st.builds(Term, fields, words),
    st.builds(Phrase, fields, st.lists(words, min_size=2, max_size=4)),
    st.builds(Prefix, fields, st.sampled_from(["al", "alp", "be", "ga", "zz"])),
    st.builds(lambda first, last: NumericRange("published", min(first, last), max(first, last)), days, days),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, min_size=1, max_size=3)),
        st.builds(Or, st.lists(inner, min_size=1, max_size=3)),
        st.builds(AndMaybe, inner, inner),
        st.builds(
            lambda kept, without: And([kept, *map(Not, without)]), inner, st.lists(inner, min_size=1, max_size=2)
        ),
        st.builds(lambda without: And([Every(), Not(without)]), inner),
    ),
    max_leaves=8,
)

texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
dates = st.none() | st.integers(0, 10).map(lambda n: FIRST_DAY + timedelta(n))
corpora = st.lists(st.tuples(texts, texts, dates), min_size=1, max_size=12)


def numbered(rows: list[tuple[str, str, date | None]]) -> list[Document]:
    return [
        Document(f"{number:016x}", "slug", "path", "hash", title, body, published=day)
        for number, (title, body, day) in enumerate(rows)
    ]


@pytest.mark.slow
@hypothesis_settings(max_examples=30, deadline=None)
@given(rows=corpora, queries=st.lists(trees, min_size=10, max_size=10))
def test_small_random_corpora_match_as_the_oracle_says(
    rows: list[tuple[str, str, date | None]], queries: list[Query]
) -> None:
    documents = numbered(rows)
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder), "en")
        publish(engine, documents)
        assert [found(engine, tree) for tree in queries] == [expected(tree, documents) for tree in queries]


@pytest.fixture(scope="module")
def many() -> list[Document]:
    """Enough documents for several blocks of postings; each word in a third of the texts or less."""
    dice = random.Random(2)
    vocabulary = [*WORDS, *(f"filler{number}" for number in range(20))]
    return numbered(
        [
            (
                " ".join(dice.choices(vocabulary, k=3)),
                " ".join(dice.choices(vocabulary, k=9)),
                dice.choice([None, *(FIRST_DAY + timedelta(n) for n in range(11))]),
            )
            for _ in range(700)
        ]
    )


@pytest.fixture(scope="module")
def folder(many: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index folder that holds `many`."""
    created = tmp_path_factory.mktemp("many")
    publish(EmbeddedEngine(created, "en"), many)
    return created


@pytest.fixture(scope="module")
def large(folder: Path) -> EmbeddedEngine:
    """An engine that serves `many`."""
    return EmbeddedEngine(folder, "en")


@pytest.fixture(scope="module")
def stock(folder: Path, large: EmbeddedEngine) -> FileIndex:
    """The same generation, opened by Whoosh itself."""
    return open_dir(str(folder / large.snapshot().status().generation.name))


@pytest.mark.slow
@hypothesis_settings(max_examples=60, deadline=None)
@given(tree=trees)
def test_large_corpus_matches_as_the_oracle_says(tree: Query, large: EmbeddedEngine, many: list[Document]) -> None:
    assert found(large, tree) == expected(tree, many)


@hypothesis_settings(max_examples=20, deadline=None)
@given(tree=trees, size=st.integers(70, 400))
def test_pages_of_a_large_corpus_are_one_long_page(tree: Query, size: int, large: EmbeddedEngine) -> None:
    whole = large.snapshot().search(EngineQuery(tree, limit=10_000))
    pages = [large.snapshot().search(EngineQuery(tree, offset=at, limit=size)).hits for at in range(0, 700, size)]
    assert tuple(hit for page in pages for hit in page) == whole.hits
    assert whole.total == len(whole.hits)


@pytest.mark.slow
@hypothesis_settings(max_examples=25, deadline=None)
@given(tree=trees)
def test_stock_whoosh_opens_a_generation_and_finds_the_same(
    tree: Query, large: EmbeddedEngine, stock: FileIndex, many: list[Document]
) -> None:
    with stock.searcher() as searcher:
        number_of = {searcher.document_number(id=each.id): each.id for each in many}
        witnessed = sorted(number_of[number] for number in searcher.search(tree, limit=None).docs())
    assert found(large, tree) == witnessed


def test_stock_whoosh_counts_every_document(stock: FileIndex, many: list[Document]) -> None:
    assert stock.doc_count() == len(many)


def test_document_that_can_not_be_written_leaves_the_old_generation(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    before = publish(engine, [document(1, "Whole", "Text.")])
    with pytest.raises(UnicodeEncodeError):
        publish(engine, [document(2, "Broken", "Half of a pair: \ud800")])
    assert engine.snapshot().search(EngineQuery(None)).generation == before
    assert [each.name for each in engine.generations()] == [before]


def test_deleted_generation_that_still_serves_answers_what_arrays_do_not_cover(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "en")
    name = publish(engine, [document(1, "One", "alpha beta"), document(2, "Two", "gamma")])
    engine.snapshot().search(EngineQuery(None))
    shutil.rmtree(tmp_path / name)
    assert found(engine, TermRange("body", "a", "b")) == [f"{1:016x}"]


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_searching_at_once_do_not_disturb_each_other(large: EmbeddedEngine) -> None:
    pairs = [[Term("body", one), Term("body", other)] for one in WORDS for other in WORDS]
    queries = [EngineQuery(kind(pair), limit=1_000) for pair in pairs for kind in (And, Or)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(large.snapshot().search, queries)) == [large.snapshot().search(query) for query in queries]
