"""`alerts`: articles that are new for saved queries."""

import email
import hashlib
import hmac
import json
import os
import socket
from collections.abc import Iterator
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from searchsvc.alerts import alert_state

from .conftest import TRADE, Run

SECRET = "0123456789abcdef"
EVIL = "Steel \u202e Bcc: all@evil.test"


class Hook(HTTPServer):
    """A webhook that records requests, and replies with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 204
        self.requests: list[tuple[str, str | None, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?desk=1"


class Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, self.headers["X-Searchsvc-Signature-256"], body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def write(home: Path, *lines: str, secret: str = SECRET) -> None:
    head = [f'secret = "{secret}"', f'sendmail = "{home}/sendmail"']
    alert = ["[[alert]]", 'name = "Trade"', 'query = "tariffs"']
    (home / "alerts.toml").write_text("\n".join([*head, *alert, *lines]))


def publish(home: Path, run: Run, title: str = "Steel is dear") -> None:
    (home / "seeds/steel.md").write_text(
        f"---\ntitle: {json.dumps(title)}\nurl: https://news.test/steel\n---\nThe tariffs on steel rose on Friday.\n"
    )
    assert run("update").exit_code == 0


def test_only_articles_that_are_new_are_reported_and_only_once(built: Path, run: Run) -> None:
    write(built)
    first = run("alerts", "alerts.toml")
    assert (first.stdout, first.stderr) == ("", "Trade: 1 article known; new ones are reported from now on\n")
    publish(built, run)
    second = run("alerts", "alerts.toml")
    lines = second.stdout.splitlines()
    assert (second.exit_code, lines[0], lines[2]) == (0, "Trade: 1 new article", "    https://news.test/steel")
    assert run("alerts", "alerts.toml").output == ""
    assert run("check").exit_code == 0


def test_a_changed_article_is_not_new(built: Path, run: Run) -> None:
    write(built)
    run("alerts", "alerts.toml")
    (built / "seeds/trade.txt").write_text(TRADE.replace("Tuesday", "Friday"))
    run("update")
    assert run("alerts", "alerts.toml").output == ""


def test_new_articles_as_json(built: Path, run: Run) -> None:
    write(built)
    run("alerts", "alerts.toml")
    publish(built, run)
    (message,) = json.loads(run("alerts", "alerts.toml", "--json").stdout)
    assert (message["alert"], message["new"], message["articles"][0]["title"]) == ("Trade", 1, "Steel is dear")


def test_a_webhook_gets_a_signed_body(built: Path, run: Run, hook: Hook) -> None:
    write(built, f'webhook = "{hook.url}"')
    run("alerts", "alerts.toml")
    publish(built, run)
    assert run("alerts", "alerts.toml").exit_code == 0
    ((path, signature, body),) = hook.requests
    assert (path, json.loads(body)["new"]) == ("/hook?desk=1", 1)
    assert signature == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("status", [302, 307, 500])
def test_a_failed_delivery_is_repeated_and_redirects_are_not_followed(
    built: Path, run: Run, hook: Hook, status: int
) -> None:
    write(built, f'webhook = "{hook.url}"')
    run("alerts", "alerts.toml")
    publish(built, run)
    hook.status = status
    failed = run("alerts", "alerts.toml")
    assert (failed.exit_code, f"replied with status {status}" in failed.stderr) == (8, True)
    hook.status = 200
    assert run("alerts", "alerts.toml").exit_code == 0
    assert [path for path, _, _ in hook.requests] == ["/hook?desk=1"] * 2


def test_an_unreachable_webhook_is_one_line_and_exit_code_8(built: Path, run: Run) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        write(built, f'webhook = "http://127.0.0.1:{unused.getsockname()[1]}/"')
        run("alerts", "alerts.toml")
        publish(built, run)
        failed = run("alerts", "alerts.toml")
    assert (failed.exit_code, failed.stderr.count("\n")) == (8, 1)


@pytest.fixture
def sent(home: Path) -> Path:
    """The message that a sendmail in `home` has taken, below its arguments."""
    (home / "sendmail").write_text(f'#!/bin/sh\n(echo "$@"; cat) > {home}/sent\n')
    (home / "sendmail").chmod(0o755)
    return home / "sent"


def test_a_mail_has_safe_headers(built: Path, run: Run, sent: Path) -> None:
    write(built, 'mail = "desk@example.org"')
    run("alerts", "alerts.toml")
    publish(built, run, EVIL)
    assert run("alerts", "alerts.toml").exit_code == 0
    arguments, _, message = sent.read_bytes().partition(b"\n")
    parsed = email.message_from_bytes(message, policy=policy.default)
    assert arguments == b"-i -- desk@example.org"
    assert (parsed["To"], parsed["Subject"], parsed["Bcc"]) == ("desk@example.org", "Trade: 1 new article", None)
    assert "https://news.test/steel" in parsed.get_content()
    assert "\u202e" not in parsed.get_content()


@pytest.mark.parametrize("program", ["exit 75", "kill $$"])
def test_a_failed_mail_is_repeated(built: Path, run: Run, sent: Path, program: str) -> None:
    write(built, 'mail = "desk@example.org"')
    run("alerts", "alerts.toml")
    publish(built, run)
    working = (built / "sendmail").read_text()
    (built / "sendmail").write_text(f"#!/bin/sh\n{program}\n")
    assert run("alerts", "alerts.toml").exit_code == 8
    (built / "sendmail").write_text(working)
    assert run("alerts", "alerts.toml").exit_code == 0
    assert sent.exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('mail = "-oQ/tmp@x"', "must be one address"),
        ('mail = "a@b.test\\nBcc: c@d.test"', "must be one address"),
        ('webhook = "file:///etc/passwd"', "http or https address"),
        ('webhook = "http://me:word@x.test/"', "http or https address"),
        ('webhook = "http://x.test/\\r\\nX: y"', "http or https address"),
        ('filters = ["size:9"]', "filter must be FIELD:VALUE"),
        ("nmae = 1", "unknown field `nmae`"),
        ('[[alert]]\nname = "Trade"', "2 alerts have the name Trade"),
        ('[[alert]]\nname = "a\\nb"', "name"),
    ],
)
def test_a_wrong_file_is_exit_code_2(built: Path, run: Run, line: str, message: str) -> None:
    write(built, line)
    refused = run("alerts", "alerts.toml")
    assert (refused.exit_code, message in refused.stderr) == (2, True), refused.stderr
    assert not (built / "index/alerts.json").exists()


def test_a_webhook_without_a_long_secret_is_refused(built: Path, run: Run) -> None:
    write(built, 'webhook = "https://x.test/"', secret="short")
    assert "set secret" in run("alerts", "alerts.toml").stderr


def test_two_runs_at_once_are_refused(built: Path, run: Run) -> None:
    write(built)
    with alert_state(built / "index"):
        second = run("alerts", "alerts.toml")
    assert second.exit_code == 5
    assert f"another run of alerts is running (process {os.getpid()} on" in second.stderr


def test_a_damaged_state_says_so(built: Path, run: Run) -> None:
    write(built)
    (built / "index/alerts.json").write_text("[")
    assert "alerts.json is damaged; delete it" in run("alerts", "alerts.toml").stderr


def test_an_article_with_only_some_of_the_words_is_not_reported(built: Path, run: Run) -> None:
    (built / "alerts.toml").write_text('[[alert]]\nname = "Trade"\nquery = "tariffs zebra"\n')
    run("alerts", "alerts.toml")
    publish(built, run)
    assert run("alerts", "alerts.toml").output == ""
