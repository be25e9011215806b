"""Measure near-duplicate detection: recall by share of words changed, false joins, speed.

    python benchmarks/duplicates/run.py FOLDER   (the folder with wcxb_dev.jsonl.gz and the other sets)

Copies are made from the pages' main text: a share of the words, at random places, is replaced, deleted, or preceded
by other words of the corpus; or the end is cut off. Unrelated pairs are all pairs of pages of different sites that
share under half of their three-word runs.
"""

import argparse
import gzip
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.duplicate_links import SignedDocuments, affected_links, all_links
from searchsvc.ingest.near_duplicates import canonicals
from searchsvc.ingest.shared_runs import share
from searchsvc.ingest.signatures import Signatures, runs_of, signature

SETS = ("wcxb_dev", "dragnet", "cleaneval")


def texts(folder: Path) -> list[list[str]]:
    """Return each page's main text as words."""
    corpus = []
    for name in SETS:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            corpus += [json.loads(line)["gold"].lower().split() for line in file]
    return corpus


def changed(words: list[str], share: float, pool: list[str], rng: random.Random) -> list[str]:
    places = set(rng.sample(range(len(words)), int(share * len(words))))
    out: list[str] = []
    for i, word in enumerate(words):
        kind = rng.randrange(3) if i in places else 3
        out += [[rng.choice(pool)], [], [rng.choice(pool), word], [word]][kind]
    return out


def cut(words: list[str], share: float, pool: list[str], rng: random.Random) -> list[str]:
    return words[: len(words) - int(share * len(words))]


def recall(corpus: list[list[str]], share: float, change: Callable[..., list[str]]) -> float:
    """Return the share of texts whose copy is found when all texts and all copies are in one index."""
    rng = random.Random(7)
    pool = [word for words in corpus[:200] for word in words]
    copies = [change(words, share, pool, rng) for words in corpus]
    canonical = clustered([*corpus, *copies])
    size = len(corpus)
    return float((canonical[size:] == canonical[:size]).mean())


def clustered(corpus: list[list[str]]) -> NDArray[np.int64]:
    """Return the index of the canonical text of each text."""
    documents = _documents(np.stack([signature(words) for words in corpus]))
    near = canonicals(
        all_links(documents),
        documents.signatures,
        lambda one, other: share(runs_of(corpus[one]), runs_of(corpus[other])) >= 0.5,
    )
    return np.array([near.get(row, row) for row in range(len(corpus))])


def _documents(signatures: Signatures) -> SignedDocuments:
    """Return documents in the order of preference."""
    order = np.arange(len(signatures))
    return SignedDocuments(order.astype(np.uint64), order, order, signatures)


def false_joins(corpus: list[list[str]]) -> tuple[int, int, int]:
    """Return joined pairs that share under half of their runs, joined pairs, and all pairs."""
    canonical = clustered(corpus)
    joined = [(int(f), i) for i, f in enumerate(canonical) if f != i]
    wrong = [pair for pair in joined if _shared(corpus[pair[0]], corpus[pair[1]]) < 1 / 2]
    return len(wrong), len(joined), len(corpus) * (len(corpus) - 1) // 2


def _shared(one: list[str], other: list[str]) -> float:
    a, b = (set(zip(words, words[1:], words[2:], strict=False)) for words in (one, other))
    return len(a & b) / max(1, len(a | b))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--million", action="store_true", help="also cluster a million made-up signatures")
    options = parser.parse_args()
    corpus = [words for words in texts(options.folder) if words]
    groups = {
        "20-50 words": [words[:50] for words in corpus if len(words) >= 50],
        "50-150 words": [words[: 50 + i % 100] for i, words in enumerate(corpus) if len(words) >= 150],
        "whole": [words for words in corpus if len(words) >= 20],
    }
    print(f"{len(corpus)} texts")
    for name, group in groups.items():
        unique = list({tuple(words): words for words in group}.values())
        figures = [f"{share:.2f}: {recall(unique, share, changed):.4f}" for share in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)]
        print(
            f"recall by share changed, {name} ({len(unique)}):",
            ", ".join(figures),
            f"cut 0.10: {recall(unique, 0.1, cut):.4f}",
        )
    print("wrongly joined, joined, pairs:", false_joins(corpus))
    sample = [(words * 9)[i % 50 : i % 50 + 235] for i, words in enumerate(corpus * 2)]
    start = time.process_time()
    for words in sample:
        signature(words)
    print(f"signatures a second, 235 words each: {len(sample) / (time.process_time() - start):,.0f}")
    if options.million:
        _million()


def _million() -> None:
    rng = np.random.default_rng(1)
    signatures = rng.integers(1, 1 << 16, (1_000_000, signature(["a"]).size), np.uint16)
    copies = rng.choice(1_000_000, 300_000, replace=False)
    signatures[copies[150_000:]] = signatures[copies[:150_000]]
    start = time.process_time()
    documents = _documents(signatures)
    canonical = canonicals(all_links(documents), signatures, lambda one, other: False)
    print(f"a million: {time.process_time() - start:.0f} s, {len(canonical)} copies", file=sys.stdout)
    start = time.process_time()
    changed = np.arange(len(signatures)) % 10_000 == 0
    affected_links(documents, changed, documents.of(changed))
    print(f"an update of 100 of them: {time.process_time() - start:.2f} s", file=sys.stdout)

    print("MB at most", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    main()
