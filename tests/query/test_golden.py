"""What people type, and the trees it comes to: golden.toml, entry by entry."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from searchsvc.analysis import analyzer
from searchsvc.query import parse_query
from tests.query.readable import readable

GOLDEN = tomllib.loads(Path(__file__).with_name("golden.toml").read_text("utf-8"))["query"]


def unescaped(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry with what it has in Python's unicode_escape, so that any character can stand in it."""
    return {name: _plain(value) for name, value in entry.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.encode("ascii").decode("unicode_escape")


@pytest.mark.parametrize("entry", GOLDEN, ids=lambda entry: f"{entry['meaning']}: {entry.get('typed', '')}"[:60])
def test_query_is_understood(entry: dict[str, Any]) -> None:
    said = unescaped(entry) if "escaped" in entry else entry
    found = parse_query(said["escaped" if "escaped" in said else "typed"], analyzer("en"), date(2024, 3, 10))
    assert found.normalized == said["shown"]
    assert readable(found.tree) == said["tree"]
    assert (readable(found.any_tree) if found.any_tree is not None else None) == said.get("some")
    assert [f"{note.text}: {note.reason}" for note in found.notes] == said.get("notes", [])


def test_golden_table_is_as_long_as_it_should_be() -> None:
    assert len(GOLDEN) >= 150
