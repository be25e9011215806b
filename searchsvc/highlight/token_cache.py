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
    """What is known of pieces; every list is filled before its piece is `known`.

    `holding`: the pieces with a term; `beginning`: the pieces with a word that begins, folded,
    with these two characters; `blank`: the pieces without a term. An entry stands twice if two
    threads learnt it at once, which harms nothing. `texts`: hashes (64 bits, keyed by the process)
    of whole texts whose pieces are all known, which spares looking up each of them again.
    """

    def __init__(self) -> None:
        self.texts: set[int] = set()
        self.known: set[str] = set()
        self.blank: set[str] = {""}
        self.holding: defaultdict[str, list[str]] = defaultdict(list)
        self.beginning: defaultdict[str, list[str]] = defaultdict(list)

    def add_plain(self, pieces: Sequence[str], words: Sequence[str], terms: Sequence[str]) -> None:
        """Pieces that are one word each, and its term."""
        for piece, word, term in zip(pieces, words, terms, strict=True):
            self.holding[term].append(piece)
            self.beginning[word[:BEGINNING]].append(piece)
        self.known.update(pieces)

    def add(self, piece: str, words: Sequence[str], terms: Sequence[str]) -> None:
        if not terms:
            self.blank.add(piece)
        for term in terms:
            self.holding[term].append(piece)
        for word in words:
            self.beginning[word[:BEGINNING]].append(piece)
        self.known.add(piece)

    def candidates(self, terms: Iterable[str], prefixes: Iterable[str]) -> list[Sequence[str]]:
        """The pieces that hold one of `terms`, and those where a word may begin with a prefix: lists that grow."""
        lists: list[Sequence[str]] = [self.holding.get(term, ()) for term in terms]
        for prefix in prefixes:
            if len(prefix) < BEGINNING:
                lists += [pieces for begins, pieces in list(self.beginning.items()) if begins.startswith(prefix)]
            else:
                lists.append(self.beginning.get(prefix[:BEGINNING], ()))
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
        learnt, key = self._known, hash(text)
        if key in learnt.texts:
            return learnt, set()
        if max(len(learnt.known), len(learnt.texts)) >= self.MOST:
            learnt = self._known = KnownTokens()
        met = set(pieces_of(text)).difference(learnt.known)
        long = {piece for piece in met if len(piece) > LONGEST}
        self._add(learnt, met - long)
        if not long:
            learnt.texts.add(key)
        return learnt, long

    def _add(self, learnt: KnownTokens, pieces: Iterable[str]) -> None:
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
                learnt.add(piece, [part[0] for part in parts], terms)
        learnt.add_plain(plain, words, self.analyzer.stems(words))
