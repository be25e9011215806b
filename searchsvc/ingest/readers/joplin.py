"""Notes of Joplin: the title in the first line, the text, and properties in the last paragraph."""

import re
from collections.abc import Mapping

_LAST = re.compile(r"type_: 1\s{0,99}$")
_PROPERTY = re.compile(r"(?P<name>[a-z_]{1,40}):(?: (?P<value>[^\n]*))?$")
_LONGEST = 10_000  # characters of the properties
_FIELDS = {"user_created_time": "created_time", "source_url": "url", "author": "author"}
_DATE = "created_time"


def split_joplin(text: str) -> tuple[Mapping[str, object], str]:
    """Return the title, date, address and author of a note, and its text; no values for any other text."""
    start = text.rfind("\n\n", max(0, len(text) - _LONGEST)) + 2
    if start < 2 or not _LAST.search(text, max(start, len(text) - 200)):
        return {}, text
    matches = [_PROPERTY.match(line) for line in text[start:].strip().split("\n")]
    properties = {match["name"]: match["value"] or "" for match in matches if match}
    if not all(matches) or "parent_id" not in properties:
        return {}, text
    title, _, body = text[:start].partition("\n")
    values: dict[str, object] = {"title": title.strip(), _DATE: properties.get(_DATE, "")}
    for name, field in _FIELDS.items():
        if properties.get(name):
            values[field] = properties[name]
    return values, body.strip("\n")
