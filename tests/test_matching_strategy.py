"""How many of a query's words must be there: plans, labels, and page, API and command line in agreement."""

import json
import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient
from whoosh.query import NullQuery

from searchsvc.analysis import analyzer
from searchsvc.cli import main
from searchsvc.engine.query import EngineQuery
from searchsvc.matching_strategy import MIN_EXACT, STRATEGIES, plan_query
from searchsvc.models.search import Filter, SearchResults
from searchsvc.models.search_request import SearchRequest
from searchsvc.query import ParsedQuery, parse_query
from searchsvc.service import SearchService
from searchsvc.settings import Settings

ASKED = EngineQuery(None, limit=7)


def parsed(text: str) -> ParsedQuery:
    return parse_query(text, analyzer("en"), date(2024, 3, 10))


def plan(text: str, strategy: str) -> EngineQuery:
    return plan_query(ASKED, parsed(text), strategy)


def answer(service: SearchService, query: str, strategy: str = "auto", **asked: object) -> SearchResults:
    return service.search(SearchRequest(query, strategy=strategy, **asked))  # type: ignore[arg-type]


def seeds(results: SearchResults) -> list[str]:
    return [hit.document.path[:3] for hit in results.hits]


# Plans


def test_auto_asks_for_all_and_lets_some_follow() -> None:
    asked, text = plan("nato war", "auto"), parsed("nato war")
    assert (asked.tree, asked.fallback, asked.min_exact, asked.limit) == (text.tree, text.any_tree, MIN_EXACT, 7)
    assert asked.parts == tuple(part.tree for part in text.parts)


def test_of_more_than_three_words_there_is_one_order() -> None:
    assert not plan("nato war peace", "auto").interleave
    assert plan("nato war peace talks", "auto").interleave
    assert not plan("the war of the nato and peace", "auto").interleave  # three that tell


def test_all_asks_for_nothing_else() -> None:
    asked = plan("nato war", "all")
    assert (asked.tree, asked.fallback, asked.parts) == (parsed("nato war").tree, None, ())


def test_any_asks_for_some_at_once() -> None:
    asked = plan("nato war", "any")
    assert (asked.tree, asked.fallback, len(asked.parts)) == (parsed("nato war").any_tree, None, 2)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("text", ["nato", '"nato war"', "nato OR war", "nato AND war", "-nato", "source:tass nato"])
def test_what_has_nothing_to_spare_is_asked_for_as_it_is(text: str, strategy: str) -> None:
    asked = plan(text, strategy)
    assert (asked.tree, asked.fallback, asked.parts) == (parsed(text).tree, None, ())


def test_a_word_said_again_is_looked_up_once_with_its_weight() -> None:
    some = parsed("war nato war").any_tree
    assert some is not None
    assert [child.boost for child in some.children()] == [2.0, 1.0]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_blank_text_asks_for_everything_and_signs_for_nothing(strategy: str) -> None:
    assert plan(" ", strategy).tree is None
    assert plan("!!!", strategy).tree == NullQuery


# Answers


def test_documents_with_all_words_come_first_and_the_others_tell_what_they_lack(service: SearchService) -> None:
    results = answer(service, "khazaal russia referendum")
    assert [hit.partial_match for hit in results.hits] == [True] * 5
    by_seed = dict(zip(seeds(results), (hit.missing for hit in results.hits), strict=True))
    assert (by_seed["003"], by_seed["004"]) == (("referendum",), ("khazaal",))
    assert results.info.optional_words == ("khazaal", "russia", "referendum")
    whole = answer(service, "khazaal russia")
    assert [(hit.partial_match, hit.missing) for hit in whole.hits][:2] == [(False, ()), (True, ("khazaal",))]
    assert (seeds(whole)[0], whole.total, whole.partial_matches) == ("003", 5, 4)


def test_of_many_words_hits_with_some_stand_among_the_others_and_tell_what_they_lack(service: SearchService) -> None:
    few, many = answer(service, "khazaal cooperation"), answer(service, "khazaal cooperation russia security")
    assert few.partial_matches and [hit.partial_match for hit in few.hits] == sorted(
        hit.partial_match for hit in few.hits
    )
    assert many.partial_matches == sum(bool(hit.missing) for hit in many.hits) > 0
    assert not any(hit.partial_match for hit in many.hits)
    assert [hit.score for hit in many.hits] == sorted((hit.score for hit in many.hits), reverse=True)


def test_only_what_was_relaxed_is_told(service: SearchService) -> None:
    assert answer(service, "khazaal russia", "all").info.optional_words == ()
    assert answer(service, "russia").info.optional_words == ()
    assert answer(service, "khazaal russia", "any").info.optional_words == ("khazaal", "russia")


def test_words_with_a_plus_are_never_missing(service: SearchService) -> None:
    results = answer(service, "+khazaal referendum")
    assert [(hit.document.path[:3], hit.missing) for hit in results.hits] == [("003", ("referendum",))]
    assert answer(service, "khazaal AND referendum").total == 0


