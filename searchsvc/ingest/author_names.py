"""Names of authors as pages and fields write them, without by-words, dates, jobs and labels."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Set
from functools import cache
from importlib import resources

from searchsvc.ingest.line_matching import fold

_LONGEST = 200  # characters of a statement that is read
_MOST_WORDS = 6  # of one name
_MOST_NAMES = 20
_BY = re.compile(
    r"\W{0,3}(?:(?:written|posted|published|story|text|words|reported|report|geschrieben|verfasst|escrito|publicado"
    r"|écrit|publié|scritto|ein (?:beitrag|artikel)|une? (?:article|texte)|un artículo)\s{1,2})?"
    r"(?:by|von|par|por|di|door|av|af|przez|autor(?:es|en|in|a|e|i)?|authors?|auteure?s?|autrice|text|texte|texto"
    r"|testo|tekst|автор|текст|yazar|yazan|作者|文|記者|记者)"
    r"(?:\s{0,2}[:：]\s{0,2}|\s{1,2}(?=(?-i:[^\W\d_a-zß-ÿ])))",
    re.I,
)
_MONTHS = (
    "jan|feb|mar|märz|apr|may|mai|maj|jun|jul|aug|sep|oct|okt|nov|dec|dez|janv|févr|avr|juin|juil|août|déc|ene|abr"
    "|ago|dic|gen|mag|giu|lug|set|ott"
)
# Signs, numbers, days and dates end the names of a by-line.
_ENDS = re.compile(
    r"\s*(?:[|•·⋅●–—/\\\[\]{}<>@©(#]|\s-\s|\d|"
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica)\b|"
    rf"\b(?:{_MONTHS})[^\W\d_]{{0,7}}\.?\s{{1,2}}\d|\b(?:updated|published|posted|last updated|aktualisiert|stand"
    r"|publié|actualizado|publicado|aggiornato|pubblicato|min read|minutes? ago|hours? ago)\b)",
    re.I,
)
_JOINTS = re.compile(
    r"\s*[,;、，]\s*(?:(?:and|und|et|y|e|og|och|en|i|oraz)\s+)?|\s+(?:and|und|et|y|og|och|oraz|и|ve)\s+|\s*&\s*"
)
_LETTER = re.compile(r"[^\W\d_]")
_SIGNS = " .,:;-–—|\"'“”„«»\t"
_WEB = re.compile(r"https?:|//|www\.", re.I)
_ADDRESS = re.compile(r"https?:|www\.|\S\.(?:com|org|net|de|fr|co\.uk)$|@", re.I)


def author_names(statements: Iterable[str], publishers: Iterable[str] = ()) -> list[str]:
    """Return the distinct names in by-lines such as "By Ada Example, Ben Doe | 5 May 2024". Labels are left out.

    `publishers`: names of the publisher and the site, which are no authors.
    """
    keys = {publisher_key(each) for each in publishers if each}
    names = dict.fromkeys(name for statement in statements for name in _names(statement[:_LONGEST].strip()))
    return [name for name in names if publisher_key(name) not in keys][:_MOST_NAMES]


def publisher_key(name: str) -> str:
    """Return a name in the form in which publishers are compared: `The Harbour Times` as `harbourtimes`."""
    words = fold(name.removesuffix(".com")).split()
    return "".join(words[1:] if words[:1] == ["the"] else words)


def is_label(text: str) -> bool:
    """Return whether a text is an account or office rather than a person, such as `Admin` or `Staff Writer`."""
    return fold(text) in _words("labels")


def _names(statement: str) -> Iterator[str]:
    if _WEB.match(statement):
        return
    for _ in range(2):  # "Autor: von Ada Example"
        by = _BY.match(statement)
        statement = statement[by.end() :] if by else statement
    ends = _ENDS.search(statement)
    for number, part in enumerate(_JOINTS.split(statement[: ends.start()] if ends else statement)):
        name = " ".join(part.split()).strip(_SIGNS)
        if number and not _words("jobs").isdisjoint(fold(name).split()):
            return  # a job or a department, and what follows it
        if _is_name(name):
            yield name


def _is_name(text: str) -> bool:
    """Return whether a text may be a name: a few words, not those of a label, a company or only of jobs."""
    words = fold(text).split()
    if not 1 <= len(words) <= _MOST_WORDS or len(text) < 2 or not _LETTER.search(text) or _ADDRESS.search(text):
        return False
    return not is_label(text) and _words("companies").isdisjoint(words) and not _words("jobs") >= set(words)


@cache
def _words(kind: str) -> Set[str]:
    """Return a list of the word file, folded."""
    lists = tomllib.loads((resources.files("searchsvc.ingest") / "author_words.toml").read_text("utf-8"))
    words = lists[kind]
    return frozenset(map(fold, words.split() if isinstance(words, str) else words))
