"""The application: which address is answered by what, and which error by which status."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount, Route

from searchsvc.analysis import analyzer
from searchsvc.errors import SearchServiceError
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web import problems
from searchsvc.web.addresses import Addresses
from searchsvc.web.base_path import BasePathMiddleware
from searchsvc.web.middleware.access_log import AccessLogMiddleware, Log
from searchsvc.web.middleware.concurrency_limit import AdmissionQueue, ConcurrencyLimitMiddleware
from searchsvc.web.middleware.request_guard import RequestGuardMiddleware
from searchsvc.web.middleware.response_cache import ResponseCache, ResponseCacheMiddleware
from searchsvc.web.middleware.security_headers import SecurityHeadersMiddleware
from searchsvc.web.static_files import PublicFiles, embed_script
from searchsvc.web.templating import STATIC
from searchsvc.web.views import metrics
from searchsvc.web.views.api import Api
from searchsvc.web.views.feeds import Feeds
from searchsvc.web.views.help import Help
from searchsvc.web.views.metrics import Metrics
from searchsvc.web.views.pages import Pages

SEARCHES = frozenset({"/", "/search", "/search.json", "/search.atom", "/api/v1/search"})
PACKED = [Middleware(GZipMiddleware, minimum_size=1024)]  # answers to searches pack themselves
_DAY = 86_400  # seconds

_DEFAULTS = Settings()

FREE = frozenset({"/livez", "/readyz", "/version", "/metrics", "/embed.js", "/static/"})  # answered whatever the load


def create_app(
    service: SearchService,
    settings: Settings = _DEFAULTS,
    log: Log | None = None,
    ended: Callable[[], object] = lambda: None,
) -> Starlette:
    """The web application over `service`, which it closes when it ends; then it calls `ended`.

    Endpoints are plain functions, so each runs in a thread and never blocks the others. Of the
    `settings`, those count that are about answers: what is kept and told, to whom, and how many
    at once. `log` is
    given a line of JSON for each request.
    """
    cache = ResponseCache(settings.cache_mb << 20)
    turns = AdmissionQueue(settings.max_concurrent, settings.max_queued)
    counts = Metrics(service, settings.metrics_token) if settings.metrics_token else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        service.close()
        ended()

    addresses = Addresses.of(settings)
    routes = _routes(service, cache, counts, settings)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(BasePathMiddleware, base_path=addresses.base_path),
            Middleware(AccessLogMiddleware, routes=routes, metrics=counts, log=log, log_queries=settings.log_queries),
            Middleware(SecurityHeadersMiddleware),
            Middleware(RequestGuardMiddleware, hosts=settings.allowed_hosts),
            *_for_other_sites(settings.cors_origins),
            Middleware(ResponseCacheMiddleware, service=service, cache=cache, paths=SEARCHES),
            Middleware(ConcurrencyLimitMiddleware, turns=turns, free=FREE),
        ],
        exception_handlers={
            SearchServiceError: problems.known,
            HTTPException: problems.http_error,
            Exception: problems.unexpected,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would make an address of the Host that the client sent
    app.state.addresses = addresses
    app.state.turns = turns
    return app


def _routes(
    service: SearchService, cache: ResponseCache, counts: Metrics | None, settings: Settings
) -> list[BaseRoute]:
    addresses = Addresses.of(settings)
    pages, api = Pages(service, cache, addresses), Api(service, cache, addresses)
    feeds, explained = Feeds(service, cache, addresses), Help(analyzer(settings.language), addresses)
    return [
        Route("/", pages.search),
        Route("/search", pages.search),
        Route("/search.json", api.search),
        Route("/search.atom", feeds.atom),
        Route("/doc/{id}", pages.document, middleware=PACKED),
        Route("/doc/{id}/{slug}", pages.document, middleware=PACKED),
        Route("/help/search", explained.search, middleware=PACKED),
        Route("/help/api", explained.api, middleware=PACKED),
        Route("/opensearch.xml", feeds.opensearch),
        Route("/api/v1/search", api.search_either_way, methods=["GET", "POST"]),
        Route("/api/v1/facets/{field}", api.facet, middleware=PACKED),
        Route("/api/v1/documents/{id}", api.document, middleware=PACKED),
        Route("/api/v1/documents/{id}/similar", api.similar, middleware=PACKED),
        Route("/api/v1/suggest", api.suggest),
        Route("/suggest", api.suggest_to_browser),
        Route("/api/v1/stats", api.stats, middleware=PACKED),
        Route("/api/v1/openapi.json", api.openapi, middleware=PACKED),
        Route("/livez", api.alive),
        Route("/readyz", api.ready),
        Route("/version", api.version),
        Route("/metrics", counts.endpoint if counts else metrics.absent),
        Route("/embed.js", embed_script, middleware=PACKED),
        Mount("/static", PublicFiles(directory=STATIC), middleware=PACKED),
    ]


def _for_other_sites(origins: tuple[str, ...]) -> list[Middleware]:
    """What lets pages of `origins` read the answers; nothing if there are none."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Content-Type", "If-None-Match", "X-Request-Id"],
            expose_headers=["ETag", "Link", "Retry-After", "Server-Timing", "X-Request-Id"],
            max_age=_DAY,
        )
    ]
