"""Metadata as people and tools write it, from the bytes of a file to the fields of its document."""

import json
import time
from datetime import date
from pathlib import Path

import pytest

from searchsvc.ingest.readers.field_names import TABLE, FieldNames
from searchsvc.ingest.readers.reader import read
from searchsvc.models.documents import DECLARED_FIELDS, DeclaredMetadata, RawDocument, Seed, SeedProblem

P1 = "The harbour council met on Tuesday evening and agreed to widen the northern quay before the storms."
DAY = date(2024, 5, 6)


def document(folder: Path, text: str, name: str = "a.md", names: FieldNames | None = None) -> RawDocument:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text.encode())
    (only,) = read(folder, Seed(name, 0, 0), 1_000_000, names or FieldNames())
    assert isinstance(only, RawDocument)
    return only


def declared(folder: Path, text: str, name: str = "a.md") -> DeclaredMetadata:
    only = document(folder, text, name)
    assert only.text.endswith(P1)
    return only.declared


def test_toml_of_zola(tmp_path: Path) -> None:
    block = (
        'title = "Wider quay"\ndate = 2024-05-06T10:00:00Z\nauthors = ["Ada Example"]\n[taxonomies]\ntags = ["harbour"]'
    )
    assert declared(tmp_path, f"+++\n{block}\n+++\n\n{P1}") == DeclaredMetadata(
        title="Wider quay", published=DAY, author="Ada Example", topics=("harbour",)
    )


def test_headers_of_pelican(tmp_path: Path) -> None:
    head = "Title: Pelican quay\nDate: 2024-05-06 10:20\nCategory: Harbours\nTags: quay, storms\nAuthor: Ada Example"
    assert declared(tmp_path, f"{head}\n\n{P1}") == DeclaredMetadata(
        title="Pelican quay", published=DAY, section="Harbours", topics=("quay", "storms"), author="Ada Example"
    )


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Colon: unquoted in a title", "Colon: unquoted in a title"),
        ("[Update] The quay", "[Update] The quay"),
        ("@home in the harbour", "@home in the harbour"),
        ("`code` in a title", "`code` in a title"),
        ('"Wider" quay', '"Wider" quay'),
        ("'It's here'", "It's here"),
        ("*Bold* move", "*Bold* move"),
        ("100% of quays", "100% of quays"),
        ("Colon: then # a comment", "Colon: then"),
    ],
)
def test_title_survives_invalid_yaml_with_the_other_values(tmp_path: Path, title: str, expected: str) -> None:
    only = document(tmp_path, f"---\ntitle: {title}\ndate: 2024-05-06\nbad: [x: y: z]]\n---\n{P1}")
    assert (only.declared.title, only.declared.published) == (expected, DAY)
    assert only.text == f"{expected}\n\n{P1}"


def test_lost_value_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    only = document(tmp_path, f"---\ntitle: Quay\ntags: !!python/name:os.system\ndate: 2024-05-06\n---\n{P1}")
    assert (only.declared.title, only.declared.published, only.declared.topics) == ("Quay", DAY, ())
    assert only.note == "line 3: tags is not read (tags are not accepted)"


def test_yaml_of_jekyll_and_obsidian(tmp_path: Path) -> None:
    block = "title: Yaml quay\npublished: 2024-05-06\nauthors: [Ada Example]\ntags: [harbour]\ncategories: [News]"
    assert declared(tmp_path, f"---\n{block}\n---\n{P1}") == DeclaredMetadata(
        title="Yaml quay", published=DAY, author="Ada Example", topics=("harbour",), section="News"
    )


def test_yaml_of_astro(tmp_path: Path) -> None:
    block = "title: Pub quay\npubDate: 2024-05-06\nlanguage: de\nsite: Harbour Times"
    assert declared(tmp_path, f"---\n{block}\n---\n{P1}") == DeclaredMetadata(
        title="Pub quay", published=DAY, language="de", source="Harbour Times"
    )


@pytest.mark.parametrize(
    "name", ["2024-05-06-x.md", "2024/05/06/x.md", "20240506.txt", "notes 2024-05-06.md", "2024_05_06-x.rst",
     "2024-05-06-x/index.md", "blog/2024-05-06/README.md", "2024-05-06-x/_index.en.md"]
)  # fmt: skip
def test_date_of_the_file_name_counts_where_none_is_declared(tmp_path: Path, name: str) -> None:
    assert declared(tmp_path, f"---\ntitle: Name quay\nlayout: post\n---\n{P1}", name).published == DAY


