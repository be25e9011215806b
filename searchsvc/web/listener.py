"""Sockets of a server, bound at startup, so that a port in use is reported at once."""

import errno
import socket
from dataclasses import dataclass

from searchsvc.errors import AddressUnavailable

BACKLOG = 2_048  # connections that wait to be accepted; uvicorn's default
_TRIED = 20  # ports to try when suggesting a free one


@dataclass(frozen=True, slots=True)
class Listener:
    """Sockets of one port, on each address of a host."""

    host: str
    port: int
    sockets: list[socket.socket]

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"

    def listen(self) -> None:
        """Accept connections. Raises AddressUnavailable if another server has taken the port meanwhile."""
        try:
            for each in self.sockets:
                each.listen(BACKLOG)
        except OSError as error:
            raise _refusal(self.host, self.port, error) from error

    def close(self) -> None:
        for each in self.sockets:
            each.close()


def bind(host: str, port: int) -> Listener:
    """Bind `port` on every address of `host`; port 0 takes a free port. Raises AddressUnavailable."""
    sockets: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            bound_port = sockets[0].getsockname()[1] if sockets else port
            sockets.append(_bound(family, (address[0], bound_port, *address[2:])))
    except OSError as error:
        for each in sockets:
            each.close()
        raise _refusal(host, port, error) from error
    return Listener(host, sockets[0].getsockname()[1], sockets)


def _addresses(host: str, port: int) -> list[tuple[int, tuple[str | int, ...]]]:
    """Return family and address of each socket; for localhost, 127.0.0.1 and ::1 if the machine has both."""
    candidates = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    distinct = {
        (int(family), tuple(part for part in address if isinstance(part, str | int))): None
        for family, _, _, _, address in candidates
    }
    return [each for each in distinct if each[0] != socket.AF_INET6 or len(distinct) == 1 or _has_ipv6()]


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _bound(family: int, address: tuple[str | int, ...]) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        opened.set_inheritable(True)  # for workers
    except OSError:
        opened.close()
        raise
    return opened


def _refusal(host: str, port: int, error: OSError) -> AddressUnavailable:
    """Return an error that suggests a solution."""
    if error.errno == errno.EADDRINUSE:
        return AddressUnavailable(f"port {port} is in use; try --port {_free_port(host, port)}")
    if error.errno in (errno.EACCES, errno.EPERM):
        return AddressUnavailable(f"port {port} is reserved for the administrator; try --port 8000")
    return AddressUnavailable(
        f"can't listen on {host!r} ({error.strerror}); try --host 127.0.0.1, or --host 0.0.0.0 for all addresses"
    )


def _free_port(host: str, port: int) -> int:
    """Return the next free port, or the next port if none is found."""
    for number in range(port + 1, min(port + _TRIED, 65_536)):
        try:
            for family, address in _addresses(host, number):
                with _bound(family, address) as probe:
                    probe.listen()
        except OSError:
            continue
        return number
    return port + 1 if port < 65_535 else 8000
