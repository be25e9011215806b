"""The engine for corpora beyond one machine: an OpenSearch cluster behind the same interface."""

from searchsvc.engine.opensearch.client.transport import ClusterAccess
from searchsvc.engine.opensearch.engine import ClusterLayout, OpenSearchEngine

__all__ = ["ClusterAccess", "ClusterLayout", "OpenSearchEngine"]
