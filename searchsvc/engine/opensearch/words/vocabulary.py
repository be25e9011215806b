"""The words of a generation: how frequent, spelled how, and together where."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from whoosh.query import Phrase, Query, Term

from searchsvc.analysis import LONGEST_TERM, analyzer
from searchsvc.engine.opensearch.data.mapping import WEIGHT_SCALE
from searchsvc.engine.opensearch.query.query_dsl import Clause, translate
from searchsvc.engine.opensearch.query.search_request import narrowed
from searchsvc.engine.opensearch.query.term_expansion import NOTHING_EXPANDED, near
from searchsvc.query import AcrossFields, Neighbour, across_languages
from searchsvc.schema import FREE_TEXT

_PAGE = 10_000  # terms in one answer
_ALIKE = 500  # of the words spelled alike, the commonest
_LOOKED_INTO = 10  # letters of a beginning that may be wrong: Lucene refuses long expressions

Ask = Callable[[Mapping[str, Any]], Any]
AskTogether = Callable[[Sequence[Mapping[str, Any]]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class IndexedWord:
    """A word, folded; the term it is indexed as; in how many documents' free text it stands."""

    word: str
    term: str
    documents: int


@dataclass(frozen=True, slots=True)
class IndexVocabulary:
    """A query.Vocabulary over an index.

    `ask` sends a search, `ask_together` several; `languages` are those of the documents, the first takes in
    those without stems.
    """

    ask: Ask
    ask_together: AskTogether
    languages: tuple[str, ...]

    # Every term, for a search

    def terms(self, clauses: Sequence[Clause], most: int) -> list[list[str]]:
        """The terms of the words that each clause finds; all of them, unless they are more than `most`."""
        found: list[list[str]] = []
        for clause, answer in zip(clauses, self.ask_together([_terms_of(each) for each in clauses]), strict=True):
            page = answer["aggregations"]["terms"]
            found.append([bucket["key"]["term"] for bucket in page["buckets"]])
            while len(page["buckets"]) == _PAGE and sum(map(len, found)) <= most:
                page = self.ask(_terms_of(clause, after=page["after_key"]))["aggregations"]["terms"]
                found[-1] += [bucket["key"]["term"] for bucket in page["buckets"]]
        return found

    # The commonest words, for a person

    def commonest(self, clause: Clause, most: int) -> list[IndexedWord]:
        """The words that `clause` finds, those in most documents first, equals by the alphabet."""
        order = [{"count": "desc"}, {"_key": "asc"}]
        words = {"terms": {"field": "word", "size": most, "order": order}}  # exact: all of a word are in one part
        count = {"count": {"sum": {"field": "count"}}}
        term = {"terms": {"field": "term", "size": 1, "order": {"count": "desc"}}, "aggs": count}
        parts = {**count, "term": term}
        body = {"size": 0, "query": {"bool": {"filter": [clause]}}, "aggs": {"words": {**words, "aggs": parts}}}
        buckets = self.ask(body)["aggregations"]["words"]["buckets"]
        return [IndexedWord(b["key"], b["term"]["buckets"][0]["key"], int(b["count"]["value"])) for b in buckets]

    def frequencies(self, words: Sequence[str]) -> list[int]:
        found = self.commonest({"terms": {"word": list(words)}}, len(words)) if words else []
        counts = {each.word: each.documents for each in found}
        others = [word for word in dict.fromkeys(words) if word not in counts]
        counts |= zip(others, self._counted([[self._found((word,), _word)] for word in others]), strict=True)
        return [counts[word] for word in words]

    def near(self, word: str, distance: int) -> list[Neighbour]:
        forms = (word, *self._stems(word))
        return next((found for form in forms if (found := self._alike(form, distance))), [])

    def may_be_near(self, word: str, above: int) -> bool:
        forms = [form for form in dict.fromkeys((word, *self._stems(word))) if 0 < len(form) <= LONGEST_TERM]
        others = [
            {"bool": {"must": [near(form, 2, 0, swaps=True)], "must_not": [{"term": {"word": form}}]}} for form in forms
        ]
        found = self.commonest({"bool": {"should": others}}, 1) if others else []
        return bool(found) and found[0].documents > above

    def together(self, one: str, other: str) -> int:
        return self._counted([[self._found((one,), _word), self._found((other,), _word)]])[0]

    def side_by_side(self, one: str, other: str) -> int:
        return self._counted([[self._found((one, other), _phrase)]])[0]

    def documents(self, terms: Sequence[str], before: Clause | None) -> list[int]:
        """In the free text of how many documents each term stands, of those that `before` finds."""
        if not terms:
            return []
        filters = {str(place): any_field(term) for place, term in enumerate(terms)}
        counts = {"terms": {"filters": {"filters": filters}}}
        found = self.ask({"size": 0, "query": narrowed(before, (), None), "aggs": counts})
        buckets = found["aggregations"]["terms"]["buckets"]
        return [buckets[str(place)]["doc_count"] for place in range(len(terms))]

    def term_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """About how many documents have each term: a document is counted once for each form in it."""
        counts = {"terms": {"field": "term", "size": max(1, len(terms)), "shard_size": 2 * len(terms) + 10}}
        parts = {"count": {"sum": {"field": "count"}}}
        query = {"bool": {"filter": [{"terms": {"term": list(terms)}}]}}
        found = self.ask({"size": 0, "query": query, "aggs": {"terms": {**counts, "aggs": parts}}})
        return {each["key"]: int(each["count"]["value"]) for each in found["aggregations"]["terms"]["buckets"]}

    def _alike(self, word: str, distance: int) -> list[Neighbour]:
        if not word or len(word) > LONGEST_TERM:
            return []
        found = self.commonest(near(word, distance, 0, swaps=True), _ALIKE)
        return [
            Neighbour(each.word, edits(word, each.word), each.documents)
            for each in sorted(found, key=lambda each: each.word)
            if each.word != word and each.documents
        ]

    def _counted(self, several: Sequence[Sequence[Clause]]) -> list[int]:
        """How many documents all clauses find, for each of several lists of them."""
        bodies = [
            {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": list(clauses)}}} for clauses in several
        ]
        return [answer["hits"]["total"]["value"] for answer in self.ask_together(bodies)]

    def _stems(self, word: str) -> list[str]:
        """Those of the languages, each once."""
        return list(dict.fromkeys(analyzer(language).stems([_valid(word)])[0] for language in self.languages))

    def _found(self, words: Sequence[str], tree: Callable[[list[str]], Query]) -> Clause:
        """What finds `tree`, made of the terms that folded words have in the languages."""
        valid = list(map(_valid, words))
        tree_of_all = across_languages(self.languages, lambda each: analyzer(each).stems(valid), tree)
        return translate(tree_of_all, NOTHING_EXPANDED)


def _valid(word: str) -> str:
    """A lone surrogate, which no stemmer takes, becomes a question mark."""
    return word.encode("utf-8", "replace").decode()


def _word(terms: list[str]) -> Query:
    return AcrossFields([Term(name, terms[0], boost=weight) for name, weight in FREE_TEXT.items()])


def _phrase(terms: list[str]) -> Query:
    return AcrossFields([Phrase(name, terms) for name in FREE_TEXT])


def _terms_of(clause: Clause, **after: Any) -> dict[str, Any]:
    """A page of the terms of the words that `clause` finds, each once."""
    composite = {"size": _PAGE, "sources": [{"term": {"terms": {"field": "term"}}}], **after}
    return {"size": 0, "query": {"bool": {"filter": [clause]}}, "aggs": {"terms": {"composite": composite}}}


def nearly_beginning(letters: str) -> Clause:
    """Words that begin with one edit of the first of `letters`; the first two may be swapped at most."""
    letters = letters[:_LOOKED_INTO]
    edited = [letters[: at - 1] + letters[at] + letters[at - 1] + letters[at + 1 :] for at in range(1, len(letters))]
    patterns = [re.escape(each) for each in edited]
    for at in range(1, len(letters)):
        before, after = re.escape(letters[:at]), re.escape(letters[at + 1 :])
        patterns += [f"{before}.{after}", before + after, f"{before}.{re.escape(letters[at:])}"]
    return {"regexp": {"word": {"value": f"({'|'.join(dict.fromkeys(patterns))}).*", "flags": "NONE"}}}


def any_field(term: str) -> Clause:
    """Documents whose free text holds `term`."""
    if not term:
        return {"match_none": {}}
    weighted = [f"{name}^{weight * WEIGHT_SCALE:g}" for name, weight in FREE_TEXT.items()]
    return {"combined_fields": {"query": term, "fields": weighted}}


def edits(one: str, other: str) -> int:
    """The least number of letters to write, leave out, replace or swap with the next (optimal string alignment)."""
    above: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, before, row = row, above, [i]
        for j, meant in enumerate(other, 1):
            best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != meant))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == meant:
                best = min(best, before[j - 2] + 1)
            row.append(best)
    return row[-1]
