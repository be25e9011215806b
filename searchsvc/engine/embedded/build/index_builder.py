"""Documents to the arrays of a segment: batches are analysed and inverted, then merged."""

import shutil
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import DEFAULT_LANGUAGE
from searchsvc.engine.embedded.build.inverter import write_run
from searchsvc.engine.embedded.build.key_term_writer import write_key_terms
from searchsvc.engine.embedded.build.merge import merge
from searchsvc.engine.embedded.build.tokenizer import Texts, Tokenizer, Tokens, texts_of
from searchsvc.engine.embedded.files import FORWARD_INDEX, KEY_TERMS, POSTINGS, RUNS
from searchsvc.engine.embedded.index.array_file import Array, load_arrays
from searchsvc.engine.embedded.index.forward_index import write_forward_index
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
        """Characters of text per run: analysing a character takes up to 24 bytes at the peak.

        Several processes get smaller runs, so that all of them have work until the end.
        """
        most = 1 << 24 if self.jobs == 1 else 1 << 22
        return max(1 << 16, min(self.memory_bytes // (32 * self.jobs), most))


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


def tokens_of(documents: Iterable[Document], options: BuildOptions) -> Iterator[Tokens]:
    """Yield the tokens of `documents`, in batches of the size of a run."""
    tokenizer = Tokenizer(options.language)
    texts: list[Texts] = []
    languages: list[str] = []
    characters = 0
    for document in documents:
        texts.append(texts_of(document))
        languages.append(document.language)
        characters += sum(map(len, texts[-1]))
        if characters >= options.batch_characters:
            yield tokenizer.tokens(texts, languages)
            texts, languages, characters = [], [], 0
    if texts:
        yield tokenizer.tokens(texts, languages)


class IndexBuilder:
    """Collects documents and writes the arrays of the segment `number` into `folder`.

    Documents are numbered in the order they are added. `close` must always be called at the end; the folder belongs to
    the caller.
    """

    def __init__(self, folder: Path, options: BuildOptions, number: int = 1) -> None:
        self._folder, self._options, self._number = folder, options, number
        self._texts: list[Texts] = []
        self._characters = 0
        self._ids: list[bytes] = []
        self._languages: list[bytes] = []
        self._published = array("i")
        self._runs: list[Path] = []
        self._tokenizer = Tokenizer(options.language)
        self._pool = WorkerPool(options.jobs, _analyse) if options.jobs > 1 else None

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
        """Write the arrays of the segment, except impacts. Raises the exceptions of worker processes."""
        if self._texts or not self._runs:
            self._flush(is_last=True)
        if self._pool is not None:
            list(self._pool.remaining())
        del self._tokenizer  # merging needs the memory of its cache
        extra = (
            {"published": np.array(self._published, np.int32)}
            | keyword_arrays("id", np.array(self._ids, np.bytes_))
            | keyword_arrays("language", np.array(self._languages, np.bytes_))
        )
        merge(self._runs, self._folder / POSTINGS.format(self._number), extra)
        write_derived(self._folder, self._number)

    def _flush(self, *, is_last: bool = False) -> None:
        first_doc = len(self._ids) - len(self._texts)
        path = self._folder / RUNS / str(len(self._runs))
        path.parent.mkdir(exist_ok=True)
        self._runs.append(path)
        languages = [language.decode() for language in self._languages[first_doc:]]
        task = _AnalysisTask(self._texts, languages, first_doc, path, self._options.language)
        self._texts, self._characters = [], 0
        is_only = is_last and len(self._runs) == 1
        if self._pool is None or is_only:  # one run does not pay for the start of a process
            task.run(self._tokenizer)
        else:
            self._pool.submit(task)

    def close(self) -> None:
        """Stop the processes after their current tasks, and remove the runs."""
        if self._pool is not None:
            self._pool.close()
        shutil.rmtree(self._folder / RUNS, ignore_errors=True)


def write_derived(folder: Path, number: int) -> None:
    """Write the files of the segment `number` that follow from its postings alone."""
    postings = load_arrays(folder / POSTINGS.format(number))
    write_forward_index(postings, folder / FORWARD_INDEX.format(number))
    write_key_terms(postings, folder / KEY_TERMS.format(number), BM25F)


def keyword_arrays(name: str, values: NDArray[np.bytes_]) -> dict[str, Array]:
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