def test_declared_date_counts_before_the_file_name(tmp_path: Path) -> None:
    text = f"---\ntitle: T\ndate: 2023-01-02\n---\n{P1}"
    assert declared(tmp_path, text, "2024-05-06-x.md").published == date(2023, 1, 2)


@pytest.mark.parametrize(
    "name", ["2024-13-06-x.md", "12024-05-06.md", "report-20240506-final.md", "x.md", "2024-05-06-x/y.md"]
)
def test_other_numbers_in_a_file_name_are_no_date(tmp_path: Path, name: str) -> None:
    assert declared(tmp_path, P1, name).published is None


@pytest.mark.parametrize(
    "head",
    [
        "#+TITLE: Quay\n#+DATE: <2024-05-06 Mon>\n#+FILETAGS: :harbour:sea:\n",
        ":PROPERTIES:\n:ID: 1\n:END:\n#+title: Quay\n#+date: [2024-05-06 Mon]\n#+filetags: :harbour:sea:\n",
        "\n---\ntitle: Quay\ndate: 2024-05-06\ntags: [harbour, sea]\n---\n",
        "\ufeff---\r\ntitle: Quay\r\ndate: 2024-05-06\r\ntags: [harbour, sea]\r\n---\r\n",
        "---\ntitle: Quay\ndate: 2024-05-06\ntags:\n\t- harbour\n\t- sea\n---\n",
        "---\n# comment\ntitle: Quay\ndate: 2024-05-06\ntags:\n- harbour\n- sea\n...\n",
        "---\ntitle: Quay\ntitle:\ndate: 2024-05-06\ntags: [harbour, sea]\n---\n",
        "---\ntitle: Quay\ndate:\n  created: 2024-05-06\ntaxonomies:\n  tags: [harbour, sea]\n---\n",
        "---toml\ntitle = 'Quay'\ndate = 2024-05-06\ntags = ['harbour', 'sea']\n---\n",
        "+++\ntitle = Quay\ndate = 2024-05-06\ntags = ['harbour', 'sea']\n+++\n",
        '{\n"title": "Quay",\n"date": "2024-05-06",\n"tags": ["harbour", "sea"]\n}\n',
        '{\n"title": "Quay",\n"date": "2024-05-06",\n"tags": ["harbour", "sea"],\n}\n',
        ';;;\n"title": "Quay",\n"date": "2024-05-06",\n"tags": ["harbour", "sea"]\n;;;\n',
        '"title": "Quay",\n"date": "2024-05-06",\n"tags": ["harbour", "sea"]\n;;;\n',
        "title: Quay\ndate: 2024-05-06\ntags: harbour, sea\n---\n",
        "Title: Quay\nDate: 6 May 2024\nTags: harbour,\n    sea\n\n",
        "title:: Quay\ndate:: [[2024-05-06]]\ntags:: harbour, sea\n\n",
        ".. title: Quay\n.. date: 2024-05-06 10:20\n.. tags: harbour, sea\n\n",
        "<!--\n.. title: Quay\n.. date: 2024-05-06 10:20\n.. tags: harbour, sea\n-->\n\n",
        "---\ntitle:Quay\ndate:2024-05-06\ntags: [harbour, sea\n---\n",
        "# Quay\n\nCreated: May 6, 2024 10:20 AM\nTags: harbour, sea\n\n",
    ],
)
def test_metadata_at_the_head_in_every_style(tmp_path: Path, head: str) -> None:
    only = document(tmp_path, f"{head}{P1}", "a.md")
    fields = only.declared
    assert (fields.title, fields.published, fields.topics) == ("Quay", DAY, ("harbour", "sea"))
    assert (only.text, only.note) == (f"Quay\n\n{P1}", None)


def test_title_block_of_pandoc(tmp_path: Path) -> None:
    assert declared(tmp_path, f"% Quay\n% Ada Example\n% 6 May 2024\n\n{P1}") == DeclaredMetadata(
        title="Quay", author="Ada Example", published=DAY
    )


