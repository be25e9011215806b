"""Bytes to text: the encoding is found out, and said where it was guessed."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.ingest.readers.charset import encoding_of, is_binary, readable


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        pytest.param("Крым café".encode(), "Крым café", None, id="UTF-8"),
        pytest.param(b"\xef\xbb\xbfTitle", "Title", None, id="a byte order mark is not part of the text"),
        pytest.param("Крым".encode("utf-16"), "Крым", None, id="UTF-16"),
        pytest.param(b"\xfe\xff" + "Крым".encode("utf-16-be"), "Крым", None, id="the other UTF-16"),
        pytest.param("Крым".encode("utf-32"), "Крым", None, id="UTF-32, which begins like UTF-16"),
        pytest.param("plain".encode("utf-16-le"), "plain", None, id="UTF-16 without a mark"),
        pytest.param(b"a\r\nb\rc\n", "a\nb\nc\n", None, id="line ends of Windows and old Macs"),
        pytest.param("a\u2028b\u2029c\x0bd\x0ce\x85f".encode(), "a\nb\nc\nd\ne\nf", None, id="line ends of Unicode"),
        pytest.param(
            b"word " * 30 + b"a\x00b\x07\tc",
            "word " * 30 + "ab\tc",
            None,
            id="control characters go, tabs stay",
        ),
        pytest.param(
            b"\x1b[1mbold\x1b[0m \x1b[38;5;208mred\x1b[K \x1b]0;title\x07 \x1b(B_\x08un\x08n " + b"word " * 30,
            "bold red  un " + "word " * 30,
            None,
            id="escapes of terminals go",
        ),
        pytest.param(
            "caf\u00e9 na\u00efve fa\u00e7ade".encode() * 9 + b"\xff",
            "caf\u00e9 na\u00efve fa\u00e7ade" * 9 + "\ufffd",
            "not valid UTF-8: 1 unreadable parts were replaced",
            id="broken UTF-8",
        ),
        pytest.param(
            b"\xef\xbb\xbfa\xff",
            "a\ufffd",
            "damaged UTF-8; unreadable parts were replaced",
            id="broken UTF-8 behind a byte order mark",
        ),
        pytest.param(
            b"\xff\xfea\x00\x00",
            "a\ufffd",
            "damaged UTF-16; unreadable parts were replaced",
            id="UTF-16 cut in the middle of a character",
        ),
    ],
)
def test_bytes_are_read_as(data: bytes, text: str, note: str | None) -> None:
    assert readable(data) == (text, note)


def test_another_encoding_is_guessed_and_the_guess_is_reported() -> None:
    text = "Привет, мир! Сегодня в Москве прошла встреча министров. " * 5
    read_text, note = readable(text.encode("cp1251"))
    assert read_text == text
    assert note == "not valid UTF-8: decoded as cp1251, a guess"


def test_latin_letters_of_another_encoding_are_reported() -> None:
    text, note = readable("The café is a naïve façade. ".encode("latin-1") * 9)
    assert text.startswith("The café is")
    assert note is not None


ENGLISH = "The council met on Tuesday evening, and agreed to widen the quay before the storms. " * 3


@pytest.mark.parametrize(
    "text",
    [
        f"{ENGLISH} It will cost £15.8m.",
        f"{ENGLISH} “We are ready,” the café’s owner said – at last…",
        f"{ENGLISH} It was 20° and €5.",
        f"{ENGLISH} Mr Müller, Señor Núñez and Mme Lévêque agreed.",
    ],
)
def test_english_with_a_few_bytes_above_ascii_is_windows_1252(text: str) -> None:
    assert readable(text.encode("cp1252")) == (text, "not valid UTF-8: decoded as cp1252, a guess")
    assert encoding_of(text.encode("cp1252")) == "cp1252"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp932", f"{ENGLISH} 東京港の会議で決まりました。"),
        ("cp1251", f"{ENGLISH} Заседание прошло в порту."),
        ("gbk", "港口委员会星期二晚上开会，决定拓宽北码头。" * 5),
        ("cp1250", "Rada portu zdecydowała o poszerzeniu nabrzeża, a później także o łodziach i żaglach. " * 5),
        ("koi8-r", "Совет порта решил расширить северную набережную до зимних штормов. " * 5),
    ],
)
def test_other_encodings_that_the_bytes_speak_for_are_read(encoding: str, text: str) -> None:
    assert readable(text.encode(encoding))[0] == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            "It cost £15.8m.\n".encode() + "The café closed.\n".encode("latin-1"),
            "It cost £15.8m.\nThe café closed.\n",
        ),
        ("Крым и café. ".encode() * 3 + "“so”\n".encode("cp1252"), "Крым и café. " * 3 + "“so”\n"),
        (b"caf\xc3\xa9 \xe2\x82 open caf\xc3\xa9", "caf\xe9 \ufffd open caf\xe9"),
    ],
)
def test_broken_bytes_in_utf_8_are_repaired(data: bytes, text: str) -> None:
    read_text, note = readable(data)
    assert read_text == text
    assert note is not None


def test_a_declared_encoding_is_no_guess() -> None:
    assert readable("Привет".encode("koi8-r"), "koi8-r") == ("Привет", None)


def test_utf_8_goes_before_a_declared_encoding() -> None:
    assert readable("café".encode(), "latin-1") == ("café", None)


@pytest.mark.parametrize("declared", ["no-such", "rot13", "", "a\0b", "ascii"])
def test_a_declared_encoding_that_cannot_be_is_passed_by(declared: str) -> None:
    text, note = readable("café façade ".encode("latin-1") * 9, declared)
    assert text.startswith("café")
    assert note is not None


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\x01", b"plain", "plain".encode("utf-16-le"), b"word" * 9 + b"\x00"])
def test_text_is_not_binary(data: bytes) -> None:
    assert not is_binary(data)


ARTICLE = "The ministers met in Zürich, “all of them”.\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32"])
@given(text=st.text(string.ascii_letters + " \n", min_size=9))
def test_wide_text_is_not_binary(encoding: str, text: str) -> None:
    assert not is_binary(f"{ARTICLE}{text}".encode(encoding))


@pytest.mark.parametrize("data", [b"%PDF-1.4", b"\x1f\x8b", bytes(range(256))])
def test_binary_data_is_no_text(data: bytes) -> None:
    assert is_binary(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bytes(5), id="five zeros"),
        pytest.param(bytes(100_000), id="zeros"),
        pytest.param(ARTICLE.encode() + bytes(100), id="padded text"),
        pytest.param(ARTICLE.encode() * 3_000 + bytes(4_096) + ARTICLE.encode(), id="hole in a sparse file"),
        pytest.param(ARTICLE.encode("utf-16") + bytes(100), id="padded UTF-16"),
        pytest.param(b"".join(word.encode().ljust(16, b"\0") for word in ARTICLE.split()), id="padded fields"),
        pytest.param(b"\x00\x01" * 500, id="zeros and ones"),
        pytest.param(b"\x01\x00\x00\x00" * 500, id="numbers of 32 bits"),
    ],
)
def test_zeros_are_no_text(data: bytes) -> None:
    assert is_binary(data)


@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 28]), min_size=9).map(bytes))
def test_small_numbers_are_no_text(data: bytes) -> None:
    assert is_binary(data)
