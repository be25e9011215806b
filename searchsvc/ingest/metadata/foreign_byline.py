"""Authors in by-lines of other languages than English."""

import re
from unicodedata import category

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
# By-words before names in scripts without capitals, and Korean names before the job.
_CASELESS_BY = re.compile(
    r"\W{0,3}(?:(?:लेखक|लेखिका|रिपोर्ट|লেখক|প্রতিবেদক|نویسنده|تحریر|المؤلف|الكاتب|الكاتبة|كتب|كتبت|ผู้เขียน|เรื่อง)\s{0,2}:\s{0,2}"
    r"|(?:โดย|מאת|بقلم)(?:\s{0,2}:\s{0,2}|\s{1,2}))"
)
_VIETNAMESE_BY = re.compile(r"\W{0,3}(?:tác giả|phóng viên|bài viết|người viết)\s{0,2}:\s{0,2}(?=\S)", re.I)
_KOREAN = re.compile(
    r"\W{0,3}(?:[^\W\d_]{1,12}\s)??(?P<name>[가-힣]{2,4})\s?(?:선임|수석|전문|객원|인턴)?\s?(?:기자|특파원)"
    r"(?:\W{0,3}|\s{1,2}\S{1,40}@\S{1,60})$"
)
_KOREAN_JOBS = frozenset({
    "담당", "취재", "사진", "시민", "본지", "인턴", "선임", "수석",
    "전문", "객원", "동료", "여성", "현장", "일부", "다른", "모든",
})  # fmt: skip
_LONGEST_CASELESS = 40  # characters of the names
_ENDS_OF_NAMES = re.compile(r"\s*[|•·–—/\[(0-9]")
_COMMAS = re.compile(r"\s*[,،、]\s*")
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
    if word_count > _MOST_WORDS:
        return None
    match = _FOREIGN_BY.match(text) or _VIETNAMESE_BY.match(text)
    if match is None:
        return None if text.isascii() else _caseless_author(text)
    statement = text[match.end() :].strip(" ()（）")
    if _has_no_case(statement[:1]):
        persons = author_names([statement])
        return ", ".join(persons) if persons and max(map(len, persons)) <= _LONGEST_UNSPACED else None
    persons = [name for name in author_names([_ROLE_GLUED.sub("", statement)]) if _is_author(name)]
    return ", ".join(name.title() if name.isupper() and " " in name else name for name in persons) or None


def _caseless_author(text: str) -> str | None:
    """Return the author in a by-line of a script without capitals."""
    korean = _KOREAN.match(text)
    if korean:
        return korean["name"] if korean["name"] not in _KOREAN_JOBS else None
    by = _CASELESS_BY.match(text)
    if not by:
        return None
    statement = text[by.end() :]
    ends = _ENDS_OF_NAMES.search(statement)
    persons = _COMMAS.split((statement[: ends.start()] if ends else statement).strip())
    is_short = sum(map(len, persons)) <= _LONGEST_CASELESS
    return ", ".join(persons) if is_short and all(map(_is_caseless_name, persons)) else None


def _is_caseless_name(name: str) -> bool:
    """Return whether a text is two to four words of letters and the marks on them."""
    words = name.split()
    is_text = all(category(sign)[0] in "LM" or sign in " '’.-׳״" for sign in name)
    return 2 <= len(words) <= 4 and is_text and _has_no_case(name[0]) and not name.endswith(".")


def _has_no_case(letter: str) -> bool:
    return letter.isalpha() and letter.lower() == letter.upper()


def _is_author(name: str) -> bool:
    return is_person(name) or name.lower() in _AGENCIES or (name.isupper() and is_person(name.title()))
