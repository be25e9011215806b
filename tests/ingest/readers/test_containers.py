"""Files with several records, text dialects and mail: a document or a problem for each record."""

import json
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from time import process_time

import pytest

from searchsvc.ingest.readers import json_records
from searchsvc.ingest.readers.reader import read
from searchsvc.models.documents import RawDocument, Seed, SeedProblem

P1 = "The harbour council met on Tuesday evening and agreed to widen the northern quay before the storms."
ARTICLES = [{"title": "One", "text": P1}, {"id": "x", "title": "Two", "text": f'{P1} ]}} " {{['}]


def outcomes(folder: Path, name: str, data: str | bytes) -> list[RawDocument | SeedProblem]:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(folder, Seed(name, 0, 0), 1_000_000))


def documents(folder: Path, name: str, data: str | bytes) -> list[RawDocument]:
    found = outcomes(folder, name, data)
    assert [each for each in found if isinstance(each, SeedProblem)] == []
    return [each for each in found if isinstance(each, RawDocument)]


def problems(folder: Path, name: str, data: str | bytes) -> list[tuple[str, str]]:
    return [(each.path, each.reason) for each in outcomes(folder, name, data) if isinstance(each, SeedProblem)]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_array_is_read_element_by_element(tmp_path: Path, name: str, indent: int | None, encoding: str) -> None:
    read_documents = documents(tmp_path, name, json.dumps(ARTICLES, indent=indent).encode(encoding))
    assert [each.path for each in read_documents] == [f"{name}:1", f"{name}:2"]
    assert [each.part for each in read_documents] == ["1", "id=x"]
    assert [each.text for each in read_documents] == [f"{each['title']}\n\n{each['text']}" for each in ARTICLES]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_pretty_printed_object_is_one_document(tmp_path: Path, name: str) -> None:
    (only,) = documents(tmp_path, name, json.dumps(ARTICLES[0], indent=2))
    assert (only.path, only.part, only.text) == (name, "", f"One\n\n{P1}")


def test_object_on_one_line_of_a_json_file_is_one_document(tmp_path: Path) -> None:
    (only,) = documents(tmp_path, "a.json", json.dumps(ARTICLES[0]))
    assert (only.path, only.part) == ("a.json", "")


def test_json_file_may_hold_json_lines(tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, ARTICLES))
    assert [each.path for each in documents(tmp_path, "a.json", lines)] == ["a.json:1", "a.json:2"]


@pytest.mark.parametrize(
    "value",
    [
        {"version": "https://jsonfeed.org/version/1.1", "title": "Harbour Times", "items": ARTICLES},
        {"feed": {"title": "Harbour Times"}, "title": "Harbour Times", "entries": ARTICLES},
        {"title": "Harbour Times", "db": [{"meta": {}, "data": {"posts": ARTICLES, "tags": []}}]},
    ],
)
def test_list_of_articles_in_an_object_is_read(tmp_path: Path, value: object) -> None:
    read_documents = documents(tmp_path, "a.json", json.dumps(value))
    assert [each.declared.title for each in read_documents] == ["One", "Two"]
    assert [each.declared.source for each in read_documents] == ["Harbour Times"] * 2


@pytest.mark.parametrize(
    ("data", "path", "reason"),
    [
        ('[{"text": "a"}, {"text": ', "a.json", "the JSON array has no end; the file may be cut off"),
        ('[{"text": "a"}, 5, {"text": "b"}', "a.json:2", "invalid JSON: "),
        ('[{"text": "a"}, {"x": 1}]', "a.json:2", "no text or title: "),
        ('{"x": 1}', "a.json", "no text or title: "),
        ('{\n"text": \n', "a.json", "invalid JSON: "),
        ("[}", "a.json", "invalid JSON: a closing bracket without an opening one"),
        ("[]", "a.json", "empty"),
        ("", "a.json", "empty"),
    ],
)
def test_bad_json_is_reported(tmp_path: Path, data: str, path: str, reason: str) -> None:
    first = problems(tmp_path, "a.json", data)[0]
    assert first[0] == path
    assert first[1].startswith(reason)


