"""Translations: complete message files, no untranslated text in a template, dates and numbers as in the CLDR."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest
from babel import Locale, dates, numbers
from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes
from starlette.testclient import TestClient

from searchsvc.branding import PAGE_LANGUAGES
from searchsvc.models.search_request import SearchRequest
from searchsvc.query.parsed_query import NO_PHRASE
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web import known_messages, page_language
from searchsvc.web.app import create_app
from searchsvc.web.language_names import LANGUAGE_NAMES
from searchsvc.web.page_language import LANGUAGES
from searchsvc.web.po_file import read_messages
from searchsvc.web.translations import LOCALE, script_messages, translations
from tests.web.answers import assert_safe

WEB = LOCALE.parent
TRANSLATED = [code for code in LANGUAGES if code != "en"]
DOMAINS = ("page", "script")
FILES = [(code, domain) for code in TRANSLATED for domain in DOMAINS]
PLACES = re.compile(r"%\((\w+)\)s")
TAGS = re.compile(r"</?(?!kbd)\w+[^>]*>")  # a key has another name in another language
MARKUP = re.compile(r"<kbd>")


def file_of(code: str, domain: str) -> Path:
    return LOCALE / code / "LC_MESSAGES" / f"{domain}.po"


def extracted(domain: str) -> set[str | tuple[str, ...]]:
    """Messages in the sources, as Babel finds them."""
    with (LOCALE / f"{domain}.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    found = extract_from_dir(WEB, methods, options, keywords)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def entries(code: str, domain: str) -> list[Message]:
    with file_of(code, domain).open("rb") as file:
        return [each for each in read_po(file, locale=code) if each.id]


@pytest.mark.parametrize(("code", "domain"), FILES)
def test_message_file_is_complete_and_has_nothing_else(code: str, domain: str) -> None:
    wanted = extracted(domain)
    assert len(wanted) > 10
    assert {each.id for each in entries(code, domain)} == wanted
    assert [each.id for each in entries(code, domain) if each.fuzzy or not all(forms(each))] == []


def forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (str(message.string),)


@pytest.mark.parametrize(("code", "domain"), FILES)
def test_messages_keep_their_placeholders_and_markup(code: str, domain: str) -> None:
    for each in entries(code, domain):
        originals = each.id if isinstance(each.id, tuple) else (each.id,)
        for original, translation in zip(map(str, originals), forms(each), strict=True):
            assert sorted(TAGS.findall(translation)) == sorted(TAGS.findall(original))
            assert len(MARKUP.findall(translation)) == len(MARKUP.findall(original))
            places = set(PLACES.findall(translation))
            assert places == set(PLACES.findall(original)) or places == {"num"} | set(PLACES.findall(original))


@pytest.mark.parametrize(("code", "domain"), FILES)
def test_reader_reads_what_babel_reads(code: str, domain: str) -> None:
    expected = {each.id[0] if isinstance(each.id, tuple) else each.id: forms(each) for each in entries(code, domain)}
    assert read_messages(file_of(code, domain)) == expected


def test_reader_leaves_out_unfinished_entries(tmp_path: Path) -> None:
    path = tmp_path / "a.po"
    path.write_text(
        'msgid ""\nmsgstr "Language: de\\n"\n\n# a note\n#, fuzzy\nmsgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr ""\n\n'
        'msgid "d \\"e\\"\\n"\n"f"\nmsgid_plural "g"\nmsgstr[0] "h"\nmsgstr[1] "i" \n"j"\n'
        '#~ msgid "k"\n#~ msgstr "l"\n',
        "utf-8",
    )
    assert read_messages(path) == {'d "e"\nf': ("h", "ij")}


@pytest.mark.parametrize("line", ['msgid "a', "msgid a", 'msgctx "a"', '"a"', 'msgstr "a" + "b"'])
def test_reader_refuses_a_line_that_is_no_message(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.po"
    path.write_text(f"{line}\n")
    with pytest.raises(ValueError, match="line 1 is no message"):
        read_messages(path)


# Templates

ENGLISH = {"help_api.html"}  # made from the description of the API, which is English; marked with lang="en"
ATTRIBUTES = {"aria-label", "title", "placeholder", "alt", "label", "content"}
NAMES = {
    *("API", "BibTeX", "RIS", "light dark", "noindex", "width=device-width, initial-scale=1"),
    *("hits", "columns", "column"),  # an anchor and two classes
}


class _Literals(HTMLParser):
    """Texts of a template that a person reads: outside of code, and in attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.literals: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in ("code", "kbd", "script")
        self.literals += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "kbd", "script")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.literals.append(data)


