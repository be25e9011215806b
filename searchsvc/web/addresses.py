"""Addresses of the service's own pages, as browsers and other programs use them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from searchsvc.settings import Settings


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of a service below `base_path`, at `public_url` if that is set.

    Paths inside the service start at its own root, as `/search`. These methods add the base path wherever a path
    enters a page, a reply or a header.
    """

    base_path: str = ""
    public_url: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Addresses:
        """Return the addresses of the service that `settings` describe."""
        return cls(settings.effective_base_path, settings.public_url)

    def to(self, path: str) -> str:
        """Return `path` with the base path, for a link on the same site."""
        return self.base_path + path

    def absolute(self, path: str) -> str:
        """Return the absolute address of `path`, or the same as `to` if `public_url` is unknown."""
        return (self.public_url or self.base_path) + path


AT_ROOT = Addresses()


def host(url: str | None) -> str:
    """Return the host of an http or https address, without www; empty for anything else."""
    try:
        parts = urlsplit(url or "")
        name = parts.hostname or ""
    except ValueError:  # a malformed IPv6 address
        return ""
    return name.removeprefix("www.") if parts.scheme in ("http", "https") else ""
