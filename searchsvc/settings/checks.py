"""Validation of settings."""

import re
from typing import get_type_hints

from searchsvc.analysis import SNOWBALL
from searchsvc.errors import SettingsError
from searchsvc.models.documents import DECLARED_FIELDS
from searchsvc.settings.settings import EMBEDDED, OPENSEARCH, Settings, split_address

# As browsers send it: lower case, no slash at the end.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
# Characters that no proxy, browser or configuration file reads as anything but themselves.
_BASE_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+")
OWN_FOLDERS = frozenset(
    {"api", "doc", "filters", "help", "messages", "static"}
)  # a base path below them could be confused with their pages
_MIN_TOKEN = 16  # characters
_MOST_NAMES = 200  # names that `fields` may add


def checked(settings: Settings) -> Settings:
    """Return `settings` if they are valid. Raises SettingsError."""
    if not settings.host:
        raise SettingsError("host must be an address, such as 127.0.0.1, or 0.0.0.0 for all of this machine")
    if not settings.opensearch_index:
        raise SettingsError("opensearch_index must be a name, such as searchsvc")
    _check_bounds(settings)
    _check_addresses(settings)
    _check_fields(settings)
    settings.branding.check()
    for name in ("metrics_token", "status_token"):
        if 0 < len(getattr(settings, name)) < _MIN_TOKEN:
            raise SettingsError(f"{name} must have {_MIN_TOKEN} characters or more")
    if settings.engine not in (EMBEDDED, OPENSEARCH):
        raise SettingsError(f"engine must be {EMBEDDED} or {OPENSEARCH}, not {settings.engine!r}")
    if settings.engine == OPENSEARCH and not settings.opensearch_urls:
        raise SettingsError("engine is opensearch, so opensearch_urls must name one node or more")
    if settings.language not in SNOWBALL:
        raise SettingsError(f"language must be one of {', '.join(sorted(SNOWBALL))}, not {settings.language!r}")
    return settings


def _check_bounds(settings: Settings) -> None:
    """Raise SettingsError for a number outside the bounds of its field."""
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        for meta in getattr(hint, "__metadata__", ()):
            value = getattr(settings, name)
            if value < meta.ge or (meta.le is not None and value > meta.le):
                bounds = f"{meta.ge} or more" if meta.le is None else f"from {meta.ge} to {meta.le}"
                raise SettingsError(f"{name} must be {bounds}, not {value}")


def _check_addresses(settings: Settings) -> None:
    """Raise SettingsError for an address of the service or of another site that is malformed."""
    for address in settings.cors_origins:
        if not _ORIGIN.fullmatch(address):
            raise SettingsError(f"cors_origins must be like https://www.example.org, without a path, not {address!r}")
    origin, path = split_address(settings.public_url)
    if settings.public_url and not (_ORIGIN.fullmatch(origin) and _is_base_path(path)):
        raise SettingsError(
            "public_url must be like https://search.example.org or https://www.example.org/archive, "
            f"not {settings.public_url!r}"
        )
    if not _is_base_path(settings.base_path):
        raise SettingsError(
            f"base_path must be like /archive, with A-Z a-z 0-9 . _ ~ - only, not {settings.base_path!r}"
        )
    if settings.base_path and settings.public_url and settings.base_path != path:
        raise SettingsError(
            f"base_path is {settings.base_path!r}, but public_url is {settings.public_url!r}; "
            f"set public_url to {origin + settings.base_path!r}, or leave base_path out"
        )
    folder = settings.effective_base_path.partition("/")[2].partition("/")[0]
    if folder in OWN_FOLDERS:
        raise SettingsError(f"base_path must not be below /{folder}, where the service has pages; choose another path")


def _is_base_path(path: str) -> bool:
    return not path or _BASE_PATH.fullmatch(path) is not None


def _check_fields(settings: Settings) -> None:
    """Raise SettingsError for a name added to a field that does not exist."""
    if len(settings.fields) > _MOST_NAMES:
        raise SettingsError(f"fields may have {_MOST_NAMES} names or fewer, not {len(settings.fields)}")
    for pair in settings.fields:
        field_name, _, name = pair.partition("=")
        if field_name.strip() not in DECLARED_FIELDS or not name.strip():
            raise SettingsError(
                f"fields must be like title=headline_de, with one of {', '.join(DECLARED_FIELDS)}, not {pair!r}"
            )
