"""Dates in the forms in which tools write them into fields, file names and addresses."""

import re
from datetime import UTC, date, datetime, timedelta

from searchsvc.ingest.date_parser import declared_date, is_past, written_dates

_EARLIEST, _LATEST = 1990, 2099  # years of plausible publication, where a number need not be a date
_LONGEST = 100  # characters of a date
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?\d{4}(?:\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?")
_EPOCH = re.compile(r"(\d{9,10}|\d{12,13}|\d{16})(?:\.\d+)?")
_CTIME = re.compile(r"(?:[a-z]{3},? )?([a-z]{3,9} \d\d?) \d\d?:\d\d(?::\d\d)?(?: [a-z]{2,5}| [+-]\d{4})? (\d{4})", re.I)
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d\d?)\s?[月월]\s?(\d\d?)\s?[日일号]")
_DOTTED = re.compile(r"(\d\d?)\.\s?(\d\d?)\.\s?(\d{4})(?!\d)")
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:([-_.])(\d\d)\2(\d\d)|(\d\d)(\d\d))(?!\d)")
_INDEX = re.compile(r"_?(?:index|readme)\.", re.I)
_IN_PATH = re.compile(r"(?<![^/])((?:19|20)\d\d)/(\d\d?)/(\d\d?)(?![^/-])")
_BRACKETS = "<>[](){}\"' \t"
# Languages that are written with the day before the month wherever they are spoken.
_DAY_FIRST = frozenset((
    "de", "fr", "es", "it", "pt", "nl", "ru", "pl", "cs", "sk", "da", "nb", "nn", "no", "fi", "uk", "ro", "bg", "el",
    "tr", "id", "vi", "hr", "sl", "sr", "ca", "gl",
))  # fmt: skip
_ENGLISH_DAY_FIRST = frozenset({"gb", "uk", "ie", "au", "nz", "in", "za"})


def published_date(value: object, language: str = "") -> date | None:
    """Return the day in the value of a field, None if uncertain.

    Numbers are seconds, milliseconds or microseconds since 1970, in UTC. `language`: the declared language tag, which
    decides the order in `05/06/2024`.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        value = int(value) if abs(value) < 1e17 else ""
    text = " ".join(str(value)[:_LONGEST].split()).strip(_BRACKETS)
    return (
        declared_date(text)
        or _compact(text)
        or _epoch(text)
        or _parts(_EAST_ASIAN.search(text))
        or _dotted(text)
        or _ctime(text)
        or _in_order(text, language)
    )


def date_in_name(path: str) -> date | None:
    """Return the day at the beginning or end of a file name (`2024-05-06-storm.md`), or in its folders.

    Of an index file, the name of its folder counts (`2024-05-06-storm/index.md`).

    A day in the future is none: a name is no declaration.
    """
    folder, _, stem = path.rpartition("/")
    if _INDEX.match(stem):
        stem = folder.rpartition("/")[2]
    for match in _IN_NAME.finditer(stem):
        rest = stem[match.end() :]
        if match.start() == 0 or not rest or rest.startswith("."):
            day = _day(match[1], match[3] or match[5], match[4] or match[6])
            if day and is_past(day):
                return day
    day = date_in_address(path)
    return day if day and is_past(day) else None


def date_in_address(address: str) -> date | None:
    """Return the day among the folders of an address or path (`https://example.org/2024/05/06/storm`)."""
    return _parts(_IN_PATH.search(address[:2_000]))


def _parts(match: re.Match[str] | None) -> date | None:
    return _day(*match.groups()[:3]) if match else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        parsed = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return parsed if _EARLIEST <= parsed.year <= _LATEST else None


def _compact(text: str) -> date | None:
    return _parts(_COMPACT.fullmatch(text))


def _epoch(text: str) -> date | None:
    match = _EPOCH.fullmatch(text)
    if not match:
        return None
    seconds = int(match[1]) / {9: 1, 10: 1, 12: 1e3, 13: 1e3, 16: 1e6}[len(match[1])]
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return moment.date() if _EARLIEST <= moment.year <= _LATEST else None


def _dotted(text: str) -> date | None:
    """Return the day of `31.12.2024`: dots are written with the day first."""
    match = _DOTTED.match(text)
    return _day(match[3], match[2], match[1]) if match else None


def _ctime(text: str) -> date | None:
    """Return the day of `Mon May  6 10:20:00 2024`, as C and Unix write it."""
    match = _CTIME.fullmatch(text)
    return declared_date(f"{match[1]} {match[2]}") if match else None


def _in_order(text: str, language: str) -> date | None:
    day_first = _day_first(language)
    dates = [] if day_first is None else list(written_dates(text, day_first))
    return dates[0].day if len(dates) == 1 else None


def _day_first(language: str) -> bool | None:
    """Return whether a language tag (`en-GB`) implies that the day is written before the month; None if unknown."""
    code, *regions = language.lower().replace("_", "-").split("-")
    if code in _DAY_FIRST:
        return True
    if code != "en" or not regions:
        return None
    return False if regions[-1] == "us" else True if regions[-1] in _ENGLISH_DAY_FIRST else None
