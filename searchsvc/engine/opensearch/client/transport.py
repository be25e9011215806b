"""HTTP to the nodes of a cluster: pooled, bounded in time and size, tried again where that helps."""

import logging
import random
import threading
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import urllib3
from urllib3 import Timeout
from urllib3.exceptions import HTTPError, LocationValueError

from searchsvc.errors import EngineUnavailable, SettingsError

RETRIED = frozenset({429, 502, 503})
_LEFT = (b'"node_disconnected_exception"', b'"node_not_connected_exception"', b'"node_closed_exception"')
MAX_REPLY = 256 << 20  # bytes
_CONNECT = 0.7  # seconds
_LEAST_DEAD, _MOST_DEAD = 1.0, 30.0  # seconds without asking a host that did not answer
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0  # seconds between tries
_SHARE = 0.5  # of the time that is left goes to a try while there is another host to ask

_log = logging.getLogger("searchsvc.engine")


@dataclass(frozen=True, slots=True)
class Access:
    """Where the cluster is and how to get in. `ca`: a file of certificates to trust instead of the system's."""

    urls: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    ca: Path | None = None

    def headers(self) -> dict[str, str]:
        if self.api_key:
            return {"authorization": f"ApiKey {self.api_key}"}
        if self.user:
            return {"authorization": f"Basic {b64encode(f'{self.user}:{self.password}'.encode()).decode()}"}
        return {}


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and the JSON that came with it, still encoded."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Raises EngineUnavailable for what is no JSON: something else answers at this address."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise EngineUnavailable(f"OpenSearch answered something else than JSON: {self.body[:80]!r}") from error

    def reason(self) -> str:
        """What OpenSearch says went wrong, in a line."""
        try:
            said = msgspec.json.decode(self.body)["error"]
            first = (said.get("root_cause") or [said])[0]
            return f"{first['type']}: {first.get('reason') or ''}"[:500]
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError, IndexError):
            return f"status {self.status}"


class _Host:
    """One node: its connections, and until when it is left alone."""

    def __init__(self, url: str, access: Access) -> None:
        scheme, netloc, path, query, fragment = urlsplit(url)
        if scheme not in ("http", "https") or not netloc or query or fragment:
            raise SettingsError(f"opensearch.urls must hold addresses like https://node:9200, not {url!r}")
        if "@" in netloc:
            raise SettingsError("opensearch.urls must not hold a password: set opensearch.user and opensearch.password")
        tls = {"ca_certs": str(access.ca)} if access.ca and scheme == "https" else {}
        try:
            self._pool = urllib3.connection_from_url(url, maxsize=16, headers=access.headers(), **tls)
        except (LocationValueError, ValueError) as error:
            raise SettingsError(f"opensearch.urls: {url!r} is no address") from error
        self.url = url
        self._prefix = path.rstrip("/")
        self._failures = 0
        self.dead_until = 0.0  # by time.monotonic()

    def ask(self, method: str, path: str, body: bytes | None, seconds: float) -> Reply:
        """Raises urllib3's HTTPError, which is also what a reply that ends too early is."""
        response = self._pool.urlopen(
            method,
            self._prefix + path,
            body=body,
            headers={**self._pool.headers, "content-type": _type_of(path), "accept-encoding": "gzip"},
            timeout=Timeout(connect=min(_CONNECT, seconds), read=seconds),
            retries=False,
            redirect=False,  # which would take the password to wherever it points
            preload_content=False,
        )
        try:
            data = response.read(MAX_REPLY + 1)
        finally:
            response.release_conn()
        if len(data) > MAX_REPLY:
            raise EngineUnavailable(f"OpenSearch answered with more than {MAX_REPLY >> 20} MB")
        return Reply(response.status, data)

    def answered(self) -> None:
        self._failures, self.dead_until = 0, 0.0

    def failed(self) -> None:
        wait = min(_LEAST_DEAD * 2**self._failures, _MOST_DEAD)
        self._failures, self.dead_until = self._failures + 1, time.monotonic() + wait

    def close(self) -> None:
        self._pool.close()


