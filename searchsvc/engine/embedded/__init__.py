"""The default engine: a Whoosh index and arrays beside it, in the process."""

from searchsvc.engine.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
