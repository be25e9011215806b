"""Source of an article from its folder: scrapers sort pages by host."""

import re
from functools import lru_cache

_HOST = re.compile(r"(?:www\.)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,12}))", re.I)
# Ends of folder names that are no host names, although domains of some countries end so.
_NO_DOMAINS = frozenset({
    "md", "txt", "html", "htm", "json", "csv", "py", "js", "rs", "sh", "gz", "zip", "tar", "bak", "old", "tmp", "git",
    "local", "data", "files", "pages", "posts", "notes",
})  # fmt: skip


def host_in_path(path: str) -> str | None:
    """Return the host that the lowest folder with the name of a host has, without `www.`, or None."""
    return _host_in_folder(path.rpartition("/")[0])


@lru_cache(maxsize=1_000)
def _host_in_folder(path: str) -> str | None:
    for folder in reversed(path.split("/")):
        match = _HOST.fullmatch(folder)
        if match and match[2].lower() not in _NO_DOMAINS:
            return match[1].lower()
    return None
