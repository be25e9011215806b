"""Language identification, if the extra `lang` is installed."""

import importlib
from collections.abc import Callable
from functools import cache

from searchsvc.errors import ExtraMissing
from searchsvc.extras import importing

_READ = 1_000  # characters of a text; more make it no surer
_SURE = 0.5  # probability from which an answer counts: texts of a few words tell little


def language_of(text: str) -> str | None:
    """The ISO 639 code of the language that `text` is in; None if that is not certain, or the extra is missing.

    Raises ExtraBroken: an index whose documents silently lost their languages would be worse than none.
    """
    classify = _classifier()
    if classify is None or not text.strip():
        return None
    language, sure = classify(text[:_READ])
    return language if sure >= _SURE else None


@cache
def _classifier() -> Callable[[str], tuple[str, float]] | None:
    """py3langid with probabilities; its model takes half a second, so it is loaded when first needed."""
    try:
        with importing("lang", "py3langid", "identifying languages"):
            langid = importlib.import_module("py3langid.langid")
    except ExtraMissing:
        return None
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    classify: Callable[[str], tuple[str, float]] = identifier.classify
    return classify
