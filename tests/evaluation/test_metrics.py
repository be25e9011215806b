"""The measures against values worked out by hand, and the test for chance against counting."""

import sys
from itertools import product
from math import log2

import pytest

from searchsvc.errors import ExtraMissing
from searchsvc.evaluation import (
    Evaluation,
    JudgedQuery,
    Ranked,
    compare,
    evaluate,
)

JUDGED = (
    JudgedQuery("a", "words", {"x": 2, "y": 1, "z": 0}),
    JudgedQuery("a", "the name is no key", {"x": 1}),
    JudgedQuery("c", "nothing found", {"x": 1}),
)


def test_measures_are_those_of_trec_eval() -> None:
    pytest.importorskip("ir_measures")
    ranked = (Ranked(("z", "y", "x"), 1.0), Ranked(("x",), 2.0), Ranked((), 9.0))
    found = evaluate(JUDGED, ranked)
    ndcg = (1 / log2(3) + 2 / log2(4)) / (2 + 1 / log2(3))
    assert found.values["nDCG@10"] == pytest.approx((ndcg, 1, 0))
    assert found.values["AP"] == pytest.approx(((1 / 2 + 2 / 3) / 2, 1, 0))
    assert found.values["R@100"] == (1, 1, 0)
    assert found.values["RR"] == (0.5, 1, 0)
    assert found.means["RR"] == 0.5
    assert (found.queries, found.median_ms) == (("a", "a", "c"), 2.0)


def test_evaluating_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(ExtraMissing, match=r"searchsvc\[eval\]"):
        evaluate(JUDGED, [Ranked((), 1.0)] * 3)


def of(*values: float) -> Evaluation:
    return Evaluation((), {"RR": sum(values) / len(values)}, {"RR": values}, 1.0, 1.0)


def test_chance_is_the_share_of_signs_that_move_the_mean_as_far() -> None:
    before, after = of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), of(0.3, 0.25, 0.2, 0.5, 0.8, 0.7)
    differences = [b - a for a, b in zip(before.values["RR"], after.values["RR"], strict=True)]
    flips = [abs(sum(s * d for s, d in zip(signs, differences, strict=True))) for signs in product((1, -1), repeat=6)]
    share = sum(each >= sum(differences) - 1e-12 for each in flips) / len(flips)
    (found,) = compare(before, after)
    assert found.p == pytest.approx(share, abs=0.02)
    assert found.after - found.before == pytest.approx(sum(differences) / 6)


def test_no_difference_is_all_chance() -> None:
    assert compare(of(0.1, 0.9), of(0.1, 0.9))[0].p == 1.0
