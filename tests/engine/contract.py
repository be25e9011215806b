"""What every engine must do: subclass EngineContract and say how an empty engine is made.

class TestMine(EngineContract):
    @pytest.fixture(scope="class")
    @classmethod
    def new_engine(cls, tmp_path_factory: pytest.TempPathFactory) -> NewEngine:
        return lambda: MyEngine(tmp_path_factory.mktemp("index"))
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from whoosh.query import NullQuery, Query

from searchsvc.analysis import analyzer
from searchsvc.engine.excerpts import LONG_BODY
from searchsvc.engine.interface import MAX_DUPLICATES, Engine
from searchsvc.engine.query import EngineQuery
from searchsvc.errors import DocumentNotFound, IndexBusy, IndexMissing, NothingToIndex, StoreError
from searchsvc.models.documents import FACETS, Document, SeedProblem
from searchsvc.models.search import DateRange, EngineHits, FacetValue, Filter
from searchsvc.query import parse_query

NewEngine = Callable[[], Engine]


def document(number: int, title: str, body: str) -> Document:
    """A document with nothing but text."""
    return Document(f"{number:016x}", "slug", f"{number}.txt", "hash", title, body)


STORM = replace(
    document(0xA1, "Storm over the harbour", "The storm reached the harbour at night.\nBoats were lost."),
    author="Ada Byron",
    source="Reuters",
    section="World",
    topics=("Weather", "Sea"),
    published=date(2024, 3, 1),
)
MARKET = replace(
    document(0xA2, "Fish market reopens", "After the storm, the fish market at the harbour opened again."),
    author="Ben Okri",
    source="Reuters",
    section="Business",
    topics=("Sea",),
    published=date(2024, 3, 1),
)
VOTE = replace(
    document(0xA3, "Election night", "Votes were counted through the night; re-election is likely. Over the counter."),
    author="Ada Byron",
    source="AP",
    section="World",
    published=date(2023, 11, 5),
)
PORT = replace(
    document(0xA5, "Orage sur le port", "Les bateaux du port ont été perdus."),
    source="AFP",
    language="fr",
    published=date(2024, 3, 2),
)
BREAD = replace(document(0xA4, "Bread without yeast", "Flour, water and salt rest for a night."), topics=("Food",))
LETTER = document(0xFFFFFFFFFFFFFFF0, "A letter", "To be or not to be: the harbour was silent, the night storm gone.")
LIBRARY = (LETTER, PORT, BREAD, MARKET, VOTE, STORM)  # not in the order of ids


def in_folders() -> list[Document]:
    """Return documents in folders, with a topic and a section."""
    return [
        replace(document(0xB1, "One", "A first text."), path="sport/a.txt"),
        replace(document(0xB2, "Two", "A second text."), path="sport/tennis/harbour-cup-final.txt"),
        replace(
            document(0xB3, "Three", "A third text."), path="business/b.txt", topics=("Seabirds",), section="Shipping"
        ),
        document(0xB4, "Four", "A fourth text."),
    ]


NAMES = {
    STORM.id: "storm",
    MARKET.id: "market",
    VOTE.id: "vote",
    PORT.id: "port",
    BREAD.id: "bread",
    LETTER.id: "letter",
}
EVERYTHING = "storm market vote port bread letter"


def tree(text: str) -> Query | None:
    """What `text` means."""
    return parse_query(text, analyzer("en"), date(2024, 6, 1), other_languages=("fr",)).tree


def search(engine: Engine, query: EngineQuery) -> EngineHits:
    return engine.snapshot().search(query)


def relaxed(text: str, enough: int = 20, **asked: Any) -> EngineQuery:
    """What `text` means, and behind it what has some of its words."""
    parsed = parse_query(text, analyzer("en"), date(2024, 6, 1), other_languages=("fr",))
    parts = tuple(part.tree for part in parsed.parts)
    return EngineQuery(parsed.tree, fallback=parsed.any_tree, min_exact=enough, parts=parts, **asked)


def publish(engine: Engine, documents: Iterable[Document]) -> str:
    """Build and publish a generation of `documents`; its name."""
    with engine.new_generation() as generation:
        for each in documents:
            generation.add(each, f"original of {each.title}")
    return generation.name


def names(found: EngineHits) -> list[str]:
    """The hits' names, in order."""
    return [NAMES[hit.document.id] for hit in found.hits]


def counts(found: EngineHits, facet: str) -> dict[str, int]:
    """A facet's counts by value."""
    return {each.value: each.count for each in found.facets[facet]}


