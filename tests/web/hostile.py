"""A corpus of payloads in every field, as a scraper could have found them, and queries that break search services."""

from datetime import date
from pathlib import Path

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document, RemovedBlock, SeedProblem
from searchsvc.service import SearchService
from searchsvc.settings import Settings

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
HANDLER = "' onmouseover='alert(3)' x='"
TEMPLATE = "{{ 7 * 191 }}{% raw %}"
LINK = "javascript:alert(4)"
PAYLOADS = (SCRIPT, IMAGE, HANDLER, TEMPLATE, LINK, "<b>", "&lt;b&gt;", "\u202egnirts", "</title><svg onload=alert(5)>")

WORDS = ("world", "state", "good", "little", "make", "see", "own", "work", "long", "here", "life", "day", "same")
QUERIES = (
    "*", "?*?*?*?*", "NOT *", "*:*", "[a TO z]", "[[[[a TO z]]]]", "[to" * 300, "world~9", "zebra~2/999999",
    'r"(([a-z]+)*)*!"', '"zebra"~999999999', "NOT NOT NOT zebra", "() () ()", "AND OR NOT", ">" * 500, "^^^^^",
    "title:" * 300 + "x", "__class__:x", "_stored:x", "date:2020-13-45", "date:99999999999999", "\0zebra\0",
    "zebra\u202e\u200b", "\ufdfa" * 300, "e" + "\u0301" * 2000, "\r\nSet-Cookie: x=1", "../../../../etc/passwd",
    "(" * 1000 + "zebra" + ")" * 1000, "(zebra OR " * 180 + "a" + ")" * 180, ")(" * 1000, "NOT " * 500,
    " OR ".join(f"w{number}" for number in range(250)), " ".join(f"{word}~2" for word in WORDS),
    " ".join(f"{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"), '"' + " ".join(WORDS * 25) + '"', '"' * 2001,
    " 'a" * 600, "*" * 2000, "~" * 2000, "-" * 2000, " " * 2000, "a" * 2048, "a" * 2049, *PAYLOADS,
)  # fmt: skip


def _document(number: int, payload: str) -> Document:
    text = f"{payload} zebra {payload}"
    return Document(
        id=f"{number:016x}",
        slug="zebra",
        path=f"{payload}.txt",
        content_hash="0" * 64,
        title=text,
        body=f"{text}\nHeading {payload}\nA sentence with a zebra in it.",
        headings=(f"Heading {payload}",),
        summary=text,
        author=payload,
        source=payload,
        section=payload,
        topics=(payload, f"{payload} again"),
        related=(payload,),
        credit=payload,
        published=date(2024, 1, 1),
        words=9,
        url=payload,
        extra=((payload, payload),),
        removed=(RemovedBlock("share", payload, 1, 2, f"{payload}\n{payload}"),),
    )


DOCUMENTS = tuple(_document(number, payload) for number, payload in enumerate(PAYLOADS))


def hostile_service(folder: Path) -> SearchService:
    """A service over DOCUMENTS."""
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for document in DOCUMENTS:
            generation.add(document, f"{document.title}\n{document.title}\n{document.body}")
        generation.set_problems([SeedProblem(SCRIPT, SCRIPT)])
    return SearchService(engine, Settings(index=folder))
