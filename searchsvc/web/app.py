"""The web application: routes from the table of operations, middleware, error handlers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import attrgetter

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Scope

from searchsvc.analysis import analyzer
from searchsvc.errors import SearchServiceError
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web import problems
from searchsvc.web.addresses import Addresses
from searchsvc.web.appearance import Appearance, Brand
from searchsvc.web.base_path import BasePathMiddleware
from searchsvc.web.middleware.access_log import AccessLogMiddleware, Log
from searchsvc.web.middleware.compression import CompressionMiddleware
from searchsvc.web.middleware.concurrency_limit import AdmissionQueue, ConcurrencyLimitMiddleware
from searchsvc.web.middleware.cross_origin import CrossOriginMiddleware
from searchsvc.web.middleware.request_guard import RequestGuardMiddleware
from searchsvc.web.middleware.response_cache import ResponseCache, ResponseCacheMiddleware, Variant
from searchsvc.web.middleware.security_headers import SecurityHeadersMiddleware
from searchsvc.web.operations import ATOM, HTML, OPERATIONS
from searchsvc.web.removed_lines import RemovedLineCounts
from searchsvc.web.static_files import PublicFiles, embed_script
from searchsvc.web.templating import STATIC
from searchsvc.web.views.api import Api
from searchsvc.web.views.exports import Exports
from searchsvc.web.views.feeds import Feeds
from searchsvc.web.views.filter_values import FilterValues
from searchsvc.web.views.help import Help
from searchsvc.web.views.metrics import Metrics, NoMetrics
from searchsvc.web.views.pages import Pages
from searchsvc.web.views.sources import Sources
from searchsvc.web.views.status import Status
from searchsvc.web.views.texts import Texts

_COMPRESSION = [Middleware(CompressionMiddleware)]
_UNLIMITED = frozenset({"/static/", *(operation.path for operation in OPERATIONS if not operation.limited)})

_DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class _Views:
    """Views by the names that the table of operations has for them."""

    pages: Pages
    api: Api
    feeds: Feeds
    exports: Exports
    filters: FilterValues
    sources: Sources
    status: Status
    texts: Texts
    brand: Brand
    help: Help
    metrics: Metrics | NoMetrics
    embed_script: Callable[[Request], Response]


def create_app(
    service: SearchService,
    settings: Settings = _DEFAULTS,
    log: Log | None = None,
    ended: Callable[[], object] = lambda: None,
) -> Starlette:
    """Return the web application over `service`; on shutdown it closes the service and calls `ended`.

    Views are plain functions, so that each runs in a thread. `log` receives a line of JSON per request.
    """
    cache = ResponseCache(settings.cache_mb << 20)
    queue = AdmissionQueue(settings.effective_concurrency, settings.max_queued)
    metrics = Metrics(service, settings.metrics_token) if settings.metrics_token else None
    addresses, removed_lines = Addresses.of(settings), RemovedLineCounts()
    appearance = Appearance.of(settings)
    views = _Views(
        Pages(service, cache, addresses, appearance),
        Api(service, cache, addresses, appearance.branding),
        Feeds(service, cache, addresses, appearance),
        Exports(service, addresses),
        FilterValues(service),
        Sources(service, removed_lines),
        Status(service, settings.status_token, removed_lines),
        Texts(addresses, appearance.branding),
        Brand(appearance),
        Help(analyzer(settings.language), addresses, appearance.branding),
        metrics or NoMetrics(),
        embed_script,
    )
    routes = _routes(views)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        service.close()
        ended()

    app = Starlette(
        routes=routes,
        middleware=[
            *([Middleware(BasePathMiddleware, base_path=addresses.base_path)] if addresses.base_path else []),
            Middleware(AccessLogMiddleware, routes=routes, metrics=metrics, log=log, log_queries=settings.log_queries),
            Middleware(SecurityHeadersMiddleware),
            Middleware(RequestGuardMiddleware, hosts=settings.allowed_hosts),
            *([Middleware(CrossOriginMiddleware, origins=settings.cors_origins)] if settings.cors_origins else []),
            Middleware(ResponseCacheMiddleware, service=service, cache=cache, variants=_variants(appearance)),
            Middleware(ConcurrencyLimitMiddleware, queue=queue, free=_UNLIMITED),
        ],
        exception_handlers={
            SearchServiceError: problems.service_error,
            HTTPException: problems.http_error,
            Exception: problems.unexpected,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would contain the Host header of the client
    app.state.addresses = addresses
    app.state.appearance = appearance
    app.state.admission_queue = queue
    return app


def _variants(appearance: Appearance) -> dict[str, Variant]:
    """Return the paths with cached responses, each with the function that returns the variant for a request."""
    by_type: dict[str, Variant] = dict.fromkeys((HTML, ATOM), appearance.variant)
    return {each.path: by_type.get(each.media_type, _no_variant) for each in OPERATIONS if each.cached}


def _no_variant(scope: Scope) -> str:
    return ""


def _routes(views: _Views) -> list[BaseRoute]:
    """Return one route per path; all methods of a path have the same view."""
    methods: dict[str, list[str]] = {}
    for operation in OPERATIONS:
        methods.setdefault(operation.path, []).append(operation.method.upper())
    routes: dict[str, BaseRoute] = {
        operation.path: Route(
            operation.path,
            attrgetter(operation.endpoint)(views),
            methods=methods[operation.path],
            middleware=_COMPRESSION if operation.compressed else None,
        )
        for operation in OPERATIONS
    }
    return [*routes.values(), Mount("/static", PublicFiles(directory=STATIC), middleware=_COMPRESSION)]
