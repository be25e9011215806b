"""Vocabulary of a generation: frequencies, similar words, co-occurrence."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from whoosh.query import Phrase, Query, Term

from searchsvc.analysis import LONGEST_TERM, analyzer
from searchsvc.engine.opensearch.data.mapping import COUNT, TERM, WEIGHT_SCALE, WORD, WORDS
from searchsvc.engine.opensearch.query.query_dsl import Clause, translate
from searchsvc.engine.opensearch.query.search_request import filtered_clause
from searchsvc.engine.opensearch.query.term_expansion import NOTHING_EXPANDED, fuzzy_clause
from searchsvc.query import AcrossFields, Neighbour, across_languages
from searchsvc.schema import FREE_TEXT

_PAGE_SIZE = 10_000  # terms per response
_MAX_NEIGHBOURS = 500  # most frequent similar words
_MAX_FUZZY_PREFIX = 10  # letters; Lucene rejects longer expressions

Search = Callable[[Mapping[str, Any]], Any]
MultiSearch = Callable[[Sequence[Mapping[str, Any]]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class IndexedWord:
    """A folded word, its term, and the number of documents with the word in their free text."""

    word: str
    term: str
    documents: int


@dataclass(frozen=True, slots=True)
class IndexVocabulary:
    """A `query.Vocabulary` over an index.

    `search` sends one search, `multi_search` several. `languages` of the documents; documents in a language without
    stemmer use the first.
    """

    search: Search
    multi_search: MultiSearch
    languages: tuple[str, ...]

    # All terms, for searches

    def terms(self, clauses: Sequence[Clause], limit: int) -> list[list[str]]:
        """Return all terms of the words that match each clause; incomplete if there are more than `limit`."""
        term_lists: list[list[str]] = []
        for clause, answer in zip(clauses, self.multi_search([_terms_page(each) for each in clauses]), strict=True):
            page = _aggregated(answer)
            term_lists.append([bucket["key"]["term"] for bucket in page["buckets"]])
            while len(page["buckets"]) == _PAGE_SIZE and sum(map(len, term_lists)) <= limit:
                page = _aggregated(self.search(_terms_page(clause, after=page["after_key"])))
                term_lists[-1] += [bucket["key"]["term"] for bucket in page["buckets"]]
        return term_lists

    # Most frequent words, for suggestions

    def most_frequent(self, clause: Clause, limit: int) -> list[IndexedWord]:
        """Return the words that match `clause`, by number of documents, most first, ties in alphabetical order."""
        order = [{"count": "desc"}, {"_key": "asc"}]
        words = {"terms": {"field": WORD, "size": limit, "order": order}}  # exact, as a word is in one shard
        count = {"count": {"sum": {"field": COUNT}}}
        term = {"terms": {"field": TERM, "size": 1, "order": {"count": "desc"}}, "aggs": count}
        parts = {**count, "term": term}
        buckets = _aggregated(self.search(_of_words(clause, {**words, "aggs": parts})))["buckets"]
        return [IndexedWord(b["key"], b["term"]["buckets"][0]["key"], int(b["count"]["value"])) for b in buckets]

    def frequencies(self, words: Sequence[str]) -> list[int]:
        indexed_words = self.most_frequent({"terms": {WORD: list(words)}}, len(words)) if words else []
        counts = {each.word: each.documents for each in indexed_words}
        unlisted = [word for word in dict.fromkeys(words) if word not in counts]
        counts |= zip(
            unlisted, self._count_matches([[self._clause_of((word,), _word)] for word in unlisted]), strict=True
        )
        return [counts[word] for word in words]

    def near(self, word: str, distance: int) -> list[Neighbour]:
        forms = (word, *self._stems(word))
        return next((neighbours for form in forms if (neighbours := self._neighbours(form, distance))), [])

    def may_be_near(self, word: str, above: int) -> bool:
        forms = [form for form in dict.fromkeys((word, *self._stems(word))) if 0 < len(form) <= LONGEST_TERM]
        clauses = [
            {"bool": {"must": [fuzzy_clause(form, 2, 0, swaps=True)], "must_not": [{"term": {WORD: form}}]}}
            for form in forms
        ]
        indexed_words = self.most_frequent({"bool": {"should": clauses}}, 1) if clauses else []
        return bool(indexed_words) and indexed_words[0].documents > above

    def together(self, one: str, other: str) -> int:
        return self._count_matches([[self._clause_of((one,), _word), self._clause_of((other,), _word)]])[0]

    def side_by_side(self, one: str, other: str) -> int:
        return self._count_matches([[self._clause_of((one, other), _phrase)]])[0]

    def doc_counts(self, terms: Sequence[str], context: Clause | None) -> list[int]:
        """Count the documents with each term in their free text, among matches of `context` (None: all)."""
        if not terms:
            return []
        filters = {str(index): any_field_clause(term) for index, term in enumerate(terms)}
        counts = {"terms": {"filters": {"filters": filters}}}
        response = self.search({"size": 0, "query": filtered_clause(context, (), None), "aggs": counts})
        buckets = response["aggregations"]["terms"]["buckets"]
        return [buckets[str(index)]["doc_count"] for index in range(len(terms))]

    def term_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Estimate the document frequency of each term: a document counts once per form."""
        counts = {"terms": {"field": TERM, "size": max(1, len(terms)), "shard_size": 2 * len(terms) + 10}}
        parts = {"count": {"sum": {"field": COUNT}}}
        body = _of_words({"terms": {TERM: list(terms)}}, {**counts, "aggs": parts})
        return {each["key"]: int(each["count"]["value"]) for each in _aggregated(self.search(body))["buckets"]}

    def _neighbours(self, word: str, distance: int) -> list[Neighbour]:
        if not word or len(word) > LONGEST_TERM:
            return []
        indexed_words = self.most_frequent(fuzzy_clause(word, distance, 0, swaps=True), _MAX_NEIGHBOURS)
        return [
            Neighbour(each.word, osa_distance(word, each.word), each.documents)
            for each in sorted(indexed_words, key=lambda each: each.word)
            if each.word != word and each.documents
        ]

    def _count_matches(self, clause_lists: Sequence[Sequence[Clause]]) -> list[int]:
        """Count the documents that match all clauses, for each of several lists of clauses."""
        bodies = [
            {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": list(clauses)}}}
            for clauses in clause_lists
        ]
        return [answer["hits"]["total"]["value"] for answer in self.multi_search(bodies)]

    def _stems(self, word: str) -> list[str]:
        """Return the distinct stems of a word in the languages of the index."""
        return list(
            dict.fromkeys(analyzer(language).stems([_without_surrogates(word)])[0] for language in self.languages)
        )

    def _clause_of(self, words: Sequence[str], tree: Callable[[list[str]], Query]) -> Clause:
        """Return the clause of `tree` of the words' terms, in each language."""
        valid = list(map(_without_surrogates, words))
        tree_of_all = across_languages(self.languages, lambda each: analyzer(each).stems(valid), tree)
        return translate(tree_of_all, NOTHING_EXPANDED)


def _without_surrogates(word: str) -> str:
    """Replace lone surrogates, which stemmers reject, by question marks."""
    return word.encode("utf-8", "replace").decode()


def _word(terms: list[str]) -> Query:
    return AcrossFields([Term(name, terms[0], boost=weight) for name, weight in FREE_TEXT.items()])


def _phrase(terms: list[str]) -> Query:
    return AcrossFields([Phrase(name, terms) for name in FREE_TEXT])


def _terms_page(clause: Clause, **after: Any) -> dict[str, Any]:
    """Return the request for a page of the distinct terms of the words that match `clause`."""
    composite = {"size": _PAGE_SIZE, "sources": [{"term": {"terms": {"field": TERM}}}], **after}
    return _of_words(clause, {"composite": composite})


def _of_words(clause: Clause, aggregation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request for an aggregation of the words that match `clause`, which are children of documents."""
    within: dict[str, Any] = {"filter": clause, "aggs": {"aggregated": aggregation}}
    children = {"nested": {"path": WORDS}, "aggs": {"matching": within}}
    query = {"nested": {"path": WORDS, "query": {"bool": {"filter": [clause]}}, "score_mode": "none"}}
    return {"size": 0, "query": query, "aggs": {"children": children}}


def _aggregated(response: Any) -> Any:
    """Return the result of the aggregation of `_of_words`."""
    return response["aggregations"]["children"]["matching"]["aggregated"]


def fuzzy_prefix_clause(letters: str) -> Clause:
    """Return the clause for words whose beginning is within one edit; of the first two letters, swaps only."""
    letters = letters[:_MAX_FUZZY_PREFIX]
    transposed = [
        letters[: index - 1] + letters[index] + letters[index - 1] + letters[index + 1 :]
        for index in range(1, len(letters))
    ]
    patterns = [re.escape(each) for each in transposed]
    for index in range(1, len(letters)):
        head, tail = re.escape(letters[:index]), re.escape(letters[index + 1 :])
        patterns += [f"{head}.{tail}", head + tail, f"{head}.{re.escape(letters[index:])}"]
    return {"regexp": {WORD: {"value": f"({'|'.join(dict.fromkeys(patterns))}).*", "flags": "NONE"}}}


def any_field_clause(term: str) -> Clause:
    """Return the clause for documents with `term` in their free text."""
    if not term:
        return {"match_none": {}}
    weighted = [f"{name}^{weight * WEIGHT_SCALE:g}" for name, weight in FREE_TEXT.items()]
    return {"combined_fields": {"query": term, "fields": weighted}}


def osa_distance(one: str, other: str) -> int:
    """Return the optimal string alignment distance: insertions, deletions, substitutions and swaps."""
    previous_row: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        previous_row, row_before_previous, row = row, previous_row, [i]
        for j, other_letter in enumerate(other, 1):
            best = min(previous_row[j] + 1, row[j - 1] + 1, previous_row[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other_letter:
                best = min(best, row_before_previous[j - 2] + 1)
            row.append(best)
    return row[-1]
