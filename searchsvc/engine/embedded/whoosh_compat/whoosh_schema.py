"""The Whoosh schema of a generation, so that stock Whoosh can open and query it."""

from collections.abc import Iterator
from typing import Any

from whoosh.analysis import Analyzer as WhooshAnalyzerBase
from whoosh.analysis import Token as WhooshToken
from whoosh.fields import ID, NUMERIC, TEXT, Schema

from searchsvc.analysis import DEFAULT_LANGUAGE, analyzer
from searchsvc.schema import TEXT_FIELDS


class SearchAnalyzer(WhooshAnalyzerBase):  # type: ignore[misc]
    """Our analysis as Whoosh wants it, so that stock Whoosh reads and queries the same terms."""

    def __init__(self, language: str = DEFAULT_LANGUAGE) -> None:
        self.language = language

    def __call__(self, value: str, **wanted: Any) -> Iterator[WhooshToken]:
        token = WhooshToken(
            positions=bool(wanted.get("positions")), chars=bool(wanted.get("chars")), mode=wanted.get("mode", "")
        )
        for term, start, end, position in analyzer(self.language).tokens(value):
            token.text = token.original = term
            token.boost = 1.0
            token.stopped = False
            token.pos = position + int(wanted.get("start_pos", 0))
            token.startchar = start + int(wanted.get("start_char", 0))
            token.endchar = end + int(wanted.get("start_char", 0))
            yield token


def whoosh_schema(language: str) -> Schema:
    """The schema of a generation's Whoosh index; `published` is a proleptic Gregorian ordinal."""
    analysis = SearchAnalyzer(language)
    text = {field.name: TEXT(analyzer=analysis, phrase=True) for field in TEXT_FIELDS}
    return Schema(id=ID(unique=True), language=ID(), published=NUMERIC(numtype=int), **text)
