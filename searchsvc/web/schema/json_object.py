"""Base of all JSON responses."""

import msgspec


class Base(msgspec.Struct, frozen=True, rename="camel"):
    """JSON object with names in camelCase."""
