"""HTTP requests to the nodes of a cluster: pooled, limited in time and size, with retries."""

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

RETRYABLE_STATUSES = frozenset({429, 502, 503})
_NODE_LEFT_ERRORS = (b'"node_disconnected_exception"', b'"node_not_connected_exception"', b'"node_closed_exception"')
MAX_REPLY_BYTES = 256 << 20
_CONNECT_SECONDS = 0.7
_MIN_DEAD_SECONDS, _MAX_DEAD_SECONDS = 1.0, 30.0  # time for which a failed host is skipped
_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 0.05, 2.0  # seconds between retries
_TRY_SHARE = 0.5  # of the remaining time, for one try while there are other hosts

_log = logging.getLogger("searchsvc.engine")


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """Addresses and credentials of the cluster. `ca`: certificates to trust instead of the system's."""

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
    """Status and undecoded JSON body of a response."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Decode the body. Raises EngineUnavailable if it is not JSON: another service has this address."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise EngineUnavailable(f"the response is not JSON: {self.body[:80]!r}; check opensearch.urls") from error

    def reason(self) -> str:
        """Return OpenSearch's error message in one line."""
        try:
            error = msgspec.json.decode(self.body)["error"]
            first = (error.get("root_cause") or [error])[0]
            return f"{first['type']}: {first.get('reason') or ''}"[:500]
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError, IndexError):
            return f"status {self.status}"


class _Host:
    """One node: its connections, and the time until which it is skipped."""

    def __init__(self, url: str, access: ClusterAccess) -> None:
        scheme, netloc, path, query, fragment = urlsplit(url)
        if scheme not in ("http", "https") or not netloc or query or fragment:
            raise SettingsError(f"opensearch.urls must hold addresses like https://node:9200, not {url!r}")
        if "@" in netloc:
            raise SettingsError("opensearch.urls must not hold a password: set opensearch.user and opensearch.password")
        tls = {"ca_certs": str(access.ca)} if access.ca and scheme == "https" else {}
        try:
            self._pool = urllib3.connection_from_url(url, maxsize=16, headers=access.headers(), **tls)
        except (LocationValueError, ValueError) as error:
            raise SettingsError(f"opensearch.urls: {url!r} is not an address") from error
        self.url = url
        self._prefix = path.rstrip("/")
        self._failures = 0
        self.dead_until = 0.0  # by time.monotonic()

    def request(self, method: str, path: str, body: bytes | None, seconds: float) -> Reply:
        """Send one request. Raises urllib3's HTTPError, also for truncated responses."""
        response = self._pool.urlopen(
            method,
            self._prefix + path,
            body=body,
            headers={**self._pool.headers, "content-type": _content_type(path), "accept-encoding": "gzip"},
            timeout=Timeout(connect=min(_CONNECT_SECONDS, seconds), read=seconds),
            retries=False,
            redirect=False,  # a redirect would receive the password
            preload_content=False,
        )
        try:
            data = response.read(MAX_REPLY_BYTES + 1)
        finally:
            response.release_conn()
        if len(data) > MAX_REPLY_BYTES:
            raise EngineUnavailable(f"OpenSearch answered with more than {MAX_REPLY_BYTES >> 20} MB")
        return Reply(response.status, data)

    def mark_alive(self) -> None:
        self._failures, self.dead_until = 0, 0.0

    def mark_dead(self) -> None:
        wait = min(_MIN_DEAD_SECONDS * 2**self._failures, _MAX_DEAD_SECONDS)
        self._failures, self.dead_until = self._failures + 1, time.monotonic() + wait

    def close(self) -> None:
        self._pool.close()


def _content_type(path: str) -> str:
    return "application/x-ndjson" if path.partition("?")[0].endswith(("/_bulk", "/_msearch")) else "application/json"


