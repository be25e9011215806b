"""The service over the real seeds: golden queries, bounds, documents, builds."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.errors import (
    DocumentNotFound,
    IndexMissing,
    InvalidRequest,
    SettingsError,
)
from searchsvc.models.search import DocumentView, Filter, SearchResults
from searchsvc.models.search_request import SearchRequest
from searchsvc.running_build import BuildProgress
from searchsvc.service import SearchService
from searchsvc.settings import Settings


def answer(service: SearchService, query: str) -> SearchResults:
    return service.search(SearchRequest(query))


def seeds(results: SearchResults) -> list[str]:
    """The numbers of the seeds found, in order: seed 000 is called 000_eff0ecd0288db6f7.txt."""
    return [hit.document.path[:3] for hit in results.hits]


def matches(view: DocumentView) -> list[str]:
    """The pieces of a document's body that are matches."""
    return [piece.text for piece in view.body if piece.match is not None]


# Builds


def test_seed_of_the_far_future_is_indexed_once(tmp_path: Path) -> None:
    file = tmp_path / "seeds" / "a.txt"
    file.parent.mkdir()
    file.write_text("The ministers met on Monday in Brussels to talk about the treaty.")
    os.utime(file, (10_413_792_000, 10_413_792_000))  # the year 2300
    chosen = Settings(seeds=file.parent, index=tmp_path / "index")
    built = SearchService(EmbeddedEngine(chosen.index, chosen.language), chosen)
    assert built.rebuild().documents == 1
    assert built.update().documents == 1


# Golden queries


@pytest.mark.parametrize(
    "query",
    ["newsletter", "pinterest", '"share this"', '"leave a reply"', "homepage", '"connect with us"', '"about precious"'],
)
def test_debris_is_not_found(service: SearchService, query: str) -> None:
    assert service.search(SearchRequest(query, typo=False)).total == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('author:"Precious Valerie"', {"000", "001"}),
        ('source:"Prensa Latina"', {"003"}),
        ("Hassan Khazaal", {"003"}),
        ('"NATO-Russia Council"', {"000", "002"}),
        ("“NATO-Russia Council”", {"000", "002"}),
        ("nato russia", {"000", "001", "002", "003", "004"}),
        ("referendum", {"004"}),
        ("stoltenberg -blinken", {"001", "004"}),
        ('"islamic state"', {"004"}),
        ("section:nation", {"000"}),
        ("Крым", set()),
    ],
)
def test_query_finds_exactly_these_seeds(service: SearchService, query: str, expected: set[str]) -> None:
    assert set(seeds(answer(service, query))) == expected


def test_words_side_by_side_rank_first(service: SearchService) -> None:
    assert set(seeds(answer(service, "NATO-Russia Council"))[:2]) == {"000", "002"}


def test_singular_and_plural_find_the_same(service: SearchService) -> None:
    assert seeds(answer(service, "alliances")) == seeds(answer(service, "alliance")) != []


def test_query_without_a_word_finds_nothing_and_says_why(service: SearchService) -> None:
    results = answer(service, "!!!")
    assert (results.total, results.info.ignored[0].text) == (0, "!!!")


@pytest.mark.parametrize("query", ["", "  \t "])
def test_blank_query_shows_every_document(service: SearchService, query: str) -> None:
    assert answer(service, query).total == 5


@pytest.mark.parametrize(
    "query", ["\ud800", '"\ud800 nato"', "title:\udfff*", "na\x00to", "\x00", "\ufeff", "nato\ud800*"]
)
def test_characters_that_are_no_text_are_no_error(service: SearchService, query: str) -> None:
    assert answer(service, query).query == query


def test_snippet_stands_in_the_body_where_it_says(service: SearchService) -> None:
    [hit] = answer(service, '"islamic state"').hits
    passage = "".join(piece.text for piece in hit.snippets[0].fragments)
    assert hit.document.body[hit.snippets[0].start :].startswith(passage)
    assert "Islamic State" in passage


def test_matches_in_the_title_are_marked(service: SearchService) -> None:
    [hit] = answer(service, "horizon").hits
    assert [piece.text for piece in hit.title if piece.match is not None] == ["Horizon"]


# Filters and pages


def test_filter_narrows_the_hits(service: SearchService) -> None:
    results = service.search(SearchRequest("russia", filters=(Filter("author", ("Precious Valerie",)),)))
    assert set(seeds(results)) == {"000", "001"}


def test_facets_are_counted_for_the_query(service: SearchService) -> None:
    authors = answer(service, "nato").facets["author"]
    assert [(each.value, each.count) for each in authors] == [("Precious Valerie", 2), ("Hassan Khazaal", 1)]


