"""The default engine: a Whoosh-compatible index on numpy arrays, in this process."""

from searchsvc.engine.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
