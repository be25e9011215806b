"""Documents to a generation's arrays: shares are analysed and inverted apart, then merged."""

import shutil
from array import array
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import DEFAULT_LANGUAGE
from searchsvc.engine.embedded.build.impact_writer import write_impacts
from searchsvc.engine.embedded.build.inverter import load_run, write_run
from searchsvc.engine.embedded.build.merge import merge
from searchsvc.engine.embedded.build.reused_postings import ReusedPostings, as_run
from searchsvc.engine.embedded.build.tokenizer import (
    Texts,
    Tokenizer,
    Tokens,
    texts_of,
)
from searchsvc.engine.embedded.files import (
    FORWARD_INDEX,
    IMPACTS,
    KEY_TERMS,
    POSTINGS,
    RUNS,
)
from searchsvc.engine.embedded.index.array_file import Array, load_arrays, save_arrays
from searchsvc.engine.embedded.index.forward_index import ReusedSequences, write_forward_index
from searchsvc.engine.embedded.index.key_terms import write_key_terms
from searchsvc.engine.embedded.index.term_dictionary import encode, term_dictionary_arrays
from searchsvc.models.documents import Document
from searchsvc.schema import BM25F
from searchsvc.worker_pool import WorkerPool, result


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How to build: bytes of memory to stay under, processes that analyse, the language of documents
    in a language that has no stems."""

    memory_mb: int = 512 << 20
    jobs: int = 1
    language: str = DEFAULT_LANGUAGE

    @property
    def share(self) -> int:
        """Characters of text in one run: analysing a character takes up to 24 bytes at the peak."""
        return max(1 << 16, min(self.memory_mb // (32 * self.jobs), 1 << 24))


@dataclass(frozen=True, slots=True)
class _AnalysisTask:
    """Texts of documents numbered from `first` on, to be tokenised and inverted into the run `path`."""

    documents: list[Texts]
    languages: list[str]
    first: int
    path: Path
    configured: str

    def analyse(self, tokeniser: Tokenizer) -> None:
        write_run(self.path, tokeniser.tokens(self.documents, self.languages), self.first)


@cache
def _tokenizer(configured: str) -> Tokenizer:
    """The one tokeniser of a process that works for a builder, with its memory of distinct words."""
    return Tokenizer(configured)


def _analyse(share: _AnalysisTask) -> None:
    share.analyse(_tokenizer(share.configured))


class IndexBuilder:
    """Collects documents and leaves the arrays of a generation in `folder`.

    Documents are numbered in the order they are added, behind those that a generation before
    hands on. `close` must be called in the end, whatever happened; the folder itself belongs to the caller.
    """

    def __init__(self, folder: Path, options: BuildOptions) -> None:
        self._folder, self._options = folder, options
        self._share: list[Texts] = []
        self._characters = 0
        self._first = 0  # the number of the first document that is added
        self._ids: list[bytes] = []
        self._languages: list[bytes] = []
        self._published = array("i")
        self._before: ReusedPostings | None = None
        self._left: Mapping[str, NDArray[np.int64]] = {}  # the forms of what `_before` hands on
        self._runs: list[Path] = []
        self._tokeniser = Tokenizer(options.language)
        self._pending: list[Future[None]] = []
        self._processes = WorkerPool(options.jobs) if options.jobs > 1 else None

    def reuse(self, before: ReusedPostings, gone: Iterable[Document]) -> None:
        """Take over what `before` hands on, before any document is added; `gone` are the others it had."""
        self._before = before
        self._published.frombytes(before.published.tobytes())
        self._first = len(self._published)
        self._left = before.forms_left(self._tokens_of(gone))

    def _tokens_of(self, documents: Iterable[Document]) -> Iterator[Tokens]:
        """Those of `documents`, as many at once as make a run."""
        texts: list[Texts] = []
        languages: list[str] = []
        characters = 0
        for document in documents:
            texts.append(texts_of(document))
            languages.append(document.language)
            characters += sum(map(len, texts[-1]))
            if characters >= self._options.share:
                yield self._tokeniser.tokens(texts, languages)
                texts, languages, characters = [], [], 0
        if texts:
            yield self._tokeniser.tokens(texts, languages)

    def add(self, document: Document) -> None:
        """Index a document; its number is how many there were before."""
        texts = texts_of(document)
        self._share.append(texts)
        self._characters += sum(map(len, texts))
        self._ids.append(encode(document.id))
        self._languages.append(encode(document.language))
        self._published.append(document.published.toordinal() if document.published else 0)
        if self._characters >= self._options.share:
            self._flush()

    def finish(self) -> None:
        """Write what remains, merge the runs, compute what ranking and phrases need. Raises what a process raised."""
        if self._share or not self._runs:
            self._flush()
        for future in self._pending:
            result(future)
        del self._tokeniser  # what it remembers is memory that merging needs
        continued = None
        if self._before is None:
            merge(self._runs, self._folder / POSTINGS, self._columns())
        else:
            continued = self._reuse(self._before)
        postings = load_arrays(self._folder / POSTINGS)
        write_impacts(postings, self._folder / IMPACTS, BM25F)
        write_forward_index(postings, self._folder / FORWARD_INDEX, continued)
        write_key_terms(postings, load_arrays(self._folder / IMPACTS), self._folder / KEY_TERMS)

    def _reuse(self, before: ReusedPostings) -> ReusedSequences:
        run = self._new()
        save_arrays(self._folder / POSTINGS, before.joined(self._left, run) | self._columns())
        return ReusedSequences(before.sequences, before.live, run, self._first)

    def _new(self) -> dict[str, Array]:
        """All that was added, as one run."""
        if len(self._runs) == 1:
            return load_run(self._runs[0])
        path = self._folder / RUNS / "merged"
        merge(self._runs, path, {})
        return as_run(load_arrays(path))

    def _flush(self) -> None:
        first = self._first + len(self._ids) - len(self._share)
        path = self._folder / RUNS / str(len(self._runs))
        path.parent.mkdir(exist_ok=True)
        self._runs.append(path)
        languages = [language.decode() for language in self._languages[first - self._first :]]
        share = _AnalysisTask(self._share, languages, first, path, self._options.language)
        self._share, self._characters = [], 0
        if self._processes is None:
            share.analyse(self._tokeniser)
            return
        if len(self._pending) > self._options.jobs:  # one share waits, so that no process is ever idle
            result(self._pending.pop(0))
        self._pending.append(self._processes.submit(_analyse, share))

    def _columns(self) -> dict[str, Array]:
        return (
            {"published": np.array(self._published, np.int32)}
            | self._keyword_arrays("id", self._ids)
            | self._keyword_arrays("language", self._languages)
        )

    def _keyword_arrays(self, name: str, values: list[bytes]) -> dict[str, Array]:
        """Those of what is handed on and of the new documents, whose `values` these are."""
        before = [] if self._before is None else [self._before.keyword(name)]
        return _keyword_arrays(name, np.concatenate([*before, np.array(values, np.bytes_)]))

    def close(self) -> None:
        """Stop the processes, once each has ended its share, and remove the runs."""
        if self._processes is not None:
            self._processes.close()
        shutil.rmtree(self._folder / RUNS, ignore_errors=True)


def _keyword_arrays(name: str, values: NDArray[np.bytes_]) -> dict[str, Array]:
    """A field of one unanalysed value a document: its dictionary, and lists of documents.

    `offsets` int64 (values + 1) into `docs` int32.
    """
    distinct, ordinals = np.unique(values, return_inverse=True)
    words: list[bytes] = distinct.tolist()
    arrays: dict[str, Array] = {f"{name}s.{key}": array for key, array in term_dictionary_arrays(words).items()}
    counts = np.bincount(ordinals, minlength=len(distinct))
    arrays[f"{name}.offsets"] = np.concatenate([[0], np.cumsum(counts)])
    arrays[f"{name}.docs"] = np.argsort(ordinals, kind="stable").astype(np.int32)
    return arrays
