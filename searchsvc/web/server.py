"""The web server: in this process, or several processes that share a port."""

import asyncio
import gc
import logging
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
from searchsvc.web.app import create_app
from searchsvc.web.listener import Listener
from searchsvc.web.uvicorn_protocol import KEEP_ALIVE, HttpProtocol
from searchsvc.web.views.metrics import SHARED

_SELDOM = 1_000  # looks at what is middling for one at everything; some ten thousand searches


def _let_the_loop_in() -> None:
    """Make threads give way ten times as often as usual. Otherwise the event loop waits 5 ms for each
    step of an answer while searches work, and refusals and /livez with it."""
    sys.setswitchinterval(0.0005)


def spare_the_collector() -> None:
    """Keep the garbage collector from what stays: now 70,000 objects of modules and templates, later the pieces
    of texts that snippets learn. Each look at all of it takes as long as ten searches, and nobody is answered
    meanwhile. What searches leave is let go without it, or found while it is young."""
    gc.collect()
    gc.freeze()
    young, middling, _ = gc.get_threshold()
    gc.set_threshold(young, middling, _SELDOM)


def service(chosen: Settings) -> SearchService:
    """The service over the index in `chosen`."""
    return SearchService(engine_of(chosen), chosen)


def application(chosen: Settings) -> Starlette:
    """The web application over the index in `chosen`."""
    asked = replace(chosen, allowed_hosts=allowed_hosts(chosen))
    if not chosen.access_log:
        return create_app(service(chosen), asked)
    log = AccessLog()
    return create_app(service(chosen), asked, log, log.write)


class AccessLog:
    """Writes lines to stderr, those of a moment at once, since a write takes a good part of a kept answer's time.

    For one event loop. Whoever ends it writes what waits: SIGTERM ends a process without another step.
    """

    MOMENT = 0.1  # seconds

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def __call__(self, line: bytes) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_later(self.MOMENT, self.write)
        self._lines.append(line)

    def write(self) -> None:
        """Write what waits."""
        lines, self._lines = b"".join(self._lines), []
        with suppress(OSError):  # nobody reads it any more; the answers go on
            sys.stderr.buffer.write(lines)
            sys.stderr.buffer.flush()


def allowed_hosts(chosen: Settings) -> tuple[str, ...]:
    """The names by which the service may be asked, none if by any.

    A service for this machine only is asked by no other name than `localhost`, unless a page somewhere
    has let its own name lead here, to read what is not for it (DNS rebinding).
    """
    return chosen.allowed_hosts or (("localhost",) if _is_local(chosen.host) else ())


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def worker() -> Starlette:
    """The web application of one of several processes; the environment holds every setting."""
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT, stream=sys.stderr)
    _let_the_loop_in()
    made = application(settings.load({}, Path(os.devnull)))
    spare_the_collector()
    return made


def run(chosen: Settings, listener: Listener) -> None:
    """Serve until SIGINT or SIGTERM, then finish the requests under way, for ten seconds at most.

    A signal that ends a server of one process is raised again for the handlers set before.
    """
    _let_the_loop_in()
    with ExitStack() as ending:
        if chosen.workers > 1:
            os.environ |= settings.environment(chosen)  # uvicorn gives new processes nothing else
            if chosen.metrics_token:  # where the workers count together
                os.environ[SHARED] = ending.enter_context(TemporaryDirectory(prefix="searchsvc-"))
        _run(chosen, listener)


def _run(chosen: Settings, listener: Listener) -> None:
    alone = application(chosen) if chosen.workers == 1 else None
    spare_the_collector()
    config = uvicorn.Config(
        alone or f"{__name__}:worker",
        factory=chosen.workers > 1,
        workers=chosen.workers,
        access_log=False,  # the application has its own, without what people typed
        server_header=False,
        proxy_headers=False,
        log_level="warning",
        http=HttpProtocol,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=10,
        timeout_worker_healthcheck=30,  # a worker that is only busy must not be killed with what it has to answer
    )
    if chosen.workers > 1:
        Multiprocess(config, listener.sockets).run()
    else:
        uvicorn.Server(config).run(listener.sockets)
