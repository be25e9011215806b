"""The web server, in this process or in several processes that share a port."""

import asyncio
import gc
import os
import sys
from contextlib import ExitStack, suppress
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors.multiprocess import Multiprocess

from searchsvc import settings
from searchsvc.engines import engine_of
from searchsvc.errors import LOG_FORMAT
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.terminal_text import log_to_stderr
from searchsvc.web.app import create_app
from searchsvc.web.listener import Listener
from searchsvc.web.uvicorn_protocol import KEEP_ALIVE, HttpProtocol
from searchsvc.web.views.metrics import SHARED

_SELDOM = 1_000  # young collections per full collection; some ten thousand searches


def _let_the_loop_in() -> None:
    """Make threads yield ten times as often as by default.

    Otherwise the event loop waits 5 ms for each step while searches run, which delays rejections and /livez too.
    """
    sys.setswitchinterval(0.0005)


def spare_the_collector() -> None:
    """Exclude permanent objects from garbage collection.

    At startup these are 70,000 objects of modules and templates. A full collection takes as long as ten searches
    and blocks all requests. Garbage of searches is freed by reference counts or by young collections.
    """
    gc.collect()
    gc.freeze()
    young, middling, _ = gc.get_threshold()
    gc.set_threshold(young, middling, _SELDOM)


def service(chosen: Settings) -> SearchService:
    """Return the service over the index in `chosen`."""
    return SearchService(engine_of(chosen), chosen)


def application(chosen: Settings) -> Starlette:
    """Return the web application over the index in `chosen`."""
    effective = replace(chosen, allowed_hosts=allowed_hosts(chosen))
    if not chosen.access_log:
        return create_app(service(chosen), effective)
    log = AccessLog()
    return create_app(service(chosen), effective, log, log.write)


class AccessLog:
    """Access log on stderr; buffers lines briefly, because a write takes as long as a good part of a cached response.

    For one event loop. Call `write` before the process ends: SIGTERM ends it without another step of the loop.
    """

    MOMENT = 0.1  # seconds

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def __call__(self, line: bytes) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_later(self.MOMENT, self.write)
        self._lines.append(line)

    def write(self) -> None:
        """Write the buffered lines."""
        lines, self._lines = b"".join(self._lines), []
        with suppress(OSError):  # the reader has closed the pipe; continue serving
            sys.stderr.buffer.write(lines)
            sys.stderr.buffer.flush()


def allowed_hosts(chosen: Settings) -> tuple[str, ...]:
    """Return the allowed host names, empty if all are allowed.

    A service that listens on this machine only is addressed as `localhost`. Any other name is DNS rebinding: a page
    pointing its own name here in order to read local data.
    """
    return chosen.allowed_hosts or (("localhost",) if _is_local(chosen.host) else ())


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def worker() -> Starlette:
    """Return the web application of one of several processes, with the settings from the environment."""
    log_to_stderr(LOG_FORMAT)
    _let_the_loop_in()
    made = application(settings.load({}, Path(os.devnull)))
    spare_the_collector()
    return made


def run(chosen: Settings, listener: Listener) -> None:
    """Serve until SIGINT or SIGTERM, then finish the requests under way, within ten seconds.

    A signal that ends a server of one process is raised again for the handlers set before.
    """
    _let_the_loop_in()
    with ExitStack() as ending:
        if chosen.workers > 1:
            os.environ |= settings.environment(chosen)  # the only channel from uvicorn to new processes
            if chosen.metrics_token:  # shared folder for the counters of all workers
                os.environ[SHARED] = ending.enter_context(TemporaryDirectory(prefix="searchsvc-"))
        _run(chosen, listener)


def _run(chosen: Settings, listener: Listener) -> None:
    alone = application(chosen) if chosen.workers == 1 else None
    spare_the_collector()
    config = uvicorn.Config(
        alone or f"{__name__}:worker",
        factory=chosen.workers > 1,
        workers=chosen.workers,
        access_log=False,  # the application has its own access log, without queries
        server_header=False,
        proxy_headers=False,
        log_config=None,  # uvicorn's messages go to the log of the program, which escapes them
        log_level="warning",
        http=HttpProtocol,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=10,
        timeout_worker_healthcheck=30,  # a busy worker must not be killed with its requests
    )
    if chosen.workers > 1:
        Multiprocess(config, listener.sockets).run()
    else:
        uvicorn.Server(config).run(listener.sockets)
