"""Appearance of the pages: branding with its logo, and the language that a client gets."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from searchsvc.branding import Branding, Logo, load_logo
from searchsvc.settings import Settings
from searchsvc.web import accent
from searchsvc.web.page_language import preferred

_log = logging.getLogger("searchsvc.web")

_MAX_AGE = 300  # seconds until a browser asks whether the logo or the accent colour has changed
# An image runs no script in <img>. A browser that opens it as a document must not run any either.
_IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class Appearance:
    """Branding and logo of the pages. `stamp` changes with them and is part of the ETag of cached pages."""

    branding: Branding
    logo: Logo | None
    stamp: str

    @classmethod
    def of(cls, settings: Settings) -> Appearance:
        """Return the appearance that `settings` describe. Raises SettingsError for an unusable logo."""
        branding, logo = settings.branding, load_logo(settings.logo)
        if branding.accent and not accent.is_readable(branding.accent):
            used = accent.for_light(branding.accent)
            _log.warning("accent %s has too little contrast on light grounds; %s is used there", branding.accent, used)
        identity = repr((branding, logo)).encode()
        return cls(branding, logo, blake2b(identity, digest_size=6).hexdigest())

    def language(self, scope: Scope) -> str:
        """Return the language of a page or feed: that of the setting, or else the one that the client prefers."""
        return self.branding.page_language or preferred(scope)

    def variant(self, scope: Scope) -> str:
        """Return the key of the variant of a page or feed, for caches."""
        return f"{self.language(scope)}.{self.stamp}"

    def headers(self, language: str) -> dict[str, str]:
        """Return the headers of a page or feed in `language`."""
        varying = {} if self.branding.page_language else {"Vary": "Accept-Language"}
        return {"Content-Language": language, **varying}


@dataclass(frozen=True, slots=True)
class Brand:
    """Views of the logo and of the style sheet with the accent colour; empty if the settings have none."""

    appearance: Appearance

    async def logo(self, request: Request) -> Response:
        image = self.appearance.logo
        if image is None:
            return self._reply(request, b"", "text/plain", 404)
        response = self._reply(request, image.content, image.media_type)
        response.headers["Content-Security-Policy"] = _IMAGE_POLICY
        return response

    async def accent(self, request: Request) -> Response:
        colour = self.appearance.branding.accent
        return self._reply(request, accent.stylesheet(colour).encode() if colour else b"", "text/css")

    def _reply(self, request: Request, body: bytes, media_type: str, status: int = 200) -> Response:
        tag = f'"{self.appearance.stamp}"'
        headers = {"ETag": tag, "Cache-Control": f"max-age={_MAX_AGE}"}
        if status == 200 and request.headers.get("if-none-match") == tag:
            return Response(None, 304, headers)
        return Response(body, status, headers, media_type)