def test_broken_first_line_leaves_json_lines_readable(tmp_path: Path) -> None:
    data = '{"text": "cut\n{"text": "b"}\n'
    assert problems(tmp_path, "a.jsonl", data)[0][0] == "a.jsonl:1"
    assert [each.path for each in outcomes(tmp_path, "a.jsonl", data) if isinstance(each, RawDocument)] == ["a.jsonl:2"]


def test_element_above_the_bound_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records.elements, "__defaults__", (1_000,))
    data = json.dumps([{"text": "a"}, {"text": "b" * 200_000}])
    first, problem = outcomes(tmp_path, "a.json", data)
    assert isinstance(first, RawDocument)
    assert problem == SeedProblem("a.json", "a record longer than 1,000 bytes; this and the records below are skipped")


@pytest.mark.parametrize(("name", "sign"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_csv_with_a_header_has_a_document_per_row(tmp_path: Path, name: str, sign: str) -> None:
    rows = [["Title", "Article Text", "Publish Date", "Tags"], ["One", f'"{P1}\nNext ""line"""', "2024-05-06", "a|b"]]
    data = "\r\n".join(sign.join(row) for row in [*rows, ["Two", P1, "", ""]])
    one, two = documents(tmp_path, name, data)
    assert (one.text, one.declared.published, one.path) == (
        f'One\n\n{P1}\nNext "line"', date(2024, 5, 6), f"{name}:2",
    )  # fmt: skip
    assert one.declared.topics == ("a", "b")
    assert (two.text, two.path) == (f"Two\n\n{P1}", f"{name}:4")


def test_csv_of_pocket_is_read_by_its_titles(tmp_path: Path) -> None:
    (only,) = documents(
        tmp_path, "a.csv", "title,url,time_added,tags,status\nQuay,https://x.org/a,1714990800,a|b,unread\n"
    )
    assert (only.text, only.declared.url, only.declared.topics) == ("Quay", "https://x.org/a", ("a", "b"))


def test_csv_in_windows_1252_is_read(tmp_path: Path) -> None:
    (only,) = documents(tmp_path, "a.csv", "title,text\nCafé,Ein großes Café in der Straße.\n".encode("cp1252"))
    assert only.text == "Café\n\nEin großes Café in der Straße."


@pytest.mark.parametrize("data", ["a,b\n1,2\n", "just words\nand more\n"])
def test_csv_without_a_known_column_is_refused(tmp_path: Path, data: str) -> None:
    ((path, reason),) = problems(tmp_path, "a.csv", data)
    assert (path, reason) == ("a.csv", "no column for a text or title in the first line (see the setting `fields`)")


def test_org_is_read(tmp_path: Path) -> None:
    head = "#+TITLE: Quay\n#+AUTHOR: Ada Example\n\n* TODO Part one :tag:\n:PROPERTIES:\n:ID: 1\n:END:\n"
    text = f"{head}See [[https://x.org][the map]] in *bold*.\n#+begin_src python\nx = 1\n#+end_src\n{P1}\n"
    (only,) = documents(tmp_path, "a.org", text)
    assert (only.declared.title, only.declared.author) == ("Quay", "Ada Example")
    assert only.text.split() == f"Quay Part one See the map in bold. x = 1 {P1}".split()


def test_restructured_text_is_read(tmp_path: Path) -> None:
    head = "Quay\n####\n\n:date: 2024-05-06 10:20\n:tags: harbour, sea\n:author: Ada Example\n\n"
    text = f"{head}Part\n----\n\nSee `the map <https://x.org>`_ and ``x``::\n\n.. image:: a.png\n   :alt: x\n\n{P1}\n"
    (only,) = documents(tmp_path, "a.rst", text)
    fields = only.declared
    assert (fields.title, fields.published, fields.topics, fields.author) == (
        "Quay", date(2024, 5, 6), ("harbour", "sea"), "Ada Example",
    )  # fmt: skip
    assert only.text.split() == f"Quay Part See the map and x: {P1}".split()


def test_asciidoc_is_read(tmp_path: Path) -> None:
    head = "= Quay\nAda Example <ada@example.org>\nv1.0, 2024-05-06\n:keywords: harbour, sea\n:toc:\n\n"
    text = f"{head}== Part\n\nSee https://x.org[the map] in *bold*.\n\n----\nx = 1\n----\n\n{P1}\n"
    (only,) = documents(tmp_path, "a.adoc", text)
    fields = only.declared
    assert (fields.title, fields.published, fields.topics, fields.author) == (
        "Quay", date(2024, 5, 6), ("harbour", "sea"), "Ada Example",
    )  # fmt: skip
    assert only.text.split() == f"Quay Part See the map in bold. x = 1 {P1}".split()


def test_org_has_its_code_and_no_syntax(tmp_path: Path) -> None:
    lists = "- [X] mend nets[fn:1]\n- sail[fn::a note]\n\n| a | b |\n|---+---|\n| c | d |\n\n[[file:boat.png]]\n"
    code = "#+begin_src sh\nls *x* | /y/\n\n  cd =z=\n#+end_src\n"
    (only,) = documents(tmp_path, "a.org", f"#+TITLE: Quay\n\nA line\nof prose.\n\n{lists}\n{code}\n{P1}\n")
    shown = [
        "A line of prose.",
        "- mend nets",
        "- sail (a note)",
        "| a | b |",
        "| c | d |",
        "ls *x* | /y/",
        "",
        "  cd =z=",
    ]
    assert [line for line in shown if line not in only.text.split("\n")] == []
    assert "begin_src" not in only.text
    assert "boat" not in only.text


def test_restructured_text_has_its_code_and_no_syntax(tmp_path: Path) -> None:
    hidden = ".. toctree::\n   :maxdepth: 2\n\n   secret\n\n.. a comment\n   secret too\n\n.. _target:\n\n"
    code = "Run this [1]_::\n\n    *x* = `y`\n\n    z\n\n.. code-block:: py\n   :linenos:\n\n   a = 1\n\n     b\n\n"
    note = ".. note:: Mind\n   the gap.\n\n.. figure:: a.png\n   :alt: x\n\n   The caption.\n\n"
    (only,) = documents(tmp_path, "a.rst", f"Quay\n====\n\nA line\nof prose.\n\n{hidden}{code}{note}Part\n----\n{P1}\n")
    lines = [line.strip() for line in only.text.split("\n") if line.strip()]
    code_lines = ["Run this:", "*x* = `y`", "z", "a = 1", "b"]
    assert lines == ["Quay", "A line of prose.", *code_lines, "Mind the gap.", "The caption.", "Part", P1]


@pytest.mark.parametrize("label", ["1", "#", "#f1", "*", "CIT2002", "Doe.2002"])
def test_notes_of_restructured_text_are_paragraphs(tmp_path: Path, label: str) -> None:
    notes = f".. [{label}] A note on *kippers*\n   and herrings.\n.. [9]\n   A second note.\n\n   Its end.\n"
    (only,) = documents(tmp_path, "a.rst", f"Quay\n====\n\n{P1}\n\n{notes}")
    lines = [line.strip() for line in only.text.split("\n") if line.strip()]
    assert lines == ["Quay", P1, "A note on kippers and herrings.", "A second note.", "Its end."]


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("a.rst", ".. image:: a.jpg\n   :width: 9\n   :alt: A dry lake bed\n\n"),
        ("a.rst", ".. figure:: a.jpg\n   :alt: A dry\n     lake bed\n   :width: 9\n\n"),
        ("a.adoc", "image::a.jpg[A dry lake bed,300]\n"),
        ("a.adoc", 'image::a.jpg["A dry lake bed", 300]\n'),
    ],
)
def test_alternative_text_of_images_is_a_line(tmp_path: Path, name: str, picture: str) -> None:
    heading = "= Quay" if name == "a.adoc" else "Quay\n===="
    (only,) = documents(tmp_path, name, f"{heading}\n\n{P1}\n\n{picture}\n{P1}\n")
    assert [line for line in only.text.split("\n") if line.strip()] == ["Quay", P1, "A dry lake bed", P1]


