"""Export and import: a document comes back as it went, and a line that can't be one is reported."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest import IngestedDocument
from searchsvc.ingest.export_import import exported, imported
from searchsvc.models.documents import Document, RemovedBlock, SeedProblem

PLAIN = Document("0123456789abcdef", "storm", "a.txt", "hash", "Storm", "Boats were lost.", words=3)
FULL = replace(
    PLAIN,
    path="inv\\xff.jsonl:3",
    body="Boats were lost.\nAll of them.",
    headings=("One", "Two"),
    summary="Boats were lost.",
    author="Ada",
    source="Reuters",
    section="World",
    topics=("Sea",),
    related=("Another",),
    credit="Getty",
    published=date(2024, 3, 1),
    language="de",
    words=6,
    removed=(RemovedBlock("share", "asks to share", 1, 2, "Share\nMore", 0.98),),
    url="https://x.org/a",
    extra=(("edition", "late"),),
)


def outcomes(*lines: bytes) -> list[IngestedDocument | SeedProblem]:
    return list(imported(io.BufferedReader(io.BytesIO(b"".join(lines))), "e.jsonl", "en", 10_000))


def line(**changes: Any) -> bytes:
    """A line of an export with other values; None takes a field out."""
    values = msgspec.json.decode(exported(PLAIN, "The original.")) | changes
    return msgspec.json.encode({name: value for name, value in values.items() if value != "-"}) + b"\n"


def document(**changes: Any) -> Document:
    (found,) = outcomes(line(**changes))
    assert isinstance(found, IngestedDocument)
    return found.document


def reason(data: bytes) -> str:
    (found,) = outcomes(data)
    assert isinstance(found, SeedProblem)
    assert found.path == "e.jsonl:1"
    return found.reason


@pytest.mark.parametrize("original", [PLAIN, FULL], ids=["plain", "full"])
def test_a_document_comes_back_as_it_went(original: Document) -> None:
    (found,) = outcomes(exported(original, "Original\nTEXT"))
    assert isinstance(found, IngestedDocument)
    assert (found.document, found.original) == (original, "Original\nTEXT")


def test_a_document_is_one_line() -> None:
    assert exported(FULL, "a\nb").count(b"\n") == 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"nope", "invalid JSON: "),
        (b"[" * 9_000, "invalid JSON: "),  # nested too deep; Python 3.13 reports it as truncated
        (b"[]", "not a JSON object"),
        (line()[:-2] + b', "extra": ' + b"[" * 700 + b"]" * 700 + b"}", "not a line of an export: "),
        (b"{}", "not a line of an export: no field original"),
        (b'{"original": "x"}', "not a line of an export: Object missing required field `id`"),
        (line(original="-"), "not a line of an export: no field original"),
        (line(original=5), "not a line of an export: no field original"),
        (line(prize=1), "not a line of an export: unknown field 'prize'"),
        (line(title=5), "not a line of an export: Expected `str`, got `int` - at `$.title`"),
        (line(published="soon"), "not a line of an export: Invalid RFC3339"),
        (line(topics="x"), "not a line of an export: Expected `array`"),
        (line(id="../../etc/passwd"), "its id is not 16 hexadecimal digits"),
        (line(id="0123456789ABCDEF"), "its id is not 16 hexadecimal digits"),
        (line(body=" \u0000"), "holds no text"),
        (line(url="javascript:alert(1)"), "url is not an http or https address"),
        (line(removed=[RemovedBlock("r", "r", 3, 2, "x")]), "a removed block has invalid line numbers"),
        (line(removed=[RemovedBlock("r", "r", 1, 1 << 40, "x")]), "a removed block has invalid line numbers"),
        ('{"original": "café façade"}'.encode("latin-1"), "not valid UTF-8: "),
        (b"x" * 20_000, "line longer than 10,000 bytes"),
    ],
)
def test_a_line_that_cannot_be_a_document_is_reported(data: bytes, expected: str) -> None:
    assert reason(data).startswith(expected)


def test_a_bad_line_ends_nothing() -> None:
    found = outcomes(line(), b"nope\n", line(id="1" * 16))
    assert [type(each) for each in found] == [IngestedDocument, SeedProblem, IngestedDocument]


def test_a_second_document_with_the_same_id_is_reported() -> None:
    _, reported = outcomes(line(), line(title="Another"))
    assert reported == SeedProblem("e.jsonl:2", "same id as line 1")


def test_what_can_be_counted_is_not_believed() -> None:
    assert document(words=10**6, slug="x/../y") == PLAIN


def test_no_text_forges_a_line_of_a_terminal() -> None:
    found = document(title="a\nb\x1b[31m", path="p\nq", author="x\u2028y", extra=[["k\n", "v\x00"]])
    assert (found.title, found.path, found.author, found.extra) == ("a b", "p q", "x y", (("k", "v"),))


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "title", "body", "published", "words", "removed", "extra", "url", "topics", "original"]),
        st.none() | st.text(max_size=9) | st.integers() | st.lists(st.lists(st.text(max_size=3)), max_size=2),
    )
)  # fmt: skip
def test_any_values_give_a_document_or_a_problem(changes: dict[str, Any]) -> None:
    (found,) = outcomes(line(**changes))
    assert isinstance(found, IngestedDocument | SeedProblem)
