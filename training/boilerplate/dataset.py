"""Development pages as arrays: features of each line, its label, and its weight in the loss."""

from __future__ import annotations

import gzip
import importlib.util
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.batching import batches
from searchsvc.ingest.boilerplate.features.feature_matrix import extract_features
from searchsvc.ingest.boilerplate.features.word_scores import word_ids
from searchsvc.ingest.boilerplate.line_batch import make_line_batch
from training.boilerplate.word_scores import WordTable, joined_ids, word_table

SETS = ("wcxb_dev", "wcxb_test", "fundus_half", "dragnet", "cleaneval")
# Pages that are no plain article: products, lists, documentation, forums. They are trained on, and not scored.
OTHER = "wcxb_other"
VIEWS = ("light", "full")
# Pages of 2006 of every kind, labelled by other rules (readers' comments and lists are content): they count less.
SET_WEIGHT = {"cleaneval": 0.3, OTHER: 0.3}
GROUP = 200_000  # characters per batch; fixed, so that sums round the same and the weights are reproducible
VIEW_WEIGHT = {"cleaned": 0.3, "stitched": 0.5}


def metrics_of(folder: Path) -> ModuleType:
    """Import the metrics, which stay with the data."""
    spec = importlib.util.spec_from_file_location("metrics", folder / "metrics.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{folder} holds no metrics.py: give the folder of the development data")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, slots=True)
class Page:
    """One view of a page with a label per line."""

    set: str
    view: str
    host: str
    text: str
    cover: NDArray[np.float32]  # (lines,) share of each line's words in the gold text
    neutral: NDArray[np.bool_]  # (lines,) lines that the metrics do not score
    tokens: NDArray[np.int32]  # (lines,) words as the metrics count them
    gold: int  # words of the gold text
    scorer: Any = None

    @property
    def fold(self) -> int:
        """Fold 0, 1 or 2. All pages of a host are in the same fold."""
        return zlib.crc32(self.host.encode()) % 3


def pages(folder: Path, sets: Sequence[str] = SETS) -> Iterator[Page]:
    """Yield both views of each page whose gold text is mostly in the view."""
    metrics = metrics_of(folder)
    for name in sets:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for number, line in enumerate(file):
                record = json.loads(line)
                for view in VIEWS:
                    scorer = metrics.Scorer(record, record[view])
                    if scorer.ng and scorer.coverage >= 0.7:
                        yield _page(metrics, record, view, scorer, record["host"] or f"{name}-{number}")


def _page(metrics: ModuleType, record: dict[str, Any], view: str, scorer: Any, host: str) -> Page:
    lines = record[view].split("\n")
    cover, _ = metrics.line_cover(lines, scorer.gtok, scorer.gold_lines)
    titles = [metrics.is_title(line, scorer.var) for line in lines]
    first = titles.index(True) if True in titles else -1
    return Page(
        set=record["dataset"] if record["dataset"] in (*SETS, OTHER) else host,
        view=view,
        host=host,
        text=record[view],
        cover=np.array(cover, dtype=np.float32),
        neutral=np.array([metrics.is_byline(line) or at == first for at, line in enumerate(lines)]),
        tokens=np.array([len(metrics.toks(line)) for line in lines], dtype=np.int32),
        gold=int(scorer.ng),
        scorer=scorer,
    )


def cleaned(page: Page) -> Page:
    """Return a copy of a page with only its content, so that the network learns to leave clean text alone."""
    keep = (page.cover > 0.5) | page.neutral
    lines = [line for line, is_kept in zip(page.text.split("\n"), keep, strict=True) if is_kept]
    return Page(
        page.set, "cleaned", page.host, "\n".join(lines),
        np.ones(int(keep.sum()), dtype=np.float32), page.neutral[keep], page.tokens[keep], page.gold,
    )  # fmt: skip


