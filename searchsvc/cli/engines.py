"""Which engine answers: the one that the settings name."""

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.interface import Engine
from searchsvc.extras import importing
from searchsvc.settings import OPENSEARCH, Settings


def engine_of(chosen: Settings) -> Engine:
    """The engine that `chosen` names, with what it needs to know. Raises ExtraUnusable."""
    if chosen.engine != OPENSEARCH:
        return EmbeddedEngine(
            chosen.index, chosen.language, memory=chosen.memory, jobs=chosen.jobs, freshness=chosen.freshness
        )
    with importing("opensearch", "urllib3", 'engine = "opensearch"'):  # which takes 0.1 s, and may be missing
        from searchsvc.engine.opensearch import Access, Layout, OpenSearchEngine  # noqa: PLC0415
    access = Access(
        chosen.opensearch_urls,
        chosen.opensearch_user,
        chosen.opensearch_password,
        chosen.opensearch_api_key,
        chosen.opensearch_ca,
    )
    layout = Layout(chosen.opensearch_shards, chosen.opensearch_copies, chosen.opensearch_timeout_ms / 1000)
    return OpenSearchEngine(access, chosen.opensearch_index, chosen.language, layout, freshness=chosen.freshness)
