"""JSON Lines: each line is a document of its own, or a problem of its own."""

import io
import json
from pathlib import Path

import pytest

from searchsvc.ingest.readers import json_lines, record_files
from searchsvc.ingest.readers.json_lines import numbered
from searchsvc.ingest.readers.reader import read
from searchsvc.models.documents import RawDocument, Seed, SeedProblem

MOST = 1_000_000  # bytes


def outcomes(folder: Path, data: bytes | str) -> list[RawDocument | SeedProblem]:
    (folder / "a.jsonl").write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(folder, Seed("a.jsonl", 0, 0), MOST))


def documents(folder: Path, data: bytes | str) -> list[RawDocument]:
    return [each for each in outcomes(folder, data) if isinstance(each, RawDocument)]


def problems(folder: Path, data: bytes | str) -> list[tuple[str, str]]:
    return [(each.path, each.reason) for each in outcomes(folder, data) if isinstance(each, SeedProblem)]


def parts(folder: Path, data: str) -> list[str]:
    return [each.part for each in documents(folder, data)]


def test_each_line_is_a_document(tmp_path: Path) -> None:
    found = documents(tmp_path, '{"title": "A", "text": "one"}\n\n{"body": "two\\nlines"}')
    assert [(each.path, each.text) for each in found] == [("a.jsonl:1", "A\n\none"), ("a.jsonl:3", "two\nlines")]
    assert found[0].declared.title == "A"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nope", "invalid JSON: "),
        ('{"text": "cut', "invalid JSON: "),
        ("[" * 100_000, "invalid JSON: nested too deep"),
        ('{"a":' * 100_000, "invalid JSON: nested too deep"),
        ('{"text": "x", "n": ' + "9" * 5_000 + "}", "invalid JSON: "),
        ("[1]", "not a JSON object"),
        ("5", "not a JSON object"),
        ("{}", "no text or title: a record needs a field such as text, body, content or title"),
        ('{"author": "x"}', "no text or title: "),
        ('{"text": null}', "no text or title: "),
        ('{"text": 5}', "no text or title: "),
        ('{"text": " \\u0000"}', "no text or title: "),
    ],
)
def test_a_bad_line_is_reported_with_its_number_and_the_others_are_read(tmp_path: Path, line: str, reason: str) -> None:
    data = f'{{"text": "one"}}\n{line}\n{{"text": "three"}}\n'
    ((path, told),) = problems(tmp_path, data)
    assert path == "a.jsonl:2"
    assert told.startswith(reason)
    assert [each.line for each in documents(tmp_path, data)] == [1, 3]


@pytest.mark.parametrize("name", ["title", "topics", "date", "other"])
@pytest.mark.parametrize("brackets", ["[]", ('{"a":', "}")])
def test_values_nested_very_deep_end_nothing(tmp_path: Path, name: str, brackets: tuple[str, str]) -> None:
    inner = brackets[0] * 800 + "1" + brackets[1] * 800
    (only,) = outcomes(tmp_path, f'{{"text": "x", "{name}": {inner}}}')
    assert isinstance(only, RawDocument | SeedProblem)


@pytest.mark.parametrize("data", ["", "\n\n \n"])
def test_a_file_without_lines_is_empty(tmp_path: Path, data: str) -> None:
    assert problems(tmp_path, data) == [("a.jsonl", "empty")]


def test_binary_data_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, bytes(range(256)) * 9) == [("a.jsonl", "looks like binary data, not text")]


def test_what_is_too_large_is_reported_after_what_could_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n' * 10)
    found = list(read(tmp_path, Seed("a.jsonl", 0, 0), 100))
    assert found[-1] == SeedProblem("a.jsonl", "larger than 100 bytes (setting max_file_bytes)")


def test_of_very_many_bad_lines_the_rest_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_files, "MOST_PROBLEMS", 2)
    assert problems(tmp_path, "x\n" * 5)[2:] == [("a.jsonl", "3 more unreadable records")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(tmp_path: Path, encoding: str) -> None:
    data = '{"text": "Крым"}\r\n{"text": "東京"}'.encode(encoding)
    assert [each.text for each in documents(tmp_path, data)] == ["Крым", "東京"]


def test_line_ends_of_unicode_may_stand_in_a_value(tmp_path: Path) -> None:
    (found,) = documents(tmp_path, '{"text": "one\u2028two\x85three\x7f", "title": "four\u2029five"}')
    assert found.text == "four five\n\none\ntwo\nthree"


def test_a_line_in_another_encoding_is_read_by_a_guess_and_reported(tmp_path: Path) -> None:
    (found,) = documents(tmp_path, '{"text": "café façade"}'.encode("latin-1"))
    assert found.text == "café façade"
    assert found.note is not None


def test_an_id_of_its_own_tells_a_line_apart_wherever_it_moves(tmp_path: Path) -> None:
    lines = [
        '{"id": "x", "text": "1"}',
        '{"id": 7, "url": "http://b.c/", "text": "2"}',
        '{"url": "http://d.e/", "text": "3"}',
    ]
    expected = ["id=x", "id=7", "url=http://d.e/"]
    assert parts(tmp_path, "\n".join(lines)) == expected
    assert parts(tmp_path, "\n".join(reversed(lines))) == expected[::-1]


def test_a_line_without_an_id_is_identified_by_its_number(tmp_path: Path) -> None:
    assert parts(tmp_path, '{"text": "1"}\n{"id": null, "text": "2"}\n{"id": "", "url": 5.5, "text": "3"}') == [
        "1",
        "2",
        "3",
    ]


def test_equal_lines_have_an_equal_hash(tmp_path: Path) -> None:
    one, same, other = documents(tmp_path, '{"text": "1"}\n {"text": "1"}\n{"text": "2"}')
    assert one.content_hash == same.content_hash != other.content_hash


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_line_too_long_is_passed_by(encoding: str) -> None:
    data = ("ok\n" + "x" * 25 + "\n\nfine\n" + "y" * 30).encode(encoding)
    found = numbered(io.BufferedReader(io.BytesIO(data)), 10)
    assert [(number, line and line.decode().strip("\ufeff\n")) for number, line in found] == [
        (1, "ok"), (2, None), (4, "fine"), (5, None),
    ]  # fmt: skip


def test_a_line_may_be_as_long_as_the_bound() -> None:
    found = numbered(io.BufferedReader(io.BytesIO(b"1234\n12345\n1234")), 5)
    assert [line for _, line in found] == [b"1234\n", b"12345\n", b"1234"]


def test_a_line_too_long_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 50)
    data = json.dumps({"text": "x" * 99}) + '\n{"text": "y"}'
    assert problems(tmp_path, data) == [("a.jsonl:1", "line longer than 50 bytes")]
    assert len(documents(tmp_path, data)) == 1


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"a \ud83d b", "a \ufffd b"),
        (r"a \uDC00\uD83D", "a \ufffd\ufffd"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\\ud83d \ud83d\\", "\\ud83d \ufffd\\"),
    ],
)
def test_half_of_a_surrogate_pair_is_replaced(tmp_path: Path, escaped: str, text: str) -> None:
    data = f'{{"title": "Quay", "text": "{escaped}"}}\n{{"title": "Boat", "text": "{escaped}"}}'
    assert [each.text.split("\n", 1)[1].strip() for each in documents(tmp_path, data)] == [text, text]


def test_invalid_json_with_half_of_a_pair_is_reported(tmp_path: Path) -> None:
    assert len(problems(tmp_path, r'{"text": "\ud83d"')) == 1
