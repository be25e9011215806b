"""How people write a folded word, read from the texts in which it stands."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from searchsvc.analysis import WORD, fold
from searchsvc.models.documents import Document

ENOUGH = 3  # times that a word was seen within a sentence
_ENDS = '.!?:\n"“”‘«»('  # behind these a capital says nothing
_WITHIN = re.compile(rf"[^\s{re.escape(_ENDS)}]\s+\Z")


def display_form(word: str, texts: Iterable[str]) -> str:
    """The commonest way in which `texts` write `word` within a sentence; no more are read than needed.

    At the beginning of a sentence a capital says nothing: a word that stands only there is given
    in small letters, unless it is all in capitals. If no text has it, it is given as it is.
    """
    certain: Counter[str] = Counter()
    doubtful: Counter[str] = Counter()
    for text in texts:
        for start, end in _places(word, text):
            within = _WITHIN.search(text, max(0, start - 8), start)
            (certain if within else doubtful)[text[start:end]] += 1
        if certain.total() >= ENOUGH:
            break
    if certain:
        return max(certain, key=lambda form: (certain[form], form))  # of equals the one in small letters
    form = doubtful.most_common(1)[0][0] if doubtful else word
    return form if form.isupper() and len(form) > 1 else form.lower()


def prose(document: Document) -> str:
    """What is written as in a sentence: not titles, which may be all in capitals."""
    return f"{document.body}\nby {document.author}\nfrom {document.source}"


def _places(word: str, text: str) -> Iterator[tuple[int, int]]:
    """Where `word` stands in `text`: start and end in code points."""
    lowered = text.lower()
    if text.isascii() or (word in lowered and len(lowered) == len(text)):
        at = lowered.find(word)
        while at >= 0:
            end = at + len(word)
            if not (lowered[at - 1 : at].isalnum() or lowered[end : end + 1].isalnum()):
                yield at, end
            at = lowered.find(word, end)
    else:  # written with accents or in another form
        yield from (found.span() for found in WORD.finditer(text) if fold(found.group()) == word)
