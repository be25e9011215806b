"""Phrases of texts that continue a partial query: united st is continued by United States of America."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from searchsvc.analysis import FUNCTION_WORDS, Analyzer, fold

MAX_RUN = 3  # words before the last one that are part of a phrase
MAX_MORE = 2  # words beyond the last one
MIN_DOCUMENTS = 2  # sampled documents with a phrase that is longer than the query
MIN_SHARE = 0.25  # of the documents with the next word, in which it follows directly
MOSTLY = 0.8  # share of a phrase's documents from which a longer phrase replaces it
SENTENCE_START = 0.1  # weight of a form at the start of a sentence, where a capital means nothing
_BREAKS = '.!?:;\n"“”‘«»(|'
_RUN = re.compile(rf"(?:(?<![^\s])[^\W_][\w'’.]*[\s-]+){{1,{MAX_RUN}}}\Z")
_IN_NAMES = frozenset({"of", "for"})
_OPERATORS = frozenset({"OR", "AND", "NOT"})
_WORDS = re.compile(rf"[^\W_][\w'’]*(?:[\s-][^\W_][\w'’]*){{0,{MAX_RUN + MAX_MORE}}}")
_SEPARATOR = re.compile(r"[\s-]")
_POSSESSIVE = ("'s", "’s")


@dataclass(frozen=True, slots=True)
class PhraseBeginning:
    """The beginning of a phrase in a partial query.

    `before`: the query before it. `run`: whole words, which come directly before the last one. `last`: the beginning of
    the last word, folded. `words`: whole last words that it may become; if it begins none, in another spelling.
    `is_whole`: the last word is not continued.
    """

    before: str
    run: tuple[str, ...]
    last: str
    words: tuple[str, ...] = ()
    is_whole: bool = False

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the places in folded text that begin so: words without a sign between them, the last ones beyond."""
        run = [fold(word) for word in self.run]
        words = [fold(word) for word in self.words if not fold(word).startswith(self.last)]
        for first in run[:1] or dict.fromkeys([self.last, *words]):
            start = text.find(first)
            while start >= 0:
                if not text[start - 1 : start].isalnum() and (match := _WORDS.match(text, start)):
                    tokens = _SEPARATOR.split(match.group(), len(run) + 1)
                    if tokens[: len(run)] == run and len(tokens) > len(run) and self._becomes(tokens[len(run)], words):
                        yield match
                start = text.find(first, start + len(first))

    def _becomes(self, word: str, words: Sequence[str]) -> bool:
        if self.is_whole:
            return word == self.last
        return (word.startswith(self.last) and not word.endswith(_POSSESSIVE)) or word in words


@dataclass(frozen=True, slots=True)
class FoundPhrase:
    """A phrase as articles write it, and the number of sampled documents with it; `more`: words beyond the query."""

    text: str
    documents: int
    more: int


def phrase_beginning(completed: str, last: str, longest: int = MAX_RUN) -> PhraseBeginning:
    """Split the text before the last word of a query: up to `longest` plain words directly before it are a run."""
    match = _RUN.search(completed)
    run = re.findall(r"[^\s-]+", match.group()) if match else []
    while run and not _OPERATORS.isdisjoint(run):
        run = run[1:]
    run = run[max(0, len(run) - longest) :]
    start = len(completed)
    for word in reversed(run):
        start = completed.rindex(word, 0, start)
    return PhraseBeginning(completed[:start], tuple(run), last)


def phrases_in(texts: Iterable[str], beginning: PhraseBeginning, analyzer: Analyzer) -> list[FoundPhrase]:
    """Return the phrases of `texts` that continue `beginning`, those in most texts first.

    Forms of one phrase are counted together and returned in the most usual form. Longer phrases end in a word that
    mostly comes there, and never in a function word.
    """
    documents: Counter[tuple[str, ...]] = Counter()
    forms: dict[tuple[str, ...], Counter[str]] = {}
    bases: dict[tuple[str, ...], tuple[str, ...]] = {}
    first = fold(beginning.run[0]) if beginning.run else beginning.last
    folded_texts = [(text, _folded(text, first)) for text in texts]
    for text, folded in folded_texts:
        seen: set[tuple[str, ...]] = set()
        for match in beginning.matches(folded):
            weight = 1.0 if _is_mid_sentence(text, match.start()) else SENTENCE_START
            ends = _ends(match, len(beginning.run), text)
            base = tuple(analyzer.terms(folded[match.start() : ends[0]])) if ends else ()
            for end in ends:
                key = tuple(analyzer.terms(folded[match.start() : end]))
                form = " ".join(text[match.start() : end].split())
                forms.setdefault(key, Counter())[form] += weight  # type: ignore[assignment]
                bases[key] = base
                seen.add(key)
        documents.update(seen)
    chosen = _collocations(documents, bases, [folded for _, folded in folded_texts])
    return [FoundPhrase(_form(forms[key]), documents[key], len(key) - len(bases[key])) for key in chosen]


