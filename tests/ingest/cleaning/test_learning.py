"""Counting recurring lines, against a dictionary as the oracle."""

from __future__ import annotations

from collections import Counter

import numpy as np

from searchsvc.ingest.cleaning.blocks import batch
from searchsvc.ingest.cleaning.copies import line_keys
from searchsvc.ingest.cleaning.learning import Learner


def test_counts_equal_a_dictionary_however_documents_are_grouped() -> None:
    random = np.random.default_rng(7)
    lines = [f"line number {n} of the page" for n in range(40)]
    texts = ["\n".join(random.choice(lines, size=6, replace=False)) for _ in range(60)]
    oracle = Counter(line for text in texts for line in text.split("\n"))
    for size in (1, 7, 60):
        learner = Learner()
        for start in range(0, len(texts), size):
            group = texts[start : start + size]
            learner.add([""] * len(group), group)
        seen = learner.learnt().seen(line_keys(batch(["\n".join(lines)])))
        assert seen.tolist() == [oracle[line] if oracle[line] > 1 else 0 for line in lines]


def test_a_source_counts_its_own_pages() -> None:
    learner = Learner()
    learner.add(["a", "a", "b"], ["same line", "same line", "same line"])
    learnt = learner.learnt()
    assert learnt.pages.tolist() in ([2, 1], [1, 2])
    assert sorted(learnt.documents.tolist()) == [2, 3]
