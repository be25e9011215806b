"""Display form of a folded word, from the texts that contain it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from searchsvc.analysis import WORD, fold
from searchsvc.models.documents import Document

MIN_OCCURRENCES = 3  # of the word within a sentence
_SENTENCE_BREAKS = '.!?:\n"“”‘«»('  # after these a capital means nothing
_MID_SENTENCE = re.compile(rf"[^\s{re.escape(_SENTENCE_BREAKS)}]\s+\Z")


def display_form(word: str, texts: Iterable[str]) -> str:
    """Return the most frequent way in which `texts` write `word` within a sentence.

    Stops after MIN_OCCURRENCES. At the start of a sentence a capital means nothing: a word that occurs only there
    is lowercased, unless it is all capitals. Returns `word` if no text contains it.
    """
    mid_sentence: Counter[str] = Counter()
    sentence_start: Counter[str] = Counter()
    for text in texts:
        for start, end in _occurrences(word, text):
            is_mid_sentence = _MID_SENTENCE.search(text, max(0, start - 8), start)
            (mid_sentence if is_mid_sentence else sentence_start)[text[start:end]] += 1
        if mid_sentence.total() >= MIN_OCCURRENCES:
            break
    if mid_sentence:
        return max(mid_sentence, key=lambda form: (mid_sentence[form], form))  # of ties the lowercase form
    form = sentence_start.most_common(1)[0][0] if sentence_start else word
    return form if form.isupper() and len(form) > 1 else form.lower()


def prose(document: Document) -> str:
    """Return the text written as sentences: no title, which may be all capitals."""
    return f"{document.body}\nby {document.author}\nfrom {document.source}"


def _occurrences(word: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each occurrence of `word` in `text`, in code points."""
    lowered = text.lower()
    if text.isascii() or (word in lowered and len(lowered) == len(text)):
        start = lowered.find(word)
        while start >= 0:
            end = start + len(word)
            if not (lowered[start - 1 : start].isalnum() or lowered[end : end + 1].isalnum()):
                yield start, end
            start = lowered.find(word, end)
    else:  # accents or other Unicode forms
        yield from (match.span() for match in WORD.finditer(text) if fold(match.group()) == word)
