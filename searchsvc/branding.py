"""Branding of a service: its name, description, logo, accent colour and footer links, as the settings give them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from searchsvc.errors import SettingsError

PAGE_LANGUAGES = ("en", "de", "fr", "es")
MAX_NAME, MAX_DESCRIPTION = 60, 300  # characters
MAX_LINKS, MAX_LABEL, MAX_ADDRESS = 10, 60, 500
MAX_LOGO = 256 << 10  # bytes
_COLOUR = re.compile("#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_SVG_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE svg[^>\[]*>\s*)*<svg[\s>]", re.S
)


@dataclass(frozen=True, slots=True)
class Logo:
    """Bytes of an image with their media type."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class FooterLink:
    """A link at the end of every page."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Branding:
    """Identity of a service. `accent`: a colour such as #0b6b5d, or empty. `page_language`: empty for the browser's."""

    name: str
    description: str
    accent: str
    footer_links: tuple[str, ...]
    page_language: str

    def check(self) -> None:
        """Raise SettingsError for a value that pages cannot use."""
        for name, text, most in (("name", self.name, MAX_NAME), ("description", self.description, MAX_DESCRIPTION)):
            if len(text) > most or not text.isprintable():
                raise SettingsError(f"{name} must be one line of at most {most} characters, not {text[:80]!r}")
        if not self.name.strip():
            raise SettingsError("name must not be empty; leave it out for searchsvc")
        if self.accent and not _COLOUR.fullmatch(self.accent):
            raise SettingsError(f"accent must be a colour such as #0b6b5d, not {self.accent!r}")
        if len(self.footer_links) > MAX_LINKS:
            raise SettingsError(f"footer_links may have {MAX_LINKS} links or fewer, not {len(self.footer_links)}")
        for text in self.footer_links:
            _check_link(text)
        if self.page_language and self.page_language not in PAGE_LANGUAGES:
            languages = ", ".join(PAGE_LANGUAGES)
            raise SettingsError(f"page_language must be one of {languages}, not {self.page_language!r}")

    @property
    def about(self) -> str:
        """The description as a sentence, empty if there is none."""
        text = self.description.strip()
        return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."

    @property
    def links(self) -> tuple[FooterLink, ...]:
        """The footer links, split into label and address."""
        return tuple(map(_link, self.footer_links))


def load_logo(path: Path | None) -> Logo | None:
    """Return the image in a file, None without a path. Raises SettingsError if it is not a small image."""
    if path is None:
        return None
    try:
        if not path.is_file():  # opening a pipe would wait
            raise SettingsError(f"logo must name a file; there is none at {path}")
        with path.open("rb") as file:
            return Logo(*_image(file, path))
    except OSError as error:
        raise SettingsError(f"logo: {path} cannot be read: {error.strerror}") from error


def _image(file: BinaryIO, path: Path) -> tuple[bytes, str]:
    content = file.read(MAX_LOGO + 1)
    if len(content) > MAX_LOGO:
        raise SettingsError(f"logo must have {MAX_LOGO >> 10} KB or less; {path} is larger")
    media_type = _media_type(content)
    if media_type is None:
        raise SettingsError(f"logo must be an image in PNG, SVG, JPEG or WebP; {path} is in none of these formats")
    return content, media_type


def _media_type(content: bytes) -> str | None:
    """Return the type of an image by its first bytes. The name of a file may be wrong."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return "image/svg+xml" if _SVG_HEAD.match(content) else None


def _link(text: str) -> FooterLink:
    label, _, address = text.partition("=")
    return FooterLink(label.strip(), address.strip())


def _check_link(text: str) -> None:
    """Raise SettingsError unless `text` is `label=address` with an address that runs no script."""
    link = _link(text)
    is_bounded = 0 < len(link.label) <= MAX_LABEL and len(link.address) <= MAX_ADDRESS and text.isprintable()
    if not is_bounded or not _is_safe(link.address):
        raise SettingsError(
            "footer_links must be like Imprint=https://www.example.org/imprint, with an address that begins with "
            f"https://, http://, mailto: or a slash, not {text[:80]!r}"
        )


def _is_safe(address: str) -> bool:
    if " " in address or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:  # a malformed IPv6 address
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.netloc)
    return bool(parts.path) if parts.scheme == "mailto" else address.startswith("/") and not address.startswith("//")
