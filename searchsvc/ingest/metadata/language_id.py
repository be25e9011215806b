"""Language identification by script, function words and rare letters."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import function_words
from searchsvc.ingest.metadata.scripts import letters_by_script

_SAMPLES = (1_000, 6_000)  # characters; the longer sample counts if the shorter one leaves doubt
_LATIN = 1.05  # bytes of UTF-8 per character up to which all letters of a text count as Latin

# Scripts that one language has nearly for itself.
_ALONE = {
    "greek": "el", "armenian": "hy", "gurmukhi": "pa", "gujarati": "gu", "odia": "or", "tamil": "ta", "telugu": "te",
    "kannada": "kn", "malayalam": "ml", "sinhala": "si", "thai": "th", "lao": "lo", "tibetan": "bo", "burmese": "my",
    "georgian": "ka", "khmer": "km", "hangul": "ko", "kana": "ja", "han": "zh",
}  # fmt: skip
# Languages of the scripts that several languages have, the commonest first.
_SHARED = {
    "cyrillic": "ru uk bg sr be mk kk ky mn tg uz az ro bs", "arabic": "ar fa ur ps ug ckb pa ms az kk",
    "devanagari": "hi mr ne", "hebrew": "he yi", "bengali": "bn as", "ethiopic": "am ti", "han": "zh ja ko vi",
    "hangul": "ko", "kana": "ja",
}  # fmt: skip
_WRITTEN = {script: tuple(languages.split()) for script, languages in (_ALONE | _SHARED).items()}
_FEW = 4  # letters of a script, in Latin letters, of which no text is
_SIBLINGS = (  # languages that share most words
    {"da", "no"},
    {"id", "ms"},
    {"hr", "sr"},
    {"cs", "sk"},
    {"bg", "mk"},
    {"pt", "gl"},
    {"es", "gl"},
    {"tr", "az"},
    {"kk", "ky"},
)
_EAST_ASIAN = ("hangul", "kana", "han")
_SYLLABLES = 3  # Latin letters that a Chinese, Japanese or Korean character counts for
_LEAST_LETTERS = 24  # of a script with one language, in Latin letters
_KANA = 0.08  # share of kana among Chinese and Japanese characters from which a text is Japanese
_FOREIGN_WORDS = 40  # letters of a script among Latin program code that make a text of this script

_LEAST_HITS = 4.0  # words of the language
_LEAST_LEAD, _LEAD = 1.5, 0.1  # hits more than any other language has, and the same as share of the hits
_SHARE = 0.11  # of words that are hits
# Words cut at spaces only, which is faster, decide if one language leads so far.
_CLEAR_HITS, _CLEAR_LEAD, _CLEAR_SHARE = 8.0, 2.0, 0.15
_DECLARED_HITS = 12.0  # hits that another language than the declared one needs
_DECLARED_LEAD = 2.0  # times the hits of the declared language
_LETTER = 0.5  # hits of a rare letter
_BITS = 16  # of a counter; a sample of 6,000 characters has fewer words

_SIGNS = str.maketrans(dict.fromkeys(".,;:!?()\"“”„«»‘’'`/–—…|[]{}<>*#=+।،؟؛·•-", " "))


def language_of(text: str, declared: str | None = None) -> str | None:
    """Return the ISO 639-1 code of the language of `text`, None if the text is too short or the language unknown.

    `declared`: the declared language, which is returned unless the text clearly is in another one.
    """
    for size in _SAMPLES:
        language = _language_of(text[:size], declared)
        if language or len(text) <= size:
            break
    return language or declared


def language_in_script(text: str, language: str) -> str:
    """Return `language`, or the commonest language of the script of `text` if `language` has other scripts.

    Latin letters may be names, codes or transcriptions in any language, and an unknown language may have any script.
    """
    sample = text[: _SAMPLES[-1]]
    letters = {} if _is_latin(sample) else letters_by_script(sample)
    script = _east_asian(letters) or next(iter(letters)) if letters else ""
    written = _WRITTEN.get(script, ())
    if not written or language in written or _weight(letters, script) < _FEW or not _is_main(letters, script):
        return language
    is_known = language in _evidence().languages or any(language in each for each in _WRITTEN.values())
    return written[0] if is_known else language


def _is_latin(text: str) -> bool:
    return text.isascii() or len(text.encode("utf-8", "surrogatepass")) <= _LATIN * len(text)


def _language_of(text: str, declared: str | None) -> str | None:
    letters = {} if _is_latin(text) else letters_by_script(text)
    by_script = _by_script(letters) if letters else None
    if by_script and _is_main(letters, by_script[0]):
        return by_script[1]
    return _by_words(text, declared) or (by_script[1] if by_script else None)


def _by_script(letters: Mapping[str, int]) -> tuple[str, str] | None:
    """Return a script with the one language that it has, if there is enough of it."""
    script = _east_asian(letters) or next((each for each in letters if each in _ALONE), None)
    if script is None or _weight(letters, script) < _LEAST_LETTERS:
        return None
    is_foreign = letters.get("latin", 0) > 4 * _weight(letters, script)
    return (script, _ALONE[script]) if not is_foreign or _weight(letters, script) >= _FOREIGN_WORDS else None


def _east_asian(letters: Mapping[str, int]) -> str | None:
    """Return the script that decides among Chinese, Japanese and Korean, if most letters are of these."""
    hangul, kana, han = (letters.get(each, 0) for each in _EAST_ASIAN)
    if not (hangul or kana or han) or _ALONE.get(next(iter(letters)), "") not in ("", "ko", "ja", "zh"):
        return None
    if hangul > kana + han // 2:
        return "hangul"
    return "kana" if kana >= _KANA * (kana + han) else "han"


def _weight(letters: Mapping[str, int], script: str) -> int:
    """Return the letters of a script, of East Asian scripts together, in Latin letters."""
    if script not in _EAST_ASIAN:
        return letters[script]
    return _SYLLABLES * sum(letters.get(each, 0) for each in _EAST_ASIAN)


def _is_main(letters: Mapping[str, int], script: str) -> bool:
    others = sum(count for each, count in letters.items() if each != script and each not in _EAST_ASIAN)
    return _weight(letters, script) > others


def _by_words(text: str, declared: str | None) -> str | None:
    """Return the language whose words and letters clearly lead in `text`, or None."""
    evidence, lowered = _evidence(), text.lower()
    hits = evidence.hits(lowered.split())
    second, most = sorted(hits.tolist())[-2:]
    if most < max(_CLEAR_HITS, _CLEAR_LEAD * second, _CLEAR_SHARE * lowered.count(" ")):
        words = lowered.translate(_SIGNS).split()
        hits = evidence.hits(words) + evidence.letter_hits(lowered)
        if not evidence.is_certain(hits, len(words)):
            return None
    language = evidence.languages[int(hits.argmax())]
    if declared and declared != language and not evidence.contradicts(hits, declared):
        return None
    return language


@dataclass(frozen=True)
class _Evidence:
    """Counters of words and letters, packed: 16 bits for each language, the first one lowest.

    `siblings`: (languages, languages) bool.
    """

    languages: Sequence[str]
    siblings: NDArray[np.bool_]
    words: Mapping[str, int]
    letters: Mapping[str, int]

    def hits(self, words: Iterable[str]) -> NDArray[np.float64]:
        """Return the number of words that each language has, (languages,) float64."""
        return self._unpacked(sum(filter(None, map(self.words.get, words))))

    def letter_hits(self, text: str) -> NDArray[np.float64]:
        """Return the hits of the rare letters, (languages,) float64."""
        return _LETTER * self._unpacked(sum(filter(None, map(self.letters.get, text))))

    def _unpacked(self, packed: int) -> NDArray[np.float64]:
        data = packed.to_bytes(len(self.languages) * _BITS // 8, "little")
        return np.frombuffer(data, np.uint16).astype(np.float64)

    def is_certain(self, hits: NDArray[np.float64], words: int) -> bool:
        """Return whether there are enough hits, and one language clearly leads."""
        best = int(hits.argmax())
        most = float(hits[best])
        least_leads = np.where(self.siblings[best], 0.0, max(_LEAST_LEAD, _LEAD * most))
        least_leads[best] = 0.0
        return most >= max(_LEAST_HITS, _SHARE * words) and bool((most - hits >= least_leads).all())

    def contradicts(self, hits: NDArray[np.float64], declared: str) -> bool:
        """Return whether another language than the declared one has too many hits for the declaration to be right.

        A declared language without a list of words is believed.
        """
        if declared not in self.languages:
            return declared in _ALONE.values() and float(hits.max()) >= _DECLARED_HITS
        return float(hits.max()) >= max(_DECLARED_HITS, _DECLARED_LEAD * float(hits[self.languages.index(declared)]))


@cache
def _evidence() -> _Evidence:
    file = resources.files("searchsvc.ingest.metadata") / "data" / "languages.toml"
    lists = tomllib.loads(file.read_text("utf-8"))
    languages = tuple(lists["words"])
    words = {each: {*lists["words"][each].split(), *function_words(each)} for each in languages}
    siblings = np.array([[any({a, b} <= group for group in _SIBLINGS) for b in languages] for a in languages])
    return _Evidence(languages, siblings, _packed(languages, words), _packed(languages, lists["letters"]))


def _packed(languages: Sequence[str], lists: Mapping[str, Iterable[str]]) -> dict[str, int]:
    counters: dict[str, int] = {}
    for place, language in enumerate(languages):
        for item in lists.get(language, ()):
            counters[item] = counters.get(item, 0) + (1 << _BITS * place)
    return counters
