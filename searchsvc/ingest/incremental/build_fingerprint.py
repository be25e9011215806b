"""Fingerprint of a build: everything but the seeds that determines its documents."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from searchsvc.ingest.source import Source


def build_fingerprint(source: Source) -> str:
    """Return a hash of everything but the seed that determines its documents: settings, libraries and our own code."""
    settings = (source.max_bytes, source.max_text_bytes, source.language, source.overrides, source.names)
    digest_input = f"{settings!r} {_libraries()} {_code()}"
    return hashlib.sha256(digest_input.encode("utf-8", "backslashreplace")).hexdigest()[:24]


@cache
def _libraries() -> list[str]:
    """Return the versions of the libraries that read seeds, including installed extras."""
    return [_version(name) for name in _READERS]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


@cache
def _code() -> str:
    """Return a hash of the files that ingest seeds. An irrelevant difference costs only a rebuild."""
    folder = Path(__file__).parents[1]
    hashed = hashlib.sha256()
    files = (path for path in folder.rglob("*") if path.suffix in _HASHED)
    for path in sorted([*files, *_OUTSIDE]):
        hashed.update(path.read_bytes())
    return hashed.hexdigest()


_PACKAGE = Path(__file__).parents[2]
_READERS = ("charset-normalizer", "lxml_html_clean", "markdown-it-py", "pathspec", "PyYAML", "trafilatura")
_HASHED = (".py", ".npz", ".toml", ".json")
_OUTSIDE = tuple(
    _PACKAGE / name for name in ("analysis.py", "text_pieces.py", "models/clean_document.py", "models/documents.py")
)
