"""Authors in by-lines of other languages than English."""

import re

from searchsvc.ingest.author_names import author_names
from searchsvc.ingest.metadata.person_names import is_person

_MOST_WORDS = 16  # of a line
_LONGEST_UNSPACED = 12  # characters of a name in Chinese or Japanese
_ROLE_GLUED = re.compile(r"(?<=[^\W\d_A-ZÄÖÜ])(?-i:Korrespondent|Redakteur|Reporter|Autor|Chefredakteur)(?:in)?\b.*")
# By-words of other languages, before a name in capitals: "Von Ada Beispiel", "Kommentar von ...", "Texte : ...".
_FOREIGN_BY = re.compile(
    r"\W{0,4}(?:(?:eine? )?(?:kommentar|kolumne|gastbeitrag|analyse|essay|interview|bericht|reportage|glosse"
    r"|leitartikel"
    r"|geschrieben|verfasst|artikel|beitrag|chronique|écrit|publié|propos recueillis|scritto|pubblicato|escrito"
    r"|publicado"
    r"|artículo|columna|análisis|napisał|skrivet|skrevet|geschreven) )?"
    r"(?:(?:von|par|por|di|door|av|af|przez)\s{0,2}:?\s{1,2}|(?:autor(?:en|in|es|a|e|i)?|auteure?s?|autrice|text|texte"
    r"|texto|testo|tekst|autorzy|redakteur(?:in)?|автор|авторы|текст|yazar|yazan|haber)\s{0,2}[:：]\s{0,2})"
    r"(?=(?-i:[^\W\d_a-zß-ÿа-яё])|(?:dpa|afp|apa|sid|epd|kna|efe|ansa)\b)"
    r"|\W{0,3}(?:作者|文|記者|记者|取材|責編|责编|編集|编辑|撰文|기자)\s?[:：]\s?",
    re.I,
)
_AGENCIES = frozenset(
    {
        "dpa",
        "afp",
        "apa",
        "sid",
        "ap",
        "epd",
        "kna",
        "efe",
        "ansa",
        "tass",
        "reuters",
        "ntb",
        "tt",
        "ritzau",
        "anp",
        "pap",
    }
)


def foreign_author(text: str, word_count: int) -> str | None:
    """Return the author after a by-word of another language than English, a person or an agency."""
    match = _FOREIGN_BY.match(text) if word_count <= _MOST_WORDS else None
    if match is None:
        return None
    statement = text[match.end() :].strip(" ()（）")
    if _has_no_case(statement[:1]):
        persons = author_names([statement])
        return ", ".join(persons) if persons and max(map(len, persons)) <= _LONGEST_UNSPACED else None
    persons = [name for name in author_names([_ROLE_GLUED.sub("", statement)]) if _is_author(name)]
    return ", ".join(name.title() if name.isupper() and " " in name else name for name in persons) or None


def _has_no_case(letter: str) -> bool:
    return letter.isalpha() and letter.lower() == letter.upper()


def _is_author(name: str) -> bool:
    return is_person(name) or name.lower() in _AGENCIES or (name.isupper() and is_person(name.title()))
