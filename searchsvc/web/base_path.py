"""Base path: the part of an address that a proxy maps to the service, as `/archive`."""

from starlette.types import ASGIApp, Receive, Scope, Send


class BasePathMiddleware:
    """Remove the base path from the path of a request, so that routes need not know it.

    A proxy may pass on the base path or strip it; a path without it stays unchanged.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self.app = app
        self.base_path = base_path
        self._folder = f"{base_path}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.base_path and scope["type"] == "http":
            path: str = scope["path"]
            if path == self.base_path or path.startswith(self._folder):
                # Changed in place, because Starlette's handler of unexpected errors uses this scope, not a copy.
                scope["path"] = path[len(self.base_path) :] or "/"
        await self.app(scope, receive, send)
