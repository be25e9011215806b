"""Dates in scripts whose words Python's letters do not cover, in other calendars, and as Koreans write them."""

import re
from collections.abc import Iterator

# Names of the months of each language, the names of one month joined by "/".
_MONTHS = (
    # Thai, in full and shortened
    "มกราคม/ม.ค. กุมภาพันธ์/ก.พ. มีนาคม/มี.ค. เมษายน/เม.ย. พฤษภาคม/พ.ค. มิถุนายน/มิ.ย. กรกฎาคม/ก.ค. สิงหาคม/ส.ค."
    " กันยายน/ก.ย. ตุลาคม/ต.ค. พฤศจิกายน/พ.ย. ธันวาคม/ธ.ค.",
    # Arabic, of Egypt and of the Levant
    "يناير/كانون_الثاني فبراير/شباط مارس/آذار أبريل/إبريل/نيسان مايو/أيار يونيو/حزيران يوليو/تموز أغسطس/آب"
    " سبتمبر/أيلول أكتوبر/تشرين_الأول نوفمبر/تشرين_الثاني ديسمبر/كانون_الأول",
    # Hindi
    "जनवरी फरवरी/फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर/सितम्बर अक्टूबर/अक्तूबर नवंबर/नवम्बर दिसंबर/दिसम्बर",
    # Hebrew
    "ינואר פברואר מרץ/מרס אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
)
_NUMBERS = {
    name.replace("_", " "): number
    for months in _MONTHS
    for number, names in enumerate(months.split(), 1)
    for name in names.split("/")
}
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}  # years before the first one of an era
_BUDDHIST, _EARLIEST_BUDDHIST = 543, 2400  # years before the common era, and the first year that must be Buddhist
_FORMS = re.compile(
    rf"(?<!\d)(?P<day>\d\d?)\s{{1,2}}ב?(?P<name>{'|'.join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))})"
    r"[,،]?\s{1,2}(?:[พค]\.ศ\.\s?)?(?P<year>\d{4})(?!\d)"
    r"|(?P<era>令和|平成|昭和)\s?(?P<era_year>元|\d\d?)\s?年\s?(?P<era_month>\d\d?)\s?月\s?(?P<era_day>\d\d?)\s?日"
    r"|(?<![\d.])(?P<dotted>(?:19|20)\d\d)\.\s(?P<dotted_month>\d\d?)\.\s(?P<dotted_day>\d\d?)(?:\.|(?![\d.]))"
)


def may_hold_year(text: str) -> bool:
    """Return whether a text may hold a year of the Buddhist era or of a Japanese one."""
    return ("25" in text or "和" in text or "平成" in text) and not text.isascii()


def foreign_dates(text: str) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield start and end of each date, and its year of the common era, month and day, which may be invalid."""
    for match in _FORMS.finditer(text):
        if match["day"]:
            year = int(match["year"])
            year -= _BUDDHIST if year >= _EARLIEST_BUDDHIST else 0
            yield match.start(), match.end(), year, _NUMBERS[match["name"]], int(match["day"])
        elif match["era"]:
            number = 1 if match["era_year"] == "元" else int(match["era_year"])
            year = _ERAS[match["era"]] + number
            yield match.start(), match.end(), year, int(match["era_month"]), int(match["era_day"])
        else:
            year, month, day = (int(match[f"dotted{part}"]) for part in ("", "_month", "_day"))
            yield match.start(), match.end(), year, month, day
