"""What the cleaner promises of any text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest.boilerplate.classifier import (
    Verdicts,
    calibrated,
    classify,
    classify_all,
    explain_all,
)
from searchsvc.ingest.boilerplate.line_key_counts import find_recurring_lines
from searchsvc.ingest.boilerplate.recurring_lines import RecurringLines

EXTREMES = ("", "\n" * 100_000, "a" * 2_000_000, "word " * 400_000, "-" * 100_000 + "\nx", "x\n" * 200_000)
NOTICE = "The harbour paper is printed in the old mill by the river."
ARTICLE = """Harbour bridge reopens after a year of repairs

The old harbour bridge opened to traffic again on Monday, a year after engineers found cracks in two of its arches.

Drivers had been sent round by the ring road, which added twenty minutes to the way into town, according to the council.

What comes next

The council will now turn to the northern pier, where the work is expected to take six months and cost two million.

"We have learnt a great deal about the stone," said the chief engineer, on the bridge since the first survey."""

DEBRIS = """

Share this

Leave a Reply

Your email address will not be published. Required fields are marked *

All rights reserved"""

lines = st.text(alphabet=st.characters(codec=None), max_size=60)
awkward = st.lists(
    lines | st.sampled_from(["", "Share this", "Comments", "\x00", "\ud800", "• a", "…", "By x"]), max_size=40
)


def cleaned(text: str) -> str:
    return classify(text).clean(text)


def test_an_article_keeps_its_sentences_and_headings() -> None:
    kept = cleaned(ARTICLE + DEBRIS)
    assert kept.strip() == ARTICLE.split("\n", 1)[1].strip()


def test_every_dropped_line_has_a_rule_a_reason_and_a_confidence() -> None:
    (found,) = explain_all([("", ARTICLE + DEBRIS)])
    assert {drop.rule for drop in found.verdicts} >= {"title", "share-button", "comment-form", "legal-notice"}
    assert all(drop.reason and 0 <= drop.confidence <= 1 for drop in found.verdicts)


def test_line_numbers_count_from_one_over_newlines() -> None:
    (number,) = (drop.line for drop in classify(ARTICLE + DEBRIS).verdicts if drop.rule == "legal-notice")
    assert (ARTICLE + DEBRIS).split("\n")[number - 1] == "All rights reserved"


def test_nothing_but_clutter_is_kept_whole_and_flagged() -> None:
    found = classify("Share this\nLeave a reply\nBack to top")
    assert found.only_clutter
    assert not found.verdicts


def test_a_batch_judges_like_single_calls() -> None:
    texts = [ARTICLE, ARTICLE + DEBRIS, "", "Menu\nHome", DEBRIS + ARTICLE]
    together = [found.lines.tolist() for found in classify_all([("", text) for text in texts])]
    assert together == [classify(text).lines.tolist() for text in texts]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(awkward)
def test_cleaning_only_removes_lines(parts: list[str]) -> None:
    text = "\n".join(parts)
    rest = iter(text.split("\n"))
    assert all(line in rest for line in cleaned(text).split("\n"))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(awkward, max_size=5))
def test_no_text_raises(texts: list[list[str]]) -> None:
    documents = [("s", "\n".join(parts)) for parts in texts]
    found = list(explain_all(documents, find_recurring_lines(documents)))
    assert len(found) == len(documents)


@pytest.mark.parametrize("text", EXTREMES)
def test_extremes_are_judged(text: str) -> None:
    assert isinstance(classify(text), Verdicts)


@pytest.mark.parametrize("doubtful", ["Watch the video", "Follow us for more", "See the photos"])
def test_a_doubtful_line_is_kept_in_a_short_text_and_removed_from_a_long_one(doubtful: str) -> None:
    paragraphs = ARTICLE.split("\n\n")
    more = [each.replace("bridge", "tunnel").replace("harbour", "airport") for each in paragraphs[1:]]
    short = "\n\n".join([*paragraphs[:2], doubtful, paragraphs[2]])
    long = "\n\n".join([*paragraphs[:2], doubtful, *paragraphs[2:], *more, *more])
    assert doubtful in cleaned(short)
    assert doubtful not in cleaned(long)


@pytest.mark.parametrize(
    ("above", "sentence", "below"),
    [
        (
            "Die Hafenbehörde senkt ihre Liegegebühren ab dem 1. Juli um zwölf Prozent. Das teilte sie am Montag mit.",
            "Der Bürgermeister begrüßte den Schritt: „Die Fischer haben lange gewartet.“ Für Boote gilt er nicht.",
            ("Zur Startseite", "Kommentare (12)", "Lesen Sie auch: Fähre fällt aus", "Jetzt Newsletter abonnieren!"),
        ),
        (
            "港湾局は七月一日から係留料を十二パーセント引き下げると、月曜日に発表した。漁船が対象となる。",
            "市長は「漁師たちは長い間これを待っていた」と歓迎した。全長十五メートルを超えるヨットは対象外となる。",
            ("シェアする", "関連記事", "メルマガ登録", "コメント（3）"),
        ),
    ],
)
def test_a_sentence_between_clutter_is_kept_in_a_short_text(above: str, sentence: str, below: tuple[str, ...]) -> None:
    text = "\n\n".join(["Menü", below[0], above, below[2], sentence, *below[1:], "Impressum", "© 2024"])
    assert above in cleaned(text)
    assert sentence in cleaned(text)
    assert below[3] not in cleaned(text)


def test_cleaning_a_cleaned_text_changes_nothing() -> None:
    once = cleaned(ARTICLE + DEBRIS)
    assert cleaned(once) == once


def test_lines_on_many_pages_of_a_source_are_dropped() -> None:
    bodies = [ARTICLE.replace("bridge", f"bridge{n}").replace("council", f"council{n}") for n in range(8)]
    pages = [("site", f"{body}\n\n{NOTICE}") for body in bodies]
    (found, *_) = explain_all(pages, find_recurring_lines(pages))
    assert any("on at least half of this source's pages" in drop.reason for drop in found.verdicts)


def test_learnt_lines_survive_writing() -> None:
    learnt = find_recurring_lines([("a", ARTICLE)] * 2 + [("b", ARTICLE + DEBRIS)])
    again = RecurringLines.from_bytes(learnt.to_bytes())
    assert learnt.documents.max() == 3
    assert len(again.differing(learnt)) == 0


def test_reported_confidence_rises_with_that_of_the_network() -> None:
    reported = calibrated(np.linspace(0.5, 1, 500))
    assert (np.diff(reported) > 0).all()
    assert reported[-1] == 1


def test_network_must_be_nearly_certain_for_a_confidence_above_95_percent() -> None:
    assert calibrated(np.array([0.9985, 0.9999])).tolist() == pytest.approx([0.948, 0.997], abs=2e-3)


def test_doubtful_rule_does_not_remove_a_sentence_of_a_short_article() -> None:
    credit = "Source: the harbour office counted the ships of the year, and published the figures in June."
    assert credit in cleaned(ARTICLE + "\n\n" + credit)
