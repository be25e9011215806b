"""Settings, their validation, and the places that they come from."""

from searchsvc.settings.checks import OWN_FOLDERS
from searchsvc.settings.settings import EMBEDDED, OPENSEARCH, SECRETS, Settings
from searchsvc.settings.sources import FILE, Setting, environment, load, origins, overridden

__all__ = [
    "EMBEDDED",
    "FILE",
    "OPENSEARCH",
    "OWN_FOLDERS",
    "SECRETS",
    "Setting",
    "Settings",
    "environment",
    "load",
    "origins",
    "overridden",
]
