"""Metrics for Prometheus: requests, latencies, cached responses, rejections, and the state of the index."""

import hmac
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from searchsvc.errors import SearchServiceError
from searchsvc.service import SearchService

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # shared folder for the counters of several workers
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})


class Metrics:
    """Metrics of this process, or of all workers if they share a folder; protected by `token`."""

    def __init__(self, service: SearchService, token: str) -> None:
        self._token = token
        self._index = _IndexCollector(service)
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "searchsvc_requests", "Requests.", ["endpoint", "method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "searchsvc_request_seconds", "Time from request to response.", ["endpoint"], buckets=_SECONDS,
            registry=self._registry,
        )  # fmt: skip
        self._cached = Counter(
            "searchsvc_cached_responses", "Searches answered from the cache.", ["endpoint"], registry=self._registry
        )
        self._rejections = Counter(
            "searchsvc_rejections", "Rejected requests: status 4xx and 503.", ["status"], registry=self._registry
        )

    def count(self, endpoint: str, method: str, status: int, seconds: float, *, cached: bool) -> None:
        """Count a request; `endpoint` is the template of its address, which bounds the number of labels."""
        self._requests.labels(endpoint, method if method in _METHODS else "other", status).inc()
        self._seconds.labels(endpoint).observe(seconds)
        if cached:
            self._cached.labels(endpoint).inc()
        if 400 <= status < 500 or status == 503:
            self._rejections.labels(status).inc()

    def endpoint(self, request: Request) -> Response:
        """Return all metrics to a client with the token. Raises HTTPException without it."""
        if not hmac.compare_digest(_bearer(request), self._token.encode()):
            raise HTTPException(
                401,
                "Send the token of the setting metrics_token as `Authorization: Bearer TOKEN`.",
                {"WWW-Authenticate": "Bearer"},
            )
        return Response(self._text(), media_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})

    def _text(self) -> bytes:
        registry = self._registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        index = CollectorRegistry()
        index.register(self._index)
        return generate_latest(registry) + generate_latest(index)


class _IndexCollector(Collector):
    """State of the index, read when the metrics are requested; the same in every worker."""

    def __init__(self, service: SearchService) -> None:
        self._service = service

    def collect(self) -> Iterator[GaugeMetricFamily]:
        generation = None
        with suppress(SearchServiceError):
            generation = self._service.status().generation
        yield GaugeMetricFamily("searchsvc_ready", "1 if searches are answered.", int(generation is not None))
        if generation is not None:
            age = datetime.now(UTC) - datetime.fromisoformat(generation.created)
            yield GaugeMetricFamily("searchsvc_documents", "Documents in the index.", generation.documents)
            yield GaugeMetricFamily("searchsvc_index_bytes", "Size of the index.", generation.size)
            yield GaugeMetricFamily("searchsvc_generation_age_seconds", "Age of the index.", age.total_seconds())


class NoMetrics:
    """The view without a token."""

    def endpoint(self, request: Request) -> Response:
        raise HTTPException(404, "Set metrics_token to enable metrics.")


def _bearer(request: Request) -> bytes:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip().encode("latin-1", "replace") if scheme.lower() == "bearer" else b""
