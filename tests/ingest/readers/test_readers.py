"""One article in every format; and whatever a file holds, a document or a problem."""

import gzip
import os
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest import (
    DuplicateFinder,
    IngestedDocument,
    Source,
    find_seeds,
    ingest,
    read_first_pass,
)
from searchsvc.ingest.readers import html_page
from searchsvc.ingest.readers.reader import read
from searchsvc.models.documents import Document, RawDocument, Seed, SeedProblem

ARTICLES = Path(__file__).parent / "articles"
MOST = 100_000  # bytes


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, IngestedDocument]:
    """The article of each file: in each format, and packed."""
    folder = tmp_path_factory.mktemp("articles")
    for file in ARTICLES.iterdir():
        shutil.copy(file, folder)
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    source, found = Source(folder, MOST, "en"), list(find_seeds(folder))
    outcomes = list(ingest(source, found, read_first_pass(source, found).lines.recurring()))
    return {each.document.path: each for each in outcomes if isinstance(each, IngestedDocument)}


@pytest.fixture(
    params=[
        "storm.txt", "storm.md", "storm.html", "storm.jsonl:1",
        "storm.txt.gz", "storm.md.gz", "storm.html.gz", "storm.jsonl.gz:1",
    ]
)  # fmt: skip
def document(request: pytest.FixtureRequest, described: dict[str, IngestedDocument]) -> Document:
    return described[request.param].document


def test_every_file_is_one_document(described: dict[str, IngestedDocument]) -> None:
    assert len(described) == 8


def test_the_same_article_has_the_same_text_in_every_format(document: Document) -> None:
    assert document.title == "Storm Over the Harbour: Boats Lost"
    assert document.body.split("\n") == [
        "The storm reached the harbour at night, and forty boats were lost before the crews could reach them.",
        "Their owners met on Monday to ask the city for help, the harbour master told reporters in the morning.",
        "The council will vote next week on whether to build the higher wall that was planned after the last storm.",
    ]


def test_the_same_article_has_the_same_fields_in_every_format(document: Document) -> None:
    assert (document.url, document.author, document.published) == (
        "https://news.example/2024/storm", "Ada Byron", date(2024, 3, 1),
    )  # fmt: skip
    assert (document.source, document.section, document.topics) == ("Reuters", "World", ("Weather", "Sea"))
    assert document.language == "en"


def test_clutter_is_removed_from_every_format(document: Document) -> None:
    assert [block.rule for block in document.removed] == ["share-button", "subscribe"]


def test_the_same_article_in_every_format_is_one_cluster(described: dict[str, IngestedDocument]) -> None:
    finder = DuplicateFinder()
    for each in described.values():
        finder.add(each.document, each.signature, each.runs)
    duplicates, faces = finder.clusters().T
    assert len(duplicates) == 7
    assert len(set(faces.tolist())) == 1


def test_a_name_without_a_field_is_stored(described: dict[str, IngestedDocument]) -> None:
    assert described["storm.md"].document.extra == (("edition", "late"),)


# One file


def outcome(folder: Path, data: bytes, name: str = "a.txt", most: int = MOST) -> RawDocument | SeedProblem:
    (folder / name).write_bytes(data)
    (only,) = read(folder, Seed(name, len(data), 0), most)
    return only


def document_of(folder: Path, data: bytes, name: str = "a.txt") -> RawDocument:
    found = outcome(folder, data, name)
    assert isinstance(found, RawDocument)
    return found


