"""Webhooks: POST of a signed JSON body. Redirects are not followed."""

import hashlib
import hmac
import socket
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import urlsplit

from searchsvc.errors import DeliveryFailed

SIGNATURE = "X-Searchsvc-Signature-256"
_STEP_SECONDS, _WHOLE_SECONDS = 10, 30  # limits of each read or write, and of the whole request
_SUCCESS = range(200, 300)


def post_webhook(url: str, body: bytes, secret: str) -> None:
    """POST `body`, JSON, to `url`. The header has its HMAC-SHA256 in hexadecimal. Raises DeliveryFailed."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "searchsvc",
        SIGNATURE: f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}",
    }
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    with closing(kind(parts.hostname or "", parts.port, timeout=_STEP_SECONDS)) as connection:
        timer = Timer(_WHOLE_SECONDS, _abort, (connection,))
        timer.start()
        try:
            connection.request("POST", target, body, headers)
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            raise DeliveryFailed(f"the webhook at {parts.hostname} cannot be reached: {error}") from error
        finally:
            timer.cancel()
    if status not in _SUCCESS:
        raise DeliveryFailed(f"the webhook at {parts.hostname} replied with status {status}")


def _abort(connection: HTTPConnection) -> None:
    """End a request from another thread: a server may send a byte now and then for ever."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
