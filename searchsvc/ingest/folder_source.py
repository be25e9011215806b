"""Source of an article that declares none: the host of its URL or, as scrapers sort pages by host, of its folder."""

import re
from functools import lru_cache

_HOST = re.compile(r"(?:www\.)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,12}))", re.I)
_ARCHIVED = re.compile(r"https?://web\.archive\.org/web/\w{1,40}/(?=https?://)", re.I)  # above the page's own address
_NAMED = re.compile(r"\.[^\W\d_][\w-]*$")  # the end of a host that is no IP address
# Ends of folder names that are no host names, although domains of some countries end so.
_NO_DOMAINS = frozenset({
    "md", "txt", "html", "htm", "json", "csv", "py", "js", "rs", "sh", "gz", "zip", "tar", "bak", "old", "tmp", "git",
    "local", "data", "files", "pages", "posts", "notes",
})  # fmt: skip


def host_source(url: str | None, path: str) -> str | None:
    """Return the host in the URL of an article, else that in the path of its seed, without `www.`, or None.

    An IP address and a name without a dot, such as `localhost`, name no publisher.
    """
    host = host_in_url(_ARCHIVED.sub("", url)) if url else ""
    return host if _NAMED.search(host) else host_in_path(path)


def host_in_url(url: str) -> str:
    """Return the host in lower case, without `www.`, user and port."""
    host = url.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0].lower()
    return host.rpartition("@")[2].partition(":")[0].strip(".").removeprefix("www.")


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