def reason(folder: Path, data: bytes, name: str = "a.txt", most: int = MOST) -> str:
    refused = outcome(folder, data, name, most)
    assert isinstance(refused, SeedProblem)
    assert (refused.path, refused.indexed, refused.skipped) == (name, False, False)
    return refused.reason


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", "empty", id="no byte"),
        pytest.param(b" \n\t\r\n", "holds no text", id="white space"),
        pytest.param(b"\xef\xbb\xbf", "holds no text", id="nothing but a byte order mark"),
        pytest.param(b"---\nx: A\n---\n", "holds no text", id="nothing but front matter"),
        pytest.param(b"\x00" * 5, "looks like binary data, not text", id="a few zeros"),
        pytest.param(b"\x7fELF" + bytes(range(256)) * 9, "looks like binary data, not text", id="a program"),
        pytest.param(b"\x1f\x8b\x08" + bytes(range(0, 256, 3)) * 9, "looks like binary data, not text", id="gzip"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_bytes_are_refused_with_a_reason(tmp_path: Path, data: bytes, expected: str, name: str) -> None:
    assert reason(tmp_path, data, name) == expected


def test_a_file_may_be_as_large_as_the_setting_says(tmp_path: Path) -> None:
    assert isinstance(outcome(tmp_path, b"x" * 1_000, most=1_000), RawDocument)


def test_a_larger_file_is_refused(tmp_path: Path) -> None:
    assert reason(tmp_path, b"x" * 1_001, most=1_000) == "larger than 1,000 bytes (setting max_file_bytes)"


def test_no_more_than_the_bound_is_read_of_an_endless_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    os.truncate(tmp_path / "a.txt", 10 * 2**30)
    (refused,) = read(tmp_path, Seed("a.txt", 10 * 2**30, 0), MOST)
    assert isinstance(refused, SeedProblem)


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    refused = list(read(tmp_path, Seed("gone.txt", 1, 0), MOST))
    assert refused == [SeedProblem("gone.txt", "can't be read: No such file or directory")]


def test_a_file_that_became_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("/etc/passwd")
    refused = list(read(tmp_path, Seed("a.txt", 1, 0), MOST))
    assert refused == [SeedProblem("a.txt", "a link; links are not followed")]


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.jsonl"])
def test_a_file_that_became_a_pipe_blocks_nobody(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    assert list(read(tmp_path, Seed(name, 1, 0), MOST)) == [SeedProblem(name, "not a regular file")]


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    assert list(read(tmp_path, Seed("a.txt", 1, 0), MOST)) == [SeedProblem("a.txt", "not a regular file")]


def test_equal_bytes_have_an_equal_hash_packed_or_not(tmp_path: Path) -> None:
    plain, other = document_of(tmp_path, b"a"), document_of(tmp_path, b"b")
    packed = document_of(tmp_path, gzip.compress(b"a"), "a.txt.gz")
    assert plain.content_hash == packed.content_hash != other.content_hash


def test_a_guessed_encoding_and_broken_front_matter_are_both_reported(tmp_path: Path) -> None:
    note = document_of(tmp_path, "---\na: *b\n---\ncafé façade".encode("latin-1") * 3).note
    assert note is not None
    assert note.startswith("not valid UTF-8: ")
    assert "; line 2: invalid front matter (" in note


def test_a_declared_title_is_put_above_a_text_that_lacks_it(tmp_path: Path) -> None:
    assert document_of(tmp_path, b"---\ntitle: Storm\n---\nBoats were lost.").text == "Storm\n\nBoats were lost."


def test_a_declared_title_is_not_doubled(tmp_path: Path) -> None:
    text = document_of(tmp_path, b"---\ntitle: 'Storm: boats lost'\n---\nNews\n\nSTORM - BOATS LOST\n\nThere.").text
    assert text == "News\n\nSTORM - BOATS LOST\n\nThere."


# Packed files


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    assert document_of(tmp_path, gzip.compress(b"word"), "a.txt.gz").text == "word"


def test_a_file_packed_in_parts_is_read_whole(tmp_path: Path) -> None:
    assert document_of(tmp_path, gzip.compress(b"one ") + gzip.compress(b"two"), "a.txt.gz").text == "one two"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", "empty", id="no byte"),
        pytest.param(b"word", "damaged gzip data: Not a gzipped file (b'wo')", id="not packed"),
        pytest.param(gzip.compress(b"word" * 99)[:-9], "damaged gzip data: Compressed file ended", id="cut"),
        pytest.param(gzip.compress(gzip.compress(b"x")), "gzip in gzip; only one layer is unpacked", id="nested"),
        pytest.param(gzip.compress(b"\0" * 9_000_000), "unpacks to more than 200 times its size", id="a bomb"),
    ],
)
def test_packed_data_is_refused_with_a_reason(tmp_path: Path, data: bytes, expected: str) -> None:
    assert reason(tmp_path, data, "a.txt.gz", most=10_000_000).startswith(expected)


