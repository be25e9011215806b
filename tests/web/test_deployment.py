"""The files of docs/deployment: quoted by the page as they are, accepted by the programs they are for, and working."""

import re
import shlex
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
import yaml
from click.testing import CliRunner

from searchsvc import settings
from searchsvc.cli import main
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.browser.articles import LONG, ORIGINALS, library_service
from tests.browser.conftest import served_app
from tests.web import nginx
from tests.web.answers import elements
from tests.web.nginx import BASE, DEPLOYMENT

pytestmark = pytest.mark.slow  # real servers and proxies


ROOT = DEPLOYMENT.parents[1]
PAGE = (DEPLOYMENT.parent / "deployment.md").read_text()
FILES = sorted(each.name for each in DEPLOYMENT.iterdir())
CADDY = shutil.which("caddy")


@pytest.mark.parametrize("name", FILES)
def test_page_quotes_the_file_as_it_is(name: str) -> None:
    assert f"\n{(DEPLOYMENT / name).read_text()}```\n" in PAGE


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Host and port of a service below BASE."""
    service = library_service(tmp_path_factory.mktemp("library"))
    with served_app(create_app(service, Settings(base_path=BASE))) as address:
        yield urlsplit(address).netloc


@pytest.fixture(scope="module", params=["passed on", "stripped"])
def proxied(request: pytest.FixtureRequest, library: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the service behind nginx, which passes the base path on or strips it."""
    folder = tmp_path_factory.mktemp("nginx")
    with nginx.proxied(folder, library, strips=request.param == "stripped") as address:
        yield address


@pytest.mark.parametrize("path", ["/", "/search?q=harbour", f"/doc/{LONG.id}/{LONG.slug}?q=sea", "/help/api"])
def test_page_behind_nginx_leads_to_pages_behind_nginx(proxied: str, path: str) -> None:
    html = httpx2.get(proxied + path).text
    found = [each.get("href") or each.get("src") or "" for each in elements(html, "a", "link", "script")]
    own = [each for each in found if not each.startswith("#") and urlsplit(each).hostname != ORIGINALS]
    local = {urlsplit(each)._replace(fragment="").geturl() for each in own}
    assert len(local) > 5
    for each in local:
        assert each.startswith(f"{BASE}/")
        assert httpx2.get(proxied.removesuffix(BASE) + each).status_code == 200, each


def test_document_behind_nginx_is_redirected_to_itself(proxied: str) -> None:
    answer = httpx2.get(f"{proxied}/doc/{LONG.id}", follow_redirects=True)
    assert (answer.status_code, str(answer.url)) == (200, f"{proxied}/doc/{LONG.id}/{LONG.slug}")


def test_search_behind_nginx_is_sent_as_json(proxied: str) -> None:
    answer = httpx2.post(f"{proxied}/api/v1/search", json={"q": "harbour"})
    assert answer.json()["links"]["next"] == f"{BASE}/api/v1/search?q=harbour&page=2"
    assert len(answer.headers["X-Request-Id"]) == 32  # from nginx


def test_base_path_without_a_slash_leads_to_the_search(proxied: str) -> None:
    answer = httpx2.get(proxied, follow_redirects=True)
    assert (answer.status_code, str(answer.url)) == (200, f"{proxied}/")


def test_rest_of_the_site_is_not_the_services_own(proxied: str) -> None:
    assert httpx2.get(f"{proxied.removesuffix(BASE)}/search").status_code == 404


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a certificate of search.example.org, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    words = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=search.example.org -keyout privkey.pem -out fullchain.pem"
    )
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True, timeout=60)
    return folder


def own_host(certificate: Path, upstream: str, plain: int, tls: int) -> str:
    """Return nginx.conf with other ports, another upstream and `certificate`."""
    text = (DEPLOYMENT / "nginx.conf").read_text().replace("/etc/letsencrypt/live/search.example.org", str(certificate))
    text = re.sub(r"listen \[::\].*\n", "", text).replace(nginx.UPSTREAM, upstream)
    return text.replace("listen 80;", f"listen 127.0.0.1:{plain};").replace("listen 443", f"listen 127.0.0.1:{tls}")


@pytest.mark.parametrize("file", ["nginx.conf", "nginx-subpath.conf"])
def test_nginx_accepts_the_file(tmp_path: Path, certificate: Path, file: str) -> None:
    text = (DEPLOYMENT / file).read_text().replace("/etc/letsencrypt/live/search.example.org", str(certificate))
    servers = text if file == "nginx.conf" else nginx.server(nginx.free_port(), text)
    # Ports below 1024 are root's, and nginx opens them for its test.
    for port in ("80", "443"):
        servers = servers.replace(f"listen {port}", f"listen {nginx.free_port()}")
        servers = servers.replace(f"[::]:{port}", f"[::1]:{nginx.free_port()}")
    checked = subprocess.run([*nginx.configured(tmp_path, servers), "-t"], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


def test_host_of_its_own_has_tls_and_leads_to_the_service(
    tmp_path: Path, certificate: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plain, tls = nginx.free_port(), nginx.free_port()
    trusted = ssl.create_default_context(cafile=certificate / "fullchain.pem")
    trusted.check_hostname = False  # it is asked by its number
    with (
        served_app(create_app(library_service(tmp_path_factory.mktemp("library")))) as address,
        nginx.running(tmp_path, own_host(certificate, urlsplit(address).netloc, plain, tls), tls),
    ):
        answer = httpx2.get(f"https://127.0.0.1:{tls}/search?q=harbour", verify=trusted)
        redirect = httpx2.get(f"http://127.0.0.1:{plain}/search?q=harbour")
    assert (answer.status_code, answer.headers["Strict-Transport-Security"]) == (200, "max-age=31536000")
    assert redirect.headers["Location"] == "https://search.example.org/search?q=harbour"


@pytest.mark.skipif(CADDY is None, reason="no caddy is found")
@pytest.mark.parametrize("file", ["Caddyfile", "Caddyfile-subpath"])
def test_caddy_accepts_the_file(tmp_path: Path, file: str) -> None:
    command = [str(CADDY), "validate", "--adapter", "caddyfile", "--config", str(DEPLOYMENT / file)]
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, env=home)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("unit", ["searchsvc.service", "searchsvc-update.service"])
def test_unit_starts_commands_that_exist(unit: str) -> None:
    commands = re.findall(r"^Exec\w+=-?/opt/searchsvc/bin/searchsvc (.*)", (DEPLOYMENT / unit).read_text(), re.M)
    assert commands
    for command in commands:
        words = shlex.split(command.replace("/etc/searchsvc.toml", str(DEPLOYMENT / "searchsvc.toml")))
        assert CliRunner().invoke(main, [*words, "--help"]).exit_code == 0, command


def test_settings_are_accepted() -> None:
    assert settings.load({}, DEPLOYMENT / "searchsvc.toml", {}).effective_base_path == BASE


def test_compose_mounts_what_the_image_reads() -> None:
    service = yaml.safe_load((DEPLOYMENT / "compose.yaml").read_text())["services"]["searchsvc"]
    sources = [each.split(":")[0] for each in service["volumes"]]
    targets = [each.split(":")[1] for each in service["volumes"]]
    assert targets == [f"/srv/searchsvc/{each}" for each in ("seeds", "searchsvc.toml", "index")]
    assert [(DEPLOYMENT / each).resolve() for each in sources[:2]] == [ROOT / "seeds", DEPLOYMENT / "searchsvc.toml"]
    assert (DEPLOYMENT / service["build"]["context"] / "Dockerfile").is_file()
    assert service["read_only"] is True
