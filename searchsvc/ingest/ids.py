"""Ids and slugs of documents."""

import hashlib
import re

from slugify import slugify

from searchsvc.models.documents import SeedProblem

_LONGEST_SLUG = 80
_WORD = re.compile(r"[a-z0-9]+")
_GROUPED_DIGITS = re.compile(r"(?<=\d),(?=\d)")
# Characters that slugify drops or makes a separator, and the ASCII that has the same effect.
_FREQUENT_SIGNS = str.maketrans({"'": " ", "‘": "", "’": ""} | dict.fromkeys("“”–—…\xa0", " "))
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
    plain = title.translate(_FREQUENT_SIGNS)
    if plain.isascii() and "&" not in plain:  # no other script, no entity
        words = "-".join(_WORD.findall(_GROUPED_DIGITS.sub("", plain).lower()))
        if len(words) <= _LONGEST_SLUG:
            return words or "article"  # equal to the general case, in a tenth of the time
    return slugify(title, max_length=_LONGEST_SLUG, word_boundary=True) or "article"
