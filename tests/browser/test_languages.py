"""Pages in German, French and Spanish, with their own name, logo and colour: journeys, axe, narrow screens, print."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import HTMLResponse

from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.browser.articles import LONG, library_service
from tests.browser.conftest import served_app, watching
from tests.browser.test_accessibility import DOCUMENT, PAGES, violations

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 32"><rect width="64" height="32" fill="#7a1f5c"/>'
    "<script>document.documentElement.dataset.ran = 1; alert(1)</script></svg>"
)
LOCALES = {"de": "de-DE", "fr": "fr-FR", "es": "es-ES"}
SCRIPTS = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


@pytest.fixture(scope="module")
def branded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The library with a name, a logo, a pale colour and links."""
    folder = tmp_path_factory.mktemp("branded")
    logo: Path = folder / "logo.svg"
    logo.write_text(LOGO)
    settings = Settings(
        name="Hafenarchiv der Harbour News",
        description="Alle Artikel der Harbour News seit 1998.",
        logo=logo,
        accent="#ffb000",
        footer_links=("Impressum=/impressum", "Kontakt=mailto:archiv@example.org"),
    )
    application = create_app(library_service(folder / "index"), settings)
    with served_app(CORSMiddleware(application, allow_origins=["*"])) as address:
        yield address


@contextmanager
def page_in(
    browser: Browser, code: str, *, script: bool = True, width: int = 1280, dark: bool = False
) -> Iterator[Page]:
    """A page of a browser that prefers a language."""
    context = browser.new_context(
        locale=LOCALES[code],
        viewport={"width": width, "height": 800},
        java_script_enabled=script,
        color_scheme="dark" if dark else "light",
    )
    with watching(context) as page:
        yield page
    context.close()


@SCRIPTS
@pytest.mark.parametrize(
    ("code", "placeholder", "noun", "cleared", "title"),
    [
        ("de", "Artikel durchsuchen", "Artikel", "Filter entfernen: Autor: Ada Byron", "Seite 2"),
        ("fr", "Rechercher dans les articles", "articles", "Retirer le filtre Auteur\xa0: Ada Byron", "page 2"),
        ("es", "Buscar en los artículos", "artículos", "Quitar el filtro Autor: Ada Byron", "página 2"),
    ],
)  # fmt: skip
def test_search_is_filtered_and_paged_in_the_language_of_the_browser(
    browser: Browser, branded: str, script: bool, code: str, placeholder: str, noun: str, cleared: str,
    title: str,
) -> None:  # fmt: skip
    with page_in(browser, code, script=script) as page:
        page.goto(branded)
        page.get_by_placeholder(placeholder).fill("harbour coal")
        page.keyboard.press("Enter")
        expect(page.locator("#summary")).to_contain_text(f"30 {noun}")
        page.locator("nav.pages a[rel=next]").click()
        expect(page).to_have_title(f"harbour coal – {title} – Hafenarchiv der Harbour News")
        page.locator("#filters .facet a", has_text="Ada Byron").click()
        expect(page.locator("#summary")).to_contain_text(f"10 {noun}")
        page.get_by_role("link", name=cleared).click()
        expect(page.locator("#summary")).to_contain_text(f"30 {noun}")


@pytest.mark.parametrize(
    ("code", "suggested", "matches", "step"),
    [
        ("de", "Vorschläge verfügbar", "Treffer 1 von", "Nächster Treffer"),
        ("fr", "suggestions disponibles", "occurrence 1 sur", "Occurrence suivante"),
        ("es", "sugerencias disponibles", "coincidencia 1 de", "Coincidencia siguiente"),
    ],
)
def test_script_speaks_the_language_of_the_page(
    browser: Browser, branded: str, code: str, suggested: str, matches: str, step: str
) -> None:
    with page_in(browser, code) as page:
        page.goto(branded)
        page.get_by_role("combobox").fill("harb")
        page.get_by_role("listbox").wait_for()
        expect(page.locator("#announcements")).to_contain_text(suggested)
        page.goto(f"{branded}{DOCUMENT}?q=lighthouse")
        page.get_by_role("button", name=step).click()
        expect(page.locator("#matches")).to_contain_text(matches)


