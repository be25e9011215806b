"""Synonyms: the file's grammar, and what they make of a query."""

import pytest

from searchsvc.analysis import analyzer
from searchsvc.errors import SettingsError
from searchsvc.query import (
    AppliedSynonym,
    Synonyms,
    expand,
    parse,
    read_synonyms,
)
from searchsvc.query.ast import show
from searchsvc.query.synonyms import MAX_ADDED, MAX_BYTES

ENGLISH = analyzer("en")
FILE = """
# of cars and alliances
[alike]
car = ["automobile", "motor car"]
"north atlantic treaty organization" = ['NATO']

[one-way]
vehicle = ["car", "lorry"]
"café" = ["bar"]
"""


def read(text: str) -> Synonyms:
    return read_synonyms(text.encode(), "synonyms.toml", ENGLISH)


def expanded(typed: str, text: str = FILE) -> str:
    """How the query is understood with its synonyms."""
    return show(expand(parse(typed)[0], read(text), ENGLISH)[0])


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("car", '(car OR automobile OR "motor car")'),
        ("Cars", '(Cars OR automobile OR "motor car")'),
        ("automobile", '(automobile OR car OR "motor car")'),
        ("red car wash", '(red (car OR automobile OR "motor car") wash)'),
        ("motor car", "((motor car) OR car OR automobile)"),
        ("motor cars race", "(((motor cars) OR car OR automobile) race)"),
        ("nato", '(nato OR "north atlantic treaty organization")'),
        ("North Atlantic Treaty Organization", "((North Atlantic Treaty Organization) OR NATO)"),
        ("North Atlantic Treaty", "(North Atlantic Treaty)"),
        ("vehicle", "(vehicle OR car OR lorry)"),
        ("lorry", "lorry"),
        ("cafe", "(cafe OR bar)"),
        ("bike OR lorry OR vehicle", "(bike OR lorry OR (vehicle OR car OR lorry))"),
        ("(big vehicle) OR x", "((big (vehicle OR car OR lorry)) OR x)"),
        ('"car"', '"car"'),
        ("-car", "-car"),
        ("title:car", "title:car"),
        ("car*", "car*"),
        ("cars~", "cars~1"),
        ("+car", '+(car OR automobile OR "motor car")'),
        ("", ""),
    ],
)
def test_synonyms_stand_beside_the_words(typed: str, expected: str) -> None:
    assert expanded(typed) == expected


def test_what_was_put_in_is_told() -> None:
    _, applied = expand(parse("motor cars of vehicles")[0], read(FILE), ENGLISH)
    assert applied == (
        AppliedSynonym("motor cars", ("car", "automobile")),
        AppliedSynonym("vehicles", ("car", "lorry")),
    )


def test_entries_of_a_word_add_up() -> None:
    assert expanded("a1", '[alike]\na1 = ["b1"]\n[one-way]\na1 = ["c1"]') == "(a1 OR b1 OR c1)"


def test_query_gains_only_so_many_synonyms() -> None:
    entries = "\n".join(f'w{n} = ["a{n}", "b{n}", "c{n}"]' for n in range(60))
    _, applied = expand(parse(" ".join(f"w{n}" for n in range(60)))[0], read(f"[alike]\n{entries}"), ENGLISH)
    assert sum(len(each.alternatives) for each in applied) == MAX_ADDED


@pytest.mark.parametrize("text", ["", "[alike]", "[one-way]\n", "\ufeff[alike]\nx = ['y']"])
def test_file_may_hold_little(text: str) -> None:
    assert read(text).longest <= 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[alike]\ncar = [", "line 2"),
        ("[alike]\ncar = ['a']\ncar = ['b']", "line 3"),
        ("[alike]\n\ncar = 'automobile'", "line 3: car: must be a list of texts"),
        ("[alike]\na = ['b']\n'c d' = ['e', 5]", "line 3: c d: must be a list of texts"),
        ("[alike]\na = []", "line 2: a: must have from 1"),
        ("[alike]\na = ['b']\n[one-way]\na = ['!!!']", "line 4: a: '!!!' must have"),
        ('[alike]\n"?" = ["b"]', "line 2: ?: '?' must have"),
        ("[alike]\na = ['one two three four five six seven eight nine']", "line 2: a: 'one two"),
        (f"[alike]\na = {['b'] * 21}", "line 2: a: must have from 1 to 20"),
        ("[alike]\na.b = ['c']", "line 2: a: must be a list"),
        ("\n[same]\na = ['b']", "line 2: same: only the tables"),
        ("x = 1", "line 1: x: only the tables"),
        ("[alike]\na = " + "[" * 5000, "nested"),
        ("[alike]\n" + "\n".join(f"a{n} = ['b']" for n in range(10_001)), "line 1: alike: 10,001 entries"),
    ],
)
def test_mistake_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(text)
    assert told in str(raised.value)
    assert str(raised.value).startswith("synonyms.toml")


def test_file_that_is_no_text_is_told_with_its_line() -> None:
    with pytest.raises(SettingsError, match="line 2: the file must be UTF-8"):
        read_synonyms(b"[alike]\na = ['\xff']", "synonyms.toml", ENGLISH)


def test_file_that_is_too_long_is_refused() -> None:
    with pytest.raises(SettingsError, match="1,000,000 is the most"):
        read_synonyms(b"#" * (MAX_BYTES + 1), "synonyms.toml", ENGLISH)
