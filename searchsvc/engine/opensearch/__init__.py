"""The engine for those who outgrow a machine: an OpenSearch cluster behind the same interface."""

from searchsvc.engine.opensearch.engine import Layout, OpenSearchEngine
from searchsvc.engine.opensearch.transport import Access

__all__ = ["Access", "Layout", "OpenSearchEngine"]
