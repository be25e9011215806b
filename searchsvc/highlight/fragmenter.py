"""The passages of a document that are shown with a hit."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import TypeVar

from searchsvc.highlight.highlighted_text import HighlightedText
from searchsvc.highlight.hit_matches import HitMatches
from searchsvc.highlight.matcher import Matcher, MatchSpan
from searchsvc.models.documents import Document
from searchsvc.models.search import Fragment, Occurrence, Snippet

_ASCII_SENTENCE_ENDS = (". ", "! ", "? ", '." ', "\n")
_SENTENCE_ENDS = (*_ASCII_SENTENCE_ENDS, "… ", ".” ", "?” ", "!” ", "。", "！", "？")
LONGEST_FIELD = 16_384  # code points; the rest of another field than the body is not searched for matches
_OTHER_FIELDS = ("headings", "author", "source", "section", "topics", "removed_text")  # besides title and body
_start = attrgetter("start")

K = TypeVar("K")


def mark_matches(text: str, spans: Sequence[MatchSpan], begin: int = 0, end: int | None = None) -> tuple[Fragment, ...]:
    """Split `text[begin:end]` into fragments; a match has its index in `spans`."""
    end = len(text) if end is None else end
    pieces: list[Fragment] = []
    position = begin
    for number in range(bisect_left(spans, begin, key=_start) if begin else 0, len(spans)):
        span = spans[number]
        if span.end > end:
            break
        if span.start > position:
            pieces.append(Fragment(text[position : span.start]))
        pieces.append(Fragment(text[span.start : span.end], number))
        position = span.end
    if position < end:
        pieces.append(Fragment(text[position:end]))
    return tuple(pieces)


def passages(document: Document, matches: HitMatches, length: int, max_passages: int = 2) -> tuple[Snippet, ...]:
    """Return up to `max_passages` passages of about `length` code points each, best first.

    If neither title nor body has a match, the last passage comes from the field that has one.
    """
    if not max_passages:
        return ()
    snippets = body_passages(matches.body, matches.in_body, length, max_passages=max_passages)
    if matches.in_body or matches.title:
        return snippets
    return (snippets + _other_field_passage(document, matches.matcher, length))[-max_passages:]


def occurrences(document: Document, matches: HitMatches) -> tuple[Occurrence, ...]:
    """Count the highlighted terms of `document` by field; of a long body, in its excerpts."""
    spans_by_field = {"title": matches.title, "body": matches.in_body} | {
        name: matches.matcher.spans(_text(document, name), name) for name in _OTHER_FIELDS
    }
    counts = Counter((name, term) for name, spans in spans_by_field.items() for span in spans for term in span.terms)
    return tuple(Occurrence(name, term, count) for (name, term), count in counts.items())


def _other_field_passage(document: Document, matcher: Matcher, length: int) -> tuple[Snippet, ...]:
    for name in _OTHER_FIELDS:
        text = _text(document, name)
        if spans := matcher.spans(text, name):
            return body_passages(HighlightedText.whole(text), spans, length, field=name)[:1]
    return ()


def _text(document: Document, name: str) -> str:
    """Text of a field, at most LONGEST_FIELD of it; several values are on a line each."""
    value = getattr(document, name)
    return ("\n".join(value) if isinstance(value, tuple) else value or "")[:LONGEST_FIELD]


def body_passages(
    body: HighlightedText, spans: Sequence[MatchSpan], length: int, field: str = "body", max_passages: int = 2
) -> tuple[Snippet, ...]:
    """Return the passage of `body` with most matches, or its start, and up to `max_passages` in all.

    Each further passage has a term that the previous passages lack.
    """
    text, gaps, shown_terms = body.text, list(body.rooms), set[str]()
    terms = {term for span in spans for term in span.terms}
    run, room = (_best_run(spans, length)[0], gaps[0]) if len(gaps) == 1 else _best_gap(spans, gaps, length)
    window = _window(text, run, length, room)
    snippets = [_snippet(body, spans, field, window)]
    while len(snippets) < max_passages:
        for fragment in snippets[-1].fragments:
            if fragment.match is not None:
                shown_terms.update(spans[fragment.match].terms)
        if shown_terms >= terms:
            break
        gaps = [part for gap in gaps for part in _gap_without(text, gap, window)]
        adding = [span for span in spans if not shown_terms.issuperset(span.terms)]
        run, room = _best_gap(adding, gaps, length)
        if not run:
            break
        window = _window(text, run, length, room)
        snippets.append(_snippet(body, spans, field, window))
    return tuple(snippets)


def _best_gap(
    spans: Sequence[MatchSpan], gaps: Sequence[tuple[int, int]], length: int
) -> tuple[Sequence[MatchSpan], tuple[int, int]]:
    """The best run of matches in a gap, and this gap; the first of equal gaps."""
    best: tuple[Sequence[MatchSpan], tuple[int, int]] = (), gaps[0] if gaps else (0, 0)
    best_score = (0, 0, 0)
    for start, end in gaps:
        run, score = _best_run([span for span in spans if start <= span.start and span.end <= end], length)
        if score > best_score:
            best, best_score = (run, (start, end)), score
    return best


def _gap_without(text: str, gap: tuple[int, int], window: tuple[int, int]) -> list[tuple[int, int]]:
    """The parts of `gap` outside `window`."""
    if window[1] <= gap[0] or gap[1] <= window[0]:
        return [gap]
    return [(gap[0], window[0]), (window[1] + text[window[1] : window[1] + 1].isspace(), gap[1])]


def _snippet(body: HighlightedText, spans: Sequence[MatchSpan], field: str, window: tuple[int, int]) -> Snippet:
    begin, end = window
    start, fragments = body.offset(begin), mark_matches(body.text, spans, begin, end)
    after = start + end - begin < body.length and not (len(body.rooms) == 1 and body.text[end:].isspace())
    return Snippet(field, start, fragments, before=start > 0, after=after)


def _window(text: str, run: Sequence[MatchSpan], length: int, room: tuple[int, int]) -> tuple[int, int]:
    """Start and end of the passage within `room` that shows `run`; all of `room` if it is short enough."""
    floor, ceiling = room
    if ceiling - floor <= length:
        return room
    if not run:
        return floor, _word_edge(text, floor + length)
    start, end = run[0].start, run[-1].end
    begin = _sentence_start(text, start, max(start - max(length - (end - start), 0), floor))
    return begin, max(_word_edge(text, min(begin + length, ceiling)), end)


def _best_run(spans: Sequence[MatchSpan], length: int) -> tuple[Sequence[MatchSpan], tuple[int, int, int]]:
    """The best run of spans within `length`, and its counts.

    Best is most different terms, then most phrases, then most matches; the earliest wins. Empty if there is no span.
    """
    best, best_score = (0, -1), (0, 0, 0)
    terms: dict[str, int] = {}  # occurrences in the run
    phrases: dict[tuple[str, ...], int] = {}
    last, end = -1, len(spans) - 1
    for first, span in enumerate(spans):
        edge, previous = span.start + length, last
        while last < end and (last < first or spans[last + 1].end <= edge):
            last += 1
            added = spans[last].terms
            for term in added:
                terms[term] = terms.get(term, 0) + 1
            if len(added) > 1:
                phrases[added] = phrases.get(added, 0) + 1
        if last > previous:  # otherwise the run is a part of the previous one
            score = (len(terms), len(phrases), last - first)
            if score > best_score:
                best, best_score = (first, last), score
        if last == end:
            break  # later runs have fewer matches
        for term in span.terms:
            _remove(terms, term)
        if len(span.terms) > 1:
            _remove(phrases, span.terms)
    return spans[best[0] : best[1] + 1], best_score


def _remove(counts: dict[K, int], key: K) -> None:
    """Count `key` once less; drop it if the count is 0."""
    counts[key] -= 1
    if not counts[key]:
        del counts[key]


def _sentence_start(text: str, match: int, floor: int) -> int:
    """Where the passage starts, from `floor` on, so that the match is shown in its sentence."""
    marks = _ASCII_SENTENCE_ENDS if text.isascii() else _SENTENCE_ENDS
    starts = [at + len(mark) for mark in marks if (at := text.rfind(mark, floor, match)) >= 0]
    if starts:
        return max(starts)
    if floor == 0:
        return 0
    floor = max(floor, match - (match - floor) // 3)
    space = text.find(" ", floor, match)
    return space + 1 if space >= 0 else floor


def _word_edge(text: str, end: int) -> int:
    """`end`, moved back to the end of a word if one is near."""
    if end >= len(text) or text[end].isspace():
        return end
    space = text.rfind(" ", max(end - 40, 0), end)
    return space if space > 0 else end
