"""Features of lines: words by script, cue phrases inside clauses, tickers; rules for twins."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features.cue_phrases import KINDS, LONGEST, cue_table, phrase_key, phrase_words
from searchsvc.ingest.boilerplate.features.feature_matrix import extract_features
from searchsvc.ingest.boilerplate.line_batch import make_line_batch
from searchsvc.ingest.boilerplate.rule_context import rule_context
from searchsvc.ingest.boilerplate.rules import NAMES, match_rules

PROSE = "The council agreed on a new bridge over the river today. It will open next spring, the mayor said."
PARAGRAPHS = [PROSE, PROSE.replace("bridge", "school"), PROSE.replace("bridge", "market")]
COMMENTS = "\n".join(
    f"{name} wrote\nI have crossed the old bridge {word} and never saw anybody repair it. It is a shame."
    for name, word in (("Anna", "daily"), ("Bert", "twice"), ("Carla", "often"), ("Dirk", "once"))
)


def feature(name: str, text: str) -> NDArray[np.float32]:
    matrix = extract_features(make_line_batch([text])).matrix
    column: NDArray[np.float32] = matrix.values[matrix.names.index(name)]
    return column


@pytest.mark.parametrize(
    ("text", "words", "count"),
    [
        ("続きを読む", ["続", "き", "を", "読", "む"], 3),
        ("漢字abc漢", ["漢", "字", "abc", "漢"], 3),
        ("구독자 여러분", ["구독자", "여러분"], 2),
        ("two words", ["two", "words"], 2),
        ("写", ["写"], 1),
    ],
)
def test_each_character_of_a_script_without_spaces_is_a_word_and_two_count_as_one(
    text: str, words: list[str], count: int
) -> None:
    batch = make_line_batch([text])
    starts_and_ends = zip(batch.start.tolist(), batch.end.tolist(), strict=True)
    assert ["".join(map(chr, batch.codes[start:end])) for start, end in starts_and_ends] == words
    assert batch.word_counts.tolist() == [count]


def test_cue_table_has_each_phrase_once_with_all_its_kinds() -> None:
    table = cue_table([{"share": "read on;share", "stop": "the"}, {"nav": "share;a b c d e f"}])
    share, read_on, long = phrase_words(["share", "read on", "a b c d e f"])
    assert [keys.tolist() for keys in table.keys] == [
        [phrase_key(share)],
        [phrase_key(read_on)],
        [],
        [],
        [phrase_key(long[:LONGEST])],
    ]
    assert table.kinds[0].tolist() == [1 << KINDS.index("share") | 1 << KINDS.index("nav")]
    assert set(np.flatnonzero(table.may_continue[0])) == {read_on[0] >> np.uint64(48), long[0] >> np.uint64(48)}
    assert np.flatnonzero(table.may_continue[3]).tolist() == [phrase_key(long[:4]) >> np.uint64(48)]
    assert np.flatnonzero(table.stop).tolist() == (phrase_words(["the"])[0] >> np.uint64(48)).tolist()


def test_cue_phrase_is_found_inside_a_japanese_clause() -> None:
    assert feature("cue_related", "この記事の続きを読む")[0] == pytest.approx(0.5)


def test_features_of_a_line_do_not_depend_on_other_documents_of_the_batch() -> None:
    texts = [f"{PROSE}\n{COMMENTS}", "Menu\nHome\nNews", COMMENTS, "続きを読む\n写真 3/12", PROSE, "Home"]
    together = extract_features(make_line_batch(texts)).matrix.values
    alone = [extract_features(make_line_batch([text])).matrix.values for text in texts]
    np.testing.assert_allclose(together, np.concatenate(alone, axis=1), rtol=1e-5, atol=1e-6)


def test_long_line_without_a_full_stop_is_no_prose() -> None:
    ticker = " ".join(f"Mayor opens bridge number {n}" for n in range(40))
    assert not extract_features(make_line_batch([ticker])).prose.is_prose[0]


def twins(text: str) -> list[str]:
    rule = match_rules(rule_context(extract_features(make_line_batch([text]))))
    return [NAMES[number] if NAMES[number].startswith("twin") else "" for number in rule]


def test_text_of_an_image_and_its_caption_are_twins() -> None:
    caption = "A ferry crosses the harbour at dawn"
    text = "\n".join(["Council agrees on a bridge", *PARAGRAPHS, caption, f"• {caption}", "A bridge", "A bridge"])
    assert twins(text) == ["", "", "", "", "twin", "twin-caption", "", ""]


def test_page_with_most_of_its_prose_twice_has_no_twins() -> None:
    first = "The old bridge was closed in May because of rust, and ferries have crossed since then."
    assert twins(f"{PROSE}\n{PROSE}\n{first}\n{first}") == [""] * 4
