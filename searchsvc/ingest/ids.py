"""Ids and slugs of documents."""

import hashlib
import re

from slugify import slugify

from searchsvc.models.documents import SeedProblem

_LONGEST_SLUG = 80
_PLAIN_TITLE = re.compile(rf"[A-Za-z0-9 ]{{1,{_LONGEST_SLUG}}}")
_COLLISION = "same id by coincidence as "


def document_id(path: str, part: str = "") -> str:
    """Return 16 hexadecimal digits, derived from the path below the seed folder, so that rebuilds keep ids.

    `part`: key of the document within a seed of several. No path holds a zero byte, so ids of different seeds
    differ.
    """
    key = f"{path}\0{part}" if part else path
    return hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def collision(path: str, earlier: str) -> SeedProblem:
    """Return the problem of a document with the id of an earlier document of another seed.

    Ids have 64 bits, so equal ids are made on purpose. The first path keeps the id.
    """
    return SeedProblem(path, f"{_COLLISION}{earlier}; rename one of the files")


def is_collision(problem: SeedProblem) -> bool:
    """Return whether `collision` returned this problem."""
    return problem.reason.startswith(_COLLISION)


def slug(title: str) -> str:
    """Return the title as readable end of an address. It is decoration: only the id identifies the document."""
    if _PLAIN_TITLE.fullmatch(title):
        return "-".join(title.lower().split()) or "article"  # equal to the general case, in a tenth of the time
    return slugify(title, max_length=_LONGEST_SLUG, word_boundary=True) or "article"
