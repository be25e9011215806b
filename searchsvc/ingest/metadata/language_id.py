"""Language identification, if the extra `lang` is installed: by function words, and by a detector in doubt."""

import importlib
from collections.abc import Callable, Mapping
from functools import cache

from searchsvc.analysis import function_words
from searchsvc.errors import ExtraMissing
from searchsvc.extras import importing

_READ = 1_000  # characters of a text; more do not improve the result
_SURE = 0.5  # probability from which a result counts; texts of a few words stay below

# Function words decide alone if one language clearly leads. Of 30,000 development texts they decided seven tenths,
# and agreed with the detector on all.
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")
_LEAST = 8  # function words
_SHARE = 5  # a text has a function word in this number of words, at least
_LEAD = 2  # times the function words of any other language
_LATIN = 1.2  # bytes of UTF-8 per character; Latin letters with accents stay below, other scripts take two or three
_BITS = 10  # of a counter; _READ characters hold at most 500 words


def language_of(text: str) -> str | None:
    """Return the ISO 639 code of the text's language; None if it is uncertain or the extra is missing.

    Raises ExtraBroken. An index whose documents silently lost their languages would be worse than no index.
    """
    classify = _classifier()
    if classify is None or not text.strip():
        return None
    beginning = text[:_READ]
    if certain := _by_function_words(beginning):
        return certain
    language, sure = classify(beginning)
    return language if sure >= _SURE else None


def _by_function_words(text: str) -> str | None:
    """Return the language whose function words clearly lead in `text`, or None.

    Words count only in lower case: the detector seldom knows the language of capitals.
    """
    words = text.split()
    packed = sum(filter(None, map(_counters().get, words)))
    counts = [(packed >> _BITS * place) & ((1 << _BITS) - 1) for place in range(len(_LANGUAGES))]
    *_, second, most = sorted(counts)
    if most < max(_LEAST, _LEAD * second) or _SHARE * most < len(words):
        return None
    if len(text.encode("utf-8", "surrogatepass")) > _LATIN * len(text):
        return None
    return _LANGUAGES[counts.index(most)]


@cache
def _counters() -> Mapping[str, int]:
    """Return a packed counter per function word: a one for each language that has the word."""
    counters: dict[str, int] = {}
    for place, language in enumerate(_LANGUAGES):
        for word in function_words(language):
            counters[word] = counters.get(word, 0) + (1 << _BITS * place)
    return counters


@cache
def _classifier() -> Callable[[str], tuple[str, float]] | None:
    """Return py3langid's classifier with probabilities, or None without the extra. Loading takes half a second."""
    try:
        with importing("lang", "py3langid", "identifying languages"):
            langid = importlib.import_module("py3langid.langid")
    except ExtraMissing:
        return None
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    classify: Callable[[str], tuple[str, float]] = identifier.classify
    return classify
