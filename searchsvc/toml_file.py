"""TOML files in any Unicode encoding, and values as TOML."""

import codecs
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from searchsvc.errors import SettingsError

# UTF-32 first: its byte order mark starts with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def read_toml(file: Path) -> Mapping[str, Any]:
    """Return the tables of `file` in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.

    Raises FileNotFoundError, and SettingsError with the line number.
    """
    try:
        text = _text(file.read_bytes(), file)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SettingsError(f"{file} can't be read: {error.strerror}") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = place[1] if place and place[1] else len(text.rstrip().splitlines()) or 1
        raise SettingsError(f"{file}, line {line}: {_PLACE.sub('', str(error))}") from error


def _text(content: bytes, file: Path) -> str:
    mark, encoding = next((each for each in _MARKS if content.startswith(each[0])), (b"", "utf-8"))
    try:
        return content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].decode(encoding, "replace").count("\n") + 1
        raise SettingsError(f"{file}, line {line}: the text is not {encoding.upper()}; save it as UTF-8") from error


def as_toml(value: object) -> str:
    """Return a boolean, number, text, path or tuple of texts as TOML; None as an empty text.

    Raises UnicodeEncodeError for a path that is not UTF-8, which TOML cannot express.
    """
    if value is None:
        return '""'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(as_toml, value))}]"
    text = str(value)
    text.encode()
    # A JSON string is a TOML string, except for DEL, which TOML requires to be escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
