"""The passages of a document that are shown with a hit."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from searchsvc.highlight.matcher import Matcher, MatchSpan
from searchsvc.models.documents import Document
from searchsvc.models.search import Fragment, Occurrence, Snippet

_SENTENCE_ENDS = (". ", "! ", "? ", "… ", ".” ", "?” ", "!” ", '." ', "。", "！", "？", "\n")
_OTHER_FIELDS = ("headings", "author", "source", "section", "topics")  # besides title and body


def mark_matches(text: str, spans: Sequence[MatchSpan], begin: int = 0, end: int | None = None) -> tuple[Fragment, ...]:
    """Split `text[begin:end]` into fragments; a match has its index in `spans`."""
    end = len(text) if end is None else end
    pieces: list[Fragment] = []
    position = begin
    for number in range(bisect_left(spans, (begin,)), len(spans)):
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


def passages(document: Document, matcher: Matcher, length: int, max_passages: int = 2) -> tuple[Snippet, ...]:
    """Return up to `max_passages` passages of about `length` code points each, best first.

    If neither title nor body has a match, the last passage comes from the field that has one.
    """
    if not max_passages:
        return ()
    spans = matcher.spans(document.body, "body")
    snippets = body_passages(document.body, spans, length, max_passages=max_passages)
    if spans or matcher.spans(document.title, "title"):
        return snippets
    return (snippets + _other_field_passage(document, matcher, length))[-max_passages:]


def occurrences(document: Document, matcher: Matcher) -> tuple[Occurrence, ...]:
    """Count the highlighted terms of `document` by field."""
    counts = Counter(
        (name, term)
        for name in ("title", "body", *_OTHER_FIELDS)
        for span in matcher.spans(_text(document, name), name)
        for term in span.terms
    )
    return tuple(Occurrence(name, term, count) for (name, term), count in counts.items())


def _other_field_passage(document: Document, matcher: Matcher, length: int) -> tuple[Snippet, ...]:
    for name in _OTHER_FIELDS:
        text = _text(document, name)
        if spans := matcher.spans(text, name):
            return body_passages(text, spans, length, field=name)[:1]
    return ()


def _text(document: Document, name: str) -> str:
    """Text of a field; several values are on a line each."""
    value = getattr(document, name)
    return "\n".join(value) if isinstance(value, tuple) else value or ""


def body_passages(
    text: str, spans: Sequence[MatchSpan], length: int, field: str = "body", max_passages: int = 2
) -> tuple[Snippet, ...]:
    """Return the passage of `text` with most matches, or its start, and up to `max_passages` in all.

    Each further passage has a term that the previous passages lack.
    """
    window = _window(text, spans, length, (0, len(text)))
    snippets, gaps, shown_terms = [_snippet(text, spans, field, window)], [(0, len(text))], set[str]()
    while len(snippets) < max_passages:
        begin, end = window
        shown_terms.update(term for span in spans if begin <= span.start and span.end <= end for term in span.terms)
        if shown_terms.issuperset(term for span in spans for term in span.terms):
            break
        gaps = [part for gap in gaps for part in _gap_without(text, gap, window)]
        adding = [span for span in spans if not shown_terms.issuperset(span.terms)]
        within = [([span for span in adding if a <= span.start and span.end <= b], (a, b)) for a, b in gaps]
        best, room = max(within, key=lambda each: _best_run(each[0], length)[1], default=([], (0, 0)))
        if not best:
            break
        window = _window(text, best, length, room)
        snippets.append(_snippet(text, spans, field, window))
    return tuple(snippets)


def _gap_without(text: str, gap: tuple[int, int], window: tuple[int, int]) -> list[tuple[int, int]]:
    """The parts of `gap` outside `window`."""
    if window[1] <= gap[0] or gap[1] <= window[0]:
        return [gap]
    return [(gap[0], window[0]), (window[1] + text[window[1] : window[1] + 1].isspace(), gap[1])]


def _snippet(text: str, spans: Sequence[MatchSpan], field: str, window: tuple[int, int]) -> Snippet:
    begin, end = window
    after = end < len(text) and not text[end:].isspace()
    return Snippet(field, begin, mark_matches(text, spans, begin, end), before=begin > 0, after=after)


def _window(text: str, spans: Sequence[MatchSpan], length: int, room: tuple[int, int]) -> tuple[int, int]:
    """Start and end of the best passage within `room`; all of `room` if it is short enough."""
    floor, ceiling = room
    if ceiling - floor <= length:
        return room
    (first, last), _ = _best_run(spans, length)
    if first < 0:
        return floor, _word_edge(text, floor + length)
    width = spans[last].end - spans[first].start
    begin = _sentence_start(text, spans[first].start, max(spans[first].start - max(length - width, 0), floor))
    return begin, max(_word_edge(text, min(begin + length, ceiling)), spans[last].end)


def _best_run(spans: Sequence[MatchSpan], length: int) -> tuple[tuple[int, int], tuple[int, int, int]]:
    """First and last span of the best run within `length`, and its counts.

    Best is most different terms, then most phrases, then most matches; the earliest wins. (-1, -1) if there is no
    span.
    """
    best, best_score = (-1, -1), (0, 0, 0)
    terms: dict[str, int] = {}  # occurrences in the run
    phrases: dict[tuple[str, ...], int] = {}
    last = -1
    for first, span in enumerate(spans):
        edge = span.start + length
        while last + 1 < len(spans) and (last < first or spans[last + 1].end <= edge):
            last += 1
            _count(spans[last].terms, 1, terms, phrases)
        score = (len(terms), len(phrases), last - first)
        if score > best_score:
            best, best_score = (first, last), score
        if last + 1 == len(spans):
            break  # later runs have fewer matches
        _count(span.terms, -1, terms, phrases)
    return best, best_score


def _count(
    span_terms: tuple[str, ...], change: int, terms: dict[str, int], phrases: dict[tuple[str, ...], int]
) -> None:
    for term in span_terms:
        terms[term] = terms.get(term, 0) + change
        if not terms[term]:
            del terms[term]
    if len(span_terms) > 1:
        phrases[span_terms] = phrases.get(span_terms, 0) + change
        if not phrases[span_terms]:
            del phrases[span_terms]


def _sentence_start(text: str, match: int, floor: int) -> int:
    """Where the passage starts, from `floor` on, so that the match is shown in its sentence."""
    starts = [at + len(mark) for mark in _SENTENCE_ENDS if (at := text.rfind(mark, floor, match)) >= 0]
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
