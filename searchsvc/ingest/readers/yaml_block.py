"""Front matter in YAML: the whole block, or each entry of it where the block is invalid."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import yaml

from searchsvc.ingest.readers.field_names import FieldNames, fold_name

_DEEPEST = 8  # nested lists and mappings
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml's loader, if PyYAML was built with it
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_ENTRY = re.compile(r"(?P<quote>[\"']?)(?P<key>[^\W\d_][\w .:-]{0,60}?)(?P=quote)[ \t]*:(?P<value>[ \t].*|)$")
_CLOSE_ENTRY = re.compile(r"(?P<key>[A-Za-z][\w-]{0,40}):(?P<value>[^\s:/].*)$")  # no space after the colon
_ANCHOR = re.compile(r"&\w+[ \t]+")
_COMMENT = re.compile(r"[ \t]#.*$")
_MOST_NOTES = 3  # lost values that a note names
_MOST_ENTRIES = 500  # of an invalid block


class InvalidBlock(Exception):
    """A block that no entry can be read of. The message gives the line number and the reason."""


def yaml_values(block: str, first_line: int, names: FieldNames) -> tuple[object, str | None]:
    """Return the value of a block, and a note on values that are lost. Raises InvalidBlock.

    `first_line`: line number of the block in its file, from 1. An invalid block is read entry by entry if one of its
    names is known, since prose between two rules may look like YAML.
    """
    try:
        value = _strict(block)
        if not isinstance(value, str) or ":" not in value:
            return value, None
        values, lost = _by_entry(block, first_line, names)
        return (values if any(names.is_known(fold_name(name)) for name in values) else value), None
    except yaml.YAMLError as error:
        reason = f"line {_line(error) + first_line}: invalid front matter ({_reason(error)})"
        values, lost = _by_entry(block, first_line, names)
        if not any(names.is_known(fold_name(name)) for name in values):
            raise InvalidBlock(reason) from error
        return values, "; ".join(lost[:_MOST_NOTES]) or None


def _by_entry(block: str, first_line: int, names: FieldNames) -> tuple[dict[str, object], list[str]]:
    """Return the values of all entries that can be read, and a note for each of the others."""
    values: dict[str, object] = {}
    lost: list[str] = []
    for number, key, value, lines in islice(_entries(block, names), _MOST_ENTRIES):
        try:
            parsed = _entry(value, lines)
        except yaml.YAMLError as error:
            lost.append(f"line {number + first_line}: {key} is not read ({_reason(error)})")
        else:
            if parsed or key not in values:
                values[key] = parsed
    return values, lost


def _entries(block: str, names: FieldNames) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield each top-level entry: index of its line, key, text after the colon, and the lines that follow it."""
    current: tuple[int, str, str, list[str]] | None = None
    for number, line in enumerate(block.split("\n")):
        if current and current[2] and line.startswith("\t") and _is_field(line.strip(), names):
            line = line.strip()
        match = _ENTRY.match(line) or _CLOSE_ENTRY.match(line)
        if match and match.re is _CLOSE_ENTRY and not names.is_known(fold_name(match["key"])):
            match = None
        if match:
            if current:
                yield current
            current = number, match["key"].strip(), match["value"].strip(), []
        elif current and not line.startswith("#"):
            current[3].append(line)
    if current:
        yield current


def _is_field(line: str, names: FieldNames) -> bool:
    """Return whether a line is an entry with a known name, which a tab before it does not make part of a value."""
    match = _ENTRY.match(line)
    return match is not None and names.is_known(fold_name(match["key"]))


def _entry(value: str, lines: list[str]) -> object:
    """Return the value of an entry, as YAML or else as people write it. Raises yaml.YAMLError."""
    following = "\n".join(line.replace("\t", "  ") for line in lines)
    try:
        return _strict(f"key: {value}\n{following}", "key")
    except yaml.YAMLError:
        if value.startswith(("|", ">")) or (following.strip() and not value):
            raise
        indented = [line.strip() for line in lines if line.startswith((" ", "\t"))]
        return _as_written(" ".join([value, *indented]).strip())


def _as_written(value: str) -> object:
    """Return a value on one line that is no YAML: an inline list by its commas, else the text without quotes.

    Raises yaml.YAMLError for other structures.
    """
    if value.startswith("[") and (value.endswith("]") or "]" not in value):
        return [part for part in (_unquoted(part) for part in value.strip("[]").split(",")) if part]
    if value.startswith("{") or re.match(r"[&*!]\S*\s+[\[{|>&*!]", value) or re.match(r"!!\S|\*\w+$", value):
        return _strict(f"key: {value}", "key")
    return _unquoted(_ANCHOR.sub("", _COMMENT.sub("", value))) or None


def _unquoted(text: str) -> str:
    text = text.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text


def _strict(block: str, key: str | None = None) -> object:
    """Return the value of a YAML document, or of one key in it. Raises yaml.YAMLError."""
    value = _value(yaml.parse(block, Loader=_Loader))
    return value.get(key) if key and isinstance(value, dict) else value


def _value(events: Iterator[yaml.Event]) -> object:
    """Return the value of one YAML document as text, lists and dicts. Every scalar stays text.

    Aliases let a short block expand to billions of values, and tags create Python objects. Both raise _Refused.
    """
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            return _node(event, events, 0)
    return None


def _node(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> object:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _Refused(event, "anchors and aliases are not accepted")
    if getattr(event, "tag", None) is not None:
        raise _Refused(event, "tags are not accepted")
    if depth > _DEEPEST:
        raise _Refused(event, f"nested deeper than {_DEEPEST} levels")
    if isinstance(event, yaml.ScalarEvent):
        return None if event.implicit[0] and event.value in _NOTHING else event.value
    nodes = list(_nodes(events, depth + 1))
    if isinstance(event, yaml.SequenceStartEvent):
        return nodes
    pairs = [(str(name), value) for name, value in zip(nodes[::2], nodes[1::2], strict=True)]
    # Of a duplicate name, the last value counts that is not empty.
    return {name: None for name, _ in pairs} | {name: value for name, value in pairs if value}


def _nodes(events: Iterator[yaml.Event], depth: int) -> Iterator[object]:
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            return
        yield _node(event, events, depth)


class _Refused(yaml.YAMLError):
    """YAML with a construct that this reader rejects."""

    def __init__(self, event: yaml.Event, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.problem_mark = event.start_mark


def _line(error: yaml.YAMLError) -> int:
    """Return the index of the line in the block."""
    mark = getattr(error, "problem_mark", None)
    return mark.line if mark else 0


def _reason(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or "invalid YAML")
