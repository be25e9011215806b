"""Base path: the part of an address that a proxy maps to the service, as `/archive`."""

from starlette.types import ASGIApp, Receive, Scope, Send


class BasePathMiddleware:
    """Remove the base path from the path of a request, so that everything behind works with the service's own paths.

    A proxy may pass the base path on or strip it: a path without it is left as it is.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self.app = app
        self.base_path = base_path
        self._folder = f"{base_path}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.base_path and scope["type"] == "http":
            path: str = scope["path"]
            if path == self.base_path or path.startswith(self._folder):
                # Changed in place: Starlette's handler of unexpected errors has this scope and no copy of it.
                scope["path"] = path[len(self.base_path) :] or "/"
        await self.app(scope, receive, send)
