"""Dates in running text and in declared fields, in several languages."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from searchsvc.ingest.foreign_dates import foreign_dates

_EARLIEST, _LATEST = 1990, 2099  # years of plausible publication on the web
_NAMES = (
    "january jan januar jänner janvier janv enero ene gennaio gen januari janeiro stycznia ledna января січня ocak"
    " tammikuuta ianuarie januára ιανουαρίου",
    "february feb februar février févr febrero febbraio februari fevereiro fev lutego února февраля лютого şubat"
    " helmikuuta februarie februára φεβρουαρίου",
    "march mar märz mars marzo maart março marca března марта березня mart maaliskuuta martie μαρτίου",
    "april apr avril avr abril abr aprile kwietnia dubna апреля квітня nisan huhtikuuta aprilie apríla απριλίου",
    "may mai mayo maggio mag mei maio maj maja května мая травня mayıs toukokuuta mája μαΐου",
    "june jun juni juin junio giugno giu junho czerwca června июня червня haziran kesäkuuta iunie júna ιουνίου",
    "july jul juli juillet juil julio luglio lug julho lipca července июля липня temmuz heinäkuuta iulie júla ιουλίου",
    "august aug août agosto ago augustus augusti sierpnia srpna августа серпня ağustos elokuuta augusta αυγούστου",
    "september sep sept septembre septiembre settembre set setembro września září сентября вересня eylül syyskuuta"
    " septembrie septembra σεπτεμβρίου",
    "october oct oktober okt octobre octubre ottobre ott outubro out października října октября жовтня ekim lokakuuta"
    " octombrie októbra οκτωβρίου",
    "november nov novembre noviembre novembro listopada listopadu ноября листопада kasım marraskuuta noiembrie"
    " novembra νοεμβρίου",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro desember grudnia prosince декабря грудня"
    " aralık joulukuuta decembrie decembra δεκεμβρίου",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_NAME = r"([^\W\d_]{3,12}+)\.?"
_FORMS = re.compile(
    r"(?<![\d/.-])(?:"
    r"(?P<iso>(?:19|20)\d\d)([-/.])(\d\d?)\2(\d\d?)(?=T\d|[^\d/.-]|[.-]?(?:\s|$))"
    rf"|(?P<day>\d\d?)(?:st|nd|rd|th|\.)?(?:\s|-|\sof\s|\sde\s){_NAME},?[\s-](?:de\s)?((?:19|20)\d\d)(?!\d)"
    r"|(?P<parts>\d\d?)([/.-])(\d\d?)\9((?:19|20)\d\d)(?!\d)"
    r")"
    rf"|(?<![^\W\d_]){_NAME}\s(?P<second>\d\d?)(?:st|nd|rd|th)?,?\s((?:19|20)\d\d)(?!\d)"
    r"|(?<!\d)(?P<east>(?:19|20)\d\d)\s?[年년]\s?(\d\d?)\s?[月월]\s?(\d\d?)\s?[日일号]",
    re.I,
)
_STATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_EARLIEST_STATED = 1500  # an earlier year is the zero of a program's calendar
_YEAR = re.compile(r"(?:19|20)\d\d")
# Characters of _FORMS before a year and from its beginning, with the characters that must follow: 26 and 18 at most.
_BEFORE_YEAR, _FROM_YEAR = 30, 30


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date in a line: position in the text and day. `day` is None if day and month are ambiguous."""

    start: int
    end: int
    day: date | None
    parts: tuple[int, int, int] | None = None


def declared_date(text: str) -> date | None:
    """Return the day in the value of a field (ISO 8601, with or without time, or words), None if uncertain."""
    if _STATED.match(text):
        with suppress(ValueError):
            day = date.fromisoformat(text[:10])
            return day if _EARLIEST_STATED <= day.year <= _LATEST else None
    dates = list(written_dates(text, None))
    return dates[0].day if len(dates) == 1 else None


def is_past(day: date) -> bool:
    """Return whether a day has begun somewhere on Earth, so that a text may have been published on it."""
    return day <= datetime.now(UTC).date() + timedelta(days=1)


def written_dates(text: str, day_first: bool | None) -> Iterator[WrittenDate]:
    """Yield the dates in `text`. `day_first`: order of numeric dates, None if unknown."""
    foreign = list(foreign_dates(text)) if ". " in text or not text.isascii() else []
    if not foreign:
        yield from _common_dates(text, day_first)
        return
    dates = [*_common_dates(text, day_first), *(WrittenDate(a, b, _valid(*parts)) for a, b, *parts in foreign)]
    yield from sorted(dates, key=lambda each: each.start)


def _common_dates(text: str, day_first: bool | None) -> Iterator[WrittenDate]:
    years = [match.start() for match in _YEAR.finditer(text)]
    if not years:
        return
    for match in _FORMS.finditer(text, max(0, years[0] - _BEFORE_YEAR), years[-1] + _FROM_YEAR):
        numbers = _numbers(match)
        if numbers is None:
            continue
        year, month, day = numbers
        if match["parts"] is None:
            yield WrittenDate(match.start(), match.end(), _valid(year, month, day))
            continue
        first, second = month, day
        certain = first == second or first > 12 or second > 12
        swap = first > 12 if certain else day_first
        certain_day = None if swap is None else _valid(year, *((second, first) if swap else (first, second)))
        yield WrittenDate(match.start(), match.end(), certain_day, (first, second, year))


def _numbers(match: re.Match[str]) -> tuple[int, int, int] | None:
    """Return year, month and day of a match; for a numeric date its two parts in their order instead."""
    if match["iso"]:
        return int(match["iso"]), int(match[3]), int(match[4])
    if match["east"]:
        return int(match["east"]), int(match[16]), int(match[17])
    if match["parts"]:
        return int(match[11]), int(match["parts"]), int(match[10])
    name, day, year = (match[6], match["day"], match[7]) if match["day"] else (match[12], match["second"], match[14])
    month = _MONTHS.get(name.lower())
    return (int(year), month, int(day)) if month else None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if _EARLIEST <= year <= _LATEST else None
    except ValueError:
        return None