@pytest.mark.parametrize(
    "head",
    [
        "Note: this is prose.", "Question: Why now?\nAnswer: Because.", "Summary: the council met.",
        "Author: Ada Example", "Host: Hello.\nGuest: Hi.", "By: me\nTo: you", "Update: the council met. It agreed.",
        "Title: x\nbut this is a sentence.", "http://example.org/a\nTitle: x", "Location: Paris\nTopic: War",
        "---\njust words between rules\n---", "---\nAlice: she said: no\n---", "+++\nwords\n+++", "{curly} words",
        "#hashtag\nTitle", ":smile: Title", "11:30: the council met",
    ],
)  # fmt: skip
def test_prose_at_the_head_stays_in_the_text(tmp_path: Path, head: str) -> None:
    only = document(tmp_path, f"{head}\n\n{P1}", "a.txt")
    assert only.text == f"{head}\n\n{P1}"
    assert only.declared == DeclaredMetadata()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Vault note about lobster.md", "Vault note about lobster"), ("Glossary.md", "Glossary"),
        ("2024-05-06 Harbour day.md", "Harbour day"), ("笔记.md", "笔记"), ("storm-over-the-harbour.md", None),
        ("README.md", None), ("a1.md", None), ("Two words.txt", None),
    ],
)  # fmt: skip
def test_file_name_of_a_note_is_its_title(tmp_path: Path, name: str, title: str | None) -> None:
    assert document(tmp_path, P1, name).declared.title == title


def test_first_heading_counts_before_the_file_name(tmp_path: Path) -> None:
    assert declared(tmp_path, f"# A *wider* quay\n\n{P1}", "My note.md").title == "A wider quay"


RECORDS = {
    "news-please": {"title": "Quay", "maintext": P1, "date_publish": "2024-05-06 10:00:00", "authors": ["Ada Example"]},
    "newspaper": {"title": "Quay", "text": P1, "publish_date": "2024-05-06T00:00:00", "authors": ["Ada Example"]},
    "trafilatura": {"title": "Quay", "author": "Ada Example", "date": "2024-05-06", "text": P1, "excerpt": "x"},
    "WordPress": {
        "title": {"rendered": "Quay"}, "content": {"rendered": f"<p>{P1}</p>\n", "protected": False},
        "date": "2024-05-06T10:00:00", "author": 7, "byline": "By Ada Example", "categories": [4], "tags": [5],
    },
    "feedparser": {
        "title": "Quay", "content": [{"type": "text/html", "value": f"<p>{P1}</p>"}], "summary": "short",
        "published": "Mon, 06 May 2024 10:20:00 +0000", "author_detail": {"name": "Ada Example"},
    },
    "JSON Feed": {
        "title": "Quay", "content_html": f"<p>{P1}</p>", "date_published": "2024-05-06T10:00:00-05:00",
        "authors": [{"name": "Ada Example", "url": "https://example.org"}],
    },
    "schema.org": {
        "headline": "Quay", "articleBody": P1, "datePublished": "2024-05-06", "dateModified": "2025-01-01",
        "author": [{"@type": "Organization", "name": "Times"}, {"@type": "Person", "name": "Ada Example"}],
    },
    "Readability": {"title": "Quay", "textContent": P1, "byline": "Ada Example", "publishedTime": "2024-05-06T10:00Z"},
    "FreshRSS": {
        "title": "Quay", "summary": {"content": f"<p>{P1}</p>"}, "published": 1714990800, "author": "Ada Example",
    },
    "Wallabag": {
        "title": "Quay", "content": f"<p>{P1}</p>", "published_at": "2024-05-06T10:00:00+0000",
        "created_at": "2025-01-01", "published_by": ["Ada Example"],
    },
    "Ghost": {"title": "Quay", "html": f"<p>{P1}</p>", "published_at": 1714990800000,
        "primary_author": {"name": "Ada Example"}},
    "Guardian": {
        "webTitle": "Quay", "webPublicationDate": "2024-05-06T10:00:00Z",
        "fields": {"bodyText": P1, "byline": "Ada Example"},
    },
    "Elasticsearch": {
        "_id": "1", "_source": {"title": "Quay", "text": P1, "date": "2024-05-06", "author": "Ada Example"},
    },
    "NYT": {
        "headline": {"main": "Quay"}, "lead_paragraph": P1, "pub_date": "2024-05-06T10:00:00+0000",
        "byline": {"original": "By Ada Example"},
    },
    "description": {"title": "Quay", "content": "", "description": P1, "date": "6 May 2024", "creator": "Ada Example"},
}  # fmt: skip


