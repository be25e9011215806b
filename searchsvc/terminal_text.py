"""Text that is safe to show on a terminal.

A terminal obeys control characters: U+001B and U+009B move the cursor and change colours, U+009D sets its title, and
U+202E reverses the text after it. They may be part of every title, file name and message.
"""

import logging
import unicodedata
from functools import lru_cache

_UNSAFE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})  # Unicode categories
# Format characters without effect on other text: they join letters and emoji, mark places for hyphens, or are visible
# number and verse marks.
_HARMLESS = frozenset("\u00ad\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
_TAB = "    "


def terminal_text(text: str) -> str:
    """Return `text` with escapes such as \\x9b for unsafe characters, and spaces for tabs; newlines stay."""
    unsafe = _unsafe(text)
    return text.translate({ord(each): _escape(each) for each in unsafe}) if unsafe else text


def terminal_json(text: str) -> str:
    """Return JSON `text` with \\u escapes for unsafe characters, which are the same value."""
    unsafe = _unsafe(text)
    return text.translate({ord(each): _json_escape(each) for each in unsafe}) if unsafe else text


@lru_cache(maxsize=4_096)
def is_safe(character: str) -> bool:
    """Return whether a terminal shows `character` and does nothing else; true for a newline."""
    return character == "\n" or character in _HARMLESS or unicodedata.category(character) not in _UNSAFE


class TerminalFormatter(logging.Formatter):
    """Log records, with exceptions, as text that is safe to show on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return `record` as one or several lines."""
        return terminal_text(super().format(record))


def log_to_stderr(line_format: str) -> None:
    """Write warnings and errors to stderr, those of Python's `warnings` too."""
    handler = logging.StreamHandler()
    handler.setFormatter(TerminalFormatter(line_format))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(capture=True)


def _unsafe(text: str) -> list[str]:
    return [] if text.isascii() and text.isprintable() else [each for each in set(text) if not is_safe(each)]


def _escape(character: str) -> str:
    return _TAB if character == "\t" else character.encode("unicode_escape").decode()


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
