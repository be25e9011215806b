"""The fields of the index and the fingerprint that tells whether two builds mean the same."""

import hashlib
import json
from dataclasses import asdict, dataclass

import whoosh

from searchsvc.analysis import SNOWBALL, analyzer

FORMAT = 10  # raised when the files of a generation change their layout or meaning


@dataclass(frozen=True, slots=True)
class TextField:
    """An analysed field; `weight` is what a match counts in free text, None if not looked in."""

    name: str
    weight: float | None


TEXT_FIELDS = (
    TextField("title", 2.0),
    TextField("headings", 0.5),  # headings stand in the body as well
    TextField("body", 1.0),
    TextField("author", 1.0),
    TextField("source", 1.0),
    TextField("section", None),
    TextField("topics", None),
)
FREE_TEXT = {field.name: field.weight for field in TEXT_FIELDS if field.weight is not None}


@dataclass(frozen=True, slots=True)
class Bm25f:
    """k1: how soon repetition stops to count. b: how much length counts against a document.

    A term among the first `lead` tokens of a body counts as if it stood there `lead_weight` times more:
    news say there what they are about.
    """

    k1: float = 1.5
    b: float = 0.6
    lead: int = 20
    lead_weight: float = 0.35


BM25F = Bm25f()

# What may stand before a colon in a query, and the field it looks in.
QUERY_FIELDS = {
    "title": "title",
    "body": "body",
    "author": "author",
    "source": "source",
    "section": "section",
    "topics": "topics",
}

_SAMPLE = (
    "The NATO-Russia Council’s 27 members' re-elected naïve cafés, don't they? U.S. e.g. 3.5 1,000 "
    "running alliances government ＷＯＲＬＤ İstanbul Straße Крым ещё ἀρχή 東京都 हिन्दी co\u00adop x_y"
)


_INFLECTED = (
    "running alliances Häusern Verträge l'élection négociations elecciones inundaciones negociação dell'acqua "
    "договоры министрами السفينة المدرسة eläkkeen sluttningar ülkelerinin αρχηγών पुस्तकों"
)


def fingerprint(language: str) -> str:
    """A hash of what the analysis does to a fixed text, of the fields, their weights and the format.

    Behaviour, not code: the same terms from another version of a library leave it unchanged.
    """
    said = {
        "format": FORMAT,
        "whoosh": whoosh.__version__[0],
        "language": language,
        "fields": [asdict(field) for field in TEXT_FIELDS],
        "scorer": asdict(BM25F),  # what a posting is worth is computed when built
        "terms": [list(token) for token in analyzer(language).tokens(_SAMPLE)],
        "stems": {each: analyzer(each).terms(_INFLECTED) for each in SNOWBALL},
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
