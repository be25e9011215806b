"""Front matter: a block of YAML, TOML or JSON above a text."""

import re
from collections.abc import Mapping
from contextlib import suppress

from searchsvc.ingest.readers.field_names import STANDARD_NAMES, FieldNames, fold_name
from searchsvc.ingest.readers.header_lines import are_metadata
from searchsvc.ingest.readers.toml_block import json_object, json_values, toml_values
from searchsvc.ingest.readers.yaml_block import InvalidBlock, yaml_values

MOST = 65_536  # characters of a block
_OPENING = re.compile(r"(?P<fence>---|\+\+\+|;;;)[ \t]*(?P<kind>yaml|toml|json|js|javascript)?[ \t]*\n", re.I)
_ENDS = {"---": ("---", "..."), "+++": ("+++",), ";;;": (";;;",)}
_KINDS = {"---": "yaml", "+++": "toml", ";;;": "json"}
_BLANK = re.compile(r"\n[ \t]*\n")
_ENTRY = re.compile(r"[\"']?[^\W\d_][^:\n]{0,60}:(?:[ \t].*|)$|[ \t]+\S.*$|- .*$|#.*$")  # a line of YAML
_KEYLESS = re.compile(r"(?=[^\W\d_])(?:(?!:(?:[ \t]|$)).)++$")
_LEAST_WORDS = 6  # of a line without a key that is prose, unless it ends like a sentence
_JSON_START = re.compile(r"\{\s*\"")
_BEFORE = re.compile(r"\ufeff?(?:[ \t]*\n){0,20}")  # a mark and blank lines above the block
Split = tuple[Mapping[str, object], str, str | None]


def split_front_matter(text: str, names: FieldNames = STANDARD_NAMES) -> Split:
    """Return the values of the front matter, the text below it, and a note if the block is invalid.

    A block that no value can be read of, or that is no mapping, stays in the text: an article may begin with a
    horizontal rule.
    """
    before = _BEFORE.match(text)
    start = before.end() if before else 0
    above = text.count("\n", 0, start)
    opening = _OPENING.match(text, start)
    if opening:
        return _fenced(text, opening, above, names)
    if text.startswith("{", start):
        return _braced(text, start, above, names)
    if text.startswith('"', start):
        return _unopened(text, start, above, names)
    return {}, text, None


def _fenced(text: str, opening: re.Match[str], above: int, names: FieldNames) -> Split:
    block, body = _block(text, opening.end(), _ENDS[opening["fence"]])
    kind = (opening["kind"] or _KINDS[opening["fence"]]).lower()
    if kind == "yaml" and (block is None or _has_prose(block)):
        return _unclosed(text, opening.end(), above, names)
    if block is None:
        return {}, text, None
    values: object
    match kind:
        case "toml":
            values, note = toml_values(block, above + 2)
        case "json":
            values, note = json_values(block, above + 2)
        case "js" | "javascript":
            values, note = _javascript(block, above + 2, names)
            return values, body, note
        case _:
            try:
                values, note = yaml_values(block, above + 2, names)
            except InvalidBlock as error:
                return {}, text, f"{error}; treated as text"
    if isinstance(values, dict) and (values or not block.strip()) and (not above or _are_known(values, names)):
        return values, body, note
    return {}, text if block.strip() else body, None


def _has_prose(block: str) -> bool:
    """Return whether a block holds a blank line and a sentence below it: its end is missing."""
    blank = _BLANK.search(block)
    below = block[blank.end() :].split("\n") if blank else []
    return any(_KEYLESS.match(line) and _is_sentence(line) for line in below)


def _is_sentence(line: str) -> bool:
    return line.rstrip().endswith((".", "!", "?", "…")) or len(line.split(None, _LEAST_WORDS)) >= _LEAST_WORDS


def _unclosed(text: str, start: int, above: int, names: FieldNames) -> Split:
    """Split a text whose block of YAML has no closing fence: its lines up to the first blank line are the block.

    They must be evidently metadata, as header lines are.
    """
    blank = _BLANK.search(text, start, start + MOST)
    block = text[start : blank.start()] if blank else ""
    if not all(map(_ENTRY.match, block.split("\n"))):
        return {}, text, None
    try:
        values, note = yaml_values(block, above + 2, names)
    except InvalidBlock:
        return {}, text, None
    if blank is None or not isinstance(values, dict) or not are_metadata(values, names):
        return {}, text, None
    missing = f"line {above + 2 + block.count(chr(10))}: the line --- below the front matter is missing"
    return values, text[blank.end() :].lstrip("\n"), "; ".join(filter(None, (missing, note)))


def _javascript(block: str, first_line: int, names: FieldNames) -> tuple[Mapping[str, object], str | None]:
    """Return the values of an object of JavaScript that is also YAML, as most are; else none, and a note."""
    with suppress(InvalidBlock):
        values, note = yaml_values(block, first_line, names)
        if isinstance(values, dict) and _are_known(values, names):
            return values, note
    return {}, f"line {first_line}: front matter in JavaScript is not read"


def _block(text: str, start: int, ends: tuple[str, ...]) -> tuple[str | None, str]:
    """Return the lines from `start` to the closing fence, None without one, and the text below."""
    at = start
    while 0 < at <= start + MOST:
        end = text.find("\n", at)
        line = text[at:end] if end >= 0 else text[at:]
        if line.rstrip() in ends:
            return text[start:at], text[end + 1 :].lstrip("\n") if end >= 0 else ""
        at = end + 1
    return None, text


def _braced(text: str, start: int, above: int, names: FieldNames) -> Split:
    """Split a text that begins with `{`: front matter in JSON, up to the closing brace."""
    if not _JSON_START.match(text, start, start + MOST):
        return {}, text, None
    head = text[start : start + MOST]
    parsed = json_object(head)
    values: Mapping[str, object]
    if parsed and head[parsed[1] : parsed[1] + 1] in ("", "\n", " ", "\t"):
        values, end, note = parsed[0], start + parsed[1], None
    else:
        close = head.find("\n}")
        if close < 0:
            return {}, text, None
        (values, note), end = json_values(head[1:close], above + 1), start + close + 2
    if not _are_known(values, names):
        return {}, text, None
    return values, text[end:].lstrip("; \t\n"), note


def _unopened(text: str, start: int, above: int, names: FieldNames) -> Split:
    """Split a text that begins with members of JSON that only a line `;;;` ends, as Hexo writes them."""
    block, body = _block(f"\n{text[start:]}", 1, (";;;",))
    values, note = json_values(block, above + 1) if block else ({}, None)
    return (values, body, note) if _are_known(values, names) else ({}, text, None)


def _are_known(values: Mapping[str, object], names: FieldNames) -> bool:
    return any(names.is_known(fold_name(name)) for name in values)
