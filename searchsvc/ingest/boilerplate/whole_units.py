"""Whole units: code, tables, lists and verse are kept or removed as a whole, and kept by default."""

from collections.abc import Collection, Mapping, Sequence

from searchsvc.ingest.boilerplate.classifier import CLASSIFIER
from searchsvc.models.documents import CODE, POEM, Unit, Verdict

_ALWAYS_KEPT = frozenset({CODE, POEM})
_MOSTLY = 0.5  # share of lines that certain rules remove, from which a unit is removed


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
        certain = [verdict for verdict in removed if verdict.rule != CLASSIFIER]
        if certain and unit.kind not in _ALWAYS_KEPT and len(certain) >= _MOSTLY * len(numbers):
            first = certain[0]
            whole |= {number: Verdict(number, first.rule, first.reason, first.confidence) for number in numbers}
    return whole
