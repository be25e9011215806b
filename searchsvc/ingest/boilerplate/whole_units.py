"""Whole units: code, tables, lists and verse are kept or removed as a whole, and kept by default."""

import re
from collections.abc import Collection, Mapping, Sequence

from searchsvc.ingest.boilerplate.classifier import CLASSIFIER
from searchsvc.ingest.boilerplate.rules import DOUBTFUL
from searchsvc.models.clean_document import TextLine, Verdict
from searchsvc.models.documents import CODE, POEM, Unit

_ALWAYS_KEPT = frozenset({CODE, POEM})
# `Bolton: Jaaskelainen, Hunt, N'Gotty, ...` and `Attendance: 26,242`.
_RECORD = re.compile(
    r"[A-Z][\w .'’()-]{1,40}: ?(?:[A-Z][^,;:]{1,60}[,;] ?){4}"
    r"|(?:att(?:endance)?|ref(?:eree)?|subs(?:titutes)?(?: not used)?|booked|sent off|scorers?|goals|half-time"
    r"|man of the match) ?: ?\w",
    re.I,
)
_LONGEST_RECORD = 400  # characters
_UNCERTAIN = frozenset({CLASSIFIER, *DOUBTFUL})
_MOSTLY = 0.5  # share of lines that certain rules remove, from which a unit is removed


def without_records(verdicts: Mapping[int, Verdict], lines: Sequence[TextLine]) -> Mapping[int, Verdict]:
    """Return the verdicts without those of the classifier on line-ups and figures of a match."""
    doubtful = {number for number, verdict in verdicts.items() if verdict.rule in _UNCERTAIN}
    records = {line.number for line in lines if line.number in doubtful and _RECORD.match(line.text[:_LONGEST_RECORD])}
    return {number: verdict for number, verdict in verdicts.items() if number not in records} if records else verdicts


def with_whole_units(
    verdicts: Mapping[int, Verdict], units: Sequence[Unit], lines: Collection[int]
) -> Mapping[int, Verdict]:
    """Return the verdicts by line, with those on lines of units replaced by one verdict for the unit.

    `lines`: numbers of the lines that hold text.

    A table or list is removed if certain rules remove most of its lines. The classifier, which judges single lines,
    does not count: to it, the names in a list look like a menu.
    """
    if not units or not verdicts:
        return verdicts
    whole = dict(verdicts)
    for unit in units:
        numbers = [number for number in range(unit.first_line, unit.last_line + 1) if number in lines]
        removed = [whole.pop(number) for number in numbers if number in whole]
        certain = [verdict for verdict in removed if verdict.rule not in _UNCERTAIN]
        if certain and unit.kind not in _ALWAYS_KEPT and len(certain) >= _MOSTLY * len(numbers):
            first = certain[0]
            whole |= {number: Verdict(number, first.rule, first.reason, first.confidence) for number in numbers}
    return whole
