"""Matches of a query's terms in a text, found by the written forms of the words."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import compress, count
from typing import NamedTuple

from searchsvc.analysis import (
    WORD,
    Analyzer,
    Token,
    folded_parts,
)
from searchsvc.highlight.token_cache import BEGINNING, KnownTokens, TokenCache, pieces_of
from searchsvc.query import HighlightTerm

# Nearly all Chinese and Japanese text: a word of these characters has its adjacent pairs as terms, and each
# character folds to itself.
PLAIN_HAN = "\u3400-\u4dbf\u4e00-\u9fff\u3041-\u3096\u30a1-\u30fa\u30fc"
_NOT_PLAIN = re.compile(f"[^{PLAIN_HAN}]")


_SHORT = 3  # characters; shorter strings occur in too many words
_MANY = 10_000  # cached pieces
_FEW = 16  # up to this many strings, str.find is faster than splitting the text


class MatchSpan(NamedTuple):
    """Start and end of a match in code points, and the query's terms that it matches."""

    start: int
    end: int
    terms: tuple[str, ...]


class Matcher:
    """Find the highlight terms of one query in texts. For one thread; the token cache is shared."""

    def __init__(self, terms: Iterable[HighlightTerm], token_cache: TokenCache) -> None:
        self._token_cache = token_cache
        self._terms = tuple(terms)
        self._fields: dict[str, _PieceMatches | None] = {}
        self._piece_matches: dict[
            tuple[HighlightTerm, ...], _PieceMatches
        ] = {}  # by terms, which are usually the same in all fields

    def spans(self, text: str, field: str) -> list[MatchSpan]:
        """Return the matches in `text`, a value of `field`, in order and without overlaps.

        The result is the same as of `choose` over all tokens of the text, but only pieces with a highlight term are
        tokenized.
        """
        piece_matches = self._matches_for(field)
        if piece_matches is None or not text:
            return []
        field_terms = piece_matches.field_terms
        known, long = self._token_cache.learn(text)
        cached = field_terms.candidate_pieces(known)
        if cached is None:
            candidates = set(filter(field_terms.has_match.__getitem__, set(pieces_of(text))))
            search_strings = set(map(str.lower, candidates))
        else:
            candidates, search_strings = cached
            if long:
                candidates, search_strings = candidates | long, search_strings.union(map(str.lower, long))
        if field_terms.phrases:
            pieces = pieces_of(text)
            return field_terms.choose(
                text, _runs(pieces, _piece_positions(pieces, candidates), known.blank, field_terms)
            )
        occurrences = _find_pieces(text, candidates, search_strings)  # piece by piece
        return [MatchSpan(at + a, at + b, terms) for at, piece in occurrences for a, b, terms in piece_matches[piece]]

    def _matches_for(self, field: str) -> "_PieceMatches | None":
        if field not in self._fields:
            here = tuple(each._replace(field="") for each in self._terms if each.field == field)
            if here and here not in self._piece_matches:
                self._piece_matches[here] = _PieceMatches(_FieldTerms(here, self._token_cache.analyzer))
            self._fields[field] = self._piece_matches.get(here)
        return self._fields[field]


def _runs(
    pieces: Sequence[str], places: Iterable[tuple[int, int]], blank: set[str], field_terms: "_FieldTerms"
) -> Iterator[list[Token]]:
    """The tokens of the pieces at `places`; consecutive ones form a run."""
    run: list[Token] = []
    after = 0
    for number, begin in places:
        if run and not blank.issuperset(pieces[after:number]):
            yield run
            run = []
        for token in field_terms.tokens(pieces[number], begin):
            if token is not None:
                run.append(token)
            elif run:
                yield run
                run = []
        after = number + 1
    yield run


def _find_pieces(text: str, candidates: set[str], search_strings: Collection[str]) -> list[tuple[int, str]]:
    """Start and text of each piece of `text` that is in `candidates`, in order.

    `search_strings`: lower-case strings, at least one of which is in every candidate.
    """
    spaced = f" {text} ".replace("\n", " ")  # every piece is between spaces
    small = spaced.lower()
    if len(search_strings) > _FEW or len(small) != len(
        spaced
    ):  # lower() never shortens, so equal lengths mean equal offsets
        pieces = pieces_of(text)
        return [(begin, pieces[number]) for number, begin in _piece_positions(pieces, candidates)]
    pieces_by_start = {}
    for part in search_strings:
        at = small.find(part)
        while at >= 0:
            begin, end = spaced.rfind(" ", 0, at) + 1, spaced.find(" ", at)
            if (piece := spaced[begin:end]) in candidates:
                pieces_by_start[begin - 1] = piece
            at = small.find(part, end)
    return sorted(pieces_by_start.items())


def _piece_positions(pieces: Sequence[str], candidates: set[str]) -> Iterator[tuple[int, int]]:
    """Number and start of each piece that is in `candidates`."""
    begin = after = 0
    for number in compress(count(), map(candidates.__contains__, pieces)):
        begin += sum(map(len, pieces[after:number])) + number - after
        yield number, begin
        after = number


def _search_strings(terms: Iterable[str], pieces: Iterable[str]) -> set[str]:
    """A small set of lower-case strings, at least one of which is in each of `pieces`."""
    strings: set[str] = set()
    without = [piece.lower() for piece in pieces]
    for term in terms:
        beginning = term if len(term) <= _SHORT else term[:-1]  # the last letter of a stem often differs in words
        unmatched = without if len(term) < _SHORT else [piece for piece in without if beginning not in piece]
        if len(unmatched) < len(without):
            strings.add(beginning)
            without = unmatched
    return strings.union(without)


