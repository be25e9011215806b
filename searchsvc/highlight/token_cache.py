"""Terms of written words, cached for highlighting."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from searchsvc.analysis import WORD, Analyzer, folded_parts

LONGEST = 24  # characters; longer pieces rarely recur, and are analysed word by word
BEGINNING = 2  # characters of the prefix index
_AROUND = "'\"’‘“”.,;:!?()[]…–—"  # stripped from the ends of a word


def pieces_of(text: str) -> list[str]:
    """Split `text` at every space and line end; exactly one character separates two pieces."""
    return text.replace("\n", " ").split(" ")


class KnownTokens:
    """Analysed pieces of text. Every index is filled before a piece is added to `pieces`.

    `pieces_by_term`: pieces that contain a term. `pieces_by_prefix`: pieces with a folded word that starts with
    these two characters. `blank`: pieces without a term. If two threads analyse a piece at once it is listed twice,
    which is harmless. `texts`: 64-bit hashes of texts whose pieces are all known, so that they need no lookup.
    """

    def __init__(self) -> None:
        self.texts: set[int] = set()
        self.pieces: set[str] = set()
        self.blank: set[str] = {""}
        self.pieces_by_term: defaultdict[str, list[str]] = defaultdict(list)
        self.pieces_by_prefix: defaultdict[str, list[str]] = defaultdict(list)

    def add_plain(self, pieces: Sequence[str], words: Sequence[str], terms: Sequence[str]) -> None:
        """Add pieces of one word each, with their terms."""
        for piece, word, term in zip(pieces, words, terms, strict=True):
            self.pieces_by_term[term].append(piece)
            self.pieces_by_prefix[word[:BEGINNING]].append(piece)
        self.pieces.update(pieces)

    def add(self, piece: str, words: Sequence[str], terms: Sequence[str]) -> None:
        if not terms:
            self.blank.add(piece)
        for term in terms:
            self.pieces_by_term[term].append(piece)
        for word in words:
            self.pieces_by_prefix[word[:BEGINNING]].append(piece)
        self.pieces.add(piece)

    def candidates(self, terms: Iterable[str], prefixes: Iterable[str]) -> list[Sequence[str]]:
        """Return the lists of pieces that contain one of `terms` or may start with one of `prefixes`, which have
        BEGINNING characters or more. The lists grow later."""
        return [
            *(self.pieces_by_term.get(term, ()) for term in terms),
            *(self.pieces_by_prefix.get(prefix[:BEGINNING], ()) for prefix in prefixes),
        ]


class TokenCache:
    """Find the pieces of a text that contain a term, without analysing known pieces again.

    Safe to use from several threads: entries are only added. TokenCaches limits the size.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self._known = KnownTokens()

    def __len__(self) -> int:
        """Number of cached pieces, or of texts if there are more."""
        return max(len(self._known.pieces), len(self._known.texts))

    def learn(self, text: str) -> tuple[KnownTokens, set[str]]:
        """Analyse the unknown pieces of `text`; return the cache, and pieces that are too long for it."""
        known, key = self._known, hash(text)
        if key in known.texts:
            return known, set()
        new_pieces = set(pieces_of(text)).difference(known.pieces)
        long = {piece for piece in new_pieces if len(piece) > LONGEST}
        self._add(known, new_pieces - long)
        if not long:
            known.texts.add(key)
        return known, long

    def _add(self, known: KnownTokens, pieces: Iterable[str]) -> None:
        plain: list[str] = []  # nearly all pieces
        words: list[str] = []
        for piece in pieces:
            bare = piece.strip(_AROUND)
            if bare.isascii() and bare.isalpha():
                plain.append(piece)
                words.append(bare.lower())
            else:
                parts = [part for word in WORD.findall(piece) for part in folded_parts(word)]
                stems = self.analyzer.stems([part[0] for part in parts])
                terms = [stem if part[3] else part[0] for part, stem in zip(parts, stems, strict=True)]
                known.add(piece, [part[0] for part in parts], terms)
        known.add_plain(plain, words, self.analyzer.stems(words))
