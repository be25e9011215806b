"""Real servers in this process that misbehave as told."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from threading import Thread

Answer = tuple[int, bytes, dict[str, str]]

OK: Answer = (200, b'{"here":1}', {})
LEFT: Answer = (500, b'{"error":{"root_cause":[{"type":"node_disconnected_exception"}]}}', {})
FULL: Answer = (429, b'{"error":{"type":"rejected_execution_exception","reason":"full"}}', {})


class Server:
    """Answers with what is in `answers`, the last one for good; None breaks the connection."""

    def __init__(self, *answers: Answer | None) -> None:
        self.answers = list(answers)
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.url = ""


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Says nothing: clients that hang up are what some tests want."""


@contextmanager
def running(server: Server, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.bodies.append(self.rfile.read(int(self.headers.get("content-length", 0))))
            server.seen.append((self.command, self.path, dict(self.headers)))
            answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            if answer is None:
                self.close_connection = True
                return
            status, body, headers = answer
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with _Quiet(("127.0.0.1", 0), Handler) as http:
        if tls:  # the handshake is left to the thread of the connection, which may wait
            http.socket = tls.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
        server.url = f"http{'s' if tls else ''}://127.0.0.1:{http.server_port}"
        Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            http.shutdown()


def nobody() -> str:
    """An address at which nobody answers."""
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
