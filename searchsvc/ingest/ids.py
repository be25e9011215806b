"""The id and the slug of a document."""

import hashlib

from slugify import slugify


def document_id(path: str, part: str = "") -> str:
    """16 hexadecimal digits from the path below the seed folder: the same in every rebuild.

    `part` tells documents of one seed apart. No path holds a zero byte, so no other seed has the id.
    """
    key = f"{path}\0{part}" if part else path
    return hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def slug(title: str) -> str:
    """The title as a readable end of an address; it decorates, the id decides."""
    return slugify(title, max_length=80, word_boundary=True) or "article"
