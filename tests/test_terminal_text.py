"""No text, and no JSON, keeps a character that a terminal would obey."""

import io
import json
import logging
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.terminal_text import TerminalFormatter, terminal_json, terminal_text

ALLOWED = "\n\u00ad\u200c\u200d"  # and marks of the Arabic and Syriac scripts
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ANY = st.text(st.characters())
ODD = st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"]))


def unsafe(text: str) -> set[str]:
    """The characters of `text` that no terminal may get."""
    wrong = {"Cc", "Zl", "Zp", "Cs", "Co", "Cn"}
    invisible = {
        each for each in text if unicodedata.category(each) == "Cf" and not unicodedata.name(each)[:6].isupper()
    }
    return {each for each in text if unicodedata.category(each) in wrong or each in BIDI} - set(ALLOWED) | invisible


@given(st.one_of(ANY, ODD))
def test_text_is_safe_and_keeps_what_was_safe(text: str) -> None:
    shown = terminal_text(text)
    assert unsafe(shown) == set()
    assert terminal_text(shown) == shown
    assert unsafe(text) or "\t" in text or len(shown) >= len(text)


@pytest.mark.parametrize("character", ["\x1b", "\x7f", "\x85", "\x9b", "\x9d", "\u2028", "\u2029", "\ue000", *BIDI])
def test_characters_that_a_terminal_obeys_are_escaped(character: str) -> None:
    assert terminal_text(f"a{character}b") == f"a{character.encode('unicode_escape').decode()}b"
    assert terminal_json(f'"{character}"') == f'"\\u{ord(character):04x}"'


def test_invisible_copies_of_ascii_are_escaped() -> None:
    assert terminal_text("\U000e0041") == "\\U000e0041"
    assert terminal_json('"\U000e0041"') == '"\\udb40\\udc41"'


@pytest.mark.parametrize(
    "text", ["", "plain", "naïve\n日本語", "می‌خواهم", "👩‍👩‍👧", "co­op", "no\u00a0break", "\u0600\u0601"]
)
def test_text_of_any_script_stays(text: str) -> None:
    assert terminal_text(text) == terminal_json(text) == text


@given(st.dictionaries(ANY, st.one_of(ANY, ODD)))
def test_json_keeps_its_value(value: dict[str, str]) -> None:
    shown = terminal_json(json.dumps(value, ensure_ascii=False))
    assert unsafe(shown) == set()
    assert json.loads(shown) == json.loads(json.dumps(value))


@given(st.one_of(ANY, ODD))
def test_logged_messages_and_exceptions_are_safe(text: str) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(TerminalFormatter("%(name)s: %(message)s"))
    log = logging.Logger("test")
    log.addHandler(handler)
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed: %s", text)
    assert unsafe(written.getvalue()) == set()
    assert "ValueError" in written.getvalue()
