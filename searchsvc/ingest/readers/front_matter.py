"""Front matter: a YAML block above a text."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

MOST = 65_536  # characters of a block
_DEEPEST = 8  # nested lists and mappings
_FENCE = "---"
_ENDS = ("---", "...")
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml's loader, if PyYAML was built with it
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


def split_front_matter(text: str) -> tuple[Mapping[str, object], str, str | None]:
    """Return the values of the front matter, the text below it, and a note if the block is invalid.

    An invalid block, or a block that is no mapping, stays in the text: an article may begin with a horizontal rule.
    """
    block, body = _block(text)
    if block is None:
        return {}, text, None
    try:
        value = _value(yaml.parse(block, Loader=_Loader))
    except yaml.YAMLError as error:
        return {}, text, f"line {_line(error)}: invalid front matter ({_reason(error)}); treated as text"
    if not isinstance(value, dict):
        return {}, text if block.strip() else body, None
    return value, body, None


def _block(text: str) -> tuple[str | None, str]:
    """Return the lines between the fences, None without fences, and the text below."""
    if not text.startswith(_FENCE) or text[: text.find("\n")].rstrip() != _FENCE:
        return None, text
    start = at = text.find("\n") + 1
    while 0 < at <= start + MOST:
        end = text.find("\n", at)
        line = text[at:end] if end >= 0 else text[at:]
        if line.rstrip() in _ENDS:
            return text[start:at], text[end + 1 :].lstrip("\n") if end >= 0 else ""
        at = end + 1
    return None, text


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
    return {str(name): value for name, value in zip(nodes[::2], nodes[1::2], strict=True)}


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
    """Return the line number in the file, from 1. The first line is the fence."""
    mark = getattr(error, "problem_mark", None)
    return mark.line + 2 if mark else 1


def _reason(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or "invalid YAML")
