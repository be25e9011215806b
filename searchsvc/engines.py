"""The search engine that the settings name."""

from typing import TYPE_CHECKING

from searchsvc.deferred import deferred
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.interface import Engine
from searchsvc.extras import importing
from searchsvc.job_count import job_count
from searchsvc.settings import OPENSEARCH, Settings

if TYPE_CHECKING:
    from searchsvc.engine import opensearch
else:  # only an index in a cluster needs its client
    opensearch = deferred("searchsvc.engine.opensearch")


def engine_of(chosen: Settings) -> Engine:
    """Return the engine of the settings. Raises ExtraUnusable."""
    if chosen.engine != OPENSEARCH:
        return EmbeddedEngine(
            chosen.index,
            chosen.language,
            memory=chosen.build_memory_mb,
            jobs=job_count(chosen.jobs),
            half_life_days=chosen.recency_half_life_days,
        )
    with importing("opensearch", "urllib3", 'engine = "opensearch"'):
        return _opensearch(chosen)


def _opensearch(chosen: Settings) -> Engine:
    access = opensearch.ClusterAccess(
        chosen.opensearch_urls,
        chosen.opensearch_user,
        chosen.opensearch_password,
        chosen.opensearch_api_key,
        chosen.opensearch_ca,
    )
    layout = opensearch.ClusterLayout(
        chosen.opensearch_shards, chosen.opensearch_replicas, chosen.opensearch_timeout_ms / 1000
    )
    return opensearch.OpenSearchEngine(
        access,
        chosen.opensearch_index,
        chosen.language,
        layout,
        jobs=job_count(chosen.jobs),
        half_life_days=chosen.recency_half_life_days,
    )
