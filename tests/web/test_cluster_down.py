"""What people and programs are told when the cluster does not answer; no cluster is needed for that."""

import time
from collections.abc import Iterator
from pathlib import Path
from socket import socket

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from searchsvc.cli import main
from searchsvc.engines import engine_of
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app

pytestmark = pytest.mark.slow


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address that is taken, at which nobody answers."""
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def client(nobody: str) -> Iterator[TestClient]:
    chosen = Settings(engine="opensearch", opensearch_urls=(nobody, nobody))
    with TestClient(create_app(SearchService(engine_of(chosen), chosen)), follow_redirects=False) as opened:
        yield opened


@pytest.mark.parametrize("address", ["/search.json?q=x", "/search?q=x", "/api/v1/stats"])
def test_a_search_is_503_in_time_and_says_when_to_try_again(client: TestClient, address: str) -> None:
    started = time.monotonic()
    reply = client.get(address)
    assert time.monotonic() - started < 3
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
    assert "OpenSearch) cannot be reached" in reply.text
    assert "127.0.0.1" not in reply.text


def test_readiness_says_what_is_wrong(client: TestClient) -> None:
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert "OpenSearch" in reply.json()["reason"]


def test_a_command_exits_with_6(nobody: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "searchsvc.toml").write_text(f'engine = "opensearch"\nopensearch.urls = ["{nobody}"]\n')
    assert CliRunner().invoke(main, ["search", "x"]).exit_code == 6


def test_the_password_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "searchsvc.toml").write_text('opensearch.password = "hidden"')
    shown = CliRunner().invoke(main, ["config", "show"])
    assert shown.exit_code == 0
    assert "hidden" not in shown.output