class Transport:
    """Sends requests to the hosts in rotation. Thread-safe.

    Every request is idempotent (documents have ids, an alias is set, not toggled). So a broken connection is
    retried like a rejection for overload.
    """

    def __init__(self, access: ClusterAccess) -> None:
        if not access.urls:
            raise SettingsError("engine is opensearch, but opensearch.urls is empty")
        if access.ca and not access.ca.is_file():
            raise SettingsError(f"opensearch.ca: {access.ca} is not a file")
        self._hosts = [_Host(url, access) for url in access.urls]
        self._next = random.randrange(len(self._hosts))
        self._rotation_lock = threading.Lock()
        self._unreachable_since: float | None = None  # by time.monotonic(), while no host answers

    def request(self, method: str, path: str, body: bytes | None = None, *, seconds: float) -> Reply:
        """Return the reply of any host, with any status, within `seconds`.

        Raises EngineUnavailable if no host answered, or all were overloaded until then. All callers share the start
        of an outage: after `seconds` of it, each request is tried once.
        """
        end = time.monotonic() + seconds
        tries, problem = 0, "no answer"
        while True:
            for index, host in enumerate(hosts := self._rotated_hosts()):
                remaining = end - time.monotonic()
                if remaining <= 0:
                    raise self._unavailable(problem)
                share = remaining * _TRY_SHARE if index < len(hosts) - 1 else remaining
                try:
                    reply = host.request(method, path, body, share)
                except HTTPError as error:
                    host.mark_dead()
                    problem = f"{host.url}: {_describe(error)}"
                    continue
                host.mark_alive()
                self._unreachable_since = None
                if not _is_transient(reply):
                    return _check_access(host, reply)
                problem = f"{host.url}: {reply.reason()}"
                break  # an overloaded cluster, or a node lost during the search: another host would not help
            else:
                self._unreachable_since = self._unreachable_since or time.monotonic()
                end = min(end, self._unreachable_since + seconds)
            tries += 1
            pause = random.uniform(0.5, 1) * min(_FIRST_PAUSE_SECONDS * 2**tries, _MAX_PAUSE_SECONDS)
            if time.monotonic() + pause > end:
                raise self._unavailable(problem)
            time.sleep(pause)

    def close(self) -> None:
        for host in self._hosts:
            host.close()

    def _rotated_hosts(self) -> Sequence[_Host]:
        """Return the hosts, each time starting with the next host; recently failed hosts come last."""
        with self._rotation_lock:
            self._next = start = (self._next + 1) % len(self._hosts)
        hosts = self._hosts[start:] + self._hosts[:start]
        now = time.monotonic()
        alive = [host for host in hosts if host.dead_until <= now]
        return alive or sorted(hosts, key=lambda host: host.dead_until)

    def _unavailable(self, problem: str) -> EngineUnavailable:
        urls = ", ".join(host.url for host in self._hosts)
        return EngineUnavailable(f"OpenSearch at {urls} can't answer ({problem}); is the cluster running?")


def _is_transient(reply: Reply) -> bool:
    """Return whether a retry may help. A node that stops during a search makes it fail with 500."""
    return reply.status in RETRYABLE_STATUSES or (
        reply.status == 500 and any(name in reply.body for name in _NODE_LEFT_ERRORS)
    )


def _check_access(host: _Host, reply: Reply) -> Reply:
    if 300 <= reply.status < 400:
        raise EngineUnavailable(f"{host.url} redirects requests, which is not followed; check opensearch.urls")
    if reply.status in (401, 403) and b"cluster_block_exception" not in reply.body:
        raise EngineUnavailable(f"{host.url} rejected the credentials; check opensearch.user or opensearch.api_key")
    return reply


def _describe(error: HTTPError) -> str:
    """Return the root cause of a library's error, without object addresses."""
    cause: BaseException = error
    while isinstance(cause.__cause__, BaseException):
        cause = cause.__cause__
    return f"{type(cause).__name__} {cause}".split(" object at ")[0][:200]