def stitched(page: Page, frame: Page, random: np.random.Generator) -> Page:
    """Return the article of `page` between head and foot of `frame`, both cut at random."""
    begin, end = _article(page)
    top, bottom = _article(frame)
    head = slice(int(top * random.random() * 0.7), top)
    foot = slice(bottom, bottom + int((len(frame.cover) - bottom) * (0.3 + 0.7 * random.random())))
    lines, frame_lines = page.text.split("\n"), frame.text.split("\n")

    def join(article: NDArray[Any], around: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([around[head], article[begin:end], around[foot]])

    return Page(
        page.set, "stitched", page.host, "\n".join([*frame_lines[head], *lines[begin:end], *frame_lines[foot]]),
        join(page.cover, frame.cover), join(page.neutral, frame.neutral), join(page.tokens, frame.tokens), page.gold,
    )  # fmt: skip


def _article(page: Page) -> tuple[int, int]:
    """Return the first row of the article, its title included, and the row after its last."""
    content = np.flatnonzero(page.cover > 0.5)
    if not len(content):
        return 0, len(page.cover)
    first = int(content[0])
    above = np.flatnonzero(page.neutral[max(first - 12, 0) : first])
    return first if not len(above) else max(first - 12, 0) + int(above[0]), int(content[-1]) + 1


@dataclass(frozen=True, slots=True)
class Table:
    """Lines of all pages. `doc`: (lines,) index of the page."""

    names: tuple[str, ...]
    x: NDArray[np.float32]  # (lines, features)
    doc: NDArray[np.int64]
    word_counts: NDArray[np.int64]  # (lines,)
    cover: NDArray[np.float32]
    cost: NDArray[np.float32]  # (lines,) weight in the loss
    tokens: NDArray[np.float32]
    words: WordTable


def table(docs: Sequence[Page]) -> Table:
    """Return the lines of all pages with their features."""
    names: tuple[str, ...] = ()
    parts: list[tuple[NDArray[Any], ...]] = []
    ids = []
    start = 0
    for group in batches(docs, size=lambda page: len(page.text), full=GROUP):
        batch = make_line_batch([page.text for page in group])
        matrix = extract_features(batch).matrix
        names = matrix.names
        offset = np.append(0, np.cumsum([len(page.cover) for page in group]))[batch.doc] + batch.number
        cover = np.concatenate([page.cover for page in group])[offset]
        neutral = np.concatenate([page.neutral for page in group])[offset]
        tokens = np.concatenate([page.tokens for page in group])[offset].astype(np.float32)
        parts.append((
            matrix.values.T, batch.doc + start, batch.word_counts,
            cover, tokens * ~neutral, tokens,
        ))  # fmt: skip
        ids.append(word_ids(batch))
        start += len(group)
    x, doc, count, cover, scored, tokens = (np.concatenate(column) for column in zip(*parts, strict=True))
    words = word_table(
        joined_ids(ids), doc, cover, tokens,
        [page.host for page in docs], np.array([page.view in VIEWS for page in docs]),
    )  # fmt: skip
    return Table(names, x, doc, count, cover, _costs(docs, names, x, doc, scored, cover), tokens, words)


def _costs(
    docs: Sequence[Page], names: tuple[str, ...], x: NDArray[np.float32], doc: NDArray[np.int64],
    scored: NDArray[np.float32], cover: NDArray[np.float32],
) -> NDArray[np.float32]:  # fmt: skip
    """Return the weight of each line in the loss, (lines,) float32: its words as a share of the gold text.

    Pages have equal weight, except that pages of mostly clutter weigh more.
    """
    gold = np.array([page.gold for page in docs])
    cost = np.minimum(scored / (gold[doc] + 30), 1.0)
    total = np.bincount(doc, cost, len(docs))
    cost = 3 * cost * (np.sqrt(np.minimum(total, 2)) / np.maximum(total, 0.5))[doc]
    cost *= np.array([SET_WEIGHT.get(page.set, 1.0) * VIEW_WEIGHT.get(page.view, 1.0) for page in docs])[doc]
    # Readers' comments are clutter by our rules, so lines of the old gold text that keep them get no weight.
    after = (x[:, names.index("seen_comment")] > 0) & (x[:, names.index("seen_stamp")] > 0.36) & (cover > 0.5)
    cost[after & np.array([page.set == "cleaneval" for page in docs])[doc]] = 0
    out: NDArray[np.float32] = cost.astype(np.float32)
    return out