def test_embedded_box_speaks_the_language_of_its_page(browser: Browser, branded: str) -> None:
    html = (
        '<html lang="de-AT"><title>a</title><link rel="icon" href="data:,">'
        f'<searchsvc-box><form action="{branded}/search"><input name="q"></form></searchsvc-box>'
        f'<script type="module" src="{branded}/embed.js"></script>'
    )
    with served_app(HTMLResponse(html)) as host, page_in(browser, "fr") as page:
        page.goto(host)
        expect(page.get_by_role("combobox", name="Artikel durchsuchen")).to_be_visible()
        expect(page.get_by_role("button", name="Suchen")).to_be_visible()
        page.get_by_role("combobox").fill("harb")
        expect(page.get_by_role("listbox", name="Vorschläge")).to_be_visible()


def test_text_of_articles_is_marked_as_english_in_a_german_page(browser: Browser, branded: str) -> None:
    with page_in(browser, "de") as page:
        page.goto(f"{branded}{DOCUMENT}")
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator(".text")).to_have_attribute("lang", LONG.language)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("code", LOCALES)
def test_page_fits_at_320_pixels_in_every_language(browser: Browser, branded: str, code: str, name: str) -> None:
    if name == "error":
        pytest.skip("a response with an error is a complaint of the browser")
    with page_in(browser, code, script=False, width=320) as page:
        page.goto(branded + PAGES[name])
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(width) == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", [name for name in PAGES if name != "error"])
def test_axe_finds_nothing_in_a_branded_german_page(browser: Browser, branded: str, name: str, dark: bool) -> None:
    with page_in(browser, "de", dark=dark) as page:
        page.goto(branded + PAGES[name])
        assert violations(page) == []


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_name_logo_and_links_are_shown(browser: Browser, branded: str, width: int) -> None:
    with page_in(browser, "de", width=width) as page:
        page.goto(branded)
        expect(page.locator(".name")).to_have_text("Hafenarchiv der Harbour News")
        expect(page.locator(".name img")).to_have_js_property("complete", True)
        assert page.locator(".name img").evaluate("image => image.naturalWidth") > 0
        expect(page.locator(".name img")).to_have_css("height", "32px")
        expect(page.get_by_role("link", name="Impressum")).to_be_visible()
        expect(page.locator("form.box button")).to_be_in_viewport()


def test_logo_runs_no_script_even_when_it_is_opened(browser: Browser, branded: str) -> None:
    page = browser.new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"{branded}/logo")
    assert page.evaluate("document.documentElement.localName") == "svg"
    assert page.evaluate("document.documentElement.dataset.ran") is None
    assert dialogs == []
    page.close()


def test_accent_colour_is_adapted_and_forced_colours_win(browser: Browser, branded: str) -> None:
    with page_in(browser, "de") as page:
        page.goto(branded)
        name = page.locator(".name")
        light = name.evaluate("name => getComputedStyle(name).color")
        assert light != "rgb(255, 176, 0)"  # too pale for white
        page.emulate_media(color_scheme="dark")
        expect(name).to_have_css("color", "rgb(255, 176, 0)")
        page.emulate_media(color_scheme="light", forced_colors="active")
        expect(name).not_to_have_css("color", "rgb(255, 176, 0)")
        expect(name).not_to_have_css("color", light)


def test_print_has_neither_logo_nor_links(browser: Browser, branded: str) -> None:
    with page_in(browser, "de") as page:
        page.emulate_media(media="print")
        page.goto(f"{branded}{DOCUMENT}")
        for hidden in (".name img", "footer .site"):
            expect(page.locator(hidden)).to_be_hidden()
        expect(page.locator(".text")).to_be_visible()
