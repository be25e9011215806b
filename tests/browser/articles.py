"""A small library for the journeys: enough articles for two pages, two facets and a pair of copies."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document, RemovedBlock
from searchsvc.service import SearchService
from searchsvc.settings import Settings

AUTHORS = ("Ada Byron", "Ben Okri", "Chinua Achebe")
SECTIONS = ("World", "Business")
GOODS = ("coal", "fish")
ORIGINALS = "www.harbour.example"  # host of the originals of some articles
MATCHES = 17  # of "lighthouse" in the text of LONG

LONG = Document(
    id=f"{0xA0:016x}",
    slug="keepers",
    path="keepers.txt",
    content_hash="0" * 64,
    title="The keepers of the coast",
    body="\n".join(f"Paragraph {n} tells of a lighthouse.{' The sea was rough.' * 30}" for n in range(MATCHES)),
    author="Ada Byron",
    source="Sea News",
    section="World",
    published=date(2024, 5, 1),
    words=2000,
    removed=(
        RemovedBlock("share-button", "asks to share, print or follow", 1, 2, "Connect with us\nShare: " + "x" * 60),
    ),
)
COPY = replace(
    LONG,
    id=f"{0xA1:016x}",
    slug="keepers-again",
    path="again.txt",
    source="Coast Weekly",
    body=LONG.body.replace("Paragraph 3 tells of", "Paragraph 3 speaks of") + "\nFirst printed elsewhere.",
)
ARABIC = replace(
    LONG,
    id=f"{0xA2:016x}",
    slug="port",
    path="port.txt",
    title="ميناء المدينة",
    body="تقرير عن الميناء.",
    language="ar",
)


def _article(number: int) -> Document:
    return Document(
        id=f"{number:016x}",
        slug=f"harbour-{number}",
        path=f"{number}.txt",
        content_hash="0" * 64,
        title=f"Harbour report {number}",
        body=f"Ships came into the harbour on day {number}, and the council counted its {GOODS[number % 2]}.",
        author=AUTHORS[number % 3],
        source="Harbour News",
        url=f"https://{ORIGINALS}/{number}" if number % 2 else None,
        section=SECTIONS[number % 2],
        published=date(2024, 1, 1) + timedelta(number),
        words=16,
    )


DOCUMENTS = (*(_article(number) for number in range(30)), LONG, COPY, ARABIC)


def library_service(folder: Path) -> SearchService:
    """A service over DOCUMENTS."""
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for document in DOCUMENTS:
            generation.add(document, document.body)
        generation.set_duplicates({COPY.id: LONG.id})
    return SearchService(engine, Settings(index=folder))
