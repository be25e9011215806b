"""Documents to the arrays of a generation: batches are analysed and inverted, then merged."""

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
from searchsvc.engine.embedded.build.tokenizer import Texts, Tokenizer, Tokens, texts_of
from searchsvc.engine.embedded.files import FORWARD_INDEX, IMPACTS, KEY_TERMS, POSTINGS, RUNS
from searchsvc.engine.embedded.index.array_file import Array, load_arrays, save_arrays
from searchsvc.engine.embedded.index.forward_index import ReusedSequences, write_forward_index
from searchsvc.engine.embedded.index.key_terms import write_key_terms
from searchsvc.engine.embedded.index.term_dictionary import encode, term_dictionary_arrays
from searchsvc.models.documents import Document
from searchsvc.schema import BM25F
from searchsvc.worker_pool import WorkerPool


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """Memory limit, processes, and the language of documents in a language without stemmer."""

    memory_bytes: int = 512 << 20
    jobs: int = 1
    language: str = DEFAULT_LANGUAGE

    @property
    def batch_characters(self) -> int:
        """Characters of text per run: analysing a character takes up to 24 bytes at the peak."""
        return max(1 << 16, min(self.memory_bytes // (32 * self.jobs), 1 << 24))


@dataclass(frozen=True, slots=True)
class _AnalysisTask:
    """Texts of documents, numbered from `first_doc`, to tokenize and invert into the run `path`."""

    documents: list[Texts]
    languages: list[str]
    first_doc: int
    path: Path
    default_language: str

    def run(self, tokenizer: Tokenizer) -> None:
        write_run(self.path, tokenizer.tokens(self.documents, self.languages), self.first_doc)


@cache
def _process_tokenizer(default_language: str) -> Tokenizer:
    """Return the tokenizer of a worker process, with its cache of distinct words."""
    return Tokenizer(default_language)


def _analyse(task: _AnalysisTask) -> None:
    task.run(_process_tokenizer(task.default_language))


class IndexBuilder:
    """Collects documents and writes the arrays of a generation into `folder`.

    Documents are numbered in the order they are added, after the reused ones. `close` must always be called at the
    end; the folder belongs to the caller.
    """

    def __init__(self, folder: Path, options: BuildOptions) -> None:
        self._folder, self._options = folder, options
        self._texts: list[Texts] = []
        self._characters = 0
        self._first_doc = 0  # number of the first added document
        self._ids: list[bytes] = []
        self._languages: list[bytes] = []
        self._published = array("i")
        self._reused: ReusedPostings | None = None
        self._live_forms: Mapping[str, NDArray[np.int64]] = {}  # document counts of forms after the deletions
        self._runs: list[Path] = []
        self._tokenizer = Tokenizer(options.language)
        self._pending: list[Future[None]] = []
        self._pool = WorkerPool(options.jobs) if options.jobs > 1 else None

    def reuse(self, reused: ReusedPostings, deleted: Iterable[Document]) -> None:
        """Reuse the live documents of a previous generation; `deleted` are its other documents.

        Must be called before the first `add`.
        """
        self._reused = reused
        self._published.frombytes(reused.published.tobytes())
        self._first_doc = len(self._published)
        self._live_forms = reused.live_form_counts(self._tokens_of(deleted))

    def _tokens_of(self, documents: Iterable[Document]) -> Iterator[Tokens]:
        """Yield the tokens of `documents`, in batches of the size of a run."""
        texts: list[Texts] = []
        languages: list[str] = []
        characters = 0
        for document in documents:
            texts.append(texts_of(document))
            languages.append(document.language)
            characters += sum(map(len, texts[-1]))
            if characters >= self._options.batch_characters:
                yield self._tokenizer.tokens(texts, languages)
                texts, languages, characters = [], [], 0
        if texts:
            yield self._tokenizer.tokens(texts, languages)

    def add(self, document: Document) -> None:
        """Index a document. Its number is the number of documents before it."""
        texts = texts_of(document)
        self._texts.append(texts)
        self._characters += sum(map(len, texts))
        self._ids.append(encode(document.id))
        self._languages.append(encode(document.language))
        self._published.append(document.published.toordinal() if document.published else 0)
        if self._characters >= self._options.batch_characters:
            self._flush()

    def finish(self) -> None:
        """Write all arrays of the generation. Raises the exceptions of worker processes."""
        if self._texts or not self._runs:
            self._flush(is_last=True)
        for future in self._pending:
            future.result()
        del self._tokenizer  # merging needs the memory of its cache
        reused_sequences = None
        if self._reused is None:
            merge(self._runs, self._folder / POSTINGS, self._doc_value_arrays())
        else:
            reused_sequences = self._write_reused(self._reused)
        postings = load_arrays(self._folder / POSTINGS)
        write_impacts(postings, self._folder / IMPACTS, BM25F)
        write_forward_index(postings, self._folder / FORWARD_INDEX, reused_sequences)
        write_key_terms(postings, load_arrays(self._folder / IMPACTS), self._folder / KEY_TERMS)

    def _write_reused(self, reused: ReusedPostings) -> ReusedSequences:
        run = self._new_run()
        save_arrays(self._folder / POSTINGS, reused.merged_with(self._live_forms, run) | self._doc_value_arrays())
        return ReusedSequences(reused.forward_index, reused.live, run, self._first_doc)

    def _new_run(self) -> dict[str, Array]:
        """Return all added documents as one run."""
        if len(self._runs) == 1:
            return load_run(self._runs[0])
        path = self._folder / RUNS / "merged"
        merge(self._runs, path, {})
        return as_run(load_arrays(path))

    def _flush(self, *, is_last: bool = False) -> None:
        first_doc = self._first_doc + len(self._ids) - len(self._texts)
        path = self._folder / RUNS / str(len(self._runs))
        path.parent.mkdir(exist_ok=True)
        self._runs.append(path)
        languages = [language.decode() for language in self._languages[first_doc - self._first_doc :]]
        task = _AnalysisTask(self._texts, languages, first_doc, path, self._options.language)
        self._texts, self._characters = [], 0
        if self._pool is None or (is_last and not self._pending):  # one run does not pay for the start of a process
            task.run(self._tokenizer)
            return
        if len(self._pending) > self._options.jobs:  # one task waits, so that no process is idle
            self._pending.pop(0).result()
        self._pending.append(self._pool.submit(_analyse, task))

    def _doc_value_arrays(self) -> dict[str, Array]:
        return (
            {"published": np.array(self._published, np.int32)}
            | self._keyword_arrays("id", self._ids)
            | self._keyword_arrays("language", self._languages)
        )

    def _keyword_arrays(self, name: str, values: list[bytes]) -> dict[str, Array]:
        """Return the arrays of an unanalysed field of reused and new documents; `values` are the new ones."""
        reused_values = [] if self._reused is None else [self._reused.keyword(name)]
        return _keyword_arrays(name, np.concatenate([*reused_values, np.array(values, np.bytes_)]))

    def close(self) -> None:
        """Stop the processes after their current tasks, and remove the runs."""
        if self._pool is not None:
            self._pool.close()
        shutil.rmtree(self._folder / RUNS, ignore_errors=True)


def _keyword_arrays(name: str, values: NDArray[np.bytes_]) -> dict[str, Array]:
    """Return the arrays of a field with one unanalysed value per document.

    `values` (documents,) bytes. The dictionary of values, `offsets` (values + 1,) int64 and `docs` (documents,)
    int32: documents of each value, ascending.
    """
    distinct, ordinals = np.unique(values, return_inverse=True)
    words: list[bytes] = distinct.tolist()
    arrays: dict[str, Array] = {f"{name}s.{key}": array for key, array in term_dictionary_arrays(words).items()}
    counts = np.bincount(ordinals, minlength=len(distinct))
    arrays[f"{name}.offsets"] = np.concatenate([[0], np.cumsum(counts)])
    arrays[f"{name}.docs"] = np.argsort(ordinals, kind="stable").astype(np.int32)
    return arrays
