"""Declared languages: tags, codes of three letters, and names, as ISO 639-1 codes."""

import re

_TAG = re.compile(r"([a-z]{2,3})(?:[-_.].*)?", re.I)
# Code, then other codes and names. Norwegian is one language here, as its two written forms share a stemmer.
_LANGUAGES = """
ar ara arabic العربية
bg bul bulgarian български
ca cat catalan català
cs ces cze czech čeština
da dan danish dansk
de deu ger german deutsch
el ell gre greek ελληνικά
en eng english
es spa spanish español castellano
et est estonian eesti
fa fas per persian farsi فارسی
fi fin finnish suomi
fr fra fre french français
he heb iw hebrew עברית
hi hin hindi हिन्दी
hr hrv croatian hrvatski
hu hun hungarian magyar
id ind in indonesian
it ita italian italiano
ja jpn japanese 日本語
ko kor korean 한국어
lt lit lithuanian
lv lav latvian
nl nld dut dutch nederlands
no nor nb nn nob nno norwegian norsk
pl pol polish polski
pt por portuguese português
ro ron rum romanian română
ru rus russian русский
sk slk slo slovak
sl slv slovenian
sr srp serbian српски
sv swe swedish svenska
th tha thai ไทย
tr tur turkish türkçe
uk ukr ukrainian українська
vi vie vietnamese
yi yid ji yiddish
zh zho chi cmn chinese 中文
"""
_CODES = {name: line.split()[0] for line in _LANGUAGES.strip().splitlines() for name in line.split()}


def language_code(text: str) -> str | None:
    """Return the ISO 639-1 code of a language tag (BCP 47: `en-GB`), of an ISO 639-2 code or of a name, or None.

    A code that is unknown here is returned as it is.
    """
    lowered = text.strip().lower()
    tag = _TAG.fullmatch(lowered)
    code = tag[1] if tag else re.split(r"[\s(,/-]", lowered, maxsplit=1)[0]
    return _CODES.get(code, code if tag else None)