@pytest.mark.parametrize("tool", RECORDS)
def test_record_of_a_tool_is_read(tmp_path: Path, tool: str) -> None:
    only = document(tmp_path, json.dumps(RECORDS[tool]), "a.jsonl")
    fields = only.declared
    assert only.text == f"Quay\n\n{P1}"
    assert (fields.title, fields.published, fields.author) == ("Quay", DAY, "Ada Example")


def record(folder: Path, **values: object) -> DeclaredMetadata:
    return document(folder, json.dumps({"text": P1} | values), "a.jsonl").declared


def test_address_is_never_the_name_of_a_source(tmp_path: Path) -> None:
    fields = record(tmp_path, source="https://example.org/a", sitename="Harbour Times", hostname="example.org")
    assert (fields.source, fields.url) == ("Harbour Times", "https://example.org/a")


def test_host_is_the_source_where_no_name_is_declared(tmp_path: Path) -> None:
    assert record(tmp_path, source_domain="www.example.org").source == "example.org"


def test_person_counts_before_the_publisher(tmp_path: Path) -> None:
    fields = record(tmp_path, author="Harbour Times", byline="Ada Example", publisher={"name": "Harbour Times"})
    assert (fields.author, fields.source) == ("Ada Example", "Harbour Times")


def test_date_of_an_update_counts_last(tmp_path: Path) -> None:
    assert record(tmp_path, modified="2025-01-01", date="2024-05-06").published == DAY
    assert record(tmp_path, modified="2024-05-06").published == DAY


def test_names_differ_in_case_and_signs_only(tmp_path: Path) -> None:
    fields = record(tmp_path, **{"OG:Title": "Quay", "article:published-time": "2024-05-06", "DC.creator": "Ada"})
    assert (fields.title, fields.published, fields.author) == ("Quay", DAY, "Ada")


def test_date_in_the_address_counts_where_none_is_declared(tmp_path: Path) -> None:
    assert record(tmp_path, url="https://example.org/2024/05/06/quay").published == DAY


def test_setting_adds_a_name_that_counts_first(tmp_path: Path) -> None:
    text = json.dumps({"title": "Slug", "headline_de": "Kai", "inhalt": P1})
    names = FieldNames(("title=headline_de", "text=inhalt"))
    only = document(tmp_path, text, "a.jsonl", names)
    assert only.text == f"Kai\n\n{P1}"


def test_name_added_to_a_field_belongs_to_no_other(tmp_path: Path) -> None:
    text = json.dumps({"text": P1, "source": "Ada Example"})
    fields = document(tmp_path, text, "a.jsonl", FieldNames(("author=Source",))).declared
    assert (fields.author, fields.source) == ("Ada Example", None)


def test_summary_and_image_are_shown_under_their_names(tmp_path: Path) -> None:
    fields = record(
        tmp_path, **{"og:description": "Short &amp; <b>sweet</b>", "top_image": "https://example.org/a.jpg"}
    )
    assert fields.extra == (("summary", "Short & sweet"), ("image", "https://example.org/a.jpg"))


def test_record_with_a_title_and_no_text_is_indexed(tmp_path: Path) -> None:
    assert document(tmp_path, '{"title": "Quay", "text": " "}', "a.jsonl").text == "Quay"
    assert document(tmp_path, "---\ntitle: Quay\n---\n", "a.md").text == "Quay"


def test_markup_in_fields_is_stripped(tmp_path: Path) -> None:
    text = json.dumps({"title": "Html <b>quay</b> &amp; sea", "text": "<p>One\nline</p>\n<p>Two. A caf&eacute;.</p>"})
    only = document(tmp_path, text, "x.jsonl")
    assert only.text == "Html quay & sea\n\nOne line\n\nTwo. A café."


