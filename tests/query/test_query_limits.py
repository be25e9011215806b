"""Which words are looked up when a query has more than there is room for."""

import pytest

from searchsvc.analysis import analyzer
from searchsvc.query.ast import show
from searchsvc.query.parser import parse
from searchsvc.query.query_limits import MAX_TERMS, limit_terms

FILL = " ".join(f"w{number:02}word" for number in range(62))  # room for two more


def left(text: str) -> str:
    return show(limit_terms(parse(text)[0], analyzer("en"))[0])


def note(text: str) -> str:
    return limit_terms(parse(text)[0], analyzer("en"))[1][0].text


def test_a_query_with_room_stays_as_it_is() -> None:
    root = parse(FILL + " one two")[0]
    assert limit_terms(root, analyzer("en")) == (root, ())


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        (f"the {FILL} kept words", "the"),
        (f"kept kept {FILL} words", "kept"),
        (f"a {FILL} kept words", "a"),
        (f"ox {FILL} kept words", "ox"),
        (f"{FILL} oxen oxes oxer", "oxer"),
        (f"ox -no {FILL} words", "ox"),
        (f"ox lang:en {FILL} words", "ox"),
        (f"(ox OR kept) {FILL} words", "ox"),
        (f"+ox {FILL} kept words", "ox"),
    ],
    ids=[
        "function words go first",
        "then repeats",
        "a function word before a repeat",
        "then short words",
        "of equals the latest",
        "exclusions stay",
        "fields stay",
        "an alternative",
        "a required word",
    ],
)
def test_what_tells_least_is_left_out(text: str, lost: str) -> None:
    assert note(text) == lost


def test_groups_that_lose_all_their_words_go() -> None:
    assert left(f"-(kept) (ox OR ax) {FILL} words").startswith("(-kept w00word")


def test_a_long_phrase_is_cut_to_its_beginning() -> None:
    shown = left('"' + "steel " * 100 + '"')
    assert shown == '"' + " ".join(["steel"] * MAX_TERMS) + '"'


def test_a_long_run_of_chinese_is_cut_to_its_beginning() -> None:
    assert left("東" * 200) == "東" * (MAX_TERMS + 1)
