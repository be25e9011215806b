"""A real nginx in front of the service, with the files of docs/deployment."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DEPLOYMENT = Path(__file__).parents[2] / "docs" / "deployment"
BASE = "/archive"  # as in the files
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
UPSTREAM = "127.0.0.1:8000"  # as in the files
_PATIENCE = 10.0  # seconds until nginx listens
_MAIN = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""


def subpath(upstream: str, *, strips: bool) -> str:
    """Return the location of docs/deployment, which passes the base path on to `upstream`, or strips it."""
    location = (DEPLOYMENT / "nginx-subpath.conf").read_text()
    return location.replace(f"http://{UPSTREAM};", f"http://{upstream}{'/' if strips else ''};")


def server(port: int, location: str) -> str:
    """Return a server on `port` that has `location` only."""
    return f"server {{\n    listen 127.0.0.1:{port};\n    {location}\n}}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def configured(folder: Path, servers: str) -> list[str]:
    """Return the command that runs nginx in `folder`. Skips the test without nginx; in CI it fails."""
    if NGINX is None and os.environ.get("CI") != "true":
        pytest.skip("no nginx is found")
    assert NGINX is not None, "CI must have an nginx"
    file = folder / "nginx.conf"
    file.write_text(_MAIN.format(folder=folder, servers=servers))
    return [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(file)]


@contextmanager
def running(folder: Path, servers: str, port: int) -> Iterator[None]:
    """Run nginx with `servers`, of which one listens on `port`."""
    process = subprocess.Popen(configured(folder, servers))
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)


@contextmanager
def proxied(folder: Path, upstream: str, *, strips: bool = False) -> Iterator[str]:
    """The address at which nginx maps BASE to `upstream`, a host and a port."""
    port = free_port()
    with running(folder, server(port, subpath(upstream, strips=strips)), port):
        yield f"http://127.0.0.1:{port}{BASE}"


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "nginx has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nginx does not listen on port {port}")
