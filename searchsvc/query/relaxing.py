"""What of a query one may do without: the tree that some of the words are enough for."""

from dataclasses import dataclass

from whoosh.query import And, AndMaybe, Phrase, Query, Term

from searchsvc.analysis import WORD
from searchsvc.query.syntax import Node, Required, Without, Word, inner, show
from searchsvc.query.syntax import Phrase as QuotedPhrase
from searchsvc.query.trees import AcrossFields, across, all_of, any_of, narrows

PAIR = 2  # Chinese and Japanese: so many pairs of characters are one word that stays whole


@dataclass(frozen=True, slots=True)
class Part:
    """Something that one may do without: a word, as it was typed, and its tree."""

    label: str
    tree: Query


def some_of(clauses: list[tuple[Node, Query]]) -> tuple[Query | None, tuple[Part, ...]]:
    """The tree of documents with some of the clauses, None if none can be spared, and the parts
    that can: words and groups. Fields, exclusions, phrases and what has a + must match all the same.
    """
    bound = [(node, tree) for node, tree in clauses if _is_bound(node, tree)]
    parts = tuple(part for node, tree in clauses if not _is_bound(node, tree) for part in _parts(node, tree))
    words = any_of([part.tree for part in parts])
    # With a phrase beside it a single word can be spared: the phrase is some of the words, too.
    says_words = any(not narrows(inner(node), tree) and not isinstance(node, Without) for node, tree in bound)
    if words is None or len(parts) + says_words < 2:
        return None, parts
    must = [tree for _, tree in bound]
    if says_words:
        return AndMaybe(all_of(must), words), parts
    return all_of([*must, words]), parts


def _is_bound(node: Node, tree: Query) -> bool:
    return isinstance(node, Without | Required | QuotedPhrase) or narrows(node, tree)


def _parts(node: Node, tree: Query) -> list[Part]:
    """What `node` may fall into: the words that a hyphen joins, and the pairs of a long Chinese run."""
    if isinstance(node, Word) and isinstance(tree, AndMaybe) and type(tree.a) is And:
        words = [word for word in WORD.findall(node.text) if any(map(str.isalnum, word))]
        if len(words) == len(tree.a.subqueries):
            return [Part(word, part) for word, part in zip(words, tree.a.subqueries, strict=True)]
    run = tree.subqueries[0] if isinstance(tree, AcrossFields) else tree
    if isinstance(node, Word) and isinstance(run, Phrase) and len(run.words) > PAIR:
        fields = [(phrase.fieldname, phrase.boost) for phrase in tree.subqueries]
        return [Part(pair, across([Term(name, pair, boost=boost) for name, boost in fields])) for pair in run.words]
    return [Part(show(node), tree)]
