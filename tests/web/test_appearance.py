"""Appearance of the pages: name, description, logo, accent colour, footer links."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from searchsvc.branding import MAX_LOGO, load_logo
from searchsvc.errors import SettingsError
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web import accent
from searchsvc.web.app import create_app
from searchsvc.web.templating import STATIC
from tests.web.answers import assert_safe, elements

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SVG = b'<?xml version="1.0"?>\n<!-- a logo -->\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NAME = 'Hafen <Archiv> & "Co"'


def client_of(service: SearchService, settings: Settings) -> TestClient:
    return TestClient(create_app(service, settings), follow_redirects=False)


@pytest.fixture(scope="module")
def branded(service: SearchService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a service with its own name, logo, colour and links."""
    logo = tmp_path_factory.mktemp("logo") / "logo.png"  # the name is wrong on purpose
    logo.write_bytes(SVG)
    yield client_of(
        service,
        Settings(
            name=NAME,
            description="All <b>articles</b> since 1998",
            logo=logo,
            accent="#c0ffee",
            footer_links=("Imprint=/imprint", 'About "us"=https://a.example/?a=b&c=d'),
            base_path="/archive",
            public_url="https://a.example/archive",
        ),
    )


PAGES = ["/", "/search?q=nato", "/sources", "/status", "/help/search", "/help/api", "/filters/author", "/nowhere"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_name_and_no_other(branded: TestClient, path: str) -> None:
    response = branded.get(path)
    title = re.search("<title>(.*)</title>", response.text)
    assert title
    assert title[1].endswith("Hafen &lt;Archiv&gt; &amp; &#34;Co&#34;")
    assert "– searchsvc" not in response.text
    assert_safe(response)


def test_links_and_logo_are_on_every_page(branded: TestClient) -> None:
    html = branded.get("/search?q=nato").text
    addresses = [each["href"] for each in elements(html, "a")]
    assert {"/archive/imprint", "https://a.example/?a=b&c=d"} <= set(addresses)
    assert [each["src"] for each in elements(html, "img")] == ["/archive/logo"]
    assert "/archive/accent.css" in [each.get("href") for each in elements(html, "link")]


def test_description_is_on_the_first_page_only(branded: TestClient) -> None:
    introduction = '<p class="intro">All &lt;b&gt;articles&lt;/b&gt; since 1998</p>'
    assert introduction in branded.get("/").text
    assert introduction not in branded.get("/search?q=nato").text
    assert introduction not in branded.get("/?page=2&hitsPerPage=1").text


def test_programs_get_the_name_too(branded: TestClient) -> None:
    feed = ElementTree.fromstring(branded.get("/search.atom").content)
    assert feed.findtext("{*}title") == f"All articles – {NAME}"
    assert feed.findtext("{*}author/{*}name") == NAME
    described = ElementTree.fromstring(branded.get("/opensearch.xml").content)
    assert described.findtext("{*}ShortName") == NAME[:16]
    assert described.findtext("{*}LongName") == NAME
    assert described.findtext("{*}Description") == "All <b>articles</b> since 1998"
    assert branded.get("/llms.txt").text.startswith(f"# {NAME}\n\n> All <b>articles</b> since 1998. Every response")
    info = branded.get("/api/v1/openapi.json").json()["info"]
    assert (info["title"], info["description"][:38]) == (NAME, "All <b>articles</b> since 1998. Errors")


def test_logo_is_sent_so_that_it_can_run_no_script(branded: TestClient) -> None:
    response = branded.get("/logo")
    assert (response.content, response.headers["Content-Type"]) == (SVG, "image/svg+xml")
    policies = response.headers.get_list("Content-Security-Policy")
    assert any("sandbox" in each.split("; ") and "default-src 'none'" in each for each in policies)
    again = branded.get("/logo", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_service_without_branding_has_no_logo_and_no_colour(client: TestClient) -> None:
    assert client.get("/logo").status_code == 404
    assert client.get("/accent.css").text == ""
    html = client.get("/").text
    assert not elements(html, "img")
    assert "accent.css" not in html


def test_etag_of_a_page_changes_with_the_name(service: SearchService) -> None:
    first, second = (client_of(service, Settings(name=name)) for name in ("A", "B"))
    for path in ("/search?q=nato", "/search.atom?q=nato"):
        tag = first.get(path).headers["ETag"]
        assert second.get(path, headers={"If-None-Match": tag}).status_code == 200
        assert first.get(path, headers={"If-None-Match": tag}).status_code == 304


# Logo


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (SVG, "image/svg+xml"),
        (b"\xef\xbb\xbf<svg/>".replace(b"/>", b" />"), "image/svg+xml"),
    ],
)
def test_type_of_a_logo_is_read_from_its_bytes(tmp_path: Path, content: bytes, media_type: str) -> None:
    path = tmp_path / "logo"
    path.write_bytes(content)
    logo = load_logo(path)
    assert logo
    assert (logo.content, logo.media_type) == (content, media_type)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<html><svg>",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>',
        b"<script>alert(1)</script>",
        b"RIFF\0\0\0\0WAVE",
    ],
)
def test_other_file_is_no_logo(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="logo must be an image in PNG, SVG, JPEG or WebP"):
        load_logo(path)


def test_large_logo_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(PNG.ljust(MAX_LOGO, b"\0"))
    assert load_logo(path)
    path.write_bytes(PNG.ljust(MAX_LOGO + 1, b"\0"))
    with pytest.raises(SettingsError, match="logo must have 256 KB or less"):
        load_logo(path)


def test_missing_logo_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="logo must name a file; there is none at "):
        load_logo(tmp_path / "none.png")


# Accent colour

COLOURS = ["#000", "#ffffff", "#c0ffee", "#0b6b5d", "#ff0", "#7A1F5C", "#808080", "#00f"]


@pytest.mark.parametrize("colour", COLOURS)
def test_text_in_any_accent_colour_can_be_read(colour: str) -> None:
    for ground in accent.LIGHT_GROUNDS:
        assert accent.contrast(accent.for_light(colour), ground) >= 4.5
    for ground in accent.DARK_GROUNDS:
        assert accent.contrast(accent.for_dark(colour), ground) >= 4.5


def test_readable_colour_stays_as_it_is() -> None:
    assert accent.stylesheet("#0b6b5d").startswith(":root{--accent:#0b6b5d}@media (prefers-color-scheme:dark)")
    assert accent.for_dark("#6fd3bf") == "#6fd3bf"


def test_contrast_is_that_of_the_standard() -> None:
    assert accent.contrast("#000", "#fff") == pytest.approx(21)
    assert accent.contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)  # the lightest grey that passes


def test_grounds_are_those_of_the_style_sheet() -> None:
    css = (STATIC / "style.css").read_text("utf-8")
    grounds = re.findall(r"--paper: (#\w+); --ground: (#\w+);", css)
    assert grounds == [("#fff", accent.LIGHT_GROUNDS[1]), accent.DARK_GROUNDS]


def test_pale_colour_is_named_in_the_log(service: SearchService, caplog: pytest.LogCaptureFixture) -> None:
    create_app(service, Settings(accent="#0b6b5d"))
    assert caplog.messages == []
    create_app(service, Settings(accent="#ff0"))
    assert caplog.messages == [
        f"accent #ff0 has too little contrast on light grounds; {accent.for_light('#ff0')} is used there"
    ]
