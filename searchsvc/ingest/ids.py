"""Ids and slugs of documents."""

import hashlib

from slugify import slugify


def document_id(path: str, part: str = "") -> str:
    """Return 16 hexadecimal digits, derived from the path below the seed folder, so that rebuilds keep ids.

    `part`: key of the document within a seed of several. No path holds a zero byte, so ids of different seeds
    differ.
    """
    key = f"{path}\0{part}" if part else path
    return hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def slug(title: str) -> str:
    """Return the title as readable end of an address. It is decoration: only the id identifies the document."""
    return slugify(title, max_length=80, word_boundary=True) or "article"
