"""Date of publication, if the text gives a full date and marks it as the publication's."""

import re
from collections.abc import Sequence
from datetime import date

from searchsvc.ingest.date_parser import WrittenDate, is_past, written_dates
from searchsvc.ingest.metadata.line_view import BULLETS, LineView

_ABOVE, _BELOW = 3, 8  # lines around the title where a date needs no label
_NEAR = 12  # lines around the title and after the end where a date needs a label
_MOST_WORDS = 22  # of a line that gives only date and author
_MOST_OTHER_WORDS = 5  # words other than date, time and label
_OPENING = 100  # characters of a paragraph that may begin with place and date
_OPENING_END = re.compile(r"\)?\s?(?:\([^()]{1,40}\)\s?)?[-–—/:]")
_PLACE = re.compile(r"\(?(?:[^\W\d_a-zß-ÿ][\w.'’-]*[\s,(/]{1,3}){0,6}")
_NO_DAYS: tuple[Sequence[date], Sequence[date]] = (), ()
_LIST = 3  # unlabelled dates below the title from which they count as a list of events or articles

_DAY_FIRST_LANGUAGES = frozenset({
    "de", "fr", "es", "it", "nl", "pt", "pl", "ru", "da", "no", "sv", "fi", "tr", "cs", "sk", "uk", "ro", "bg", "el",
    "hr", "sl", "sr", "ca", "gl", "id", "vi",
})  # fmt: skip

_PUBLISHED = re.compile(
    r"\b(?:published|posted|publication date|first published|originally published|date|created|submitted|added|"
    r"written|veröffentlicht|erschienen|erstellt|datum|publié|publicado|publicada|fecha|pubblicato|pubblicata|data|gepubliceerd"
    r"|geplaatst|opublikowano|publicerad|publisert|udgivet|opublikowany|опубликовано|дата|yayınlanma|公開|发布|發布|掲載)\b"
    r"[^.!?\d]{0,30}$",
    re.I,
)
_NOT_PUBLISHED = re.compile(
    r"\b(?:updated?|modified|reviewed|revised|edited|changed|accessed|retrieved|checked|copyright|expires?|until|since|"
    r"joined|deadline|from|between|starting|ending|through|today|born|died|event|active|valid|effective|comment|"
    r"received|accepted|aktualisiert|geändert|stand|mis à jour|modifié|actualizado|modificado|aggiornato|atualizado"
    r"|bijgewerkt"
    r"|gewijzigd|uppdaterad|oppdatert|opdateret|aktualizacja|обновлено|güncelleme|更新)\b[^|•·\d]{0,20}$|[©(]\s?$",
    re.I,
)
_TIME = re.compile(
    r"\b\d{1,2}[:.]\d\d(?:[:.]\d\d)?|\b[ap]\.?m\b|\b[A-Z]{2,4}T\b|\d{1,3}[- ]min\w*|\bread(?:ing)?\b|\btime\b", re.I
)
_NUMERIC = re.compile(r"\d[/.-]\d")  # part of each numeric date
_SMALL = frozenset({
    "by", "on", "at", "in", "and", "the", "of", "published", "posted", "date", "updated", "last", "first",
    "written", "author", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue",
    "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun", "gmt", "utc", "est", "edt", "pst", "pdt", "cet",
    "bst", "ist", "am", "pm", "comments", "comment", "no",
})  # fmt: skip
_COMMENTED = re.compile(r"\b(?:sa(?:ys|id)|repl(?:y|ied)|commented|wrote|copyright)\b|©|all rights reserved", re.I)
_IN_COMMENTED = ("say", "said", "repl", "commented", "wrote", "copyright", "all rights")  # each ASCII match has one


def published(lines: LineView, title: int, language: str) -> date | None:
    """Return the date of publication, or None if the text gives none with certainty."""
    if not lines.with_years:
        return None
    day_first = _has_day_first(lines, language)
    start, end = lines.main
    near = [
        i for i in lines.with_years if -_NEAR <= i - title < _NEAR or -_NEAR <= i - start < 2 or -3 <= i - end < _NEAR
    ]
    labelled = [(i, day) for i in near for day in _days(lines, i, day_first, labelled=True)]
    in_head = [day for i, day in labelled if i < start]
    days = (
        in_head[:1],
        _dateline(lines, title, day_first),
        [day for _, day in labelled[:1]],
        _opening(lines, day_first),
    )
    return next((each[0] for each in days if each), None)