def test_query_that_names_a_facet_value_offers_it_as_a_filter(service: SearchService) -> None:
    offered = answer(service, "precious VALERIE").info.offered_filters
    assert [(each.field, each.value, each.count) for each in offered] == [("author", "Precious Valerie", 2)]
    assert answer(service, "valerie").info.offered_filters == ()
    chosen = SearchRequest("precious valerie", filters=(Filter("author", ("Precious Valerie",)),))
    assert service.search(chosen).info.offered_filters == ()


def test_pages_together_are_one_long_page(service: SearchService) -> None:
    pages = [service.search(SearchRequest("russia", page=number, hits_per_page=2)) for number in (1, 2, 3)]
    assert [seed for page in pages for seed in seeds(page)] == seeds(answer(service, "russia"))
    assert [page.pages for page in pages] == [3, 3, 3]


def test_last_page_within_the_depth_is_answered(service: SearchService) -> None:
    results = service.search(SearchRequest("russia", page=10, hits_per_page=100))
    assert (results.hits, results.total) == ((), 5)


@pytest.mark.parametrize(
    ("request_", "parameter"),
    [
        (SearchRequest("x" * 2049), "q"),
        (SearchRequest(page=0), "page"),
        (SearchRequest(page=-1), "page"),
        (SearchRequest(page=51), "page"),
        (SearchRequest(page=11, hits_per_page=100), "page"),
        (SearchRequest(hits_per_page=0), "hitsPerPage"),
        (SearchRequest(hits_per_page=101), "hitsPerPage"),
        (SearchRequest(sort="author"), "sort"),
        (SearchRequest(facets=("title",)), "facets"),
        (SearchRequest(filters=(Filter("title", ("x",)),)), "filter"),
        (SearchRequest(facet_limit=0), "facetLimit"),
        (SearchRequest(facet_limit=101), "facetLimit"),
    ],
)
def test_request_out_of_bounds_is_refused(service: SearchService, request_: SearchRequest, parameter: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        service.search(request_)
    assert refused.value.parameter == parameter


@pytest.mark.parametrize(
    "request_",
    [
        SearchRequest("ж" * 2048),
        SearchRequest(page=50),
        SearchRequest(hits_per_page=100),
        SearchRequest(facet_limit=100),
    ],
)
def test_request_at_the_bounds_is_answered(service: SearchService, request_: SearchRequest) -> None:
    assert service.search(request_).generation


# Documents


def test_document_shows_original_and_matches(service: SearchService) -> None:
    [hit] = answer(service, "referendum").hits
    view = service.document(hit.document.id, "referendum ambassador")
    assert view.document == hit.document
    assert "".join(piece.text for piece in view.body) == hit.document.body
    assert {match.lower() for match in matches(view)} == {"referendum", "ambassador"}
    assert view.matches == len(matches(view))


def test_original_is_the_file_as_it_was(service: SearchService, settings: Settings) -> None:
    [hit] = answer(service, "referendum").hits
    file = settings.seeds / hit.document.path
    assert service.original(hit.document.id) == file.read_text("utf-8").replace("\r\n", "\n")


def test_every_line_of_a_file_is_the_title_or_in_the_body_or_was_removed(service: SearchService) -> None:
    for hit in answer(service, "").hits:
        view = service.document(hit.document.id)
        said = {" ".join(line.split()) for line in service.original(hit.document.id).split("\n")} - {""}
        kept = set(view.document.body.split("\n"))
        removed = {line for block in view.document.removed for line in block.text.split("\n")}
        assert kept | removed | {view.document.title} == said


def test_unknown_document_is_not_found(service: SearchService) -> None:
    with pytest.raises(DocumentNotFound):
        service.document("0123456789abcdef")


def test_document_with_too_long_a_query_is_refused(service: SearchService) -> None:
    with pytest.raises(InvalidRequest):
        service.document(answer(service, "").hits[0].document.id, "x" * 2049)


# Builds


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """Settings for a seed folder of one text and an index that was never built."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "one.txt").write_text("A title\n\nOne sentence about zebras, long enough to be kept.\n")
    return Settings(seeds=tmp_path / "seeds", index=tmp_path / "index")


def built(settings: Settings) -> SearchService:
    """A service that has built its index once."""
    service = SearchService(EmbeddedEngine(settings.index, settings.language), settings)
    service.rebuild(lambda _: None)
    return service


def test_index_that_was_never_built_is_missing(own: Settings) -> None:
    with pytest.raises(IndexMissing):
        SearchService(EmbeddedEngine(own.index, own.language), own).search(SearchRequest("zebras"))


def test_rebuild_reports_what_it_did(own: Settings) -> None:
    (own.seeds / "empty.txt").write_bytes(b"")
    (own.seeds / "picture.png").write_bytes(b"\x89PNG")
    told: list[BuildProgress] = []
    service = built(own)
    report = service.rebuild(told.append)
    assert (report.documents, report.generation) == (1, service.status().generation.name)
    assert [problem.path for problem in report.needs_attention] == ["empty.txt"]
    assert [problem.path for problem in report.problems] == ["empty.txt", "picture.png"]
    assert list(service.problems()) == list(report.problems)
    assert told == [
        BuildProgress("reading", 0, 2),
        BuildProgress("reading", 2, 2),
        *(BuildProgress("indexing", done, 3) for done in (1, 2, 3)),
        BuildProgress("writing", 3, 3),
    ]


def test_rebuild_sees_new_changed_and_deleted_seeds(own: Settings) -> None:
    (own.seeds / "two.txt").write_text("Another title\n\nOne sentence about giraffes, long enough to be kept.\n")
    service = built(own)
    (own.seeds / "one.txt").unlink()
    (own.seeds / "two.txt").write_text("Another title\n\nOne sentence about gorillas, long enough to be kept.\n")
    service.rebuild(lambda _: None)
    assert [answer(service, query).total for query in ("zebras", "giraffes", "gorillas")] == [0, 0, 1]


def test_rebuild_of_an_empty_folder_keeps_what_was_published(own: Settings) -> None:
    service = built(own)
    (own.seeds / "one.txt").unlink()
    assert service.rebuild(lambda _: None).generation is None
    assert answer(service, "zebras").total == 1


def test_rebuild_of_a_missing_folder_keeps_what_was_published(own: Settings) -> None:
    service = built(own)
    own.seeds.rename(own.seeds.with_name("moved"))
    with pytest.raises(SettingsError, match="--seeds"):
        service.rebuild(lambda _: None)
    assert answer(service, "zebras").total == 1


def test_rebuild_keeps_as_many_generations_as_set(own: Settings) -> None:
    service = built(replace(own, keep_generations=3))
    for _ in range(4):
        service.rebuild(lambda _: None)
    assert len(service.generations()) == 3


def test_ids_survive_a_rebuild_and_a_move_of_the_folder(own: Settings) -> None:
    before = answer(built(own), "zebras").hits[0].document.id
    moved = replace(own, seeds=own.seeds.rename(own.seeds.with_name("moved")))
    assert answer(built(moved), "zebras").hits[0].document.id == before


def test_rollback_serves_the_generation_before(own: Settings) -> None:
    service = built(own)
    first = service.status().generation.name
    service.rebuild(lambda _: None)
    assert service.rollback().name == first
    assert answer(service, "zebras").generation == first


def test_rollback_without_an_older_generation_is_refused(own: Settings) -> None:
    with pytest.raises(InvalidRequest, match="older"):
        built(own).rollback()


# Suggestions


def completions(service: SearchService, typed: str) -> list[str]:
    return [each.text for each in service.suggest(typed).completions]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("stolt", ["Stoltenberg"]),
        ("jens STOLT", ["Jens Stoltenberg"]),
        ("section:na", ["section:nation"]),
        ("stoltenbreg", ["Stoltenberg"]),
        ('"islamic st', ['"islamic States']),
        ("khazaal stolt", []),  # no document has both
        ("russia al", []),  # documents have both words, but not next to each other
        ("stoltenberg", []),
        ("s", []),
        ("stolt ", []),
        ("-stolt", []),
        ("", []),
        ("!!", []),
    ],
)
def test_query_is_completed_as_people_write(service: SearchService, typed: str, expected: list[str]) -> None:
    assert completions(service, typed) == expected


@pytest.mark.parametrize(
    "typed", ["na", "the se", "prensa l", "title:na", "nato OR al", '"nato ru', "(russia co", "NATO-ru"]
)
def test_every_completion_finds_as_many_documents_as_it_says(service: SearchService, typed: str) -> None:
    found = service.suggest(typed, 20).completions
    totals = [service.search(SearchRequest(each.text, strategy="all")).total for each in found]
    assert [each.documents for each in found] == totals
    assert found


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("khaz", {"003"}),
        ("prensa l", {"003"}),
        ("referendum ", {"004"}),
        ("referen", {"004"}),
        ("zz", set()),
        ("z", set()),
    ],
)
def test_documents_are_suggested_while_typing(service: SearchService, typed: str, expected: set[str]) -> None:
    assert {document.path[:3] for document in service.suggest(typed).documents} == expected


@pytest.mark.parametrize("limit", [0, 21, -1])
def test_too_many_suggestions_are_refused(service: SearchService, limit: int) -> None:
    with pytest.raises(InvalidRequest, match="limit must be a whole number from 1 to 20"):
        service.suggest("nato", limit)
    with pytest.raises(InvalidRequest, match="limit must be a whole number from 1 to 20"):
        service.similar("0123456789abcdef", limit)


def test_too_long_a_text_is_not_completed(service: SearchService) -> None:
    with pytest.raises(InvalidRequest, match="at most 2,048 characters"):
        service.suggest("x" * 2049)


@given(st.text(max_size=40))
def test_any_text_is_completed_or_not(service: SearchService, typed: str) -> None:
    assert service.suggest(typed).query == typed


def test_similar_documents_leave_the_document_itself_out(service: SearchService) -> None:
    [hit] = answer(service, "khazaal").hits
    found = [each.document.path[:3] for each in service.similar(hit.document.id, 3)]
    assert len(found) == 3
    assert "003" not in found


# Correction


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("stoltenbreg", "stoltenberg"),
        ("khazal", "khazaal"),
        ("aliance rusia", "alliance russia"),
        ("(referndum OR zzzz)", "(referendum OR zzzz)"),
        ('"islamic state" referndum', '"islamic state" referendum'),
    ],
)
def test_misspelt_query_is_put_right_and_told(service: SearchService, typed: str, answered: str) -> None:
    results = answer(service, typed)
    assert (results.query, results.info.corrected_query) == (typed, answered)
    assert seeds(results) == seeds(answer(service, answered)) != []


def test_corrected_words_are_marked(service: SearchService) -> None:
    pieces = [piece for hit in answer(service, "stoltenbreg").hits for piece in hit.snippets[0].fragments]
    assert "Stoltenberg" in [piece.text for piece in pieces if piece.match is not None]


@pytest.mark.parametrize(
    "typed", ["stoltenberg", '"stoltenbreg"', "author:khazal", "-stoltenbreg", "zzzzzzzz", "nato stoltenberg", "20245"]
)
def test_query_is_left_as_it_was_typed(service: SearchService, typed: str) -> None:
    assert answer(service, typed).info.corrected_query is None


def test_correction_can_be_declined(service: SearchService) -> None:
    results = service.search(SearchRequest("stoltenbreg", typo=False))
    assert (results.total, results.info.corrected_query, results.info.corrected) == (0, None, ())


def test_every_page_of_a_corrected_query_is_corrected(service: SearchService) -> None:
    pages = [service.search(SearchRequest("rusia", page=number, hits_per_page=2)) for number in (1, 2, 3)]
    assert {page.info.corrected_query for page in pages} == {"russia"}
    assert [seed for page in pages for seed in seeds(page)] == seeds(answer(service, "russia"))


def test_longest_query_of_misspelt_words_is_answered(service: SearchService) -> None:
    assert answer(service, ("stoltenbreg rusia aliance khazal " * 70)[:2000]).info.corrected


# Synonyms


def test_synonyms_are_looked_up_told_and_weigh_less(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "synonyms.toml"
    file.write_text('[one-way]\ncaliphate = ["islamic state"]\nnato = ["referendum"]\n')
    engine = EmbeddedEngine(settings.index, settings.language)
    service = SearchService(engine, replace(settings, synonyms=file))
    results = answer(service, "caliphate")
    assert (seeds(results), results.info.synonyms) == (["004"], (("caliphate", "islamic state"),))
    assert any(piece.match is not None for piece in results.hits[0].snippets[0].fragments)
    whole, alone = answer(service, "nato").hits, answer(service, "referendum").hits
    plain = SearchService(engine, settings)
    without = {hit.document.id: hit.score for hit in answer(plain, "nato").hits}
    gained = [hit.score - without[hit.document.id] for hit in whole if hit.document.id == alone[0].document.id]
    assert gained == [pytest.approx(alone[0].score / 2)]


def test_bad_file_of_synonyms_is_an_error_of_the_settings(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "synonyms.toml"
    file.write_text("[alike]\nnato = 5\n")
    with pytest.raises(SettingsError, match="line 2: nato: must be a list"):
        SearchService(EmbeddedEngine(settings.index, settings.language), replace(settings, synonyms=file))