def literals(source: str) -> Iterator[str]:
    parser = _Literals()
    parser.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.S))
    yield from parser.literals
    for output in Environment(extensions=()).parse(source).find_all(nodes.Output):
        for node in output.nodes:
            yield from _constants(node)


def _constants(node: nodes.Node) -> Iterator[str]:
    """Strings that an expression shows as they are."""
    match node:
        case nodes.Const(value=str(text)):
            yield text
        case nodes.CondExpr(expr1=first, expr2=second):
            yield from _constants(first)
            yield from _constants(second) if second else ()
        case nodes.Concat(nodes=parts):
            for part in parts:
                yield from _constants(part)
        case nodes.Add(left=left, right=right) | nodes.Mod(left=left, right=right):
            yield from _constants(left)
            yield from _constants(right)


@pytest.mark.parametrize("path", sorted((WEB / "templates").glob("*.html")), ids=lambda path: str(path.name))
def test_template_has_no_untranslated_text(path: Path) -> None:
    if path.name in ENGLISH:
        assert '"en"|lang' in path.read_text("utf-8")
        return
    words = [text.strip() for text in literals(path.read_text("utf-8"))]
    assert [text for text in words if re.search("[a-z]{2}", text, re.I) and text not in NAMES] == []


def test_untranslated_text_is_noticed() -> None:
    source = '<p title="One">Two {{ "Three" if a else "Four" ~ b }} {{ _("Five") }}<code>six</code></p>'
    assert [text.strip() for text in literals(source) if text.strip()] == ["One", "Two", "Three", "Four"]


# Messages that are made elsewhere


@pytest.mark.parametrize(
    "query",
    [
        "the lighthouse", "nato !!! -", "author:!!", " ".join(f"{word}words~" for word in "abcdefghijklmnopqrstu"),
        "published:soon nato", "language:1 nato", "() nato", "published:2024..2023 nato", "colour:red nato",
        "author: nato", "nato^3", "nat~5", "ab* nato", "a*b nato", "(" * 40 + "nato" + ")" * 40, "nato " * 400,
    ],
)  # fmt: skip
def test_notes_about_a_query_are_known(service: SearchService, query: str) -> None:
    texts = translations("de")
    reasons = list(service.search(SearchRequest(query)).info.ignored_by_reason)
    assert reasons
    assert [reason for reason in reasons if 'lang="en"' in known_messages.known(texts, reason)] == []


def test_note_about_a_phrase_is_known() -> None:
    assert "lang=" not in known_messages.known(translations("de"), NO_PHRASE)


def test_note_keeps_its_values() -> None:
    note = "searched as nato~2: ~1 needs 3 letters, ~2 needs 5 and is the maximum"
    assert known_messages.known(translations("de"), note) == (
        "gesucht als nato~2: ~1 braucht 3 Buchstaben, ~2 braucht 5 und ist das Höchste"
    )
    assert known_messages.known(translations("en"), note) == note


def test_text_that_is_not_known_is_escaped_and_marked_as_english() -> None:
    assert known_messages.known(translations("fr"), "a <b>") == '<span lang="en">a &lt;b&gt;</span>'


