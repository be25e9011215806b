"""Language identification, if the extra `lang` is installed."""

import importlib
from collections.abc import Callable
from functools import cache

from searchsvc.errors import ExtraMissing
from searchsvc.extras import importing

_READ = 1_000  # characters of a text; more do not improve the result
_SURE = 0.5  # probability from which a result counts; texts of a few words stay below


def language_of(text: str) -> str | None:
    """Return the ISO 639 code of the text's language; None if it is uncertain or the extra is missing.

    Raises ExtraBroken. An index whose documents silently lost their languages would be worse than no index.
    """
    classify = _classifier()
    if classify is None or not text.strip():
        return None
    language, sure = classify(text[:_READ])
    return language if sure >= _SURE else None


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
