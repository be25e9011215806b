"""Finding and reading seeds: neither names nor contents are trusted."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.errors import SettingsError
from searchsvc.ingest.seeds import MAX_DEPTH, find, read, shown_path
from searchsvc.models import RawDocument, Seed, SeedProblem

MOST = 100_000  # bytes


def problem(folder: Path) -> SeedProblem:
    """The one problem of a folder that holds one file."""
    (only,) = find(folder)
    assert isinstance(only, SeedProblem)
    return only


def reading(folder: Path, data: bytes, most: int = MOST) -> RawDocument | SeedProblem:
    (folder / "a.txt").write_bytes(data)
    return read(folder, Seed("a.txt", len(data), 0), most)


def text_of(folder: Path, data: bytes) -> tuple[str, str | None]:
    raw = reading(folder, data)
    assert isinstance(raw, RawDocument)
    return raw.text, raw.note


def reason(folder: Path, data: bytes, most: int = MOST) -> str:
    refused = reading(folder, data, most)
    assert isinstance(refused, SeedProblem)
    assert not refused.indexed
    return refused.reason


def test_seeds_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("c.txt", "b/z.txt", "b/y.TXT", "a.text"):
        (tmp_path / name).write_text("x")
    assert [seed.path for seed in find(tmp_path)] == ["a.text", "b/y.TXT", "b/z.txt", "c.txt"]


def test_a_seed_knows_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("word")
    os.utime(tmp_path / "a.txt", ns=(0, 5_000_000_000))
    assert list(find(tmp_path)) == [Seed("a.txt", 4, 5_000_000_000)]


def test_times_before_1970_and_far_ahead_are_fine(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    os.utime(tmp_path / "a.txt", (-86_400, -86_400))
    assert list(find(tmp_path)) == [Seed("a.txt", 1, -86_400_000_000_000)]


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert list(find(tmp_path)) == []


def test_a_missing_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="gone does not exist; create it or set another with --seeds"):
        list(find(tmp_path / "gone"))


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "seeds").write_text("x")
    with pytest.raises(SettingsError):
        list(find(tmp_path / "seeds"))


@pytest.mark.parametrize("name", ["readme.md", "backup.txt~", "page.html", "txt", "a.txt.gz"])
def test_what_is_no_text_file_is_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    assert problem(tmp_path) == SeedProblem(name, "no text file (those end in .txt or .text)", passed_over=True)


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/a.txt").write_text("x")
    assert problem(tmp_path) == SeedProblem(".git", "hidden", passed_over=True)


@pytest.mark.parametrize("target", ["/etc/passwd", "/dev/zero", "nowhere.txt", "link.txt", "..", "/"])
def test_links_are_not_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "link.txt").symlink_to(target)
    assert problem(tmp_path) == SeedProblem("link.txt", "a link; links are not followed", passed_over=True)


def test_a_pipe_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert problem(tmp_path) == SeedProblem("pipe.txt", "not a regular file", passed_over=True)


def test_a_socket_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the address of a socket may have 107 bytes only
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock.txt")
        assert problem(tmp_path).reason == "not a regular file"


def test_a_folder_named_like_a_text_file_is_told_and_read(tmp_path: Path) -> None:
    (tmp_path / "x.txt").mkdir()
    (tmp_path / "x.txt/inner.txt").write_text("x")
    told, seed = find(tmp_path)
    assert told == SeedProblem("x.txt", "a folder, not a text file; the files inside it are read")
    assert isinstance(seed, Seed)
    assert seed.path == "x.txt/inner.txt"


def test_folders_too_deep_are_told(tmp_path: Path) -> None:
    (tmp_path / "/".join(["d"] * (MAX_DEPTH + 1))).mkdir(parents=True)
    assert problem(tmp_path).reason == "folders deeper than 64 levels are not read"


def test_the_deepest_folder_allowed_is_read(tmp_path: Path) -> None:
    deepest = tmp_path / "/".join(["d"] * MAX_DEPTH)
    deepest.mkdir(parents=True)
    (deepest / "a.txt").write_text("x")
    assert [type(each) for each in find(tmp_path)] == [Seed]


def test_a_name_that_is_no_unicode_is_shown_escaped(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/inv\xff.md")).write_text("x")
    assert problem(tmp_path).path == r"inv\xff.md"


def test_a_name_can_forge_no_line_of_the_report(tmp_path: Path) -> None:
    (tmp_path / "new\nline\x1b[31m.md").write_text("x")
    assert problem(tmp_path).path == r"new\nline\x1b[31m.md"


@settings(deadline=None)
@given(st.text())
def test_every_shown_path_can_be_printed(path: str) -> None:
    assert shown_path(path).isprintable()


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
            b"word " * 30 + b"a\x00b\x07\x1b[1m\tc",
            "word " * 30 + "ab[1m\tc",
            None,
            id="control characters go, tabs stay",
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
def test_bytes_are_read_as(tmp_path: Path, data: bytes, text: str, note: str | None) -> None:
    assert text_of(tmp_path, data) == (text, note)


def test_another_encoding_is_guessed_and_the_guess_is_told(tmp_path: Path) -> None:
    text = "Привет, мир! Сегодня в Москве прошла встреча министров. " * 5
    read_text, note = text_of(tmp_path, text.encode("cp1251"))
    assert read_text == text
    assert note == "not valid UTF-8: read as cp1251, which is a guess"


def test_latin_letters_of_another_encoding_are_told(tmp_path: Path) -> None:
    text, note = text_of(tmp_path, "The café is a naïve façade. ".encode("latin-1") * 9)
    assert text.startswith("The café is")
    assert note is not None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", "empty", id="no byte"),
        pytest.param(b" \n\t\r\n", "holds no text", id="white space"),
        pytest.param(b"\xef\xbb\xbf", "holds no text", id="nothing but a byte order mark"),
        pytest.param(b"\x00" * 5, "holds no text", id="a few zeros"),
        pytest.param(b"\x7fELF" + bytes(range(256)) * 9, "looks like binary data, not text", id="a program"),
        pytest.param(b"\x1f\x8b\x08" + bytes(range(0, 256, 3)) * 9, "looks like binary data, not text", id="gzip"),
    ],
)
def test_bytes_are_refused_with_a_reason(tmp_path: Path, data: bytes, expected: str) -> None:
    assert reason(tmp_path, data) == expected


def test_a_file_may_be_as_large_as_the_setting_says(tmp_path: Path) -> None:
    assert isinstance(reading(tmp_path, b"x" * 1_000, most=1_000), RawDocument)


def test_a_larger_file_is_refused(tmp_path: Path) -> None:
    assert reason(tmp_path, b"x" * 1_001, most=1_000) == "larger than 1,000 bytes (setting max_file_bytes)"


def test_no_more_than_the_bound_is_read_of_an_endless_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    os.truncate(tmp_path / "a.txt", 10 * 2**30)
    refused = read(tmp_path, Seed("a.txt", 10 * 2**30, 0), MOST)
    assert isinstance(refused, SeedProblem)


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    assert read(tmp_path, Seed("gone.txt", 1, 0), MOST) == SeedProblem(
        "gone.txt", "can't be read: No such file or directory"
    )


def test_a_file_that_became_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("/etc/passwd")
    assert read(tmp_path, Seed("a.txt", 1, 0), MOST) == SeedProblem("a.txt", "a link; links are not followed")


def test_a_file_that_became_a_pipe_blocks_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert read(tmp_path, Seed("a.txt", 1, 0), MOST) == SeedProblem("a.txt", "not a regular file")


def test_equal_bytes_have_an_equal_hash(tmp_path: Path) -> None:
    first, again, other = reading(tmp_path, b"a"), reading(tmp_path, b"a"), reading(tmp_path, b"b")
    assert isinstance(first, RawDocument)
    assert isinstance(again, RawDocument)
    assert isinstance(other, RawDocument)
    assert first.content_hash == again.content_hash != other.content_hash


MARKS = st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"])


@settings(deadline=None)
@given(
    mark=MARKS, data=st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_give_clean_text_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, mark: bytes, data: bytes
) -> None:
    raw = reading(tmp_path_factory.getbasetemp(), mark + data)
    shown = raw.text if isinstance(raw, RawDocument) else raw.reason
    assert shown.strip()
    assert not set(shown) & {"\r", "\x00", "\x0b", "\x1b", "\x85", "\u2028"}
    shown.encode("utf-8")
