"""Beginnings spelled alike, and words counted by documents, against plain Python."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import fold
from searchsvc.engine.embedded.build.inverter import load_run, write_run
from searchsvc.engine.embedded.build.tokenizer import Tokenizer
from searchsvc.engine.embedded.index.term_dictionary import TermDictionary, term_dictionary_arrays

LETTERS = st.text("abcé", max_size=7)


def edits(one: str, other: str) -> int:
    """Levenshtein's distance, row by row."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
    return row[-1]


@given(typed=st.text("abcé", min_size=1, max_size=6), words=st.sets(LETTERS.filter(bool), min_size=1))
def test_beginnings_within_an_edit_are_found_exactly(typed: str, words: set[str]) -> None:
    ordered = sorted(word.encode() for word in words)
    arrays = {f"w.{name}": array for name, array in term_dictionary_arrays(ordered).items()}
    found = TermDictionary(arrays, "w").with_similar_prefix(typed, np.arange(len(ordered)))
    expected = [
        number
        for number, word in enumerate(ordered)
        if any(edits(typed, word.decode()[:cut]) <= 1 for cut in range(1, len(word.decode()) + 1))
    ]
    assert found.tolist() == expected


TEXTS = [
    ("Rain and rain", "", "Rain, rains. rain", "Ann Rain", "", "Snow", "", "", "", "Rains, and Ann"),
    ("", "", "", "", "", "", "", "", "", "rain, rains, snow, Ann and Ann"),
    ("Snow", "snow", "rains", "", "", "", "rain", "", "", ""),
]


@pytest.mark.parametrize(("word", "documents"), [("rain", 1), ("rains", 2), ("snow", 1), ("ann", 1), ("and", 1)])
def test_words_are_counted_by_documents_of_free_text(tmp_path: Path, word: str, documents: int) -> None:
    write_run(tmp_path / "run", Tokenizer("en").tokens(TEXTS, ["en"] * len(TEXTS)), 0)
    run = load_run(tmp_path / "run")
    counts = dict(zip(TermDictionary(run, "words"), run["forms.free_text_docs"].tolist(), strict=True))
    assert counts[fold(word).encode()] == documents
