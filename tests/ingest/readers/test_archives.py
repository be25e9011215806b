"""Archives and saved pages: WARC, WET, MHTML, and tar archives that are not read."""

import gzip
import io
import sys
import tarfile
import tracemalloc
from collections.abc import Iterable
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from random import randbytes

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from searchsvc.ingest.readers import warc
from searchsvc.ingest.readers.reader import read
from searchsvc.models.documents import RawDocument, Seed, SeedProblem

# The writer of WARC leaves its temporary files to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

P1 = "The harbour council met on Tuesday evening and agreed to widen the northern quay before the storms."
P2 = "Fishermen had asked for the change for years, because two boats cannot pass each other there at low tide."
PAGE = (
    f"<html><head><title>Quay</title></head><body><article><h1>Quay</h1><p>{P1}</p><p>{P2}</p></article></body></html>"
)
DAY = "2024-05-06T10:20:00Z"


def archive(pages: Iterable[tuple[str, str, bytes]], packed: bool = False, status: str = "200 OK") -> bytes:
    """Return a WARC of (address, content type, body); of texts a WET."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
    for address, kind, body in pages:
        headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
        is_text = kind == "text/plain"
        record = writer.create_warc_record(
            address,
            "conversion" if is_text else "response",
            payload=io.BytesIO(body),
            warc_content_type="text/plain" if is_text else "",
            http_headers=None if is_text else headers,
            warc_headers_dict={"WARC-Date": DAY},
        )
        writer.write_record(record)
    return out.getvalue()


def outcomes(folder: Path, name: str, data: bytes, most: int = 50_000_000) -> list[RawDocument | SeedProblem]:
    (folder / name).write_bytes(data)
    return list(read(folder, Seed(name, 0, 0), most))


def documents(folder: Path, name: str, data: bytes) -> list[RawDocument]:
    results = outcomes(folder, name, data)
    assert [each for each in results if isinstance(each, SeedProblem)] == []
    return [each for each in results if isinstance(each, RawDocument)]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_warc_has_a_document_per_page_with_address_and_date(tmp_path: Path, name: str) -> None:
    pages = [
        ("https://x.org/a", "text/html; charset=iso-8859-1", PAGE.replace("Quay<", "Größe<").encode("latin-1")),
        ("https://x.org/a.png", "image/png", b"\x89PNG"),
        ("https://x.org/b", "text/html", PAGE.encode()),
    ]
    one, two = documents(tmp_path, name, archive(pages, name.endswith("gz")))
    assert (one.declared.title, one.declared.url, one.declared.published) == (
        "Größe",
        "https://x.org/a",
        date(2024, 5, 6),
    )
    assert (one.part, two.part) == ("url=https://x.org/a", "url=https://x.org/b")
    assert two.text.startswith(f"Quay\n{P1}")


@pytest.mark.parametrize("name", ["a.wet", "a.warc.wet.gz"])
def test_wet_has_a_document_per_text(tmp_path: Path, name: str) -> None:
    pages = [(f"https://x.org/{number}", "text/plain", f"Quay {number}\n\n{P1}".encode()) for number in range(3)]
    texts = documents(tmp_path, name, archive(pages, name.endswith("gz")))
    assert [each.text for each in texts] == [f"Quay {number}\n\n{P1}" for number in range(3)]
    assert [each.declared.url for each in texts] == [f"https://x.org/{number}" for number in range(3)]


def test_page_that_was_saved_twice_has_two_documents(tmp_path: Path) -> None:
    one, two = documents(tmp_path, "a.wet", archive([("https://x.org/a", "text/plain", P1.encode())] * 2))
    assert one.part != two.part


def test_pages_of_errors_and_redirects_are_left_out(tmp_path: Path) -> None:
    data = archive([("https://x.org/a", "text/html", PAGE.encode())], status="404 Not Found")
    assert outcomes(tmp_path, "a.warc", data) == [SeedProblem("a.warc", "no web page or text in it")]


@pytest.mark.parametrize("data", [b"", b"just words\n", b"WARC/1.0\r\nContent-Length: x\r\n\r\n", b"\x00" * 99])
def test_file_that_is_no_archive_is_reported(tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (problem,) = outcomes(tmp_path, "a.warc", data)
    assert isinstance(problem, SeedProblem)
    assert capsys.readouterr() == ("", "")


def test_cut_archive_gives_the_pages_before_the_cut(tmp_path: Path) -> None:
    pages = [(f"https://x.org/{number}", "text/plain", randbytes(40_000).hex().encode()) for number in range(9)]
    results = outcomes(tmp_path, "a.wet.gz", archive(pages, packed=True)[:-200])
    assert sum(isinstance(each, RawDocument) for each in results) >= 7
    assert isinstance(results[-1], SeedProblem)


def test_bad_record_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    pages = [("https://x.org/a", "text/plain", b" "), ("https://x.org/b", "text/plain", P1.encode())]
    problem, document = outcomes(tmp_path, "a.wet", archive(pages))
    assert problem == SeedProblem("a.wet:2", "holds no text")
    assert isinstance(document, RawDocument)


def test_missing_library_is_reported_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "warcio.archiveiterator", None)
    monkeypatch.setitem(sys.modules, "warcio", None)
    warc._warcio.cache_clear()
    (problem,) = outcomes(tmp_path, "a.warc", archive([]))
    warc._warcio.cache_clear()
    assert isinstance(problem, SeedProblem)
    assert "pip install 'searchsvc[warc]'" in problem.reason


@pytest.mark.slow
@pytest.mark.parametrize("packed", [True, False])
def test_ten_thousand_records_are_read_in_bounded_memory(tmp_path: Path, packed: bool) -> None:
    name = "a.wet.gz" if packed else "a.wet"
    texts = (
        (f"https://x.org/{number}", "text/plain", f"Quay {number}\n\n{P1 * 20}".encode()) for number in range(10_000)
    )
    (tmp_path / name).write_bytes(archive(texts, packed))
    tracemalloc.start()
    count = sum(isinstance(each, RawDocument) for each in read(tmp_path, Seed(name, 0, 0), 50_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, peak < 8_000_000) == (10_000, True)


def saved(name: str = "Snapshot-Content-Location") -> bytes:
    message = EmailMessage()
    message["Subject"], message["Date"], message[name] = "Quay", "Mon, 06 May 2024 10:20:00 +0000", "https://x.org/a"
    message.set_content(PAGE, subtype="html", cte="quoted-printable")
    message.add_related(b"\x89PNG" * 999, "image", "png")
    return message.as_bytes()


@pytest.mark.parametrize("name", ["a.mhtml", "a.mht", "a.mht.gz"])
def test_saved_page_is_read_with_its_address(tmp_path: Path, name: str) -> None:
    (only,) = documents(tmp_path, name, gzip.compress(saved()) if name.endswith("gz") else saved())
    fields = only.declared
    assert (fields.title, fields.url, fields.published) == ("Quay", "https://x.org/a", date(2024, 5, 6))
    assert only.text == f"Quay\n{P1}\n{P2}"


@pytest.mark.parametrize("data", [b"", b"words", b"Content-Type: text/plain\n\nwords"])
def test_message_without_a_page_is_reported(tmp_path: Path, data: bytes) -> None:
    assert outcomes(tmp_path, "a.mhtml", data) == [SeedProblem("a.mhtml", "no web page in it")]


@pytest.mark.parametrize("name", ["a.txt.gz", "a.md"])
def test_tar_archive_is_named(tmp_path: Path, name: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("t.txt")
        member.size = len(P1)
        tar.addfile(member, io.BytesIO(P1.encode()))
    data = out.getvalue()
    assert outcomes(tmp_path, name, gzip.compress(data) if name.endswith("gz") else data) == [
        SeedProblem(name, "a tar archive; unpack it")
    ]