def test_asciidoc_has_its_code_and_no_syntax(tmp_path: Path) -> None:
    code = "[source,sh]\n----\n*x* | `y`\n\nz\n----\n"
    table = "|===\n|a |b\n\n|c\n|d\n|===\n"
    text = (
        f"= Quay\n\nA line\nof prosefootnote:[a note].\n\n{code}\n{table}\n[[x]]\n== Part\n[NOTE]\n====\n{P1}\n====\n"
    )
    (only,) = documents(tmp_path, "a.adoc", text)
    lines = [line for line in only.text.split("\n") if line.strip()]
    assert lines == ["Quay", "A line of prose (a note).", "*x* | `y`", "z", "a | b", "c", "d", "Part", P1]


def test_mdx_is_read_without_imports_and_components(tmp_path: Path) -> None:
    text = f"---\ntitle: Quay\n---\nimport Tabs from '@theme/Tabs';\n\n<Tabs>\n\n{P1}\n\n</Tabs>\n"
    (only,) = documents(tmp_path, "a.mdx", text)
    assert only.text.split() == f"Quay {P1}".split()


def message(subject: str, text: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["Date"] = (
        subject,
        "Ada Éxample <ada@example.org>",
        "Mon, 06 May 2024 10:20:00 +0000",
    )
    mail["Message-ID"] = f"<{len(subject)}@example.org>"
    mail.set_content(text)
    mail.add_alternative(f"<p>{text}</p>", subtype="html")
    mail.add_attachment(b"secret", maintype="text", subtype="plain", filename="a.txt")
    return mail.as_bytes()


def test_message_is_read(tmp_path: Path) -> None:
    (only,) = documents(tmp_path, "a.eml", message("Größe", P1))
    fields = only.declared
    assert (fields.title, fields.author, fields.published) == ("Größe", "Ada Éxample", date(2024, 5, 6))
    assert only.text.strip() == f"Größe\n\n{P1}"


def test_message_in_html_is_read(tmp_path: Path) -> None:
    (only,) = documents(tmp_path, "a.eml", f"Subject: Quay\nContent-Type: text/html\n\n<p>{P1}</p><style>x</style>")
    assert only.text == f"Quay\n\n{P1}"


def test_mailbox_has_a_document_per_message(tmp_path: Path) -> None:
    data = b"".join(b"From x Mon May  6 10:20:00 2024\n" + message(name, P1) + b"\n" for name in ("One", "Two"))
    one, two = documents(tmp_path, "a.mbox", data)
    assert (one.path, one.declared.title, two.path, two.declared.title) == ("a.mbox:1", "One", "a.mbox:2", "Two")
    assert one.part == "<3@example.org>"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.mbox", "no mail", "no message: a mailbox begins with a line `From `"),
        ("a.eml", " ", "empty"),
        ("a.eml", "X: y\n\n", "holds no text"),
        ("a.eml", "Subject: x\n\n" + "boundary " * 101, "a message of more than 100 parts"),
    ],
)
def test_bad_mail_is_reported(tmp_path: Path, name: str, data: str, reason: str) -> None:
    assert problems(tmp_path, name, data) == [(name, reason)]


def test_brackets_in_a_long_string_end_no_element(tmp_path: Path) -> None:
    articles = [{"title": "One", "text": ']}{[ \\" ' * 30_000}, {"title": "Two", "text": P1}]
    read_documents = documents(tmp_path, "a.json", json.dumps(articles))
    assert [each.declared.title for each in read_documents] == ["One", "Two"]


def test_pictures_of_asciidoc_that_never_end_take_linear_time(tmp_path: Path) -> None:
    start = process_time()
    outcomes(tmp_path, "a.adoc", ("image::x[" + "a" * 4_980 + "\n") * 190)
    assert process_time() - start < 2