def test_a_flipped_bit_in_packed_data_is_reported(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(os.urandom(1_000)))
    data[500] ^= 1
    assert reason(tmp_path, bytes(data), "a.txt.gz").startswith("damaged gzip data: ")


def test_the_bound_on_size_holds_for_what_is_unpacked(tmp_path: Path) -> None:
    refused = reason(tmp_path, gzip.compress(b"word" * 300), "a.txt.gz", most=1_000)
    assert refused == "unpacks to more than 1,000 bytes (setting max_file_bytes)"


# Whatever a file holds


MARKS = st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"])
BYTES = st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
YAML = st.text("abc:-[]{}&*!|>'\"#?%@`,~ \n\t\u00e9\u2028", max_size=80).map(
    lambda text: f"---\n{text}\n---\nword".encode()
)
LINES = st.text('{}[]",:\\u012 \ntexdl', max_size=80).map(str.encode)
HTML = st.text("<>/!-=&;\"' ptabledivhtmlbody", max_size=120).map(lambda text: f"<html>{text}".encode())


@settings(deadline=None)
@given(mark=MARKS, data=BYTES | YAML | LINES | HTML, name=st.sampled_from(["a.txt", "a.md", "a.jsonl", "a.html"]))
def test_any_bytes_give_clean_text_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, mark: bytes, data: bytes, name: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / name).write_bytes(mark + data)
    outcomes = list(read(folder, Seed(name, 0, 0), MOST))
    assert outcomes
    for each in outcomes:
        shown = each.text if isinstance(each, RawDocument) else each.reason
        assert shown.strip()
        assert not set(shown) & {"\r", "\x00", "\x0b", "\x1b", "\x85", "\u2028"}
        shown.encode("utf-8")


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_damage_to_packed_data_gives_text_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, damage: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "a.txt.gz").write_bytes(gzip.compress(b"word " * 9)[:30] + damage)
    (only,) = read(folder, Seed("a.txt.gz", 0, 0), MOST)
    assert isinstance(only, RawDocument | SeedProblem)


def test_without_the_extra_a_page_is_refused_with_the_way_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    monkeypatch.delitem(sys.modules, "searchsvc.ingest.readers.html", raising=False)
    html_page._html.cache_clear()
    refused = reason(tmp_path, b"<p>word</p>", "a.html")
    html_page._html.cache_clear()
    assert refused == "reading HTML needs the extra `html`: pip install 'searchsvc[html]'"


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2024-05-06-storm.html", date(2024, 5, 6)),
        ("2024/05/06/storm.html", date(2024, 5, 6)),
        ("news/20240506.txt", date(2024, 5, 6)),
        ("storm-2024-05-06.txt", date(2024, 5, 6)),
        ("2099-01-01-storm.txt", None),
        ("2099/01/01/storm.html", None),
        ("storm-2024.txt", None),
    ],
)
def test_a_file_name_or_folder_gives_the_day_unless_it_is_in_the_future(
    tmp_path: Path, path: str, day: date | None
) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("<html><body><p>The storm reached the harbour at night, and the boats were lost.</p></body></html>")
    (raw,) = read(tmp_path, Seed(path, file.stat().st_size, 0), 1_000_000)
    assert isinstance(raw, RawDocument)
    assert raw.declared.published == day
