"""How a folded word is written."""

import pytest

from searchsvc.engine.embedded.words.display_form import display_form


@pytest.mark.parametrize(
    ("word", "texts", "expected"),
    [
        ("nato", ["Talks with NATO went on."], "NATO"),
        ("iphone", ["An iPhone. IPHONE"], "iPhone"),
        ("storm", ["Storm over the town. A storm came."], "storm"),
        ("storm", ["Storm over the town.\nStorm!"], "storm"),  # a capital only where sentences begin
        ("nato", ["NATO met.", "NATO: no."], "NATO"),
        ("cafe", ["Le café est fermé."], "café"),
        ("cafe", ["The cafe, he said."], "cafe"),
        ("ete", ["It was completed.", "Il a été là."], "été"),  # a piece of a word is not the word
        ("russia", ["The Russia of old, RUSSIA, and of Russia."], "Russia"),
        ("he", ["said He and he"], "he"),
        ("istanbul", ["to İstanbul"], "İstanbul"),
        ("gone", ["nothing of it"], "gone"),
        ("gone", [], "gone"),
    ],
)
def test_word_is_shown_as_people_write_it(word: str, texts: list[str], expected: str) -> None:
    assert display_form(word, texts) == expected


def test_no_more_texts_are_read_than_needed() -> None:
    texts = iter(["of rain, with rain and in rain", "of Rain"])
    assert display_form("rain", texts) == "rain"
    assert list(texts) == ["of Rain"]
