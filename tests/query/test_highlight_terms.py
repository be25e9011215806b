"""What a tree looks for in each field, for marking it in text."""

from datetime import date

import pytest
from whoosh.query import Wildcard

from searchsvc.analysis import analyzer
from searchsvc.query import HighlightTerm, highlight_terms, parse_query
from searchsvc.schema import FREE_TEXT


def in_body(text: str) -> list[HighlightTerm]:
    tree = parse_query(text, analyzer("en"), date(2024, 3, 10)).tree
    return [each for each in highlight_terms(tree) if each.field == "body"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        pytest.param("alliances", [HighlightTerm("body", ("allianc",))], id="a word"),
        pytest.param('"nato war"', [HighlightTerm("body", ("nato", "war"))], id="a phrase"),
        pytest.param(
            "nato OR war", [HighlightTerm("body", ("nato",)), HighlightTerm("body", ("war",))], id="every choice"
        ),
        pytest.param(
            "nato-war",
            [HighlightTerm("body", ("nato",)), HighlightTerm("body", ("war",)), HighlightTerm("body", ("nato", "war"))],
            id="the parts of a hyphenated word, and the whole",
        ),
        pytest.param("gov*", [HighlightTerm("body", ("gov",), prefix=True)], id="a prefix"),
        pytest.param(
            "governmant~1",
            [HighlightTerm("body", ("governmant",), edits=1), HighlightTerm("body", ("governm",))],
            id="words spelled like it, and the word itself",
        ),
        pytest.param("nato -war", [HighlightTerm("body", ("nato",))], id="not what must be absent"),
        pytest.param("-war", [], id="not even alone"),
        pytest.param("title:war", [], id="not what is looked for in another field"),
        pytest.param("date:2024 lang:en", [], id="no days and languages"),
        pytest.param("what nato -war", [HighlightTerm("body", ("nato",))], id="no function words that decide nothing"),
        pytest.param(
            "vitamin A",
            [HighlightTerm("body", ("vitamin",)), HighlightTerm("body", ("vitamin", "a"))],
            id="function words only in the phrase of a short query",
        ),
        pytest.param("", [], id="nothing"),
    ],
)
def test_query_wants_in_the_body(text: str, marked: list[HighlightTerm]) -> None:
    assert in_body(text) == marked


def test_free_text_is_wanted_in_every_field_that_it_is_looked_for() -> None:
    tree = parse_query("war", analyzer("en"), date(2024, 3, 10)).tree
    assert [each.field for each in highlight_terms(tree)] == list(FREE_TEXT)


def test_a_node_that_nobody_taught_wants_nothing() -> None:
    assert list(highlight_terms(Wildcard("body", "w*r"))) == []