class _FieldTerms:
    """The highlight terms of one field."""

    def __init__(self, highlight_terms: Iterable[HighlightTerm], analyzer: Analyzer) -> None:
        self._sequences: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        prefixes: list[str] = []
        for each in highlight_terms:
            terms = each.terms
            if each.prefix:
                prefixes.append(terms[0])
                terms = tuple(analyzer.terms(terms[0])) or terms  # stems, so that other forms match too
            self._sequences.setdefault(terms[0], []).append((terms, each.terms))
        self._analyse = analyzer.analyse
        self._prefix_of = _PrefixLookup(prefixes)
        self._prefixes = tuple(prefixes)
        self.phrases = any(len(terms) > 1 for each in self._sequences.values() for terms, _ in each)
        self._terms = {term for each in self._sequences.values() for terms, _ in each for term in terms}
        self._state: tuple[KnownTokens | int, ...] = ()  # sizes of the cache's lists when the next two were computed
        self._pieces, self._search_strings = set[str](), set[str]()
        self.has_match = _PieceMatchCache(self._terms, self._prefix_of, analyzer)
        self._pairs = [term for term in {*self._terms, *prefixes} if not _NOT_PLAIN.match(term)]

    def candidate_pieces(self, known: KnownTokens) -> tuple[set[str], set[str]] | None:
        """Return the cached pieces that contain a highlight term, or may start with a prefix, and strings to find
        them; None if checking each piece of a text is faster."""
        if any(len(prefix) < BEGINNING for prefix in self._prefixes):
            return None
        lists = known.candidates(self._terms, self._prefixes)
        if sum(map(len, lists)) > _MANY:
            return None
        state: tuple[KnownTokens | int, ...] = (known, *map(len, lists))
        if state != self._state:
            self._state = state
            self._pieces = set().union(*lists)
            self._search_strings = _search_strings((*self._terms, *self._prefixes), self._pieces)
        return self._pieces, self._search_strings

    def _may_match(self, word: str) -> bool:
        """Whether a word may contain a highlight term: always, unless it is Chinese or Japanese without any of the
        pairs."""
        return _NOT_PLAIN.search(word) is not None or any(pair in word for pair in self._pairs)

    def tokens(self, piece: str, begin: int) -> Iterator[Token | None]:
        """Yield the tokens of a piece that starts at `begin`, and None for words that cannot match."""
        for match in WORD.finditer(piece):
            word = match.group()
            if self._may_match(word):
                start = begin + match.start()
                for term, first, last in self._analyse(word):
                    yield Token(term, start + first, start + last, 0)
            else:
                yield None

    def choose(self, text: str, runs: Iterable[Sequence[Token]]) -> list[MatchSpan]:
        """Return the matches in `runs` of consecutive tokens: the longest match at the earliest start.

        Overlapping pairs of Chinese or Japanese characters become one match, as do adjacent matches.
        """
        spans: list[MatchSpan] = []
        last = 0  # start of the last token of the last match
        for run in runs:
            for index, token in enumerate(run):
                matched = self._longest_match(text, run, index)
                if matched is None:
                    continue
                length, terms = matched
                end = run[index + length - 1].end
                if not spans or token.start > spans[-1].end:
                    spans.append(MatchSpan(token.start, end, terms))
                elif last < token.start and end > spans[-1].end:
                    spans[-1] = MatchSpan(spans[-1].start, end, spans[-1].terms + terms)
                else:
                    continue
                last = run[index + length - 1].start
        return spans

    def _longest_match(self, text: str, run: Sequence[Token], index: int) -> tuple[int, tuple[str, ...]] | None:
        """Number of tokens and terms of the longest match at `index`."""
        best: tuple[int, tuple[str, ...]] | None = None
        for terms, query_terms in self._sequences.get(run[index].term, ()):
            length = len(terms)
            fits = length == 1 or tuple(token.term for token in run[index : index + length]) == terms
            if fits and (best is None or length > best[0]):
                best = length, query_terms
        if best is None and self._prefixes:
            prefix = self._prefix_of[text[run[index].start : run[index].end]]
            return (1, (prefix,)) if prefix else None
        return best


class _PieceMatches(dict[str, list[tuple[int, int, tuple[str, ...]]]]):
    """Matches within a piece, cached, for terms of one word each.

    `field_terms` has no reference back: a cycle would be left to the garbage collector by each search.
    """

    def __init__(self, field_terms: _FieldTerms) -> None:
        self.field_terms = field_terms

    def __missing__(self, piece: str) -> list[tuple[int, int, tuple[str, ...]]]:
        tokens = [token for token in self.field_terms.tokens(piece, 0) if token is not None]
        marks = self[piece] = [(span.start, span.end, span.terms) for span in self.field_terms.choose(piece, [tokens])]
        return marks


class _PieceMatchCache(dict[str, bool]):
    """Whether a piece has a word with one of `terms` or a prefix, cached."""

    def __init__(self, terms: Collection[str], prefix_of: "_PrefixLookup", analyzer: Analyzer) -> None:
        self._terms, self._prefix_of, self._analyzer = terms, prefix_of, analyzer

    def __missing__(self, piece: str) -> bool:
        tokens = self._analyzer.tokens(piece)
        is_match = self[piece] = any(
            token.term in self._terms or self._prefix_of[piece[token.start : token.end]] for token in tokens
        )
        return is_match


class _PrefixLookup(dict[str, str]):
    """The prefix that a written word starts with, or "", cached."""

    def __init__(self, prefixes: Iterable[str]) -> None:
        self._prefixes = sorted(prefixes, key=len, reverse=True)

    def __missing__(self, word: str) -> str:
        folded = [part[0] for part in folded_parts(word)]
        prefixes = (prefix for prefix in self._prefixes if any(each.startswith(prefix) for each in folded))
        begins = self[word] = next(prefixes, "")
        return begins
