"""Suspicion that a document is no article: an app shell, an error page, a consent wall or a list of links.

Such documents are indexed all the same, and reported.
"""

import re

from searchsvc.ingest.discovery.discovery import PAGES, RECORDS, format_of
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.models.clean_document import CleanDocument
from searchsvc.models.documents import DeclaredMetadata

_LONG, _MOST_FIELDS = 80, 5  # characters of a text, and fields that a report names
_MOST_WORDS = 160  # of a page that only has a message
_LONGEST = 4_000  # characters of a body that are compared
_LEAST_LINES, _LONGEST_MEAN, _MOST_LINE_WORDS = 10, 60, 8  # of a list of links
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", ":", ",")


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I)


_APP_SHELL = _any_of(
    r"(?:enable|activate|turn on|requires?|without|support|allow|disabled?) (?:\w+ ){0,3}javascript",
    r"javascript (?:\w+ ){0,4}(?:disabled|enabled|required|needed|turned off|(?:de)?aktivier\w*|erforderlich)",
    r"(?:aktivieren sie|activez|activer|habilit\w+|abilit\w+|включите) (?:\w+ ){0,3}javascript",
    r"(?:启用|開啟|啟用)\s?javascript",
    r"javascript\s?を有効",
)
_ERROR = _any_of(
    r"\b(?:4(?:00|01|03|04|10|29)|50[0-4])\b[\s:.,|–-]{0,4}(?:error\b|bad request|unauthorized|forbidden|gone\b"
    r"|(?:page |file )?not found|too many requests|internal server|bad gateway|service unavailable|gateway time)",
    r"page (?:you (?:\w+ ){1,4}for |you requested )?(?:was |is |could |can)?(?:not|n.t|no longer) (?:be )?"
    r"(?:found|exist|available)",
    r"(?:page|file|article) (?:was |is )?(?:not found|no longer available)",
    # pages of servers: Apache, nginx, IIS
    r"\A(?:error:? )?(?:404:? )?not found\n[\s\S]{0,150}\Z",
    r"\b(?:url|requested \w{1,20}) (?:\S{1,200} )?(?:was|is|could) ?(?:not|n.t) (?:be )?found",
    r"you (?:do not|don.t) have permission to (?:access|view)|server could not (?:verify that you|understand)",
    r"request that this server could not understand|server is temporarily unable",
    r"(?:\A|\n)the document has moved (?:here|permanently)|resource you are looking for (?:has been|might have)",
    r"page (?:doesn.t|does not) exist|access denied|bad gateway|internal server error|unusual traffic",
    r"service (?:temporarily )?unavailable|checking your browser|checking if the site|enable cookies and",
    r"(?:verify|confirm) (?:that )?you are (?:a |not a )?(?:human|robot)|are you a robot",
    r"seite (?:\w+ ){0,3}nicht gefunden|zugriff verweigert|page (?:introuvable|non trouvée)|accès refusé",
    r"página no (?:encontrada|existe)|pagina non trovata|página não encontrada|страница не найдена",
    r"页面不存在|找不到页面|ページが見つかりません",
)
_CONSENT = _any_of(
    r"cookies?\b|\bconsent\b|your privacy|privacy policy|accept all|reject all|before you continue|our partners",
    r"manage (?:preferences|settings|choices|options)|alle akzeptieren|datenschutz|einwillig\w*|tout accepter",
    r"vie privée|aceptar tod\w+|accetta tutt\w+",
)
# Each phrase of _CONSENT has one of these parts in lower case, unless a letter has a third case (_ODD_CASES).
_IN_CONSENT = (
    "cookie", "consent", "privacy", "accept all", "reject all", "before you", "our partners", "manage", "akzeptieren",
    "datenschutz", "einwillig", "tout accepter", "vie privée", "aceptar tod", "accetta tutt",
)  # fmt: skip
_ODD_CASES = re.compile("[\u017f\u0131\u0130]")  # long s, i without a dot, and its capital
_LEAST_CONSENT = 3  # different phrases of a consent wall


def suspicion(clean: CleanDocument, title: str, words: int) -> str | None:
    """Return why a document seems to be no article, or None. `words`: words of the body."""
    if clean.raw.text.strip() in (clean.raw.declared.title, clean.raw.whole_title):
        form = format_of(clean.raw.seed.path)
        if form in PAGES:
            return "has a title and no text, like the shell of an app"
        if form in RECORDS and (fields := ", ".join(_fields_with_text(clean.raw.declared))):
            return f"has a title and no text, but long text in {fields} (see the setting `fields`)"
    if words <= _MOST_WORDS:
        reason = _message(f"{title}\n{clean.body[:_LONGEST]}", words)
        if reason:
            return reason
    if _is_list_of_links(clean):
        return "looks like a list of links"
    return "looks like nothing but clutter" if clean.only_clutter else None


def _fields_with_text(declared: DeclaredMetadata) -> list[str]:
    """Return the unknown fields of a record that hold long text."""
    return [
        shown_path(name)
        for name, value in declared.extra
        if len(value) >= _LONG and (value.count(" ") >= _LONG // 10 or not value.isascii())
    ][:_MOST_FIELDS]


def _message(text: str, words: int) -> str | None:
    """Return why a short text seems to be a message of a site rather than an article."""
    if words <= _MOST_WORDS // 2:
        if _APP_SHELL.search(text):
            return "looks like the shell of an app, which shows its text with JavaScript only"
        if _ERROR.search(text):
            return "looks like an error page"
    return "looks like a request to accept cookies" if _asks_consent(text) else None


def _asks_consent(text: str) -> bool:
    lowered = text.lower()
    if not any(part in lowered for part in _IN_CONSENT) and not _ODD_CASES.search(text):
        return False
    return len({phrase.lower() for phrase in _CONSENT.findall(text)}) >= _LEAST_CONSENT


def _is_list_of_links(clean: CleanDocument) -> bool:
    lines = clean.kept_lines
    if clean.raw.units or len(lines) < _LEAST_LINES:
        return False
    if sum(len(line.text) for line in lines) > _LONGEST_MEAN * len(lines):
        return False
    short = sum(line.text.count(" ") < _MOST_LINE_WORDS and not line.text.endswith(_SENTENCE_ENDS) for line in lines)
    return short >= 0.9 * len(lines)
