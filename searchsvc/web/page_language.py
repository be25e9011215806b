"""Language of a page: the one that a client prefers, and its forms of dates and numbers."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from starlette.types import Scope

_NARROW_SPACE, _SPACE = "\u202f", "\xa0"
_UNITS = ("B", "kB", "MB", "GB", "TB")
_MAX_HEADER = 500  # bytes of Accept-Language that are read


@dataclass(frozen=True, slots=True)
class PageLanguage:
    """Forms of dates and numbers in a language, as in the Unicode CLDR.

    `day` and `month` are formats with `day`, `month` and `year`. `least_grouped`: numbers below it have no separator.
    """

    code: str
    months: tuple[str, ...]
    day: str
    month: str
    group: str
    decimal: str
    space: str  # before % and units
    least_grouped: int = 1_000
    first_day: str = "1"
    byte: str = "B"

    def format_day(self, day: date) -> str:
        """Return a date, such as 5 March 2024."""
        number = self.first_day if day.day == 1 else str(day.day)
        return self.day.format(day=number, month=self.months[day.month - 1], year=day.year)

    def format_month(self, day: date) -> str:
        """Return the month of a date, such as March 2024."""
        return self.month.format(month=self.months[day.month - 1], year=day.year)

    def format_number(self, number: int) -> str:
        """Return a whole number with separators of thousands."""
        return f"{number:,}".replace(",", self.group) if abs(number) >= self.least_grouped else str(number)

    def format_percent(self, share: float) -> str:
        """Return a share from 0 to 1 in per cent."""
        return f"{share * 100:.0f}{self.space}%"

    def format_size(self, size: int) -> str:
        """Return a number of bytes in the unit that fits."""
        power = min((len(str(size)) - 1) // 3, len(_UNITS) - 1)
        if not power:
            return f"{size}{self.space or _SPACE}{self.byte}"
        unit = _UNITS[power].removesuffix("B") + self.byte
        return f"{size / 1000**power:.1f}".replace(".", self.decimal) + f"{self.space or _SPACE}{unit}"

    def plural_form(self, count: int) -> int:
        """Return the index of the form for `count`: French has the singular for 0 as well."""
        return int(count > 1 if self.code == "fr" else count != 1)


def _months(names: str) -> tuple[str, ...]:
    return tuple(names.split())


LANGUAGES = {
    each.code: each
    for each in (
        PageLanguage(
            "en",
            _months("January February March April May June July August September October November December"),
            "{day} {month} {year}", "{month} {year}", ",", ".", "",
        ),
        PageLanguage(
            "de",
            _months("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
            "{day}. {month} {year}", "{month} {year}", ".", ",", _SPACE,
        ),
        PageLanguage(
            "fr",
            _months("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
            "{day} {month} {year}", "{month} {year}", _NARROW_SPACE, ",", _NARROW_SPACE, first_day="1er", byte="o",
        ),
        PageLanguage(
            "es",
            _months("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
            "{day} de {month} de {year}", "{month} de {year}", ".", ",", _SPACE, least_grouped=10_000,
        ),
    )
}  # fmt: skip


def preferred(scope: Scope) -> str:
    """Return the language that a request prefers among LANGUAGES (RFC 9110, 12.5.4), English for none."""
    return _preferred(b",".join(value for name, value in scope["headers"] if name == b"accept-language")[:_MAX_HEADER])


@lru_cache(maxsize=256)
def _preferred(header: bytes) -> str:
    weighted = [_weighted(each) for each in header.decode("latin-1").lower().split(",")]
    accepted = [(code, weight) for code, weight in weighted if code in LANGUAGES and weight > 0]
    return max(accepted, key=lambda each: each[1], default=("en", 1.0))[0]  # the first of equal ones


def _weighted(entry: str) -> tuple[str, float]:
    """Return the primary language of an entry such as `de-AT;q=0.8`, and its weight; 0 if that is malformed."""
    language, _, parameter = entry.replace(" ", "").partition(";")
    code = language.partition("-")[0]
    if not parameter:
        return code, 1.0
    digits = parameter.removeprefix("q=")
    is_weight = parameter.startswith("q=") and len(digits) <= 5 and digits.replace(".", "", 1).isdecimal()
    return code, float(digits) if is_weight and digits.isascii() else 0.0
