"""The forms in which terms were met in texts, learnt from the texts that are looked at."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from searchsvc.analysis import WORD, Analyzer, folded_parts

LONGEST = 24  # characters; what is longer seldom comes again, and is looked at word by word
BEGINNING = 2  # characters by which a prefix finds the pieces that may begin with it
_AROUND = "'\"’‘“”.,;:!?()[]…–—"  # not part of a word at its ends


def pieces_of(text: str) -> list[str]:
    """`text` cut at every space and line end, where no word goes on; one character between two pieces."""
    return text.replace("\n", " ").split(" ")


class KnownTokens:
    """What is known of pieces; every list is filled before its piece is `pieces`.

    `pieces_by_term`: the pieces with a term; `pieces_by_prefix`: the pieces with a word that begins, folded,
    with these two characters; `blank`: the pieces without a term. An entry stands twice if two
    threads learnt it at once, which harms nothing. `texts`: hashes (64 bits, keyed by the process)
    of whole texts whose pieces are all known, which spares looking up each of them again.
    """

    def __init__(self) -> None:
        self.texts: set[int] = set()
        self.pieces: set[str] = set()
        self.blank: set[str] = {""}
        self.pieces_by_term: defaultdict[str, list[str]] = defaultdict(list)
        self.pieces_by_prefix: defaultdict[str, list[str]] = defaultdict(list)

    def add_plain(self, pieces: Sequence[str], words: Sequence[str], terms: Sequence[str]) -> None:
        """Pieces that are one word each, and its term."""
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
        """The pieces that hold one of `terms`, and those where a word may begin with a prefix: lists that grow."""
        lists: list[Sequence[str]] = [self.pieces_by_term.get(term, ()) for term in terms]
        for prefix in prefixes:
            if len(prefix) < BEGINNING:
                lists += [pieces for begins, pieces in list(self.pieces_by_prefix.items()) if begins.startswith(prefix)]
            else:
                lists.append(self.pieces_by_prefix.get(prefix[:BEGINNING], ()))
        return lists


class TokenCache:
    """Tells in which pieces of a text a term stands, without analysing what was met before.

    Safe from several threads: what is learnt only grows, and is let go as a whole.
    """

    MOST = 200_000  # pieces: 60 MB

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self._known = KnownTokens()

    def learn(self, text: str) -> tuple[KnownTokens, set[str]]:
        """What is known once the pieces of `text` are, and those that are too long to be kept."""
        known, key = self._known, hash(text)
        if key in known.texts:
            return known, set()
        if max(len(known.pieces), len(known.texts)) >= self.MOST:
            known = self._known = KnownTokens()
        new_pieces = set(pieces_of(text)).difference(known.pieces)
        long = {piece for piece in new_pieces if len(piece) > LONGEST}
        self._add(known, new_pieces - long)
        if not long:
            known.texts.add(key)
        return known, long

    def _add(self, known: KnownTokens, pieces: Iterable[str]) -> None:
        plain: list[str] = []  # nearly all of them
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
