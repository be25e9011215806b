"""Front matter in TOML or JSON: the whole block, or each entry of it where the block is invalid."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice

import msgspec

_DEEPEST = 8  # nested lists and tables
_MOST_ENTRIES = 500  # of an invalid block
_MOST_NOTES = 3  # lost values that a note names
_TOML_ENTRY = re.compile(r"[ \t]*([\"']?)(?P<key>[\w.-]{1,60})\1[ \t]*=[ \t]*(?P<value>.*)$")
_TOML_TABLE = re.compile(r"[ \t]*\[\[?[ \t]*(?P<name>[\w.-]{1,60})[ \t]*\]\]?[ \t]*(?:#.*)?$")
_JSON_ENTRY = re.compile(r"[ \t]*\"(?P<key>[^\"]{1,60})\"[ \t]*:[ \t]*(?P<value>.*)$")


def toml_values(block: str, first_line: int) -> tuple[dict[str, object], str | None]:
    """Return the values of a block, and a note on values that are lost. `first_line`: its line in the file, from 1."""
    values = _toml(block)
    if values is not None:
        return values, None
    values, lost = {}, []
    for number, table, key, entry in islice(_toml_entries(block), _MOST_ENTRIES):
        parsed = _toml(entry) or _line_as_written(entry)
        into = values.setdefault(table, {}) if table else values
        if parsed is None:
            lost.append(f"line {number + first_line}: {key} is not read (invalid TOML)")
        elif isinstance(into, dict):
            into |= parsed
    return values, "; ".join(lost[:_MOST_NOTES]) or None


def json_values(block: str, first_line: int) -> tuple[dict[str, object], str | None]:
    """Return the values of a JSON object with or without its braces, and a note on values that are lost."""
    inner = block.strip()
    values = _json(inner) or _json(f"{{{inner.rstrip(',')}}}")
    if values is not None:
        return values, None
    values, lost = {}, []
    for number, line in enumerate(islice(block.split("\n"), _MOST_ENTRIES)):
        match = _JSON_ENTRY.match(line)
        if not match:
            continue
        key, value = match["key"], match["value"].rstrip(" \t,")
        parsed = _json(f'{{"x": {value}}}')
        if parsed is not None:
            values[key] = parsed["x"]
        elif value.startswith(("[", "{")):
            lost.append(f"line {number + first_line}: {key} is not read (invalid JSON)")
        else:
            values[key] = value.strip("\"' \t")
    return values, "; ".join(lost[:_MOST_NOTES]) or None


def json_object(text: str) -> tuple[dict[str, object], int] | None:
    """Return the JSON object at the beginning of a text and its length, or None."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return (value, end) if isinstance(value, dict) else None


def _json(text: str) -> dict[str, object] | None:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return None
    return value if isinstance(value, dict) else None


def _toml(text: str) -> dict[str, object] | None:
    try:
        value = _plain(tomllib.loads(text), 0)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _plain(value: object, depth: int) -> object:
    """Return a TOML value as texts, lists and dicts, as YAML gives them; parts nested too deep as None."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {name: _plain(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, (datetime, date, time)) else str(value)


def _toml_entries(block: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield each entry: index of its line, name of its table, key, and its lines."""
    table, start, key, lines = "", 0, "", list[str]()
    for number, line in enumerate(block.split("\n")):
        header, entry = _TOML_TABLE.match(line), _TOML_ENTRY.match(line)
        if header or entry:
            if lines:
                yield start, table, key, "\n".join(lines)
            lines = []
        if header:
            table = header["name"]
        elif entry:
            start, key, lines = number, entry["key"], [line]
        elif lines:
            lines.append(line)
    if lines:
        yield start, table, key, "\n".join(lines)


def _line_as_written(entry: str) -> dict[str, object] | None:
    """Return an entry of one line that is no TOML as text, without quotes; None for other structures."""
    match = _TOML_ENTRY.match(entry)
    if not match or "\n" in entry.strip() or match["value"].startswith(("[", "{", '"""', "'''")):
        return None
    text = match["value"].strip()
    return {match["key"]: text.strip("\"'") if text[:1] in "\"'" else text}
