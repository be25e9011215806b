"""The application: which address is answered by what, and which error by which status."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route

from searchsvc.errors import SearchServiceError
from searchsvc.service import SearchService
from searchsvc.web import problems
from searchsvc.web.api import Api
from searchsvc.web.cache import AnswerCache, KeptAnswers
from searchsvc.web.headers import SecurityHeaders
from searchsvc.web.pages import Pages
from searchsvc.web.public import PublicFiles, embed_script
from searchsvc.web.templating import STATIC

SEARCHES = frozenset({"/", "/search", "/search.json", "/api/v1/search"})
PACKED = [Middleware(GZipMiddleware, minimum_size=1024)]  # answers to searches pack themselves


def create_app(service: SearchService, *, cache_mb: int = 64) -> Starlette:
    """The web application over `service`, which it closes when it ends.

    Endpoints are plain functions, so each runs in a thread and never blocks the others. `cache_mb`:
    megabytes of answers to searches that are kept and given again without a thread.
    """
    cache = AnswerCache(cache_mb << 20)
    pages, api = Pages(service, cache), Api(service, cache)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        service.close()

    routes = [
        Route("/", pages.search),
        Route("/search", pages.search),
        Route("/search.json", api.search),
        Route("/doc/{id}", pages.document, middleware=PACKED),
        Route("/doc/{id}/{slug}", pages.document, middleware=PACKED),
        Route("/api/v1/search", api.search),
        Route("/api/v1/documents/{id}", api.document, middleware=PACKED),
        Route("/api/v1/documents/{id}/similar", api.similar, middleware=PACKED),
        Route("/api/v1/suggest", api.suggest),
        Route("/suggest", api.suggest_to_browser),
        Route("/api/v1/stats", api.stats, middleware=PACKED),
        Route("/livez", api.alive),
        Route("/readyz", api.ready),
        Route("/embed.js", embed_script, middleware=PACKED),
        Mount("/static", PublicFiles(directory=STATIC), middleware=PACKED),
    ]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(KeptAnswers, service=service, cache=cache, paths=SEARCHES),
        ],
        exception_handlers={
            SearchServiceError: problems.known,
            HTTPException: problems.http_error,
            Exception: problems.unexpected,
        },
        lifespan=lifespan,
    )
