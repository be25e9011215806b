"""Query trees over several fields, and their conjunctions and disjunctions."""

from whoosh.query import And, Every, Not, Or, Phrase, Prefix, Query, Term, Wildcard


class AcrossFields(Or):  # type: ignore[misc]
    """One word, phrase or prefix in several fields.

    Whoosh evaluates it as an OR, BM25F as one term. A Prefix matches words as written, folded but not stemmed, and
    so the terms they are indexed as: governm* matches governments.
    """


def sequence(terms: list[str], fields: dict[str, float]) -> Query:
    """Return a query for a term or phrase in any of `fields`."""
    if len(terms) == 1:
        trees = [Term(name, terms[0], boost=weight) for name, weight in fields.items()]
    else:
        trees = [Phrase(name, terms, boost=weight) for name, weight in fields.items()]
    return across(trees)


def starting_with(letters: str, fields: dict[str, float]) -> Query:
    """Return a query for words that start with `letters`, in any of `fields`."""
    return across([Prefix(name, letters, boost=weight) for name, weight in fields.items()])


def containing(characters: str, fields: dict[str, float]) -> Query:
    """Return a query for words that contain `characters`, in any of `fields`; engines read their whole vocabulary."""
    return across([Wildcard(name, f"*{characters}*", boost=weight) for name, weight in fields.items()])


def across(trees: list[Query]) -> Query:
    """Return a query for one term or phrase in one or several fields."""
    return trees[0] if len(trees) == 1 else AcrossFields(trees)


def all_of(queries: list[Query | None]) -> Query | None:
    """Return the conjunction of queries. Exclusions are ANDed as NOT nodes, because Whoosh's AndNot returns wrong
    results."""
    trees = [query for query in queries if query is not None]
    return trees[0] if len(trees) == 1 else And(trees) if trees else None


def any_of(queries: list[Query | None]) -> Query | None:
    """Return the disjunction of queries."""
    trees = [And([Every(), query]) if only_excludes(query) else query for query in queries if query is not None]
    return trees[0] if len(trees) == 1 else Or(trees) if trees else None


def only_excludes(tree: Query) -> bool:
    """Return whether `tree` consists of exclusions only."""
    return isinstance(tree, Not) or (type(tree) is And and all(only_excludes(child) for child in tree.children()))
