"""The web server: in this process, or several processes that share a port."""

import logging
import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from starlette.applications import Starlette

from searchsvc import settings
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.metrics import SHARED


def log_to_stderr() -> None:
    """Say warnings and errors on stderr."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr)


def service(chosen: Settings) -> SearchService:
    """The service over the index in `chosen`."""
    engine = EmbeddedEngine(
        chosen.index, chosen.language, memory=chosen.memory, jobs=chosen.jobs, freshness=chosen.freshness
    )
    return SearchService(engine, chosen)


def application(chosen: Settings) -> Starlette:
    """The web application over the index in `chosen`."""
    return create_app(service(chosen), chosen, _log_line if chosen.access_log else None)


def _log_line(line: bytes) -> None:
    """Write a line of the access log to stderr, without `logging`: that takes as long as an answer."""
    with suppress(OSError):  # nobody reads it any more; the answers go on
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()


def worker() -> Starlette:
    """The web application of one of several processes; the environment holds every setting."""
    log_to_stderr()
    return application(settings.load({}, Path(os.devnull)))


def run(chosen: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then finish what was begun, for ten seconds at most."""
    with ExitStack() as ending:
        if chosen.workers > 1:
            os.environ |= settings.environment(chosen)  # uvicorn gives new processes nothing else
            if chosen.metrics_token:  # where the workers count together
                os.environ[SHARED] = ending.enter_context(TemporaryDirectory(prefix="searchsvc-"))
        _run(chosen)


def _run(chosen: Settings) -> None:
    uvicorn.run(
        application(chosen) if chosen.workers == 1 else f"{__name__}:worker",
        factory=chosen.workers > 1,
        workers=chosen.workers,
        host=chosen.host,
        port=chosen.port,
        access_log=False,  # the application has its own, without what people typed
        server_header=False,
        proxy_headers=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )
