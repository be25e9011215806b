"""Syntax to a tree of analysed `whoosh.query` nodes, the one form every engine interprets."""

from dataclasses import dataclass
from datetime import date, timedelta

from whoosh.query import And, AndMaybe, Every, Not, NumericRange, Or, Prefix, Query, Term
from whoosh.query import Phrase as PhraseQuery

from searchsvc.analysis import FUNCTION_WORDS, WORD, Analyzer, fold, folded_parts
from searchsvc.models import QueryNote
from searchsvc.query import dates
from searchsvc.query.syntax import (
    DATE_FIELDS,
    MAX_TERMS,
    All,
    Either,
    Fielded,
    Node,
    Phrase,
    Without,
    Word,
    parse,
    show,
)
from searchsvc.schema import FREE_TEXT, QUERY_FIELDS


class AcrossFields(Or):  # type: ignore[misc]
    """One word, phrase or beginning of a word looked for in several fields.

    An OR to Whoosh, one term to BM25F. A Prefix stands for the words as people write them, folded
    but not stemmed, and so for the terms these are indexed as: governm* finds governments.
    """


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as understood: `tree` is what runs, None if nothing in the text can be looked up."""

    text: str
    tree: Query | None
    shown: str
    notes: tuple[QueryNote, ...]


class _Compiler:
    def __init__(self, analyzer: Analyzer, today: date) -> None:
        self.analyzer = analyzer
        self.today = today
        self.notes: list[QueryNote] = []
        self._room = MAX_TERMS

    def query(self, node: Node, fields: dict[str, float]) -> Query | None:
        """The tree of `node` within `fields` (name to weight); None if it holds no term."""
        match node:
            case Word():
                return self._word(node, fields)
            case Phrase():
                return self._phrase(node, fields)
            case Fielded():
                return self._fielded(node, fields)
            case Without():
                inner = self.query(node.unit, fields)
                return Not(inner) if inner else None
            case Either():
                return _any_of([self.query(unit, fields) for unit in node.units])
            case All():
                return self._all(node, fields)

    def _all(self, node: All, fields: dict[str, float]) -> Query | None:
        telling = [unit for unit in node.units if not self._is_function_word(unit)]
        found = _all_of([self.query(unit, fields) for unit in telling])
        common = [unit for unit in node.units if self._is_function_word(unit)]
        if found is None or _only_excludes(found):
            return _all_of([found, *(self.query(unit, fields) for unit in common)])
        reason = "too common to decide which documents match"
        self.notes.extend(QueryNote(show(unit), reason) for unit in common)
        return found

    def _is_function_word(self, node: Node) -> bool:
        return isinstance(node, Word) and not node.prefix and fold(node.text.strip("?!.,;:")) in FUNCTION_WORDS

    def _words(self, text: str, shown: str) -> list[str]:
        """The words of `text` that hold a term, as far as the query has room for their terms."""
        words = [word for word in WORD.findall(text) if self.analyzer.analyse(word)]
        if not words:
            self.notes.append(QueryNote(shown, "holds no letter or digit to look up"))
        afforded: list[str] = []
        for word in words:
            terms = len(self.analyzer.analyse(word))
            if terms > self._room:
                self._cut(word)
                afforded += [word[: self._room + 1]] if self._room else []  # so many bigrams fit
                self._room = 0
                break
            self._room -= terms
            afforded.append(word)
        return afforded

    def _cut(self, word: str) -> None:
        reason = f"only the first {MAX_TERMS} words were looked up"
        if not any(note.reason == reason for note in self.notes):
            self.notes.append(QueryNote(word, reason))

    def _word(self, node: Word, fields: dict[str, float]) -> Query | None:
        words = self._words(node.text, node.text)
        if not words:
            return None
        if node.prefix:
            return self._prefix(words, fields)
        groups = [[part[0] for part in self.analyzer.analyse(word)] for word in words]
        each = [_sequence(terms, fields) for terms in groups]
        if len(each) == 1:
            return each[0]
        # NATO-Russia: both words must be there; side by side counts for more.
        return AndMaybe(And(each), _sequence([term for terms in groups for term in terms], fields))

    def _prefix(self, words: list[str], fields: dict[str, float]) -> Query | None:
        *whole, last = words
        before = [_sequence([part[0] for part in self.analyzer.analyse(word)], fields) for word in whole]
        parts = [part[0] for part in folded_parts(last)]
        if len(parts) > 1:  # Chinese, or words joined by _: nothing goes on from their pieces
            return _all_of([*before, _sequence([part[0] for part in self.analyzer.analyse(last)], fields)])
        return _all_of([*before, _across([Prefix(name, parts[0], boost=weight) for name, weight in fields.items()])])

    def _phrase(self, node: Phrase, fields: dict[str, float]) -> Query | None:
        words = self._words(node.text, f'"{node.text}"')
        terms = [part[0] for word in words for part in self.analyzer.analyse(word)]
        return _sequence(terms, fields) if terms else None

    def _fielded(self, node: Fielded, fields: dict[str, float]) -> Query | None:
        if node.field in QUERY_FIELDS:
            name = QUERY_FIELDS[node.field]
            if isinstance(node.unit, Word) and not node.unit.prefix:  # author:jean-luc, title:the
                return self._phrase(Phrase(node.unit.text, node.unit.start, node.unit.end), {name: 1.0})
            return self.query(node.unit, {name: 1.0})
        text = getattr(node.unit, "text", "").strip()
        found = self._dates(node.field, text) if node.field in DATE_FIELDS else self._language(text)
        if found is None:
            kind = "a date like 2024, 2024-03 or 2024-03-31" if node.field in DATE_FIELDS else "a language like en"
            self.notes.append(QueryNote(show(node), f"looked up as text: {node.field}: wants {kind}"))
            words = Phrase(f"{node.field} {text}", node.start, node.end) if text else node.unit
            return self.query(words, fields)
        return found

    def _dates(self, field: str, text: str) -> Query | None:
        days = dates.span(text, self.today)
        if days is None:
            return None
        first, last = days.first, days.last
        if field == "after":
            first, last = (last + timedelta(days=1) if last and last < date.max else date.max), None
        elif field == "before":
            first, last = None, (first - timedelta(days=1) if first and first > date.min else date.min)
        start, end = (first or date.min).toordinal(), (last or date.max).toordinal()
        return NumericRange("published", start, end)

    def _language(self, text: str) -> Query | None:
        return Term("language", text.casefold()) if text.isascii() and text.isalpha() else None


def _sequence(terms: list[str], fields: dict[str, float]) -> Query:
    """`terms` one after the other, in any of `fields`."""
    if len(terms) == 1:
        looked = [Term(name, terms[0], boost=weight) for name, weight in fields.items()]
    else:
        looked = [PhraseQuery(name, terms, boost=weight) for name, weight in fields.items()]
    return _across(looked)


def _across(looked: list[Query]) -> Query:
    return looked[0] if len(looked) == 1 else AcrossFields(looked)


def _all_of(queries: list[Query | None]) -> Query | None:
    """All of the queries. Exclusions stand beside what they exclude from: AndNot is wrong in Whoosh."""
    found = [query for query in queries if query is not None]
    return found[0] if len(found) == 1 else And(found) if found else None


def _any_of(queries: list[Query | None]) -> Query | None:
    found = [And([Every(), query]) if _only_excludes(query) else query for query in queries if query is not None]
    return found[0] if len(found) == 1 else Or(found) if found else None


def _only_excludes(tree: Query) -> bool:
    return isinstance(tree, Not) or (type(tree) is And and all(_only_excludes(child) for child in tree.children()))


def parse_query(text: str, analyzer: Analyzer, today: date) -> ParsedQuery:
    """The tree that `text` means on `today`, with notes on what was ignored."""
    root, notes = parse(text)
    compiler = _Compiler(analyzer, today)
    tree = compiler.query(root, dict(FREE_TEXT))
    if tree is not None and _only_excludes(tree):
        tree = And([Every(), tree])
    shown = show(root)
    shown = shown[1:-1] if len(root.units) > 1 else shown
    return ParsedQuery(text, tree, shown, (*notes, *compiler.notes))
