"""Where a text holds what a query looks for, found by the forms that the words are written in."""

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
from searchsvc.highlight.token_cache import KnownTokens, TokenCache, pieces_of
from searchsvc.query import HighlightTerm

# Chinese and Japanese as nearly all of it is written: a word of these alone is the pairs of its
# neighbours, each of them folded to itself.
PLAIN_HAN = "\u3400-\u4dbf\u4e00-\u9fff\u3041-\u3096\u30a1-\u30fa\u30fc"
_NOT_PLAIN = re.compile(f"[^{PLAIN_HAN}]")


_SHORT = 3  # characters; what is shorter stands in too many words
_FEW = 16  # so many are found in a text one by one in less time than it is cut into its pieces


class MatchSpan(NamedTuple):
    """Where something wanted stands, and which wanted terms it shows."""

    start: int
    end: int
    terms: tuple[str, ...]


class Matcher:
    """Marks one query in texts. For one thread; what it learns of surfaces serves all."""

    def __init__(self, terms: Iterable[HighlightTerm], token_cache: TokenCache) -> None:
        self._token_cache = token_cache
        self._terms = tuple(terms)
        self._fields: dict[str, _PieceMatches | None] = {}
        self._piece_matches: dict[
            tuple[HighlightTerm, ...], _PieceMatches
        ] = {}  # by what is wanted, as a rule the same in all fields

    def spans(self, text: str, field: str) -> list[MatchSpan]:
        """Where `text`, a value of `field`, holds what is wanted there; in order, never overlapping.

        What `choose` finds among all tokens of the text, but only the pieces that hold something
        wanted are cut into tokens.
        """
        piece_matches = self._matches_for(field)
        if piece_matches is None or not text:
            return []
        field_terms = piece_matches.field_terms
        known, long = self._token_cache.learn(text)
        candidates, search_strings = field_terms.candidate_pieces(known)
        if long:
            candidates, search_strings = candidates | long, search_strings.union(map(str.lower, long))
        if field_terms.phrases:
            pieces = pieces_of(text)
            return field_terms.choose(
                text, _runs(pieces, _piece_positions(pieces, candidates), known.blank, field_terms)
            )
        occurrences = _find_pieces(text, candidates, search_strings)  # each piece by itself
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
    """The tokens of the pieces at `places`, those that follow each other together."""
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
    """Where in `text` each of its pieces that are in `candidates` begins, in order, and the piece.

    `search_strings`: in small letters, texts of which each piece in `candidates` has one.
    """
    spaced = f" {text} ".replace("\n", " ")  # a piece stands between spaces
    small = spaced.lower()
    if len(search_strings) > _FEW or len(small) != len(
        spaced
    ):  # no letter becomes fewer: equal lengths are equal places
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
    """The numbers of the pieces in `candidates`, and where in the text they begin."""
    begin = after = 0
    for number in compress(count(), map(candidates.__contains__, pieces)):
        begin += sum(map(len, pieces[after:number])) + number - after
        yield number, begin
        after = number


def _search_strings(terms: Iterable[str], pieces: Iterable[str]) -> set[str]:
    """In small letters, texts of which each of `pieces` has one: few, as most pieces hold a term's beginning."""
    strings: set[str] = set()
    without = [piece.lower() for piece in pieces]
    for term in terms:
        beginning = term if len(term) <= _SHORT else term[:-1]  # a stem's last letter is often another in words
        unmatched = without if len(term) < _SHORT else [piece for piece in without if beginning not in piece]
        if len(unmatched) < len(without):
            strings.add(beginning)
            without = unmatched
    return strings.union(without)


class _FieldTerms:
    """What is looked for in one field."""

    def __init__(self, highlight_terms: Iterable[HighlightTerm], analyzer: Analyzer) -> None:
        self._sequences: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        prefixes: list[str] = []
        for each in highlight_terms:
            terms = each.terms
            if each.prefix:
                prefixes.append(terms[0])
                terms = tuple(analyzer.terms(terms[0])) or terms  # words are found by their stems: other forms, too
            self._sequences.setdefault(terms[0], []).append((terms, each.terms))
        self._analyse = analyzer.analyse
        self._prefix_of = _PrefixLookup(prefixes)
        self._prefixes = tuple(prefixes)
        self.phrases = any(len(terms) > 1 for each in self._sequences.values() for terms, _ in each)
        self._terms = {term for each in self._sequences.values() for terms, _ in each for term in terms}
        self._state: tuple[KnownTokens | int, ...] = ()  # of what was known when these were put together:
        self._pieces, self._search_strings = set[str](), set[str]()
        self._pairs = [term for term in {*self._terms, *prefixes} if not _NOT_PLAIN.match(term)]

    def candidate_pieces(self, known: KnownTokens) -> tuple[set[str], set[str]]:
        """The pieces known to hold something wanted (or, for a prefix, nearly), and what is sought to find them."""
        lists = known.candidates(self._terms, self._prefixes)
        state: tuple[KnownTokens | int, ...] = (known, *map(len, lists))
        if state != self._state:
            self._state = state
            self._pieces = set().union(*lists)
            self._search_strings = _search_strings((*self._terms, *self._prefixes), self._pieces)
        return self._pieces, self._search_strings

    def _may_match(self, word: str) -> bool:
        """Whether a word may hold something wanted: all may but those of other plain Chinese or Japanese."""
        return _NOT_PLAIN.search(word) is not None or any(pair in word for pair in self._pairs)

    def tokens(self, piece: str, begin: int) -> Iterator[Token | None]:
        """The tokens of a piece that begins at `begin`; None for words that hold nothing wanted."""
        for match in WORD.finditer(piece):
            word = match.group()
            if self._may_match(word):
                start = begin + match.start()
                for term, first, last in self._analyse(word):
                    yield Token(term, start + first, start + last, 0)
            else:
                yield None

    def choose(self, text: str, runs: Iterable[Sequence[Token]]) -> list[MatchSpan]:
        """The spans to mark among `runs` of neighbouring tokens: the longest that begins first.

        Pairs of Chinese or Japanese characters that overlap become one mark, as do marks that touch.
        """
        spans: list[MatchSpan] = []
        last = 0  # where the last token of the last span begins
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
        """How many tokens from `index` on are the longest thing wanted, and what that is."""
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
    """Start, end and terms of what stands in a piece, where nothing wanted is longer than a word.

    What is `field_terms` for does not know of it: that would be a cycle, left to the garbage collector by each search.
    """

    def __init__(self, field_terms: _FieldTerms) -> None:
        self.field_terms = field_terms

    def __missing__(self, piece: str) -> list[tuple[int, int, tuple[str, ...]]]:
        tokens = [token for token in self.field_terms.tokens(piece, 0) if token is not None]
        marks = self[piece] = [(span.start, span.end, span.terms) for span in self.field_terms.choose(piece, [tokens])]
        return marks


class _PrefixLookup(dict[str, str]):
    """The prefix with which a word as written begins, "" if none; each is looked at once."""

    def __init__(self, prefixes: Iterable[str]) -> None:
        self._prefixes = sorted(prefixes, key=len, reverse=True)

    def __missing__(self, word: str) -> str:
        folded = [part[0] for part in folded_parts(word)]
        prefixes = (prefix for prefix in self._prefixes if any(each.startswith(prefix) for each in folded))
        begins = self[word] = next(prefixes, "")
        return begins
