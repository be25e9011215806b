"""The passage that shows why a document matched, as data: text in pieces, matches flagged."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from searchsvc.analysis import Analyzer, Token, folded_parts
from searchsvc.models import Fragment, Snippet
from searchsvc.query import Wanted

_SENTENCE_ENDS = (". ", "! ", "? ", "… ", ".” ", "?” ", "!” ", '." ', "。", "！", "？", "\n")


@dataclass(frozen=True, slots=True)
class Span:
    """Where something wanted stands; `key` tells one wanted thing from another."""

    start: int
    end: int
    key: tuple[str, ...]


def spans(text: str, wanted: Iterable[Wanted], field: str, analyzer: Analyzer) -> list[Span]:
    """Where `text`, the value of `field`, holds what is wanted there; in order, never overlapping."""
    sequences: dict[str, list[tuple[str, ...]]] = {}
    prefixes: list[str] = []
    for each in wanted:
        if each.field != field:
            continue
        terms = each.terms
        if each.prefix:
            prefixes.append(terms[0])
            terms = tuple(analyzer.terms(terms[0])) or terms  # words are found by their stems: other forms, too
        sequences.setdefault(terms[0], []).append(terms)
    if not sequences:
        return []
    tokens = list(analyzer.tokens(text))
    begins = _Beginnings(tuple(prefixes))
    found: list[Span] = []
    for index, token in enumerate(tokens):
        span = _longest(tokens, index, sequences.get(token.term, ()))
        if span is None and prefixes and begins[text[token.start : token.end]]:
            span = Span(token.start, token.end, (token.term,))
        if span is not None and (not found or span.start >= found[-1].end):
            found.append(span)
    return found


class _Beginnings(dict[str, bool]):
    """Whether a word as written begins with one of the prefixes; each is looked at once."""

    def __init__(self, prefixes: tuple[str, ...]) -> None:
        self._prefixes = prefixes

    def __missing__(self, word: str) -> bool:
        begins = self[word] = any(part[0].startswith(self._prefixes) for part in folded_parts(word))
        return begins


def _longest(tokens: Sequence[Token], index: int, sequences: Iterable[tuple[str, ...]]) -> Span | None:
    best: Span | None = None
    for terms in sequences:
        run = tokens[index : index + len(terms)]
        if (best is None or len(terms) > len(best.key)) and tuple(token.term for token in run) == terms:
            best = Span(run[0].start, run[-1].end, terms)
    return best


def marked(text: str, found: Sequence[Span], begin: int = 0, end: int | None = None) -> tuple[Fragment, ...]:
    """`text[begin:end]` in pieces; a match carries its number among `found`."""
    end = len(text) if end is None else end
    pieces: list[Fragment] = []
    position = begin
    for number, span in enumerate(found):
        if span.start < begin or span.end > end:
            continue
        if span.start > position:
            pieces.append(Fragment(text[position : span.start]))
        pieces.append(Fragment(text[span.start : span.end], number))
        position = span.end
    if position < end:
        pieces.append(Fragment(text[position:end]))
    return tuple(pieces)


def snippet(text: str, found: Sequence[Span], field: str, length: int) -> Snippet:
    """About `length` code points of `text`: the passage with most of what was found, else its start."""
    begin, end = _window(text, found, length)
    return Snippet(field, begin, marked(text, found, begin, end), before=begin > 0, after=end < len(text.rstrip()))


def _window(text: str, found: Sequence[Span], length: int) -> tuple[int, int]:
    if len(text) <= length:
        return 0, len(text)
    first, last = _best_run(found, length)
    if first < 0:
        return 0, _word_edge(text, length)
    held = found[last].end - found[first].start
    begin = _sentence_start(text, found[first].start, room=max(length - held, 0))
    return begin, max(_word_edge(text, min(begin + length, len(text))), found[first].end)


def _best_run(found: Sequence[Span], length: int) -> tuple[int, int]:
    """The run of spans within `length` that shows most different things, then most at all."""
    best, best_score = (-1, -1), (0, 0)
    ends = [span.end for span in found]
    for first, span in enumerate(found):
        last = max(bisect_left(ends, span.start + length + 1) - 1, first)
        keys = {each.key for each in found[first : last + 1]}
        score = (sum(map(len, keys)), last - first)
        if score > best_score:
            best, best_score = (first, last), score
    return best


def _sentence_start(text: str, match: int, room: int) -> int:
    """Where to begin so that `match` is seen in its sentence, at most `room` before it."""
    floor = max(match - room, 0)
    starts = [at + len(mark) for mark in _SENTENCE_ENDS if (at := text.rfind(mark, floor, match)) >= 0]
    if starts:
        return max(starts)
    if floor == 0:
        return 0
    floor = max(match - room // 3, 0)
    space = text.find(" ", floor, match)
    return space + 1 if space >= 0 else floor


def _word_edge(text: str, end: int) -> int:
    """`end`, moved back to the end of a word if one is near."""
    if end >= len(text) or text[end].isspace():
        return end
    space = text.rfind(" ", max(end - 40, 0), end)
    return space if space > 0 else end
