"""Whoosh schema of a generation, for stock Whoosh."""

from collections.abc import Iterator
from typing import Any

from whoosh.analysis import Analyzer as WhooshAnalyzerBase
from whoosh.analysis import Token as WhooshToken
from whoosh.fields import ID, NUMERIC, TEXT, Schema

from searchsvc.analysis import DEFAULT_LANGUAGE, analyzer
from searchsvc.schema import TEXT_FIELDS


class SearchAnalyzer(WhooshAnalyzerBase):  # type: ignore[misc]
    """Our analysis as a Whoosh analyzer, so that stock Whoosh produces the same terms."""

    def __init__(self, language: str = DEFAULT_LANGUAGE) -> None:
        self.language = language

    def __call__(self, value: str, **options: Any) -> Iterator[WhooshToken]:
        token = WhooshToken(
            positions=bool(options.get("positions")), chars=bool(options.get("chars")), mode=options.get("mode", "")
        )
        for term, start, end, position in analyzer(self.language).tokens(value):
            token.text = token.original = term
            token.boost = 1.0
            token.stopped = False
            token.pos = position + int(options.get("start_pos", 0))
            token.startchar = start + int(options.get("start_char", 0))
            token.endchar = end + int(options.get("start_char", 0))
            yield token


def whoosh_schema(language: str) -> Schema:
    """Return the schema; `published` is a proleptic Gregorian ordinal."""
    analysis = SearchAnalyzer(language)
    text = {field.name: TEXT(analyzer=analysis, phrase=True) for field in TEXT_FIELDS}
    return Schema(id=ID(unique=True), language=ID(), published=NUMERIC(numtype=int), **text)
