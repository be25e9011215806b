"""The application: which address is answered by what, and which error by which status."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from searchsvc.errors import SearchServiceError
from searchsvc.service import SearchService
from searchsvc.web import problems
from searchsvc.web.api import Api
from searchsvc.web.headers import SecurityHeaders
from searchsvc.web.pages import Pages
from searchsvc.web.templating import STATIC


def create_app(service: SearchService) -> Starlette:
    """The web application over `service`, which it closes when it ends.

    Endpoints are plain functions, so each runs in a thread and never blocks the others.
    """
    pages, api = Pages(service), Api(service)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        service.close()

    routes = [
        Route("/", pages.search),
        Route("/search", pages.search),
        Route("/search.json", api.search),
        Route("/doc/{id}", pages.document),
        Route("/doc/{id}/{slug}", pages.document),
        Route("/api/v1/search", api.search),
        Route("/api/v1/documents/{id}", api.document),
        Route("/api/v1/stats", api.stats),
        Route("/livez", api.alive),
        Route("/readyz", api.ready),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders), Middleware(GZipMiddleware, minimum_size=1024)],
        exception_handlers={
            SearchServiceError: problems.known,
            HTTPException: problems.http_error,
            Exception: problems.unexpected,
        },
        lifespan=lifespan,
    )
