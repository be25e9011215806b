"""All settings with their defaults."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from searchsvc.branding import Branding

EMBEDDED, OPENSEARCH = "embedded", "opensearch"
SECRETS = frozenset({"metrics_token", "status_token", "opensearch_password", "opensearch_api_key"})  # never shown


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; docs/settings.md has the same table."""

    seeds: Path = Path("seeds")
    index: Path = Path("index")
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    cache_mb: Annotated[int, Meta(ge=0)] = 64
    language: str = "en"
    max_file_bytes: Annotated[int, Meta(ge=1)] = 50_000_000
    max_document_bytes: Annotated[int, Meta(ge=1, le=20_000_000)] = 2_000_000
    keep_generations: Annotated[int, Meta(ge=1)] = 2
    build_memory_mb: Annotated[int, Meta(ge=16)] = 512
    jobs: Annotated[int, Meta(ge=0, le=64)] = 0
    recency_half_life_days: Annotated[int, Meta(ge=0)] = 0
    keep_lines: tuple[str, ...] = ()
    drop_lines: tuple[str, ...] = ()
    synonyms: Path | None = None
    semantic_model: Path | None = None
    rerank: bool = True
    fields: tuple[str, ...] = ()
    name: str = "searchsvc"
    description: str = ""
    logo: Path | None = None
    accent: str = ""
    footer_links: tuple[str, ...] = ()
    page_language: str = ""
    base_path: str = ""
    public_url: str = ""
    cors_origins: tuple[str, ...] = ()
    metrics_token: str = ""
    status_token: str = ""
    access_log: bool = True
    log_queries: bool = False
    allowed_hosts: tuple[str, ...] = ()
    max_concurrent: Annotated[int, Meta(ge=0, le=32)] = 0
    max_queued: Annotated[int, Meta(ge=0, le=10000)] = 8
    search_timeout_ms: Annotated[int, Meta(ge=1, le=20_000)] = 5_000
    engine: str = EMBEDDED
    opensearch_urls: tuple[str, ...] = ()
    opensearch_index: str = "searchsvc"
    opensearch_user: str = ""
    opensearch_password: str = field(default="", repr=False)
    opensearch_api_key: str = field(default="", repr=False)
    opensearch_ca: Path | None = None
    opensearch_shards: Annotated[int, Meta(ge=1, le=1024)] = 3
    opensearch_replicas: Annotated[int, Meta(ge=0, le=10)] = 1
    opensearch_timeout_ms: Annotated[int, Meta(ge=100)] = 2_500

    @property
    def effective_base_path(self) -> str:
        """`base_path`, or else the path of `public_url`; empty for none."""
        return self.base_path or split_address(self.public_url)[1]

    @property
    def effective_concurrency(self) -> int:
        """`max_concurrent`, or else one request for an index in a folder, eight with OpenSearch."""
        return self.max_concurrent or (8 if self.engine == OPENSEARCH else 1)

    @property
    def branding(self) -> Branding:
        """Name, description, colour, footer links and language of the pages."""
        return Branding(self.name, self.description, self.accent, self.footer_links, self.page_language)


def split_address(address: str) -> tuple[str, str]:
    """Return origin and path of an address."""
    scheme, separator, path = address.partition("://")
    host, slash, path = path.partition("/")
    return scheme + separator + host, slash + path