def _type_of(path: str) -> str:
    return "application/x-ndjson" if path.partition("?")[0].endswith(("/_bulk", "/_msearch")) else "application/json"


class Transport:
    """Asks the hosts in turn. Safe from several threads.

    Every request can be sent twice without harm (documents have ids, an alias is set, not
    toggled), so a broken connection is tried again like a refusal for want of room.
    """

    def __init__(self, access: Access) -> None:
        if not access.urls:
            raise SettingsError("engine is opensearch, but opensearch.urls names no node")
        if access.ca and not access.ca.is_file():
            raise SettingsError(f"opensearch.ca names {access.ca}, which is no file")
        self._hosts = [_Host(url, access) for url in access.urls]
        self._next = random.randrange(len(self._hosts))
        self._turning = threading.Lock()
        self._silent_since: float | None = None  # by time.monotonic(), while no host answers

    def ask(self, method: str, path: str, body: bytes | None = None, *, seconds: float) -> Reply:
        """The reply of some host, whatever its status, within `seconds`.

        Raises EngineUnavailable if no host answered, or all had no room until then. The time of a
        silence counts for all who ask: what comes when it has lasted so long is tried once.
        """
        end = time.monotonic() + seconds
        tries, trouble = 0, "no answer"
        while True:
            for place, host in enumerate(hosts := self._in_turn()):
                left = end - time.monotonic()
                if left <= 0:
                    raise self._unavailable(trouble)
                share = left * _SHARE if place < len(hosts) - 1 else left
                try:
                    reply = host.ask(method, path, body, share)
                except HTTPError as error:
                    host.failed()
                    trouble = f"{host.url}: {_in_words(error)}"
                    continue
                host.answered()
                self._silent_since = None
                if not _may_pass(reply):
                    return _checked(host, reply)
                trouble = f"{host.url}: {reply.reason()}"
                break  # the cluster has no room, or lost a node while it searched, whichever host is asked
            else:
                self._silent_since = self._silent_since or time.monotonic()
                end = min(end, self._silent_since + seconds)
            tries += 1
            pause = random.uniform(0.5, 1) * min(_FIRST_PAUSE * 2**tries, _LONGEST_PAUSE)
            if time.monotonic() + pause > end:
                raise self._unavailable(trouble)
            time.sleep(pause)

    def close(self) -> None:
        for host in self._hosts:
            host.close()

    def _in_turn(self) -> Sequence[_Host]:
        """The hosts, another one first each time; those that did not answer lately come last."""
        with self._turning:
            self._next = start = (self._next + 1) % len(self._hosts)
        hosts = self._hosts[start:] + self._hosts[:start]
        now = time.monotonic()
        living = [host for host in hosts if host.dead_until <= now]
        return living or sorted(hosts, key=lambda host: host.dead_until)

    def _unavailable(self, trouble: str) -> EngineUnavailable:
        asked = ", ".join(host.url for host in self._hosts)
        return EngineUnavailable(f"OpenSearch at {asked} can't answer ({trouble}); is the cluster running?")


def _may_pass(reply: Reply) -> bool:
    """Whether the trouble may pass. A node that stops between two phases of a search fails it with 500."""
    return reply.status in RETRIED or (reply.status == 500 and any(name in reply.body for name in _LEFT))


def _checked(host: _Host, reply: Reply) -> Reply:
    if 300 <= reply.status < 400:
        raise EngineUnavailable(f"{host.url} sends requests elsewhere, which is not followed; see opensearch.urls")
    if reply.status in (401, 403) and b"cluster_block_exception" not in reply.body:
        raise EngineUnavailable(f"{host.url} refuses our credentials: check opensearch.user or opensearch.api_key")
    return reply


def _in_words(error: HTTPError) -> str:
    """A library's error without the addresses of its objects."""
    cause: BaseException = error
    while isinstance(cause.__cause__, BaseException):
        cause = cause.__cause__
    return f"{type(cause).__name__} {cause}".split(" object at ")[0][:200]
