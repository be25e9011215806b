"""Scores of words: sums over the words of each line, and the training of the tables."""

import itertools
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features.word_scores import (
    BITS,
    PLACES,
    STEP,
    TABLES,
    WordIds,
    line_scores,
    pack_scores,
    word_ids,
)
from searchsvc.ingest.boilerplate.line_batch import make_line_batch
from training.boilerplate import word_scores as training

SIZE = 1 << BITS
RANDOM = np.random.default_rng(5)
TABLE = {name: RANDOM.integers(-127, 128, (SIZE, len(PLACES))).astype(np.int8) for name in TABLES}
SCORES = pack_scores(TABLE)


def expected_scores(words: Sequence[int], pairs: Sequence[int]) -> list[float]:
    """Scores of one line, computed word by word."""
    count = min(len(words), 128)
    rows = sum(
        TABLE["words"][word].astype(int) + TABLE["pairs"][pair]
        for word, pair in zip(words[:count], pairs[:count], strict=True)
    )
    ends = TABLE["first"][words[0]].astype(int) + TABLE["last"][words[-1]]
    return [*(rows * float(STEP) / count**0.5), *(ends * float(STEP))]


@settings(max_examples=25)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_scores_are_sums_over_the_words_of_a_line(counts: list[int], random: Random) -> None:
    words, pairs = (np.array([random.randint(0, SIZE - 1) for _ in range(sum(counts))]) for _ in range(2))
    bounds = np.concatenate([[0], np.cumsum(counts)])
    scores = line_scores(WordIds(words, pairs, bounds), SCORES)
    for line, (begin, end) in enumerate(itertools.pairwise(bounds)):
        assert scores[:, line] == pytest.approx(
            expected_scores(words[begin:end].tolist(), pairs[begin:end].tolist()), abs=1e-3
        )


def test_extreme_scores_of_a_long_line_do_not_spill_into_other_places() -> None:
    table = np.zeros((SIZE, len(PLACES)), np.int8)
    table[:, 0], table[:, 1], table[:, 2], table[:, 3] = 127, -127, 127, -127
    ids = word_ids(make_line_batch(["word " * 700 + "end"]))
    scores = line_scores(ids, pack_scores(dict.fromkeys(TABLES, table)))
    assert scores[: len(PLACES), 0] == pytest.approx(127 * 2 * 128**0.5 * float(STEP) * np.array([1, -1, 1, -1]))


def test_words_of_equal_length_with_a_digit_first_are_one_word() -> None:
    ids = word_ids(make_line_batch(["in 2024", "in 20th", "in 19"]))
    assert ids.words[1] == ids.words[3] != ids.words[5]
    assert ids.pairs[1] == ids.pairs[3]


def test_no_pair_crosses_lines_or_documents() -> None:
    together = word_ids(make_line_batch(["Read more\nRead more", "Read more"]))
    alone = word_ids(make_line_batch(["Read more"]))
    assert together.pairs.tolist() == 3 * alone.pairs.tolist()
    assert together.words.tolist() == 3 * alone.words.tolist()


def page_table(pages: Sequence[tuple[str, str, Sequence[float]]]) -> training.WordTable:
    """Table of (host, text, cover) pages."""
    batch = make_line_batch([text for _, text, _ in pages])
    cover = np.array([value for *_, of_page in pages for value in of_page], np.float32)
    return training.word_table(
        word_ids(batch), batch.doc, cover, batch.word_counts.astype(np.float32),
        [host for host, *_ in pages], np.ones(len(pages), np.bool_),
    )  # fmt: skip


def scores_of(tables: dict[str, NDArray[np.int8]], word: str) -> NDArray[np.int8]:
    scores: NDArray[np.int8] = tables["words"][word_ids(make_line_batch([word])).words[0]]
    return scores


STORY = "Rain fell on the harbour all day"


def test_training_learns_where_a_word_is_found() -> None:
    pages = [(f"{n}.example", f"Menu{n} Home\n{STORY}\nSubscribe now {n}x", (0, 1, 0)) for n in range(30)]
    tables = training.train(page_table(pages), np.arange(30))
    above, below = PLACES.index("above"), PLACES.index("below")
    home, subscribe, rain = (scores_of(tables, word) for word in ("home", "subscribe", "rain"))
    assert home[above] > 0 > home[below]
    assert subscribe[below] > 0 > subscribe[above]
    assert rain[PLACES.index("article")] > 0 > home[PLACES.index("article")]


def test_a_word_of_few_hosts_has_no_score() -> None:
    pages = [(f"{n}.example", f"{'Blip' if n < 3 else 'Home'} home\n{STORY}", (0, 1)) for n in range(30)]
    tables = training.train(page_table(pages), np.arange(30))
    assert not scores_of(tables, "blip").any()
    assert scores_of(tables, "home").any()


def test_a_page_is_not_scored_by_tables_that_saw_its_host() -> None:
    """Each part of the hosts has its own word for the menu, so tables of the other parts do not know it."""
    pages = [(f"{n}.example", f"Home\n{STORY}", (0.0, 1.0)) for n in range(60)]
    part = page_table(pages).part
    pages = [(host, text.replace("Home", f"Menu{part[n]}"), cover) for n, (host, text, cover) in enumerate(pages)]
    pages.append(("new.example", f"Menu{part[0]}\n{STORY}", (0.0, 1.0)))
    table = page_table(pages)
    scores, _ = training.cross_fitted(table, np.arange(60))
    menu, story = scores[table.starts[:-1], 0], scores[table.starts[:-1] + 1, 0]
    assert not menu[:60].any()
    assert (story[:60] > 0).all()
    assert menu[60] < 0
