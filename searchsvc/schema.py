"""Fields of the index, and a fingerprint that changes when indexes become incompatible."""

import hashlib
import json
from dataclasses import asdict, dataclass

import whoosh

from searchsvc.analysis import SNOWBALL, analyzer

FORMAT = 13  # increased when the files of a generation change


@dataclass(frozen=True, slots=True)
class TextField:
    """An analysed field. `weight` is its weight in free text; None if free text is not searched in it."""

    name: str
    weight: float | None


TEXT_FIELDS = (
    TextField("title", 2.0),
    TextField("headings", 0.5),  # headings are in the body too
    TextField("body", 1.0),
    TextField("author", 1.0),
    TextField("source", 1.0),
    TextField("section", None),
    TextField("topics", None),
    TextField("folder", None),
    TextField("labels", 0.5),  # section, topics, folder and file name
    TextField("removed_text", None),
)
REMOVED_TEXT = "removed_text"
FREE_TEXT = {field.name: field.weight for field in TEXT_FIELDS if field.weight is not None}


@dataclass(frozen=True, slots=True)
class Bm25f:
    """Parameters of BM25F. `k1`: saturation of term frequency. `b`: influence of length.

    A term among the first `lead` tokens of a body counts `lead_weight` times more, as news articles state their
    subject first.
    """

    k1: float = 1.5
    b: float = 0.6
    lead: int = 20
    lead_weight: float = 0.35


BM25F = Bm25f()

# Field names in queries, with the index field each searches.
QUERY_FIELDS = {
    "title": "title",
    "body": "body",
    "author": "author",
    "source": "source",
    "section": "section",
    "topics": "topics",
    "folder": "folder",
}

_SAMPLE = (
    "The NATO-Russia Council’s 27 members' re-elected naïve cafés, don't they? U.S. e.g. 3.5 1,000 "
    "running alliances government ＷＯＲＬＤ İstanbul Straße Крым ещё ἀρχή 東京都 हिन्दी co\u00adop x_y ภาษาไทย"
)


_INFLECTED = (
    "running alliances Häusern Verträge l'élection négociations elecciones inundaciones negociação dell'acqua "
    "договоры министрами السفينة المدرسة eläkkeen sluttningar ülkelerinin αρχηγών पुस्तकों"
)


def fingerprint(language: str) -> str:
    """Return a hash of the terms of a fixed text, of the fields and their weights, and of the format.

    It covers behaviour, not code: another version of a library with the same terms leaves it unchanged.
    """
    content = {
        "format": FORMAT,
        "whoosh": whoosh.__version__[0],
        "language": language,
        "fields": [asdict(field) for field in TEXT_FIELDS],
        "scorer": asdict(BM25F),  # impacts are computed when the index is built
        "terms": [list(token) for token in analyzer(language).tokens(_SAMPLE)],
        "stems": {each: analyzer(each).terms(_INFLECTED) for each in SNOWBALL},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