def _dateline(lines: LineView, title: int, day_first: bool | None) -> list[date]:
    """Return the date without a label in the line nearest to the title."""
    if title < 0:
        return []
    around = [i for i in lines.with_years if -_ABOVE <= i - title <= _BELOW]
    around.sort(key=lambda i: (abs(i - title), -i))
    bare = [(i, day) for i in around for day in _days(lines, i, day_first, labelled=False)]
    below = {day for i, day in bare if i > title}
    return [bare[0][1]] if bare and len(below) < _LIST else []


def _opening(lines: LineView, day_first: bool | None) -> list[date]:
    """Return the date of an opening such as "LONDON, May 6, 2024 (Reuters) - ...", which begins the prose."""
    start, _ = lines.main
    if start not in lines.with_years:
        return []
    text = lines.texts[start]
    dates = [each for each in written_dates(text[:_OPENING], day_first) if each.day and is_past(each.day)]
    is_opening = bool(dates) and _OPENING_END.match(text, dates[0].end) and _PLACE.fullmatch(text[: dates[0].start])
    return [each.day for each in dates[:1] if each.day] if is_opening else []


def is_dateline(lines: LineView, i: int) -> bool:
    """Return whether line `i` holds a date and little else."""
    return i in lines.with_years and any(_both_days(lines, i, None))


def _days(lines: LineView, i: int, day_first: bool | None, *, labelled: bool) -> Sequence[date]:
    """Return dates of publication in line `i`: labelled dates, or else dates without a label."""
    with_label, bare = _both_days(lines, i, day_first)
    return with_label if labelled else bare


def _both_days(lines: LineView, i: int, day_first: bool | None) -> tuple[Sequence[date], Sequence[date]]:
    """Return the dates of publication in line `i` with a label, and those without. A line is read once."""
    days = lines.days_read.get((i, day_first))
    if days is None:
        days = _read_days(lines.texts[i], day_first) if lines.word_counts[i] <= _MOST_WORDS else _NO_DAYS
        lines.days_read[i, day_first] = days
    return days


def _read_days(text: str, day_first: bool | None) -> tuple[Sequence[date], Sequence[date]]:
    dates = list(written_dates(text, day_first))
    if not dates or _is_comment(text):
        return _NO_DAYS
    days: tuple[list[date], list[date]] = [], []
    for each in dates:
        preceding = text[max(0, each.start - 50) : each.start]
        if each.day is None or not is_past(each.day) or _NOT_PUBLISHED.search(preceding):
            continue
        has_label = bool(_PUBLISHED.search(preceding))
        if has_label or not text.startswith(BULLETS):
            days[not has_label].append(each.day)
    if not any(days) or _other_words(text, dates) > _MOST_OTHER_WORDS:
        return _NO_DAYS
    labelled, bare = days
    if len({each.day for each in dates if not _NOT_PUBLISHED.search(text[: each.start])}) > 1:
        return labelled, []  # a span of days, or several events
    return labelled, bare


def _is_comment(text: str) -> bool:
    """Return whether a line is a reader's comment, a quotation or a copyright line."""
    lowered = text.lower()
    may_be = not text.isascii() or any(part in lowered for part in _IN_COMMENTED)
    return may_be and _COMMENTED.search(text) is not None


def _other_words(text: str, dates: list[WrittenDate]) -> int:
    """Count the words of a line that are not part of its dates, times and labels."""
    for each in reversed(dates):
        text = f"{text[: each.start]} {text[each.end :]}"
    return sum(
        word.strip(".,:|•·/()-–—").lower() not in _SMALL for word in _TIME.sub(" ", text).split() if word[0].isalpha()
    )


def _has_day_first(lines: LineView, language: str) -> bool | None:
    """Return whether numeric dates of this text have the day first, judged by unambiguous dates; None if unknown."""
    sample = [lines.texts[i] for i in lines.with_years if i < 60 or i >= len(lines) - 60]
    numeric = [text for text in sample if _NUMERIC.search(text)]
    parts_of_dates = [each.parts for text in numeric for each in written_dates(text, None) if each.parts]
    first, second = any(parts[0] > 12 for parts in parts_of_dates), any(parts[1] > 12 for parts in parts_of_dates)
    if first != second:
        return first
    return True if language in _DAY_FIRST_LANGUAGES and not second else None