def test_note_of_joplin_has_its_title_above_and_its_properties_below(tmp_path: Path) -> None:
    below = "id: 0a\nparent_id: 0b\ncreated_time: 2024-05-06T10:20:00.000Z\nsource_url: https://x.org/a\ntype_: 1"
    only = document(tmp_path, f"Wider quay\n\n{P1}\n\n{below}")
    fields = only.declared
    assert (only.text, fields.title, fields.published, fields.url) == (
        f"Wider quay\n\n{P1}", "Wider quay", DAY, "https://x.org/a",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("aliases", "topics"),
    [("[The lobster, Homarus]", ("sea", "The lobster", "Homarus")), ("[/old/a.html, b]", ("sea",))],
)
def test_aliases_of_a_note_are_topics_and_old_addresses_are_not(
    tmp_path: Path, aliases: str, topics: tuple[str, ...]
) -> None:
    assert document(tmp_path, f"---\ntitle: T\ntags: [sea]\naliases: {aliases}\n---\n{P1}").declared.topics == topics


def test_shortcodes_and_rows_in_fields_of_wordpress_are_text(tmp_path: Path) -> None:
    content = f'{P1}<p>[caption id="x"]A boat[/caption]</p><table><tr><td>a</td> <td>b</td></tr></table>'
    only = document(tmp_path, json.dumps({"title": "T", "content": content}), "a.jsonl")
    assert only.text == f"T\n\n{P1}\n\nA boat\n\na | b"


def test_markup_in_plain_text_is_stripped(tmp_path: Path) -> None:
    text = 'The caf&eacute; &amp; the &#252;ber driver said &quot;no&quot;.\n\nSee <a href="https://x.org">the map</a>.'
    assert document(tmp_path, text, "y.txt").text == 'The café & the über driver said "no".\n\nSee the map.'


@pytest.mark.parametrize("text", ["a < b and c > d", "a List<T> of <stdin>", "AT&T; R&D", "Use the <br tag", "1 <p 2"])
def test_text_that_is_no_markup_stays(tmp_path: Path, text: str) -> None:
    assert document(tmp_path, text, "a.txt").text == text


def test_hostile_front_matter_takes_no_time(tmp_path: Path) -> None:
    heads = [
        "---\n" + "a:\n" * 20_000 + "title: [x\n---\n",
        "+++\n" + "a.b.c=" * 9_000 + "\n+++\n",
        '{"' + " " * 60_000,
    ]
    heads += [
        "Title: " + "x " * 900 + "\n" + "k: v\n" * 20_000,
        "# " + " #" * 30_000,
        '{"a":' * 9_000,
        '{\n"t":' + " " * 60_000 + "\n}\n",
    ]
    for head in heads:
        (tmp_path / "a.md").write_text(f"{head}\n\n{P1}")
        started = time.process_time()
        assert isinstance(next(read(tmp_path, Seed("a.md", 0, 0), 1_000_000)), RawDocument | SeedProblem)
        assert time.process_time() - started < 5


def test_documentation_lists_every_field_name() -> None:
    page = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
    rows = [f"| {field} | {' '.join(f'`{name}`' for name in names)} |" for field, names in TABLE.items()]
    assert [row for row in rows if row not in page] == []


def test_every_field_of_the_settings_has_names() -> None:
    assert set(TABLE) == set(DECLARED_FIELDS)


@pytest.mark.parametrize(
    "above", [".. _quay:\n\n", ":orphan:\n\n", ".. _quay:\n.. _b c:\n\n:tocdepth: 2\n\n", "\n:nosearch:\n:orphan:\n\n"]
)
def test_labels_and_instructions_may_be_above_the_heading_of_restructured_text(tmp_path: Path, above: str) -> None:
    text = f"{above}Wider quay\n==========\n\n:Author: Ada Example\n:Date: 2024-05-06\n\n{P1}"
    assert declared(tmp_path, text, "a.rst") == DeclaredMetadata(
        title="Wider quay", author="Ada Example", published=DAY
    )


def test_author_that_wordpress_embeds_counts_instead_of_his_number(tmp_path: Path) -> None:
    record = {
        "title": {"rendered": "Wider quay"},
        "content": {"rendered": P1},
        "author": 7,
        "_embedded": {"author": [{"id": 7, "name": "Ada Example", "slug": "ada"}]},
    }
    assert declared(tmp_path, json.dumps(record), "a.json").author == "Ada Example"
