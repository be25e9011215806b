"""Message files in gettext's text form (`.po`), read without being compiled."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_LINE = re.compile(r'(msgid|msgid_plural|msgstr(?:\[\d\])?)?\s*("(?:[^"\\]|\\.)*")\s*')


@dataclass(slots=True)
class PoEntry:
    """Texts of an entry by keyword, such as `msgid` and `msgstr[0]`."""

    texts: dict[str, str] = field(default_factory=dict)
    is_fuzzy: bool = False

    @property
    def forms(self) -> tuple[str, ...]:
        """Translations of an entry: one, or one for the singular and one for the plural."""
        return tuple(text for keyword, text in self.texts.items() if keyword.startswith("msgstr"))


def read_messages(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the translated forms by message. Fuzzy and untranslated entries are left out.

    Raises ValueError for a line that is neither a comment nor a text.
    """
    entries = _entries(path.read_text("utf-8"))
    return {
        each.texts["msgid"]: each.forms
        for each in entries
        if each.texts.get("msgid") and all(each.forms) and not each.is_fuzzy
    }


def _entries(text: str) -> Iterator[PoEntry]:
    entry, keyword = PoEntry(), ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#~"):
            continue
        if line.startswith("#") or line.startswith("msgid "):
            if entry.forms:  # a comment or a msgid after a translation begins the next entry
                yield entry
                entry = PoEntry()
            entry.is_fuzzy |= line.startswith("#,") and "fuzzy" in line
        if line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or not (match[1] or keyword):
            raise ValueError(f"line {number} is no message: {line[:80]}")
        keyword = match[1] or keyword
        # The escapes of gettext are among those of Python.
        entry.texts[keyword] = entry.texts.get(keyword, "") + ast.literal_eval(match[2])
    if entry.forms:
        yield entry