def test_values_of_a_known_message_are_escaped() -> None:
    shown = known_messages.known(translations("de"), "<b>x is not a field, searched as text; the fields are a")
    assert shown.startswith("&lt;b&gt;x ist kein Feld")


# Dates and numbers

DAYS = [date(2024, month, day) for month, day in product(range(1, 13), (1, 2, 29))]


@pytest.mark.parametrize("code", LANGUAGES)
def test_dates_are_those_of_the_cldr(code: str) -> None:
    locale = Locale("en", "GB") if code == "en" else Locale(code)
    skeletons = locale.datetime_skeletons["yMMMM"]
    for day in DAYS:
        written = dates.format_date(day, "long", locale)
        # The CLDR writes "1 janvier" where French has "1er janvier".
        expected = written.replace("1 ", "1er ", 1) if code == "fr" and day.day == 1 else written
        assert LANGUAGES[code].format_day(day) == expected
        assert LANGUAGES[code].format_month(day) == dates.format_datetime(day, skeletons.pattern, locale=locale)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("number", [0, 1, 999, 1000, 9999, 10_000, 1_234_567])
def test_numbers_are_those_of_the_cldr(code: str, number: int) -> None:
    written = numbers.format_decimal(number, locale=code)
    # In Spanish, the CLDR groups from five digits on (minimumGroupingDigits 2), which Babel does not know.
    expected = written.replace(".", "") if code == "es" and number < 10_000 else written
    assert LANGUAGES[code].format_number(number) == expected
    assert LANGUAGES[code].format_percent(0.95).replace("\u202f", "\xa0") == numbers.format_percent(
        0.95, locale=code
    ).replace("\u202f", "\xa0")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 2, 11, 100])
def test_plural_forms_are_those_of_the_cldr(code: str, count: int) -> None:
    assert LANGUAGES[code].plural_form(count) == (Locale(code).plural_form(count) != "one")


@pytest.mark.parametrize(
    ("code", "size", "text"),
    [
        ("en", 999, "999\xa0B"),
        ("en", 1_200_000, "1.2\xa0MB"),
        ("de", 1_200_000, "1,2\xa0MB"),
        ("fr", 1_200_000, "1,2\u202fMo"),
        ("es", 45_000, "45,0\xa0kB"),
        ("de", 5 * 10**15, "5000,0\xa0TB"),
    ],
)
def test_size_has_the_unit_that_fits(code: str, size: int, text: str) -> None:
    assert LANGUAGES[code].format_size(size) == text


# Language of a page


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.8", "de"),
        ("DE-at", "de"),
        ("it,ja", "en"),
        ("it;q=1, es;q=0.5, fr;q=0.7", "fr"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("de;q=x, es;q=0.2", "es"),
        ("de;q=², es;q=0.2", "es"),
        ("*", "en"),
        (",;=,fr", "fr"),
        ("x," * 300 + "de", "en"),
        ("\xff\xfe, de", "de"),
    ],
)
def test_language_is_the_preferred_one(header: str, language: str) -> None:
    scope = {"headers": [(b"accept-language", header.encode("latin-1", "replace"))] if header else []}
    assert page_language.preferred(scope) == language


PAGES = ["/", "/search?q=nato", "/search?q=zeppelin", "/sources", "/status", "/help/search", "/help/api", "/nowhere"]


@pytest.mark.parametrize(("path", "code"), list(product(PAGES, TRANSLATED)))
def test_page_is_in_the_language_of_the_client(client: TestClient, path: str, code: str) -> None:
    response = client.get(path, headers={"Accept-Language": code})
    assert f'<html lang="{code}">' in response.text
    assert (response.headers["Content-Language"], "Accept-Language" in response.headers["Vary"]) == (code, True)
    assert str(translations(code).gettext("Search the articles")) in response.text
    assert "Search the articles" not in re.sub("<script.*?</script>", "", response.text)
    assert_safe(response)


