"""Matches of a query's terms in a text, found by analysing the pieces that may have one."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from searchsvc.analysis import LONGEST_TERM, WORD, Analyzer, Token, characters, folded_parts, is_ideograph
from searchsvc.highlight.piece_search import AROUND_WORDS, PLAIN_HAN, Piece, PieceSearch
from searchsvc.query import HighlightTerm

_NOT_PLAIN = re.compile(f"[^{PLAIN_HAN}]")

FieldTerm = tuple[tuple[str, ...], bool]  # words of a highlight term in one field, and whether the last one is a prefix


class MatchSpan(msgspec.Struct, frozen=True, gc=False):
    """Start and end of a match in code points, and the query's terms that it matches."""

    start: int
    end: int
    terms: tuple[str, ...]


class Matcher:
    """Find the highlight terms of one query in texts of one language. For one thread."""

    def __init__(self, terms: Iterable[HighlightTerm], analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._terms: dict[str, list[FieldTerm]] = {}
        for field, words, prefix, _ in terms:
            self._terms.setdefault(field, []).append((words, prefix))
        self._piece_matches: dict[tuple[FieldTerm, ...], _PieceMatches] = {}  # terms are usually equal in all fields

    def spans(self, text: str, field: str) -> list[MatchSpan]:
        """Return the matches in `text`, a value of `field`, in order and without overlaps.

        The result is the same as of `choose` over all tokens of the text, but only pieces that may contain a
        highlight term are tokenized.
        """
        return self.spans_of([text], field)[0]

    def spans_of(self, texts: Sequence[str], field: str) -> list[list[MatchSpan]]:
        """Return the matches in each of `texts`, values of `field`, as `spans` does; in less time for several texts."""
        piece_matches = self._matches_for(field)
        if piece_matches is None:
            return [[] for _ in texts]
        field_terms = piece_matches.field_terms
        pieces_of_texts = field_terms.pieces.in_texts(texts) if len(texts) > 1 else [field_terms.pieces(texts[0])]
        if field_terms.phrases:
            return [field_terms.spans(text, pieces) for text, pieces in zip(texts, pieces_of_texts, strict=True)]
        return [
            [MatchSpan(at + a, at + b, terms) for at, piece in pieces for a, b, terms in piece_matches[piece]]
            for pieces in pieces_of_texts
        ]

    def _matches_for(self, field: str) -> "_PieceMatches | None":
        if field not in self._terms:
            return None
        terms = tuple(self._terms[field])
        if terms not in self._piece_matches:
            self._piece_matches[terms] = _PieceMatches(_FieldTerms(terms, self._analyzer))
        return self._piece_matches[terms]


def _runs(text: str, pieces: Iterable[Piece], field_terms: "_FieldTerms") -> Iterator[list[Token]]:
    """Yield the tokens of `pieces`; those with no token between them form a run."""
    run: list[Token] = []
    after = 0
    for begin, piece in pieces:
        if run and field_terms.has_token(text, after, begin):
            yield run
            run = []
        for token in field_terms.tokens(piece, begin):
            if token is not None:
                run.append(token)
            elif run:
                yield run
                run = []
        after = begin + len(piece)
    yield run


class _FieldTerms:
    """The highlight terms of one field. `pieces` finds the pieces of a text that may contain one."""

    def __init__(self, field_terms: Sequence[FieldTerm], analyzer: Analyzer) -> None:
        self._sequences: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        prefixes: list[str] = []
        for words, prefix in field_terms:
            terms = words
            if prefix:
                prefixes.append(words[0])
                terms = tuple(analyzer.terms(words[0])) or words  # stems, so that other forms match too
            self._sequences.setdefault(terms[0], []).append((terms, words))
        self._analyse = analyzer.analyse
        alone = {words[0] for words, prefix in field_terms if not prefix and len(words) == 1}
        self._ideographs = frozenset(filter(is_ideograph, alone))
        self._prefix_of = _PrefixLookup(prefixes)
        self._prefixes = tuple(prefixes)
        self.phrases = any(len(terms) > 1 for each in self._sequences.values() for terms, _ in each)
        terms_in_any = {term for each in self._sequences.values() for terms, _ in each for term in terms}
        self.has_term = _MatchingPieces(terms_in_any, self._ideographs, self._prefix_of if prefixes else None, analyzer)
        self.pieces = PieceSearch(terms_in_any, prefixes, analyzer.language)
        self._pairs = [term for term in {*terms_in_any, *prefixes} if not _NOT_PLAIN.match(term)]

    def spans(self, text: str, pieces: Iterable[Piece]) -> list[MatchSpan]:
        """Return the matches in `pieces` of `text`, also of phrases over several pieces."""
        with_terms = [each for each in pieces if self.has_term[each[1]]]
        return self.choose(text, _runs(text, with_terms, self))

    def has_token(self, text: str, start: int, end: int) -> bool:
        """Return whether `text` has a token from `start` to `end`, between two pieces."""
        return any(self._analyse(match.group()) for match in WORD.finditer(text, start, end))

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
                length, start, end, terms = matched
                if not spans or start > spans[-1].end:
                    spans.append(MatchSpan(start, end, terms))
                elif last < token.start and end > spans[-1].end:
                    spans[-1] = MatchSpan(spans[-1].start, end, spans[-1].terms + terms)
                else:
                    continue
                last = run[index + length - 1].start
        return spans

    def terms_of(self, word: str) -> tuple[str, ...]:
        """Return the terms that a plain word matches, for highlight terms of one word each; empty if none."""
        ((term, _, _),) = self._analyse(word)
        sequences = self._sequences.get(term)
        if sequences:
            return sequences[0][1]
        prefix = self._prefixes and self._prefix_of[word]
        return (prefix,) if prefix else ()

    def _longest_match(
        self, text: str, run: Sequence[Token], index: int
    ) -> tuple[int, int, int, tuple[str, ...]] | None:
        """Number of tokens, start, end and terms of the longest match at `index`."""
        best: tuple[int, tuple[str, ...]] | None = None
        for terms, query_terms in self._sequences.get(run[index].term, ()):
            length = len(terms)
            fits = length == 1 or tuple(token.term for token in run[index : index + length]) == terms
            if fits and (best is None or length > best[0]):
                best = length, query_terms
        if best is None and self._prefixes and (prefix := self._prefix_of[text[run[index].start : run[index].end]]):
            best = 1, (prefix,)
        if best is not None:
            return best[0], run[index].start, run[index + best[0] - 1].end, best[1]
        return self._ideograph_in(text, run[index]) if self._ideographs else None

    def _ideograph_in(self, text: str, pair: Token) -> tuple[int, int, int, tuple[str, ...]] | None:
        """The match of single ideographs in a pair: only they are marked, not the character next to them."""
        if self._ideographs.isdisjoint(pair.term):
            return None
        spans = [
            (character, pair.start + start, pair.start + end)
            for character, start, end in characters(text[pair.start : pair.end])
            if character in self._ideographs
        ]
        if not spans:
            return None
        return 1, spans[0][1], spans[-1][2], tuple(dict.fromkeys(character for character, _, _ in spans))


class _PieceMatches(dict[str, list[tuple[int, int, tuple[str, ...]]]]):
    """Matches within a piece, cached, for terms of one word each.

    `field_terms` has no reference back: a cycle would be left to the garbage collector by each search.
    """

    def __init__(self, field_terms: _FieldTerms) -> None:
        self.field_terms = field_terms

    def __missing__(self, piece: str) -> list[tuple[int, int, tuple[str, ...]]]:
        marks = self[piece] = self._matches(piece)
        return marks

    def _matches(self, piece: str) -> list[tuple[int, int, tuple[str, ...]]]:
        field_terms = self.field_terms
        word = piece.strip(AROUND_WORDS)
        if word.isascii() and word.isalpha() and len(word) <= LONGEST_TERM:  # nearly all: one token, found without WORD
            terms = field_terms.terms_of(word)
            start = piece.index(word)
            return [(start, start + len(word), terms)] if terms else []
        if piece.isascii() and not field_terms.has_term[piece]:  # a quick check, but slow for scripts without spaces
            return []
        tokens = [token for token in field_terms.tokens(piece, 0) if token is not None]
        return [(span.start, span.end, span.terms) for span in field_terms.choose(piece, [tokens])]


class _MatchingPieces(dict[str, bool]):
    """Whether a piece has a word with one of `terms` or a prefix, cached."""

    def __init__(
        self,
        terms: Collection[str],
        ideographs: Collection[str],
        prefix_of: "_PrefixLookup | None",
        analyzer: Analyzer,
    ) -> None:
        self._terms, self._ideographs = frozenset(terms), frozenset(ideographs)
        self._prefix_of, self._analyzer = prefix_of, analyzer

    def __missing__(self, piece: str) -> bool:
        terms = self._analyzer.terms(piece)
        has_term = not self._terms.isdisjoint(terms) or self._has_prefix(piece)
        has_term = has_term or (bool(self._ideographs) and not self._ideographs.isdisjoint("".join(terms)))
        self[piece] = has_term
        return has_term

    def _has_prefix(self, piece: str) -> bool:
        prefix_of = self._prefix_of
        if prefix_of is None:
            return False
        return any(prefix_of[piece[token.start : token.end]] for token in self._analyzer.tokens(piece))


class _PrefixLookup(dict[str, str]):
    """The prefix that a written word starts with, or "", cached."""

    def __init__(self, prefixes: Iterable[str]) -> None:
        self._prefixes = sorted(prefixes, key=len, reverse=True)

    def __missing__(self, word: str) -> str:
        folded = [part[0] for part in folded_parts(word)]
        prefixes = (prefix for prefix in self._prefixes if any(each.startswith(prefix) for each in folded))
        begins = self[word] = next(prefixes, "")
        return begins
