"""The engine for those who outgrow a machine: an OpenSearch cluster behind the same interface."""

from searchsvc.engine.opensearch.client.transport import Access
from searchsvc.engine.opensearch.engine import Layout, OpenSearchEngine

__all__ = ["Access", "Layout", "OpenSearchEngine"]