def test_exclusions_hold_for_what_follows(service: SearchService) -> None:
    assert set(seeds(answer(service, "khazaal russia -referendum"))) == {"000", "001", "002", "003"}


def test_parts_of_a_hyphenated_word_are_told_apart(service: SearchService) -> None:
    missing = {hit.missing for hit in answer(service, "khazaal-referendum").hits}
    assert missing == {("khazaal",), ("referendum",)}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("sort", ["relevance", "published:desc"])
def test_pages_together_are_one_long_page(service: SearchService, strategy: str, sort: str) -> None:
    whole = answer(service, "stoltenberg blinken council", strategy, sort=sort)
    pages = [
        answer(service, "stoltenberg blinken council", strategy, sort=sort, page=number, hits_per_page=2)
        for number in (1, 2, 3)
    ]
    assert [hit.document.id for page in pages for hit in page.hits] == [hit.document.id for hit in whole.hits]
    assert {(page.total, page.partial_matches) for page in pages} == {(whole.total, whole.partial_matches)}


@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ('source:"Prensa Latina"', "source", "Prensa Latina"),
        ('author:"Precious Valerie"', "author", "Precious Valerie"),
        ("lang:en", "language", "en"),
    ],
)
@pytest.mark.parametrize("query", ["nato", "nato referendum", ""])
def test_a_filter_typed_finds_what_the_parameter_finds(
    service: SearchService, typed: str, name: str, value: str, query: str
) -> None:
    by_text = answer(service, f"{query} {typed}")
    by_parameter = answer(service, query, filters=(Filter(name, (value,)),))
    assert set(seeds(by_text)) == set(seeds(by_parameter))
    assert (by_text.total, by_text.partial_matches) == (by_parameter.total, by_parameter.partial_matches)


def test_literal_text_reads_no_operators(service: SearchService) -> None:
    assert set(seeds(answer(service, "-referendum", "all"))) == {"000", "001", "002", "003"}
    assert seeds(answer(service, "-referendum", "all", syntax="literal")) == ["004"]


# Agreement

QUERIES = [
    "khazaal russia", "khazaal russia referendum", '"NATO-Russia Council" referendum', "russia -blinken",
    'nato source:"Prensa Latina"', "stoltenberg blinken council", "stoltnberg~ blinken", "russ*",
    "+khazaal nato", "date:2024 nato", "", "!!!", "referendum zeppelin", "what is the dialogue",
    "(khazaal OR referendum) nato",
]  # fmt: skip

Seen = tuple[list[str], list[list[str]], int, int]  # addresses, what each lacks, all, with some words only


def by_api(client: TestClient, asked: dict[str, str]) -> Seen:
    reply = client.get("/api/v1/search", params=asked).json()
    return _seen(reply)


def by_command(settings: Settings, asked: dict[str, str]) -> Seen:
    words = ["--index", str(settings.index), "search", "--format", "json", "--limit", asked["hitsPerPage"]]
    words += ["--strategy", asked["matchingStrategy"], "--", asked["q"]]
    return _seen(json.loads(CliRunner().invoke(main, words).stdout))


def _seen(reply: Any) -> Seen:
    hits = reply["hits"]
    return [hit["link"] for hit in hits], [hit["_missing"] for hit in hits], reply["totalHits"], reply["totalRelaxed"]


def by_page(client: TestClient, asked: dict[str, str]) -> Seen:
    html = client.get("/search", params=asked).text
    html = html.partition("Newest articles")[0]  # help where nothing was found
    articles = re.findall("<article>.*?</article>", html, re.DOTALL)
    links = [re.findall(r'<h2><a href="([^"?]*)', article)[0] for article in articles]
    missing = [[unescape(word) for word in re.findall("<s>(.*?)</s>", article)] for article in articles]
    total = re.findall(r"<strong>([\d,]+)</strong>", html)
    few = re.findall(r"([\d,]+) partial match", html) or (total if "No article has all your words" in html else [])
    return links, missing, int(total[0]) if total else 0, int(few[0]) if few else 0


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("query", QUERIES)
def test_page_api_and_command_line_agree(client: TestClient, settings: Settings, query: str, strategy: str) -> None:
    asked = {"q": query, "matchingStrategy": strategy, "hitsPerPage": "3"}
    seen = by_api(client, asked)
    assert by_page(client, asked) == seen
    assert by_command(settings, asked) == seen


@pytest.mark.parametrize("query", QUERIES)
def test_strategies_agree_on_what_has_all_words(service: SearchService, query: str) -> None:
    auto, every, some = (answer(service, query, strategy) for strategy in STRATEGIES)
    whole = [hit.document.id for hit in auto.hits if not hit.partial_match]
    assert whole == [hit.document.id for hit in every.hits]
    assert auto.total - auto.partial_matches == every.total
    assert {hit.document.id for hit in auto.hits} == {hit.document.id for hit in some.hits}
    assert every.partial_matches == some.partial_matches == 0