class EngineContract:
    """The same tests for every engine; scores may differ between engines, matching may not."""

    @pytest.fixture(scope="class")
    @classmethod
    def new_engine(cls, tmp_path_factory: pytest.TempPathFactory) -> NewEngine:
        raise NotImplementedError("a subclass says how an engine with nothing in it is made")

    @pytest.fixture(scope="class")
    @classmethod
    def library(cls, new_engine: NewEngine) -> Engine:
        """An engine that serves LIBRARY; for reading only."""
        engine = new_engine()
        publish(engine, LIBRARY)
        return engine

    @pytest.fixture
    def empty(self, new_engine: NewEngine) -> Engine:
        return new_engine()

    # Matching

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("harbour", "storm market letter"),
            ("Harbours", "storm market letter"),
            ("harbour market", "market"),
            ("market OR bread", "market bread"),
            ("night boats OR flour", "storm bread"),
            ("harbour -market", "storm letter"),
            ("-harbour", "vote port bread"),
            ("-harbour -night", "port"),
            ("night -(harbour OR vote)", "bread"),
            ("(storm -lost) OR bateaux", "market letter port"),
            ('"storm reached"', "storm"),
            ('"reached storm"', ""),
            ('"to be or not to be"', "letter"),
            ('"to be to be"', ""),
            ('"night storm" OR "fish market"', "letter market"),
            ('harbour -"night storm"', "storm market"),
            ("elec*", "vote"),
            ("fl*", ""),
            ("flo*", "bread"),
            ("bo*", ""),
            ("harbou*", "storm market letter"),
            ("reopens*", "market"),
            ("countin*", ""),
            ("re-election", "vote"),
            ("title:storm", "storm"),
            ("title:night", "vote"),
            ('author:"ada byron"', "storm vote"),
            ("author:byron harbour", "storm"),
            ("source:reuters", "storm market"),
            ("section:world night", "storm vote"),
            ("topic:sea", "storm market"),
            ("perdus ete", "port"),
            ("lang:fr", "port"),
            ("lang:en storm", "storm market letter"),
            ("date:2024", "storm market port"),
            ("date:2024-03-01", "storm market"),
            ("after:2024-03-01", "port"),
            ("before:2024 night", "vote"),
            ("-date:2024", "vote bread letter"),
            ("zeppelin", ""),
            ("zeppelin OR bread", "bread"),
            ("harbour -zeppelin", "storm market letter"),
            ("harbuor~2", "storm market letter"),
            ("harbur~", "storm market letter"),
            ("title:stor~1", "storm"),
            ("2024-03-02", "port"),
            ("2024-03..2024-04 storm", "storm market"),
            ("source:(ap OR afp)", "vote port"),
            ("date:(2023 OR 2024-03-02)", "vote port"),
            ("+night +boats", "storm"),
            ("night AND boats", "storm"),
        ],
    )
    def test_query_finds_exactly_these(self, library: Engine, query: str, expected: str) -> None:
        assert set(names(search(library, EngineQuery(tree(query))))) == set(expected.split())

    def test_no_tree_stands_for_every_document(self, library: Engine) -> None:
        assert set(names(search(library, EngineQuery(None)))) == set(EVERYTHING.split())

    def test_null_query_finds_nothing(self, library: Engine) -> None:
        assert search(library, EngineQuery(NullQuery)).total == 0

    def test_best_match_comes_first(self, library: Engine) -> None:
        assert names(search(library, EngineQuery(tree("storm harbour"))))[0] == "storm"

    def test_scores_fall_from_hit_to_hit(self, library: Engine) -> None:
        scores = [hit.score for hit in search(library, EngineQuery(tree("storm OR night OR market"))).hits]
        assert scores == sorted(scores, reverse=True)

    def test_hit_carries_the_whole_document(self, library: Engine) -> None:
        assert search(library, EngineQuery(tree("lost"))).hits[0].document == STORM

    # Pages

    def test_total_counts_what_is_not_on_the_page(self, library: Engine) -> None:
        found = search(library, EngineQuery(tree("harbour"), limit=1))
        assert (len(found.hits), found.total) == (1, 3)

    def test_page_behind_the_last_is_empty_with_the_same_total(self, library: Engine) -> None:
        found = search(library, EngineQuery(tree("harbour"), offset=3))
        assert (len(found.hits), found.total) == (0, 3)

    @pytest.mark.parametrize("sort", ["relevance", "published:desc", "published:asc"])
    @pytest.mark.parametrize("query", ["", "night OR storm", "-zeppelin"])
    def test_pages_together_are_one_long_page(self, library: Engine, query: str, sort: str) -> None:
        whole = search(library, EngineQuery(tree(query), sort=sort, limit=100))
        pages = [search(library, EngineQuery(tree(query), sort=sort, offset=at, limit=2)) for at in range(0, 6, 2)]
        assert [name for page in pages for name in names(page)] == names(whole)

    # Some of the words behind all of them

    def test_mixed_is_one_group_in_one_order(self, library: Engine) -> None:
        apart, mixed = (
            search(library, relaxed("storm night")),
            search(library, relaxed("storm night", interleave=True)),
        )
        assert sorted(names(mixed)) == sorted(names(apart))
        assert (mixed.total, mixed.partial_matches) == (apart.total, apart.partial_matches)
        assert apart.partial_matches > 0 and not any(hit.partial_match for hit in mixed.hits)
        assert [hit.score for hit in mixed.hits] == sorted((hit.score for hit in mixed.hits), reverse=True)
        lacks = {hit.document.id: hit.missing_parts for hit in apart.hits}
        assert {hit.document.id: hit.missing_parts for hit in mixed.hits} == lacks

    def test_what_has_some_words_follows_what_has_all(self, library: Engine) -> None:
        found = search(library, relaxed("storm market"))
        assert names(found)[0] == "market"
        assert set(names(found)) == {"market", "storm", "letter"}
        assert [hit.partial_match for hit in found.hits] == [False, True, True]
        assert (found.total, found.partial_matches) == (3, 2)

    def test_hit_tells_the_parts_that_it_lacks(self, library: Engine) -> None:
        found = search(library, relaxed("storm market"))
        assert {NAMES[hit.document.id]: hit.missing_parts for hit in found.hits} == {
            "market": (),
            "storm": (1,),
            "letter": (1,),
        }

    def test_parts_are_told_without_anything_to_follow(self, library: Engine) -> None:
        query = relaxed("storm market")
        found = search(library, EngineQuery(query.fallback, parts=query.parts))
        assert {NAMES[hit.document.id]: hit.missing_parts for hit in found.hits} == {
            "market": (),
            "storm": (1,),
            "letter": (1,),
        }
        assert found.partial_matches == 0

    def test_nothing_follows_what_is_enough(self, library: Engine) -> None:
        found = search(library, relaxed("storm market", enough=1))
        assert (names(found), found.total, found.partial_matches) == (["market"], 1, 0)

    def test_filters_decide_what_is_enough(self, library: Engine) -> None:
        only = (Filter("source", ("Reuters",)),)
        assert search(library, relaxed("storm harbour", enough=3)).partial_matches == 0
        assert search(library, relaxed("storm night", enough=2)).partial_matches == 0
        found = search(library, relaxed("storm night", enough=2, filters=only))
        assert (names(found), found.partial_matches) == (["storm", "market"], 1)

    def test_facets_count_what_follows_too(self, library: Engine) -> None:
        found = search(library, relaxed("storm market", facets=("source", "author")))
        assert counts(found, "source") == {"Reuters": 2}
        filtered = relaxed("storm market", facets=("author",), filters=(Filter("author", ("Ada Byron",)),))
        assert counts(search(library, filtered), "author") == {"Ada Byron": 1, "Ben Okri": 1}

    @pytest.mark.parametrize("sort", ["published:desc", "published:asc"])
    def test_order_by_date_holds_within_each_group(self, library: Engine, sort: str) -> None:
        found = search(library, relaxed("night storm", sort=sort))
        first = [name for name, hit in zip(names(found), found.hits, strict=True) if not hit.partial_match]
        rest = [name for name, hit in zip(names(found), found.hits, strict=True) if hit.partial_match]
        assert names(found) == first + rest
        assert first == names(search(library, EngineQuery(tree("night storm"), sort=sort)))
        behind = search(library, EngineQuery(tree("(night OR storm) -(night storm)"), sort=sort))
        assert rest == names(behind)

    @pytest.mark.parametrize("sort", ["relevance", "published:desc", "published:asc"])
    @pytest.mark.parametrize("limit", [1, 2, 3])
    def test_pages_of_both_groups_are_one_long_page(self, library: Engine, sort: str, limit: int) -> None:
        whole = search(library, relaxed("storm night flour", sort=sort, limit=100))
        pages = [
            search(library, relaxed("storm night flour", sort=sort, offset=at, limit=limit))
            for at in range(0, whole.total + limit, limit)
        ]
        assert [hit for page in pages for hit in page.hits] == list(whole.hits)
        assert {(page.total, page.partial_matches) for page in pages} == {(whole.total, whole.partial_matches)}

    # Order by date

    def test_newest_first_has_equal_days_by_id_and_undated_last(self, library: Engine) -> None:
        found = search(library, EngineQuery(None, sort="published:desc"))
        assert names(found) == ["port", "storm", "market", "vote", "bread", "letter"]

    def test_oldest_first_has_equal_days_by_id_and_undated_last(self, library: Engine) -> None:
        found = search(library, EngineQuery(None, sort="published:asc"))
        assert names(found) == ["vote", "storm", "market", "port", "bread", "letter"]

    def test_order_by_date_holds_within_a_query(self, library: Engine) -> None:
        found = search(library, EngineQuery(tree("night"), sort="published:asc"))
        assert names(found) == ["vote", "storm", "bread", "letter"]

    # Filters

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ([Filter("author", ("Ada Byron",))], "storm vote"),
            ([Filter("author", ("ADA BYRON",))], "storm vote"),
            ([Filter("author", ("Ada",))], ""),
            ([Filter("author", ("Ada Byron", "Ben Okri"))], "storm market vote"),
            ([Filter("author", ("Ada Byron",)), Filter("source", ("Reuters",))], "storm"),
            ([Filter("topics", ("Sea",))], "storm market"),
            ([Filter("topics", ("Sea",)), Filter("topics", ("Weather",))], "storm"),
            ([Filter("language", ("fr",))], "port"),
            ([Filter("section", ("Nowhere",))], ""),
            ([Filter("author", ("Ada Byron",), exclude=True)], "market port bread letter"),
            ([Filter("topics", ("Sea", "Food"), exclude=True)], "vote port letter"),
            ([Filter("section", ("Nowhere",), exclude=True)], EVERYTHING),
            ([Filter("source", ("Reuters",)), Filter("author", ("Ada Byron",), exclude=True)], "market"),
        ],
    )
    def test_filters_keep_exactly_these(self, library: Engine, filters: list[Filter], expected: str) -> None:
        found = search(library, EngineQuery(None, filters=tuple(filters)))
        assert set(names(found)) == set(expected.split())

    def test_filter_narrows_a_query(self, library: Engine) -> None:
        found = search(library, EngineQuery(tree("storm"), filters=(Filter("source", ("Reuters",)),)))
        assert set(names(found)) == {"storm", "market"}

    def test_total_counts_after_filters(self, library: Engine) -> None:
        assert search(library, EngineQuery(tree("night"), filters=(Filter("author", ("Ada Byron",)),))).total == 2

    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            (date(2024, 3, 1), date(2024, 3, 2), "storm market port"),
            (date(2024, 3, 2), None, "port"),
            (None, date(2024, 3, 1), "storm market vote"),
            (date(2024, 3, 3), None, ""),
            (date(2024, 3, 2), date(2024, 3, 1), ""),
            (date.min, date.max, "storm market vote port"),
        ],
    )
    def test_date_range_includes_both_ends_and_nothing_undated(
        self, library: Engine, first: date | None, last: date | None, expected: str
    ) -> None:
        found = search(library, EngineQuery(None, published=DateRange(first, last)))
        assert set(names(found)) == set(expected.split())

    # Facets

    def test_facets_count_what_matches(self, library: Engine) -> None:
        found = search(library, EngineQuery(tree("night"), facets=FACETS))
        assert {name: counts(found, name) for name in FACETS} == {
            "author": {"Ada Byron": 2},
            "source": {"AP": 1, "Reuters": 1},
            "section": {"World": 2},
            "topics": {"Food": 1, "Sea": 1, "Weather": 1},
            "folder": {},
            "language": {"en": 4},
        }

    def test_folders_are_counted_with_the_folders_above_them(self, empty: Engine) -> None:
        publish(empty, in_folders())
        found = search(empty, EngineQuery(None, facets=("folder",)))
        assert counts(found, "folder") == {"sport": 2, "sport/tennis": 1, "business": 1}
        chosen = search(empty, EngineQuery(None, filters=(Filter("folder", ("SPORT",)),)))
        assert {hit.document.path for hit in chosen.hits} == {"sport/a.txt", "sport/tennis/harbour-cup-final.txt"}

    @pytest.mark.parametrize(
        ("query", "paths"),
        [
            ("tennis", {"sport/tennis/harbour-cup-final.txt"}),
            ("folder:sport", {"sport/a.txt", "sport/tennis/harbour-cup-final.txt"}),
            ("cup final", {"sport/tennis/harbour-cup-final.txt"}),
            ("seabirds", {"business/b.txt"}),
            ("shipping", {"business/b.txt"}),
        ],
    )
    def test_topics_section_folder_and_file_name_are_found_by_plain_words(
        self, empty: Engine, query: str, paths: set[str]
    ) -> None:
        publish(empty, in_folders())
        assert {hit.document.path for hit in search(empty, EngineQuery(tree(query))).hits} == paths

    def test_a_topic_counts_less_than_the_text(self, empty: Engine) -> None:
        text = replace(document(0xB1, "First", "The seabirds are here again."), path="1.txt")
        label = replace(document(0xB2, "Second", "The boats are here again."), path="2.txt", topics=("Seabirds",))
        publish(empty, [label, text])
        hits = search(empty, EngineQuery(tree("seabirds"))).hits
        assert [hit.document.title for hit in hits] == ["First", "Second"]

    def test_facets_count_beyond_the_page(self, library: Engine) -> None:
        assert counts(search(library, EngineQuery(None, facets=("language",), limit=1)), "language") == {
            "en": 5,
            "fr": 1,
        }

    def test_facet_values_come_most_first_then_by_name(self, library: Engine) -> None:
        found = search(library, EngineQuery(None, facets=("source",)))
        assert found.facets["source"] == (FacetValue("Reuters", 2), FacetValue("AFP", 1), FacetValue("AP", 1))

    def test_facet_limit_keeps_the_commonest(self, library: Engine) -> None:
        assert counts(search(library, EngineQuery(None, facets=("source",), facet_limit=1)), "source") == {"Reuters": 2}

    def test_only_the_facets_asked_for_are_counted(self, library: Engine) -> None:
        assert set(search(library, EngineQuery(None, facets=("author",))).facets) == {"author"}

    def test_filter_does_not_reduce_the_counts_of_its_own_facet(self, library: Engine) -> None:
        found = search(library, EngineQuery(None, filters=(Filter("source", ("AP",)),), facets=("source", "section")))
        assert counts(found, "source") == {"Reuters": 2, "AFP": 1, "AP": 1}
        assert counts(found, "section") == {"World": 1}

    def test_exclusion_reduces_the_counts_of_its_own_facet(self, library: Engine) -> None:
        found = search(
            library, EngineQuery(None, filters=(Filter("source", ("AP",), exclude=True),), facets=("source",))
        )
        assert counts(found, "source") == {"Reuters": 2, "AFP": 1}

    def test_date_range_reduces_facet_counts(self, library: Engine) -> None:
        found = search(library, EngineQuery(None, published=DateRange(date(2024, 3, 2)), facets=("source",)))
        assert counts(found, "source") == {"AFP": 1}

    # Documents

    def test_document_comes_back_as_it_was_added(self, library: Engine) -> None:
        assert library.snapshot().document(MARKET.id) == MARKET

    def test_every_document_comes_with_its_original(self, library: Engine) -> None:
        assert list(library.snapshot().documents()) == [(each, f"original of {each.title}") for each in LIBRARY]

    def test_documents_go_on_from_the_generation_they_began_with(self, new_engine: NewEngine) -> None:
        engine = new_engine()
        publish(engine, (STORM, MARKET))
        documents = engine.snapshot().documents()
        assert next(documents)[0] == STORM
        publish(engine, (VOTE,))
        assert [document for document, _ in documents] == [MARKET]

    def test_original_comes_back_as_it_was_added(self, library: Engine) -> None:
        assert library.snapshot().original(MARKET.id) == "original of Fish market reopens"

    @pytest.mark.parametrize("place", [0.0, 0.4, 0.999])
    def test_hit_with_a_long_body_has_its_matches_in_excerpts(self, empty: Engine, place: float) -> None:
        filler = "The harbour was silent that night. " * 4_000
        at = filler.index(" ", int(len(filler) * place)) + 1
        body = f"{filler[:at]}A zebra crossed. {filler[at:]}"
        publish(empty, [document(1, "Long", body), BREAD])
        hit = search(empty, EngineQuery(tree("zebra"), body_length=100)).hits[0]
        assert hit.excerpts is not None
        assert (hit.document.body, hit.excerpts.length) == (body[:100], len(body))
        assert any("A zebra crossed." in part.text for part in hit.excerpts.parts)
        assert all(body[part.start :].startswith(part.text) for part in hit.excerpts.parts)
        assert sum(len(part.text) for part in hit.excerpts.parts) < LONG_BODY
        zebra = tree("zebra")
        assert zebra is not None
        assert abs(empty.snapshot().best_offset(hit.document.id, zebra) - at) < LONG_BODY
        assert empty.snapshot().document(hit.document.id).body == body

    def test_short_body_has_no_excerpts(self, library: Engine) -> None:
        hit = search(library, EngineQuery(tree("flour"))).hits[0]
        assert (hit.excerpts, hit.document) == (None, BREAD)
        assert library.snapshot().best_offset(BREAD.id, NullQuery) == 0

    @pytest.mark.parametrize(
        "document_id",
        ["00000000000000a9", "", "x", "a1", "0xa1", "00000000000000A1", " 00000000000000a1", "9" * 99, "-1"],
    )
    def test_id_that_no_document_has_is_not_found(self, library: Engine, document_id: str) -> None:
        with pytest.raises(DocumentNotFound):
            library.snapshot().document(document_id)
        with pytest.raises(DocumentNotFound):
            library.snapshot().original(document_id)

    def test_threads_get_the_same_answers(self, library: Engine) -> None:
        query = EngineQuery(tree("night OR storm -bread"), facets=FACETS)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(library.snapshot().search, [query] * 64))
        assert answers == [search(library, query)] * 64

    # Suggestions

    @pytest.mark.parametrize(
        ("beginning", "before", "expected"),
        [
            ("har", None, {"harbour": 3}),
            ("bo", None, {"boats": 1}),
            ("po", None, {"port": 1}),
            ("nig", "votes", {"night": 1}),
            ("s", "market", {"storm": 1, "sea": 1}),
            ("ma", "harbour", {"market": 1}),
            ("ha", "bread", {}),
            ("zep", None, {}),
            ("harbour", None, {}),  # nothing goes on from it
            ("hrab", None, {"harbour": 3}),
            ("harbouz", None, {"harbour": 3}),
            ("hrb", None, {}),  # too short for a typo
            ("et", None, {"été": 1}),
            ("b", "storm -market", {"boats": 1, "Byron": 1}),
            ("wo", None, {"world": 2}),  # only in sections, which count little in free text
        ],
    )
    def test_words_go_on_from_a_beginning(
        self, library: Engine, beginning: str, before: str | None, expected: dict[str, int]
    ) -> None:
        found = library.snapshot().suggest(beginning, tree(before) if before else None, 8)
        assert {each.text: each.documents for each in found} == expected

    def test_words_in_most_documents_come_first(self, library: Engine) -> None:
        assert [each.documents for each in library.snapshot().suggest("n", None, 8)] == [4]
        counted = [each.documents for each in library.snapshot().suggest("s", None, 8)]
        assert counted == sorted(counted, reverse=True) != []

    def test_no_more_words_than_asked_for(self, library: Engine) -> None:
        assert [each.text for each in library.snapshot().suggest("s", None, 1)] == ["storm"]

    @pytest.mark.parametrize("beginning", ["", "\ud800", "東", "é", "h" * 2000, "\n", "*"])
    def test_any_beginning_is_answered(self, library: Engine, beginning: str) -> None:
        assert len(library.snapshot().suggest(beginning, None, 3)) <= 3

    def test_sample_has_bodies_of_matching_documents(self, library: Engine) -> None:
        bodies = library.snapshot().sample(tree("storm"), 8)
        assert set(bodies) == {STORM.body, MARKET.body, LETTER.body}
        assert len(library.snapshot().sample(tree("storm"), 2)) == 2
        assert list(library.snapshot().sample(tree("zzz"), 8)) == []

    def test_sample_has_one_of_near_duplicates(self, empty: Engine) -> None:
        copy = replace(STORM, id=f"{0xB1:016x}")
        with empty.new_generation() as generation:
            for each in (STORM, copy):
                generation.add(each, "")
            generation.set_duplicates({copy.id: STORM.id})
        assert list(empty.snapshot().sample(tree("storm"), 8)) == [STORM.body]

    def test_similar_documents_share_telling_words(self, library: Engine) -> None:
        found = library.snapshot().similar(MARKET.id, 5)
        assert NAMES[found[0].document.id] == "storm"
        assert MARKET.id not in {hit.document.id for hit in found}
        assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)

    def test_document_like_no_other_has_nothing_similar(self, library: Engine) -> None:
        assert list(library.snapshot().similar(PORT.id, 5)) == []

    def test_near_duplicates_are_not_similar(self, empty: Engine) -> None:
        copy, twin = replace(STORM, id=f"{0xB1:016x}"), replace(MARKET, id=f"{0xB2:016x}")
        with empty.new_generation() as generation:
            for each in (*LIBRARY, copy, twin):
                generation.add(each, "")
            generation.set_duplicates({copy.id: STORM.id, twin.id: MARKET.id})
        found = [hit.document.id for hit in empty.snapshot().similar(STORM.id, 5)]
        assert not {STORM.id, copy.id} & set(found)
        assert len({MARKET.id, twin.id} & set(found)) == 1

    def test_many_copies_of_one_document_do_not_fill_the_similar_ones(self, empty: Engine) -> None:
        copies = [replace(MARKET, id=f"{0xB00 + n:016x}") for n in range(40)]
        with empty.new_generation() as generation:
            for each in (*LIBRARY, *copies):
                generation.add(each, "")
            generation.set_duplicates({copy.id: MARKET.id for copy in copies})
        found = [hit.document.id for hit in empty.snapshot().similar(STORM.id, 3)]
        assert len(set(found) - {MARKET.id, *(copy.id for copy in copies)}) == len(found) - 1 > 0

    # Copies

    def test_copy_is_left_out_where_its_face_is_found(self, empty: Engine) -> None:
        """The face of the second copy does not match, so the copy stands for itself."""
        copy = replace(STORM, id="00000000000000c1", path="copy.txt")
        other = replace(STORM, id="00000000000000c2", path="other.txt")
        with empty.new_generation() as generation:
            for each in (*LIBRARY, copy, other):
                generation.add(each, "")
            generation.set_duplicates({copy.id: STORM.id, other.id: BREAD.id})
        asked = EngineQuery(tree("storm"), facets=("language",), sort="published:desc", collapse=True)
        everything = search(empty, replace(asked, collapse=False))
        collapsed = search(empty, asked)
        found = [hit.document.id for hit in everything.hits]
        assert {STORM.id, copy.id, other.id} <= set(found)
        assert BREAD.id not in found
        assert [hit.document.id for hit in collapsed.hits] == [each for each in found if each != copy.id]
        assert collapsed.total == everything.total - 1
        assert sum(each.count for each in collapsed.facets["language"]) == collapsed.total
        chosen = search(empty, replace(asked, filters=(Filter("language", (STORM.language,)),)))
        assert chosen.facets == collapsed.facets

    def test_copies_are_given_with_a_hit_and_by_themselves(self, empty: Engine) -> None:
        copy, twin = replace(STORM, id=f"{0xB1:016x}"), replace(STORM, id=f"{0xB2:016x}")
        with empty.new_generation() as generation:
            for each in (copy, STORM, twin, MARKET):
                generation.add(each, "")
            generation.set_duplicates({copy.id: STORM.id, twin.id: STORM.id})
        hits = {hit.document.id: hit.duplicates for hit in search(empty, EngineQuery(tree=None)).hits}
        assert hits == {STORM.id: (copy, twin), copy.id: (STORM, twin), twin.id: (STORM, copy), MARKET.id: ()}
        assert {name: tuple(empty.snapshot().near_duplicates(name)) for name in hits} == hits

    def test_no_more_copies_than_can_be_shown(self, empty: Engine) -> None:
        copies = [replace(STORM, id=f"{number:016x}") for number in range(MAX_DUPLICATES + 5)]
        with empty.new_generation() as generation:
            for each in (STORM, *copies):
                generation.add(each, "")
            generation.set_duplicates({copy.id: STORM.id for copy in copies})
        assert list(empty.snapshot().near_duplicates(copies[0].id)) == [STORM, *copies[1:MAX_DUPLICATES]]

    def test_months_count_the_dated_hits(self, library: Engine) -> None:
        query = EngineQuery(None, filters=(Filter("language", ("en",)),), facets=("language",), limit=0, months=True)
        assert dict(search(library, query).months) == {date(2023, 11, 1): 1, date(2024, 3, 1): 2}
        assert dict(search(library, EngineQuery(None)).months) == {}

    @pytest.mark.parametrize("sort", ["relevance", "published:desc", "published:asc"])
    @pytest.mark.parametrize("text", ["", "night", "harbour storm night", "zeppelin"])
    def test_stream_has_the_documents_of_all_hits_in_their_order(self, library: Engine, text: str, sort: str) -> None:
        for query in (relaxed(text, sort=sort, collapse=True), EngineQuery(tree(text), sort=sort, limit=2)):
            hits = search(library, replace(query, limit=100)).hits
            assert [each.id for each in library.snapshot().stream(query)] == [hit.document.id for hit in hits]

    def test_stream_has_whole_bodies_only_where_a_query_has_a_body_length(self, empty: Engine) -> None:
        long = document(0xC1, "Long", "harbour " * LONG_BODY)
        publish(empty, [long])
        (streamed,) = empty.snapshot().stream(EngineQuery(None, body_length=1))
        assert streamed.body == long.body

    def test_only_what_is_there_has_similar_documents(self, library: Engine) -> None:
        with pytest.raises(DocumentNotFound):
            library.snapshot().similar("00000000000000a9", 5)

    # Vocabulary

    @pytest.mark.parametrize(
        ("word", "documents"), [("harbour", 3), ("night", 4), ("harbours", 3), ("zeppelin", 0), ("world", 2), ("", 0)]
    )
    def test_vocabulary_tells_in_how_many_documents_a_word_stands(
        self, library: Engine, word: str, documents: int
    ) -> None:
        assert library.snapshot().vocabulary.frequencies([word, "bread", word]) == [documents, 1, documents]

    @pytest.mark.parametrize(
        ("word", "distance", "expected"),
        [
            ("harbor", 1, {"harbour": 1}),
            ("harbour", 1, {}),
            ("ahrbour", 1, {"harbour": 1}),
            ("harbuor", 1, {"harbour": 1}),
            ("arbour", 1, {"harbour": 1}),
            ("harobr", 2, {"harbour": 2}),
            ("strom", 1, {"storm": 1}),
            ("perduz", 1, {"perdus": 1}),
            ("zzzzz", 2, {}),
            ("", 1, {}),
            ("\ud800", 2, {}),
        ],
    )
    def test_vocabulary_knows_words_spelled_alike(
        self, library: Engine, word: str, distance: int, expected: dict[str, int]
    ) -> None:
        near = library.snapshot().vocabulary.near(word, distance)
        assert {each.word: each.edits for each in near if len(each.word) > 4} == expected
        assert all(each.frequency for each in near)

    def test_vocabulary_is_sure_where_no_frequent_word_may_be_near(self, library: Engine) -> None:
        words = library.snapshot().vocabulary
        for word in ("arbour", "harobr", "strom", "perduz", "harbours", "zzzzz"):
            near = [*words.near(word, 1), *words.near(word, 2)]
            for above in (0, 1, 2, 100):
                assert words.may_be_near(word, above) or all(each.frequency <= above for each in near)
        assert words.may_be_near("arbour", 0)
        assert not words.may_be_near("arbour", 100)
        assert not words.may_be_near("zzzzz", 0)

    def test_vocabulary_tells_which_words_stand_together(self, library: Engine) -> None:
        words = library.snapshot().vocabulary
        assert (words.together("storm", "harbours"), words.together("storm", "bread")) == (3, 0)
        assert (words.side_by_side("fish", "market"), words.side_by_side("market", "fish")) == (1, 0)
        assert words.together("zeppelin", "storm") == words.side_by_side("zeppelin", "storm") == 0

    # Generations

    def test_engine_without_a_generation_says_so(self, empty: Engine) -> None:
        with pytest.raises(IndexMissing, match="searchsvc rebuild"):
            search(empty, EngineQuery(None))
        with pytest.raises(IndexMissing):
            empty.snapshot().document(STORM.id)
        with pytest.raises(IndexMissing):
            empty.snapshot().status()
        with pytest.raises(IndexMissing):
            empty.snapshot().suggest("storm", None, 5)
        with pytest.raises(IndexMissing):
            empty.snapshot().similar(STORM.id, 5)
        with pytest.raises(IndexMissing):
            _ = empty.snapshot().vocabulary
        with pytest.raises(IndexMissing):
            empty.snapshot().documents()
        assert list(empty.generations()) == []

    def test_leaving_the_block_publishes(self, empty: Engine) -> None:
        name = publish(empty, [STORM])
        found = search(empty, EngineQuery(None))
        assert (names(found), found.generation) == (["storm"], name)

    def test_new_generation_replaces_the_old_one_whole(self, empty: Engine) -> None:
        publish(empty, [STORM, MARKET])
        publish(empty, [replace(MARKET, body="Closed."), VOTE])
        assert set(names(search(empty, EngineQuery(None)))) == {"market", "vote"}
        assert empty.snapshot().document(MARKET.id).body == "Closed."

    def test_nothing_is_seen_of_a_generation_under_way(self, empty: Engine) -> None:
        publish(empty, [STORM])
        with empty.new_generation() as generation:
            generation.add(MARKET, "")
            assert names(search(empty, EngineQuery(None))) == ["storm"]
            assert len(empty.generations()) == 1

    def test_exception_leaves_no_trace(self, empty: Engine) -> None:
        before = publish(empty, [STORM])
        with pytest.raises(ZeroDivisionError), empty.new_generation() as generation:
            generation.add(MARKET, "")
            raise ZeroDivisionError
        assert [each.name for each in empty.generations()] == [before]
        assert names(search(empty, EngineQuery(None))) == ["storm"]

    def test_exception_in_the_first_build_leaves_no_index(self, empty: Engine) -> None:
        with pytest.raises(ZeroDivisionError), empty.new_generation():
            raise ZeroDivisionError
        with pytest.raises(IndexMissing):
            search(empty, EngineQuery(None))

    def test_generation_can_be_built_after_a_failed_one(self, empty: Engine) -> None:
        with pytest.raises(ZeroDivisionError), empty.new_generation() as generation:
            generation.add(MARKET, "")
            raise ZeroDivisionError
        assert names_of(empty, publish(empty, [STORM])) == ["storm"]

    def test_generation_without_documents_is_not_published(self, empty: Engine) -> None:
        publish(empty, [STORM])
        with pytest.raises(NothingToIndex), empty.new_generation():
            pass
        assert names(search(empty, EngineQuery(None))) == ["storm"]

    def test_second_builder_is_refused_while_one_is_at_work(self, empty: Engine) -> None:
        with empty.new_generation() as generation:
            generation.add(STORM, "")
            with pytest.raises(IndexBusy), empty.new_generation():
                pass
        assert names(search(empty, EngineQuery(None))) == ["storm"]

    # Going on from the generation before

    def test_next_generation_is_as_one_built_from_nothing(self, new_engine: NewEngine) -> None:
        """In everything but the order of documents, which shows nowhere but in `documents`."""
        engine, again = new_engine(), new_engine()
        publish(engine, LIBRARY)
        changed, gone = replace(MARKET, body="Closed until the storm is over.", language="de"), (MARKET, LETTER)
        with engine.next_generation() as generation:
            ids = [int(each.id, 16) for each in gone]
            generation.delete(np.isin(generation.states().ids, np.array(ids, np.uint64)))
            generation.add(changed, "")
        publish(again, [changed, *(each for each in LIBRARY if each not in gone)])
        for text in ("storm", "the night", "harbour", "closed", "night storm"):
            found, expected = (search(each, EngineQuery(tree(text), facets=FACETS)) for each in (engine, again))
            assert names(found) == names(expected)
            assert (found.total, found.facets) == (expected.total, expected.facets)
            assert [hit.score for hit in found.hits] == pytest.approx([hit.score for hit in expected.hits])
        words = ("storm", "silent", "market", "closed")
        assert engine.snapshot().vocabulary.frequencies(words) == again.snapshot().vocabulary.frequencies(words)
        assert set(engine.snapshot().languages) == set(again.snapshot().languages)
        assert engine.snapshot().original(STORM.id) == f"original of {STORM.title}"

    def test_next_generation_gives_what_was_kept_for_it(self, empty: Engine) -> None:
        memos = {STORM.id: b"1234567890123456", VOTE.id: b"", PORT.id: b"12345678"}
        with empty.new_generation() as generation:
            for each in (STORM, VOTE, PORT):
                generation.add(each, "", memos[each.id])
            generation.put_user_data("lines", b"some")
        with empty.next_generation() as generation:
            assert generation.user_data("lines") == b"some"
            with pytest.raises(KeyError):
                generation.user_data("nothing")
            kept = generation.states()
            parts = zip(kept.ids.tolist(), kept.starts, kept.ends, strict=True)
            assert {f"{each:016x}": kept.data[start:end].tobytes() for each, start, end in parts} == memos
            generation.delete(kept.ids == int(VOTE.id, 16))
        with empty.next_generation() as generation:
            assert generation.states().ids.tolist() == [int(STORM.id, 16), int(PORT.id, 16)]
            generation.delete(np.zeros(2, np.bool_))
        assert set(names(search(empty, EngineQuery(None)))) == {"storm", "port"}

    def test_generation_from_which_everything_is_gone_is_not_published(self, empty: Engine) -> None:
        before = publish(empty, [STORM])
        with pytest.raises(NothingToIndex), empty.next_generation() as generation:
            generation.delete(np.ones(1, np.bool_))
        assert names_of(empty, before) == ["storm"]

    def test_nothing_can_be_gone_on_from_where_nothing_is(self, empty: Engine) -> None:
        with pytest.raises(IndexMissing), empty.next_generation():
            pass

    def test_new_generation_has_nothing_before_it(self, empty: Engine) -> None:
        publish(empty, [STORM])
        with empty.new_generation() as generation:
            assert not len(generation.states().ids)
            with pytest.raises(KeyError):
                generation.user_data("lines")
            generation.add(VOTE, "")
        assert names(search(empty, EngineQuery(None))) == ["vote"]

    def test_generations_are_listed_newest_first(self, empty: Engine) -> None:
        first, second = publish(empty, [STORM]), publish(empty, [STORM, VOTE])
        listed = [(each.name, each.documents, each.current) for each in empty.generations()]
        assert listed == [(second, 2, True), (first, 1, False)]

    def test_activated_generation_serves(self, empty: Engine) -> None:
        first, second = publish(empty, [STORM]), publish(empty, [VOTE])
        empty.activate(first)
        assert names_of(empty, first) == ["storm"]
        empty.activate(second)
        assert names_of(empty, second) == ["vote"]

    @pytest.mark.parametrize("name", ["20200101T000000Z-000000", "", "..", "CURRENT"])
    def test_generation_that_is_not_there_can_not_be_activated(self, empty: Engine, name: str) -> None:
        serving = publish(empty, [STORM])
        with pytest.raises(StoreError):
            empty.activate(name)
        assert names_of(empty, serving) == ["storm"]

    def test_prune_deletes_the_oldest(self, empty: Engine) -> None:
        first, second, third = publish(empty, [STORM]), publish(empty, [VOTE]), publish(empty, [PORT])
        assert list(empty.prune(keep=2)) == [first]
        assert [each.name for each in empty.generations()] == [third, second]

    def test_prune_never_deletes_what_serves(self, empty: Engine) -> None:
        first, second = publish(empty, [STORM]), publish(empty, [VOTE])
        empty.activate(first)
        assert list(empty.prune(keep=1)) == [second]
        assert names_of(empty, first) == ["storm"]

    def test_status_tells_what_serves(self, library: Engine) -> None:
        status = library.snapshot().status()
        assert (status.engine, status.generation.documents, status.warnings) == (library.name, len(LIBRARY), ())
        assert status.generation.current
        assert status.facets["source"] == (FacetValue("Reuters", 2), FacetValue("AFP", 1), FacetValue("AP", 1))

    def test_report_of_the_build_is_kept(self, empty: Engine) -> None:
        problems = [SeedProblem("a.txt", "empty"), SeedProblem("b.txt", "a guess", indexed=True)]
        with empty.new_generation() as generation:
            generation.add(STORM, "")
            generation.set_problems(problems)
        assert list(empty.snapshot().problems()) == problems

    def test_closed_engine_can_be_closed_again(self, empty: Engine) -> None:
        publish(empty, [STORM])
        empty.close()
        empty.close()


def warnings_of(engine: Engine) -> tuple[str, ...]:
    """The warnings of `engine` once it has read its index."""
    engine.snapshot()
    return tuple(engine.warnings)


def names_of(engine: Engine, generation: str) -> list[str]:
    """Every document of `generation`, which must be the one that serves."""
    found = search(engine, EngineQuery(None))
    assert found.generation == generation
    return names(found)
