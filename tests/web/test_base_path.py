"""The service below a base path: every address that it gives out is below it, and leads somewhere."""

import json
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.service import SearchService
from searchsvc.settings import OWN_FOLDERS, Settings
from searchsvc.web.addresses import Addresses
from searchsvc.web.app import create_app
from searchsvc.web.middleware.access_log import Log
from searchsvc.web.operations import OPERATIONS
from searchsvc.web.templating import STATIC
from searchsvc.web.views.feeds import NAMESPACES
from tests.browser.articles import COPY, LONG, ORIGINALS, library_service
from tests.web.answers import assert_problem, elements

BASE, PUBLIC = "/archive", "https://www.example.org/archive"
DOCUMENT = f"/doc/{LONG.id}/{LONG.slug}"
STARTS = (
    "/", "/search?q=lighthuose", "/search?q=zeppelin&filter=author:nobody", "/search?q=harbour&matchingStrategy=all",
    "/search?q=harbour&page=9", "/nowhere", "/api/v1/nowhere", "/help/api", "/opensearch.xml", "/embed.js",
    "/suggest?q=harb",
    "/search.json?q=harbour&hitsPerPage=5&page=2", "/search.json?q=lighthouse", "/search.atom?q=harbour&page=2",
    "/api/v1/suggest?q=the", "/api/v1/openapi.json", f"/api/v1/documents/{LONG.id}",
    f"/api/v1/documents/{LONG.id}/similar", f"/doc/{LONG.id}/other-slug?q=lighthouse",
    f"{DOCUMENT}?view=compared&with={COPY.id}",
)  # fmt: skip
MOST = 300  # pages of a crawl; there are endless searches
IMPORTED = re.compile(r'^import .*? from "(.+?)";$', re.M)
LINKED = re.compile(r"<([^>]*)>; rel")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an index of the library."""
    folder = tmp_path_factory.mktemp("library")
    library_service(folder).close()
    return folder


def application(folder: Path, settings: Settings, log: Log | None = None) -> Starlette:
    """Return the application over the index in `folder`."""
    return create_app(SearchService(EmbeddedEngine(folder, "en"), settings), settings, log)


@pytest.fixture(scope="module", params=["base_path", "public_url"])
def settings_below(request: pytest.FixtureRequest) -> Settings:
    """Settings of a service below BASE, by either of the settings that say so."""
    return Settings(base_path=BASE) if request.param == "base_path" else Settings(public_url=PUBLIC)


@pytest.fixture(scope="module")
def below(library: Path, settings_below: Settings) -> Iterator[TestClient]:
    """A client of the service below BASE."""
    with TestClient(application(library, settings_below), follow_redirects=False) as opened:
        yield opened


def given_out(answer: Response) -> Iterator[str]:
    """Every address in an answer: its headers, and its body by the type of it."""
    if "Location" in answer.headers:
        yield answer.headers["Location"]
    yield from LINKED.findall(answer.headers.get("Link", ""))
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind == "text/html":
        for each in elements(answer.text, "a", "link", "script", "form"):
            yield from (value for name, value in each.items() if name in ("href", "src", "action") and value)
    elif kind == "text/javascript":
        yield from IMPORTED.findall(answer.text)
    elif kind in ("application/atom+xml", "application/opensearchdescription+xml"):
        for element in ElementTree.fromstring(answer.content).iter():
            yield from filter(None, (element.get("href"), _filled(element.get("template"))))
    elif kind == "application/json":
        yield from _links(answer.json())


def _filled(template: str | None) -> str | None:
    return template and template.replace("{searchTerms}", "harbour").replace("{startPage?}", "2")


def _links(value: object) -> Iterator[str]:
    """The addresses in a reply: members called `link`, `self`, `next` or `prev`, and the server of OpenAPI."""
    if isinstance(value, dict):
        for name, held in value.items():
            if name in ("link", "self", "next", "prev", "url") and isinstance(held, str):
                yield f"{held}/" if name == "url" else held
            else:
                yield from _links(held)
    elif isinstance(value, list):
        for held in value:
            yield from _links(held)


@pytest.mark.slow
def test_every_address_given_out_is_below_the_base_path_and_answers(
    below: TestClient, settings_below: Settings
) -> None:
    waiting, seen = deque(BASE + each for each in STARTS), set[str]()
    missing = {f"{BASE}/nowhere", f"{BASE}/api/v1/nowhere"}
    if not settings_below.public_url:
        missing.add(f"{BASE}/opensearch.xml")
    while waiting and len(seen) < MOST:
        path = waiting.popleft()
        if path in seen:
            continue
        seen.add(path)
        answer = below.get(path)
        assert answer.status_code in ((404,) if path in missing else (200, 308)), path
        for address in given_out(answer):
            whole = urldefrag(urljoin(f"https://www.example.org{path}", address)).url
            if urlsplit(whole).hostname == ORIGINALS:
                continue
            assert whole.startswith(f"{PUBLIC}/"), f"{path} leads to {address}"
            waiting.append(urlsplit(whole)._replace(scheme="", netloc="").geturl())
    assert len(seen) == MOST
    assert {f"{BASE}/static/combobox.js", f"{BASE}/static/style.css", f"{BASE}/help/search", f"{BASE}/"} <= seen


@pytest.mark.parametrize("address", [each for one in OPERATIONS for each in one.examples if "{" not in each])
def test_proxy_may_strip_the_base_path_or_pass_it_on(below: TestClient, address: str) -> None:
    passed, stripped = below.get(BASE + address), below.get(address)
    assert passed.status_code == stripped.status_code == 200
    assert _lasting(passed) == _lasting(stripped)


def _lasting(answer: Response) -> object:
    """The body of an answer without what is measured."""
    if answer.headers["Content-Type"] == "application/json":
        return {name: each for name, each in answer.json().items() if name != "processingTimeMs"}
    return re.sub(r"<small>in .*? ms</small>", "", answer.text)


@pytest.mark.parametrize("path", [BASE, f"{BASE}/"])
def test_base_path_itself_is_the_search_page(below: TestClient, path: str) -> None:
    answer = below.get(path)
    assert answer.status_code == 200
    assert "All <strong>33</strong> articles" in answer.text


@pytest.mark.parametrize("path", ["/archived", "/archivesearch", f"{BASE}{BASE}/search", f"{BASE}//search"])
def test_path_that_only_resembles_the_base_path_is_nothing(below: TestClient, path: str) -> None:
    assert below.get(path).status_code == 404


def test_problems_of_the_api_stay_json(below: TestClient) -> None:
    assert_problem(below.get(f"{BASE}/search.json?colour=red"), 400, "colour")
    assert_problem(below.get(f"{BASE}/api/v1/nowhere"), 404)


def test_unexpected_error_is_answered_as_at_the_root(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(SearchService, "suggest", broken)
    client = TestClient(application(library, Settings(base_path=BASE)), raise_server_exceptions=False)
    assert_problem(client.get(f"{BASE}/api/v1/suggest?q=a"), 500)


def test_document_is_redirected_below_the_base_path(below: TestClient) -> None:
    answer = below.get(f"{BASE}/doc/{LONG.id}?q=sea")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{BASE}{DOCUMENT}?q=sea")


def test_search_below_the_base_path_is_answered_from_the_cache(below: TestClient) -> None:
    for path in ("/search", "/search.json", "/search.atom"):
        first, second = (below.get(f"{BASE}{path}?q=ships") for _ in range(2))
        assert "hit" not in first.headers["Server-Timing"]
        assert "hit" in second.headers["Server-Timing"]
        assert second.content == first.content


def test_access_log_has_templates_without_the_base_path(library: Path) -> None:
    lines: list[bytes] = []
    client = TestClient(application(library, Settings(base_path=BASE), lines.append))
    for path in ("/doc/x/y", "/livez", "/static/page.js"):
        client.get(BASE + path)
    assert [json.loads(line)["endpoint"] for line in lines] == ["/doc/{id}/{slug}", "/livez", "/static"]


def test_public_address_is_in_feed_and_canonical_link_and_openapi(library: Path) -> None:
    client = TestClient(application(library, Settings(public_url=PUBLIC)))
    feed = ElementTree.fromstring(client.get(f"{BASE}/search.atom?q=lighthouse").content)
    hrefs = {each.get("href") for each in feed.iter(f"{{{NAMESPACES['']}}}link")}
    assert PUBLIC + DOCUMENT in hrefs
    link_elements = {each["rel"]: each["href"] for each in elements(client.get(f"{BASE}/help/api").text, "link")}
    assert link_elements["canonical"] == f"{PUBLIC}/help/api"
    assert client.get(f"{BASE}/api/v1/openapi.json").json()["servers"] == [{"url": PUBLIC}]


def test_openapi_names_the_base_path_as_its_server(library: Path) -> None:
    client = TestClient(application(library, Settings(base_path=BASE)))
    assert client.get(f"{BASE}/api/v1/openapi.json").json()["servers"] == [{"url": BASE}]


@pytest.mark.parametrize(
    ("addresses", "to", "absolute"),
    [
        (Addresses(), "/search", "/search"),
        (Addresses("/a"), "/a/search", "/a/search"),
        (Addresses("", "https://h"), "/search", "https://h/search"),
        (Addresses.of(Settings(public_url="https://h/a")), "/a/search", "https://h/a/search"),
    ],
)
def test_path_gets_the_base_path_once(addresses: Addresses, to: str, absolute: str) -> None:
    assert (addresses.to("/search"), addresses.absolute("/search")) == (to, absolute)


def test_folders_of_the_service_are_those_of_its_routes(library: Path) -> None:
    routes = application(library, Settings()).routes
    paths = [each.path for each in routes if isinstance(each, Route | Mount)]
    folders = {path.split("/")[1] for path in paths if path.count("/") > 1}
    assert folders | {each.path.strip("/") for each in routes if isinstance(each, Mount)} == OWN_FOLDERS


def test_addresses_in_templates_go_through_the_function_for_it() -> None:
    files = (STATIC.parent / "templates").iterdir()
    found = {each for file in files for each in re.findall(r'(?:href|src|action)="(.*?)"', file.read_text())}
    others = {each for each in found if not each.startswith(("#", "{{ to("))}
    assert others == {"{{ addresses.absolute(path) }}", "{{ document.url }}"}


def test_search_by_post_gives_out_addresses_below_the_base_path(below: TestClient) -> None:
    answer = below.post(f"{BASE}/api/v1/search", json={"q": "harbour", "hitsPerPage": 5})
    assert answer.json()["links"]["next"] == f"{BASE}/api/v1/search?q=harbour&hitsPerPage=5&page=2"
    assert {each["link"].startswith(f"{BASE}/doc/") for each in answer.json()["hits"]} == {True}