def test_document_is_in_the_language_of_the_client(client: TestClient) -> None:
    address = client.get("/api/v1/search?q=nato").json()["hits"][0]["link"]
    html = client.get(address, headers={"Accept-Language": "de"}).text
    assert "Ähnliche Artikel" in html
    assert '<h1 dir="auto" lang="en">' in html
    english = client.get(f"{address}?view=removed").text
    assert '<h1 dir="auto">' in english
    assert "% confidence)" in english


def test_cached_page_is_not_given_in_another_language(client: TestClient) -> None:
    tags: dict[str, str] = {}
    for _ in range(2):
        for code in LANGUAGES:
            response = client.get("/search?q=khazaal", headers={"Accept-Language": code})
            assert f'<html lang="{code}">' in response.text
            tags.setdefault(code, response.headers["ETag"])
            assert response.headers["ETag"] == tags[code]
    assert len(set(tags.values())) == len(LANGUAGES)
    unchanged = client.get("/search?q=khazaal", headers={"Accept-Language": "de", "If-None-Match": tags["de"]})
    assert (unchanged.status_code, unchanged.headers["Content-Language"]) == (304, "de")
    other = client.get("/search?q=khazaal", headers={"Accept-Language": "fr", "If-None-Match": tags["de"]})
    assert other.status_code == 200


def test_setting_decides_the_language(service: SearchService) -> None:
    asked = TestClient(create_app(service, Settings(page_language="es")))
    response = asked.get("/search?q=nato", headers={"Accept-Language": "de"})
    assert '<html lang="es">' in response.text
    assert "Accept-Language" not in response.headers["Vary"]
    assert "<title>Todos los artículos – searchsvc" in asked.get("/search.atom").text


def test_feed_and_description_have_the_language_of_the_client(service: SearchService) -> None:
    asked = TestClient(create_app(service, Settings(public_url="https://search.example.org")))
    for address, expected in (("/search.atom", "<title>Alle Artikel"), ("/opensearch.xml", "Artikel durchsuchen")):
        asked.get(address)  # cached in English
        response = asked.get(address, headers={"Accept-Language": "de-AT, fr;q=0.5"})
        assert expected in response.text
        assert "Accept-Language" in response.headers["Vary"]
        assert response.headers["Content-Language"] == "de"
        assert expected not in asked.get(address).text


@pytest.mark.parametrize("code", TRANSLATED)
def test_script_gets_its_messages(client: TestClient, code: str) -> None:
    response = client.get(f"/messages/{code}")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.json() == {
        "language": code,
        "forms": {k: list(v) for k, v in script_messages(code)["forms"].items()},
    }
    assert 'id="searchsvc-messages"' in client.get("/", headers={"Accept-Language": code}).text
    assert 'id="searchsvc-messages"' not in client.get("/").text


@pytest.mark.parametrize("code", ["en", "xx", "..%2Fde"])
def test_other_messages_do_not_exist(client: TestClient, code: str) -> None:
    assert client.get(f"/messages/{code}").status_code == 404


def test_languages_are_listed_alike_everywhere() -> None:
    embed = re.search(r"TRANSLATED = (\[.*?\])", (WEB / "static" / "embed.js").read_text("utf-8"))
    assert embed
    assert sorted(json.loads(embed[1])) == sorted(TRANSLATED)
    assert set(PAGE_LANGUAGES) == set(LANGUAGES)
    assert {path.name for path in LOCALE.iterdir() if path.is_dir()} == set(TRANSLATED)


# Names of languages


def test_detected_languages_have_names() -> None:
    detected = tomllib.loads((WEB.parent / "ingest/metadata/data/languages.toml").read_text("utf-8"))["words"]
    assert sorted(set(detected) - set(LANGUAGE_NAMES)) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_names_of_languages_are_those_of_the_cldr(code: str) -> None:
    names, texts = Locale(code).languages, translations(code)
    assert {each: texts.gettext(name) for each, name in LANGUAGE_NAMES.items()} == {
        each: names[each] for each in LANGUAGE_NAMES
    }