def _ends(match: re.Match[str], before: int, text: str) -> list[int]:
    """Ends of the phrase in `text` after the word that follows `before` words, and after each one or two more.

    No phrase ends in a function word. A function word continues a name only: States of America.
    """
    starts = [match.start(), *(match.start() + sign.end() for sign in _SEPARATOR.finditer(match.group()))]
    starts = starts[before : before + 1 + MAX_MORE + 1]
    stops = [*(start - 1 for start in starts[1:]), match.end()]
    words = [match.string[start:stop] for start, stop in zip(starts, stops, strict=True)][: 1 + MAX_MORE]
    if words[0] in FUNCTION_WORDS:
        return []
    ends = [stops[0]]
    for place, word in enumerate(words[1:], 1):
        if word in FUNCTION_WORDS:
            if place > 1 or word not in _IN_NAMES:
                break
        elif place > 1 and words[1] in FUNCTION_WORDS and not text[starts[place]].isupper():
            break
        else:
            ends.append(stops[place])
    return ends


def _collocations(
    documents: Counter[tuple[str, ...]], bases: dict[tuple[str, ...], tuple[str, ...]], texts: Sequence[str]
) -> list[tuple[str, ...]]:
    """Phrases in most documents first; longer ones only if their words belong together."""
    chosen: list[tuple[str, ...]] = []
    longer = [key for key, count in documents.items() if key != bases[key] and count >= MIN_DOCUMENTS]
    follows: dict[str, int] = {}
    for key in sorted(longer, key=lambda key: (-documents[key], len(key), key))[:24]:
        stem = key[-1]
        if stem not in follows:
            follows[stem] = sum(f" {stem}" in text for text in texts)
        mostly_follows = len(key) > len(bases[key]) + 1 and documents[key] >= MOSTLY * documents[key[:-1]]
        if mostly_follows or documents[key] >= MIN_SHARE * follows[stem]:
            chosen.append(key)
    chosen = [key for key in chosen if not any(_replaces(other, key, documents) for other in chosen)]
    every = [*(key for key in documents if key == bases[key]), *chosen]
    return sorted(every, key=lambda key: (-documents[key], len(key), key))


def _replaces(other: tuple[str, ...], key: tuple[str, ...], documents: Counter[tuple[str, ...]]) -> bool:
    is_longer = len(other) > len(key) and other[: len(key)] == key
    return is_longer and documents[other] >= MOSTLY * documents[key]


def _form(forms: Counter[str]) -> str:
    """The most usual form; one that is written only at the start of sentences may be in small letters."""
    form = max(forms, key=lambda form: (forms[form], form))
    first, *others = form.split(" ")
    only_starts = all(count < 1 for count in forms.values())
    if only_starts and first.istitle() and not any(word[:1].isupper() for word in others):
        return form[:1].lower() + form[1:]
    return form


def _folded(text: str, word: str) -> str:
    """`text` without case, character for character, and without accents unless it has `word` as it is."""
    lowered = text.lower()
    if len(lowered) == len(text) and (text.isascii() or word in lowered):
        return lowered
    return text.translate(_FOLDING)


def _is_mid_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 8) : start]
    stripped = before.rstrip(" \t")
    return bool(stripped) and stripped[-1] not in _BREAKS


class _Folding(dict[int, str]):
    """Characters without case and accents, one for one, so that offsets stay the same."""

    def __missing__(self, point: int) -> str:
        folded = fold(chr(point))
        self[point] = folded if len(folded) == 1 else chr(point)
        return self[point]


_FOLDING = _Folding()
