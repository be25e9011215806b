"""Optional terms of a query: the tree for partial matches."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import sqrt

from whoosh.query import And, AndMaybe, Or, Phrase, Query, Term

from searchsvc.analysis import FUNCTION_WORDS, WORD
from searchsvc.query.ast import (
    AstNode,
    NotClause,
    OrClause,
    RequiredClause,
    Synonym,
    Word,
    inner,
    show,
)
from searchsvc.query.ast import Phrase as QuotedPhrase
from searchsvc.query.compiler import narrows
from searchsvc.query.multilingual import AcrossLanguages, InLanguages
from searchsvc.query.query_trees import AcrossFields, across, all_of, any_of

LONG_SENTENCE = range(8, 33)  # optional words of a sentence
PAIR = 2  # character pairs of a Chinese or Japanese word that is not split


@dataclass(frozen=True, slots=True)
class Part:
    """An optional word as typed, and its tree.

    `word`: the typed word in several parts that it belongs to, if any. `is_variant`: it is the whole word, in a
    different spelling.
    """

    label: str
    tree: Query
    word: str = ""
    is_variant: bool = False


def optional_terms(clauses: list[tuple[AstNode, Query]], *, prose: bool) -> tuple[Query | None, tuple[Part, ...]]:
    """Return the tree for documents with some of the clauses, and its optional parts: words, phrases and groups.

    The tree is None if no clause is optional. Fields, exclusions and units with + stay required. In `prose`, the
    words of a quotation are optional parts too.
    """
    bound = [(node, tree) for node, tree in clauses if _is_bound(node, tree)]
    mentions = [part for node, tree in clauses if not _is_bound(node, tree) for part in _parts(node, tree, prose)]
    times = Counter(part.label.casefold() for part in mentions)
    first: dict[str, Part] = {}
    for part in mentions:
        first.setdefault(part.label.casefold(), part)
    parts = tuple(first.values())
    is_sentence = len(first) >= LONG_SENTENCE.start and len(mentions) in LONG_SENTENCE
    words = any_of([_repeated(part.tree, times[label], is_sentence) for label, part in first.items()])
    # With a required word, even a single other word is optional.
    has_required_words = any(not narrows(inner(node), tree) and not isinstance(node, NotClause) for node, tree in bound)
    if words is None or len(parts) + has_required_words < 2:
        return None, parts
    must = [tree for _, tree in bound]
    if has_required_words:
        return AndMaybe(all_of(must), words), parts
    return all_of([*must, words]), parts


def _repeated(tree: Query, times: int, is_sentence: bool) -> Query:
    """The tree of a repeated word: it is evaluated once, with its weight multiplied.

    A sentence repeats a word for its grammar or its rhythm; only in a longer text does a repetition show the subject.
    """
    if times == 1 or isinstance(tree, AndMaybe):
        return tree
    return tree.with_boost(tree.boost * (sqrt(times) if is_sentence else times))


def _is_bound(node: AstNode, tree: Query) -> bool:
    return isinstance(node, NotClause | RequiredClause) or narrows(node, tree)


def _parts(node: AstNode, tree: Query, prose: bool) -> list[Part]:
    """Optional parts of `node`; the other ways to spell a word are parts too."""
    if isinstance(node, Word) and not node.day and type(tree) is Or and isinstance(tree.subqueries[0], AndMaybe):
        as_typed, *variants = tree.subqueries
        typed = [replace(part, word=node.text) for part in _parts(node, as_typed, prose)]
        return typed + [Part(node.text, variant, node.text, is_variant=True) for variant in variants]
    if isinstance(node, Word) and isinstance(tree, AndMaybe) and type(tree.a) is And:
        words = [word for word in WORD.findall(node.text) if any(map(str.isalnum, word))]
        if len(words) == len(tree.a.subqueries):  # joined by a hyphen
            return [Part(word, each) for word, each in zip(words, tree.a.subqueries, strict=True)]
    run = _run(tree)
    if isinstance(node, Word) and len(run) > PAIR:
        return _each_term(tree, range(len(run)))
    if isinstance(node, QuotedPhrase) and prose:
        significant = [at for at, word in enumerate(run) if word not in FUNCTION_WORDS]
        return [Part(show(node), tree), *_each_term(tree, significant)]
    if isinstance(node, OrClause) and isinstance(
        node.units[-1], Synonym
    ):  # show the typed word as missing, not its synonym
        return [Part(show(node.units[0]), tree)]
    return [Part(show(node), tree)]


def _run(tree: Query) -> list[str]:
    """Terms of a phrase in some fields, or in its first language; empty for other trees."""
    phrase = tree.subqueries[0].tree if isinstance(tree, AcrossLanguages) else tree
    phrase = phrase.subqueries[0] if isinstance(phrase, AcrossFields) else phrase
    return list(phrase.words) if isinstance(phrase, Phrase) else []


def _each_term(phrase: Query, places: Iterable[int]) -> list[Part]:
    """The terms at `places` of a phrase as separate parts, in the fields of the phrase."""
    run, searched = _run(phrase), phrase.subqueries[0].tree if isinstance(phrase, AcrossLanguages) else phrase
    return [Part(run[at], _term_at(phrase, at)) for at in places if isinstance(searched, AcrossFields)]


def _term_at(phrase: Query, at: int) -> Query:
    if isinstance(phrase, AcrossLanguages):
        return AcrossLanguages(
            [InLanguages([_term_at(each.tree, at), each.subqueries[1]]) for each in phrase.subqueries]
        )
    return across([Term(each.fieldname, each.words[at], boost=each.boost) for each in phrase.subqueries])
