"""Finding seeds: no name is trusted."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.errors import SettingsError
from searchsvc.ingest.discovery import discovery
from searchsvc.ingest.discovery.discovery import MAX_DEPTH, find_seeds, format_of
from searchsvc.ingest.discovery.safe_open import open_subfolder, opened, shown_path
from searchsvc.models.documents import Seed, SeedProblem


def problem(folder: Path) -> SeedProblem:
    """The one problem of a folder that holds one file."""
    (only,) = find_seeds(folder)
    assert isinstance(only, SeedProblem)
    return only


def test_seeds_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("c.txt", "b/z.txt", "b/y.TXT", "a.text"):
        (tmp_path / name).write_text("x")
    assert [seed.path for seed in find_seeds(tmp_path)] == ["a.text", "b/y.TXT", "b/z.txt", "c.txt"]


def test_a_seed_knows_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("word")
    os.utime(tmp_path / "a.txt", ns=(0, 5_000_000_000))
    assert list(find_seeds(tmp_path)) == [Seed("a.txt", 4, 5_000_000_000)]


@pytest.mark.parametrize(
    ("second", "nanoseconds"),
    [(-86_400, -86_400_000_000_000), (1 << 33, (1 << 33) * 10**9), (10_413_792_000, (1 << 63) - 1)],
)
def test_times_before_1970_and_far_ahead_are_fine(tmp_path: Path, second: int, nanoseconds: int) -> None:
    (tmp_path / "a.txt").write_text("x")
    os.utime(tmp_path / "a.txt", (second, second))
    if (tmp_path / "a.txt").stat().st_mtime != second:
        pytest.skip("the file system has no such times")
    assert list(find_seeds(tmp_path)) == [Seed("a.txt", 1, nanoseconds)]


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert list(find_seeds(tmp_path)) == []


def test_a_missing_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="gone does not exist; create it or set another with --seeds"):
        list(find_seeds(tmp_path / "gone"))


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "seeds").write_text("x")
    with pytest.raises(SettingsError):
        list(find_seeds(tmp_path / "seeds"))


@pytest.mark.parametrize("name", ["readme", "backup.txt~", "page.py", "txt", "md", "a.gz", "b.png"])
def test_what_is_no_text_file_is_skipped(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    reported = problem(tmp_path)
    assert (reported.path, reported.skipped) == (name, True)
    assert reported.reason.startswith("not a text file (supported: .txt .text .md ")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.PDF", ".pdf is not read: convert to text first (pdftotext)"),
        ("a.docx", ".docx is not read: convert to Markdown first (pandoc)"),
        ("a.tar.gz", ".tar is not read: unpack it"),
        ("feed.xml", ".xml is not read: convert its articles to JSON Lines"),
    ],
)
def test_file_that_is_not_read_names_a_converter(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / name).write_text("x")
    assert problem(tmp_path) == SeedProblem(name, reason, skipped=True)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.txt", "text"), ("a.TEXT.GZ", "text"), ("a/b.md", "markdown"), ("a.b.markdown.gz", "markdown"),
        ("a.jsonl", "json-lines"), ("a.ndjson", "json-lines"), ("a.html", "html"), ("a.htm.gz", "html"),
        ("a.json", "json"), ("a.CSV.gz", "csv"), ("a.tsv", "csv"), ("a.mdx", "mdx"), ("a.org", "org"), ("a.rst", "rst"),
        ("a.adoc", "asciidoc"), ("a.eml", "mail"), ("a.mbox", "mailbox"),
        ("a.txt/b", None), (".txt", None), ("a.txt.gz.gz", None), ("", None),
    ],
)  # fmt: skip
def test_a_name_says_its_format(name: str, form: str | None) -> None:
    assert format_of(name) == form


def test_hidden_files_and_folders_are_skipped(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/a.txt").write_text("x")
    assert problem(tmp_path) == SeedProblem(".git", "hidden", skipped=True)


@pytest.mark.parametrize("target", ["/etc/passwd", "/dev/zero", "nowhere.txt", "link.txt", "..", "/"])
def test_links_are_not_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "link.txt").symlink_to(target)
    assert problem(tmp_path) == SeedProblem("link.txt", "a link; links are not followed", skipped=True)


def test_a_pipe_is_skipped(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert problem(tmp_path) == SeedProblem("pipe.txt", "not a regular file", skipped=True)


def test_a_socket_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the address of a socket may have 107 bytes only
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock.txt")
        assert problem(tmp_path).reason == "not a regular file"


def test_a_folder_named_like_a_text_file_is_reported_and_read(tmp_path: Path) -> None:
    (tmp_path / "x.txt").mkdir()
    (tmp_path / "x.txt/inner.txt").write_text("x")
    reported, seed = find_seeds(tmp_path)
    assert reported == SeedProblem("x.txt", "a folder, not a text file; the files inside it are read")
    assert isinstance(seed, Seed)
    assert seed.path == "x.txt/inner.txt"


def test_folders_too_deep_are_reported(tmp_path: Path) -> None:
    (tmp_path / "/".join(["d"] * (MAX_DEPTH + 1))).mkdir(parents=True)
    assert problem(tmp_path).reason == "folders deeper than 64 levels are not read"


def test_the_deepest_folder_allowed_is_read(tmp_path: Path) -> None:
    deepest = tmp_path / "/".join(["d"] * MAX_DEPTH)
    deepest.mkdir(parents=True)
    (deepest / "a.txt").write_text("x")
    assert [type(each) for each in find_seeds(tmp_path)] == [Seed]


def test_a_name_that_is_no_unicode_is_shown_escaped(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/inv\xff.bin")).write_text("x")
    assert problem(tmp_path).path == r"inv\xff.bin"


def test_a_name_can_forge_no_line_of_the_report(tmp_path: Path) -> None:
    (tmp_path / "new\nline\x1b[31m.bin").write_text("x")
    assert problem(tmp_path).path == r"new\nline\x1b[31m.bin"


@settings(deadline=None)
@given(st.text())
def test_every_shown_path_can_be_printed(path: str) -> None:
    assert shown_path(path).isprintable()


@settings(deadline=None)
@given(st.binary().map(os.fsdecode) | st.text())
def test_characters_of_a_path_are_shown_like_single_ones(path: str) -> None:
    assert shown_path(path) == "".join(map(shown_path, path))


def swap_for_link(folder: Path, outside: Path) -> None:
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(outside)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder next to the seed folder, with files of the same names."""
    for folder in ("outside", "seeds/a/b"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("outside/1.txt", "outside/2.txt", "outside/b/1.txt", "outside/.searchsvcignore"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("a secret")
    for file in ("seeds/a/1.txt", "seeds/a/2.txt", "seeds/a/b/1.txt"):
        (tmp_path / file).write_text("an article")
    return tmp_path / "outside"


@pytest.mark.parametrize("swapped", ["a", "a/b"])
def test_folder_that_becomes_a_link_after_discovery_is_not_followed(outside: Path, swapped: str) -> None:
    seeds = outside.parent / "seeds"
    paths = [seed.path for seed in find_seeds(seeds)]
    assert paths == ["a/1.txt", "a/2.txt", "a/b/1.txt"]
    swap_for_link(seeds / swapped, outside)
    problems = [opened(seeds, path) for path in paths if path.startswith(f"{swapped}/")]
    assert problems == [
        SeedProblem(path, "in a folder that became a link; links are not followed")
        for path in paths
        if path.startswith(f"{swapped}/")
    ]


def test_folder_that_becomes_a_link_while_it_is_listed_is_not_followed(
    outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = outside.parent / "seeds"
    listed = find_seeds(seeds)

    def opened_then_swapped(folder: int, name: str) -> int:
        descriptor = open_subfolder(folder, name)
        if name == "a":
            swap_for_link(seeds / "a", outside)
        return descriptor

    monkeypatch.setattr(discovery, "open_subfolder", opened_then_swapped)
    assert find_seeds(seeds) == listed


def test_folder_that_becomes_a_link_before_it_is_listed_is_reported(
    outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = outside.parent / "seeds"

    def swapped_then_opened(folder: int, name: str) -> int:
        swap_for_link(seeds / "a", outside)
        return open_subfolder(folder, name)

    monkeypatch.setattr(discovery, "open_subfolder", swapped_then_opened)
    assert find_seeds(seeds) == [SeedProblem("a", "a link; links are not followed")]


def test_seed_folder_may_be_a_link(outside: Path) -> None:
    link = outside.parent / "link"
    link.symlink_to(outside.parent / "seeds")
    file = opened(link, "a/b/1.txt")
    assert not isinstance(file, SeedProblem)
    with file:
        assert file.read() == b"an article"


def interrupted(entry: os.DirEntry[str], path: str) -> Seed:
    raise KeyboardInterrupt


def test_no_descriptor_stays_open(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = outside.parent / "seeds"
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count
    find_seeds(seeds)
    monkeypatch.setattr(discovery, "_seed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        find_seeds(seeds)
    opened(seeds, "a/none/1.txt")
    opened(seeds, "a/1.txt/1.txt")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
