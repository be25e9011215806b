"""Delivery of alerts by real processes: https with a certificate of one's own, failures, a killed run."""

import json
import shutil
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.certificates import Authority

from .conftest import Run, Spawn

STEEL = "---\ntitle: Steel is dear\n---\nThe tariffs on steel rose on Friday.\n"
SENDMAIL = """#!/bin/sh
test ! -e "$0.broken" || exit 75
(echo "To: $3"; cat; echo) >> "$0.mbox"
"""


class Hook(ThreadingHTTPServer):
    """A webhook that records the alerts of its requests; it replies once `answers` is set."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scheme = "https" if tls else "http"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.alerts: list[str] = []
        self.asked, self.answers = Event(), Event()
        self.answers.set()

    def url(self, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.server_port}/hook"

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing about clients that do not trust the certificate."""


class Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.alerts.append(body["alert"])
        self.server.asked.set()
        self.server.answers.wait(60)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if not shutil.which("openssl"):
        pytest.skip("no openssl, which makes the certificates")
    return Authority.made(tmp_path_factory.mktemp("tls") / "news")


Serve = Callable[..., Hook]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start webhooks; they end with the test."""
    hooks: list[Hook] = []

    def start(tls: ssl.SSLContext | None = None) -> Hook:
        hooks.append(Hook(tls))
        Thread(target=hooks[-1].serve_forever, daemon=True).start()
        return hooks[-1]

    yield start
    for hook in hooks:
        hook.answers.set()
        hook.shutdown()
        hook.server_close()


def prepare(home: Path, run: Run, *alerts: str) -> None:
    """Write the alerts, let them run once, and publish an article that is new for all of them."""
    sendmail = home / "sendmail"
    sendmail.write_text(SENDMAIL)
    sendmail.chmod(0o755)
    head = f'secret = "0123456789abcdef"\nsendmail = "{sendmail}"\n'
    (home / "alerts.toml").write_text(head + "".join(f'[[alert]]\nquery = "tariffs"\n{each}\n' for each in alerts))
    assert run("alerts", "alerts.toml").exit_code == 0
    (home / "seeds/steel.md").write_text(STEEL)
    assert run("update").exit_code == 0


def test_https_webhook_needs_a_certificate_that_is_trusted(
    built: Path, run: Run, spawn: Spawn, serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = serve(authority.node())
    prepare(built, run, f'name = "Trade"\nwebhook = "{hook.url()}"')
    refused = spawn("alerts", "alerts.toml")
    assert (refused.returncode, refused.stderr.count("\n")) == (8, 1)
    assert "searchsvc: Trade: the webhook at 127.0.0.1 cannot be reached" in refused.stderr
    assert "CERTIFICATE_VERIFY_FAILED" in refused.stderr
    assert hook.alerts == []
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    delivered = spawn("alerts", "alerts.toml")
    assert (delivered.returncode, delivered.stderr) == (0, "")
    assert spawn("alerts", "alerts.toml").stdout == ""
    assert hook.alerts == ["Trade"]


def test_https_webhook_must_have_the_name_in_its_certificate(
    built: Path, run: Run, spawn: Spawn, serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = serve(authority.node())
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    prepare(built, run, f'name = "Trade"\nwebhook = "{hook.url("localhost")}"')
    refused = spawn("alerts", "alerts.toml")
    assert (refused.returncode, "Hostname mismatch" in refused.stderr) == (8, True)
    assert hook.alerts == []


def test_failing_alert_neither_loses_its_articles_nor_holds_up_others(
    built: Path, run: Run, spawn: Spawn, serve: Serve
) -> None:
    hook = serve()
    prepare(
        built,
        run,
        'name = "Broken"\nmail = "desk@example.org"',
        f'name = "Working"\nwebhook = "{hook.url()}"',
    )
    (built / "sendmail.broken").touch()
    failed = spawn("alerts", "alerts.toml")
    assert (failed.returncode, failed.stderr.startswith("searchsvc: Broken: ")) == (8, True)
    assert hook.alerts == ["Working"]
    assert spawn("alerts", "alerts.toml").returncode == 8  # and reported each time
    (built / "sendmail.broken").unlink()
    assert spawn("alerts", "alerts.toml").returncode == 0
    assert spawn("alerts", "alerts.toml").stdout == ""
    assert hook.alerts == ["Working"]
    mail = (built / "sendmail.mbox").read_text()
    assert mail.count("To: desk@example.org\nTo: desk@example.org\nSubject: Broken: 1 new article\n") == 1
    assert "Steel is dear" in mail


def test_killed_run_is_repeated(built: Path, run: Run, spawn: Spawn, serve: Serve, searchsvc: str) -> None:
    hook = serve()
    prepare(built, run, f'name = "Trade"\nwebhook = "{hook.url()}"')
    hook.answers.clear()
    with subprocess.Popen([searchsvc, "alerts", "alerts.toml"], stdout=subprocess.DEVNULL) as process:
        assert hook.asked.wait(30)
        process.kill()
        assert process.wait() == -signal.SIGKILL
    hook.answers.set()
    assert spawn("alerts", "alerts.toml").returncode == 0
    assert spawn("alerts", "alerts.toml").stdout == ""
    assert hook.alerts == ["Trade", "Trade"]
