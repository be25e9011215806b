"""Counting recurring lines, against a dictionary as the oracle."""

from __future__ import annotations

from collections import Counter

import numpy as np

from searchsvc.ingest.boilerplate.features.prose import find_prose
from searchsvc.ingest.boilerplate.features.repetition import line_keys
from searchsvc.ingest.boilerplate.line_batch import make_line_batch
from searchsvc.ingest.boilerplate.line_key_counts import NO_LINE_KEYS, find_recurring_lines, line_keys_of
from searchsvc.ingest.boilerplate.recurring_lines import led_lines, recurrence, source_keys, within_source

LINES = [f"line number {n} of the page" for n in range(40)]
KEYS = line_keys(make_line_batch(["\n".join(LINES)]))
STEPS = [0, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48]


def pages(count: int, seed: int = 7) -> list[tuple[str, str]]:
    random = np.random.default_rng(seed)
    return [(f"s{n % 3}", "\n".join(random.choice(LINES, size=6))) for n in range(count)]


def test_counts_equal_a_dictionary_in_steps() -> None:
    documents = pages(60)
    oracle = Counter(line for _, text in documents for line in set(text.split("\n")))
    assert find_recurring_lines(documents).documents_with(KEYS).tolist() == [
        max(s for s in STEPS if s <= oracle[line]) for line in LINES
    ]


def test_share_of_a_sources_pages_in_twentieths() -> None:
    learnt = find_recurring_lines(
        [("a", "same line"), ("a", "same line"), *[("a", f"own {n}") for n in range(6)], ("b", "same line")]
    )
    (key,) = line_keys(make_line_batch(["same line"]))
    inside = within_source(np.array([key, key]), source_keys(["a", "b"]))
    assert learnt.documents_with(inside).tolist() == [2, 0]
    assert learnt.shares_of(inside).tolist() == [5, 0]


def test_documents_are_identified_by_what_differs_in_them() -> None:
    before = [*pages(60), ("apart", "a line of its own")]
    after = [*before, *pages(3, seed=8)]
    was, is_now = find_recurring_lines(before), find_recurring_lines(after)
    shared_lines = line_keys_of(before).holding(was.differing(is_now))
    for held, (source, text) in zip(shared_lines, before, strict=True):
        keys = line_keys(make_line_batch([text]))
        keys = np.append(keys, within_source(keys, np.repeat(source_keys([source]), len(keys))))
        differs = (was.documents_with(keys) != is_now.documents_with(keys)) | (
            was.shares_of(keys) != is_now.shares_of(keys)
        )
        assert held == differs.any()
    assert 0 < shared_lines.sum() < len(shared_lines)


def test_lines_of_some_documents_and_of_others_are_those_of_all() -> None:
    lines = line_keys_of(pages(60))
    chosen = np.arange(60) % 4 == 0
    again = lines.of(chosen) + lines.of(~chosen) + NO_LINE_KEYS
    assert len(again.recurring().differing(lines.recurring())) == 0
    assert len(again.recurring().keys) == len(lines.recurring().keys) > 0


def politics_pages(count: int) -> list[tuple[str, str]]:
    """Return pages on which "More in Politics" is above three headlines of a pool of six."""
    prose = "The council of town {0} agreed on budget {0}, and the mayor of town {0} signed it on day {0} of the year. "
    pool = [f"Headline {n} about the election of {word}" for n, word in enumerate(LINES[:6])]
    return [
        (
            "s",
            "\n".join([f"Budget of town {n}", prose.format(n) * 5, "More in Politics", *(pool * 2)[n % 6 : n % 6 + 3]]),
        )
        for n in range(count)
    ]


def test_line_above_recurring_lines_leads_them() -> None:
    learnt = find_recurring_lines([*politics_pages(12), *[("s", f"Gallery\nown {n}\nits {n}") for n in range(6)]])
    keys = line_keys(make_line_batch(["More in Politics\nGallery"]))
    assert learnt.leads_of(within_source(keys, np.repeat(source_keys(["s"]), 2))).tolist() == [4, 0]


def test_new_headline_below_a_line_that_leads_recurring_lines_counts_as_clutter() -> None:
    learnt = find_recurring_lines(politics_pages(12))
    source, text = politics_pages(1)[0]
    *head, _, _, _ = text.split("\n")
    batch = make_line_batch(["\n".join([*head, "A headline that nobody has seen before", "and its date"])])
    of_page = recurrence(batch, line_keys(batch), [source], learnt)
    assert led_lines(of_page, batch, find_prose(batch)).tolist() == [False, False, False, True, True]


def test_update_finds_the_documents_whose_lines_lead_others() -> None:
    before, new = politics_pages(5), [("s", f"More in Politics\nown {n}\nits {n}") for n in range(9)]
    was, is_now = find_recurring_lines(before), find_recurring_lines([*before, *new])
    keys = within_source(line_keys(make_line_batch(["More in Politics"])), source_keys(["s"]))
    assert was.leads_of(keys) != is_now.leads_of(keys)
    assert line_keys_of([*before, ("s", "apart")]).holding(was.differing(is_now)).tolist() == [True] * 5 + [False]
