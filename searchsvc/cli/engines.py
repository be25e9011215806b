"""Which engine answers: the one that the settings name."""

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.interface import Engine
from searchsvc.errors import SettingsError
from searchsvc.settings import OPENSEARCH, Settings

try:
    from searchsvc.engine.opensearch import Access, Layout, OpenSearchEngine
except ModuleNotFoundError as error:
    if error.name != "urllib3":
        raise
    _OPENSEARCH_THERE = False
else:
    _OPENSEARCH_THERE = True


def engine_of(chosen: Settings) -> Engine:
    """The engine that `chosen` names, with what it needs to know. Raises SettingsError."""
    if chosen.engine != OPENSEARCH:
        return EmbeddedEngine(
            chosen.index, chosen.language, memory=chosen.memory, jobs=chosen.jobs, freshness=chosen.freshness
        )
    if not _OPENSEARCH_THERE:
        raise SettingsError('engine = "opensearch" needs an extra: pip install "searchsvc[opensearch]"')
    access = Access(
        chosen.opensearch_urls,
        chosen.opensearch_user,
        chosen.opensearch_password,
        chosen.opensearch_api_key,
        chosen.opensearch_ca,
    )
    layout = Layout(chosen.opensearch_shards, chosen.opensearch_copies, chosen.opensearch_timeout_ms / 1000)
    return OpenSearchEngine(access, chosen.opensearch_index, chosen.language, layout, freshness=chosen.freshness)
