"""Phrases of texts that continue a partial query."""

import pytest

from searchsvc.analysis import analyzer
from searchsvc.query.phrase_completion import PhraseBeginning, phrase_beginning, phrases_in

STATES = [
    "In March the United States of America signed. Prices rose.",
    "Ships left the United States of America late.",
    "UNITED STATES. He is from the united state, which stands.",
    "The club is united. States differ.",
]


def texts_of(texts: list[str], beginning: PhraseBeginning) -> list[str]:
    return [phrase.text for phrase in phrases_in(texts, beginning, analyzer("en"))]


@pytest.mark.parametrize(
    ("completed", "before", "run"),
    [
        ("", "", ()),
        ("united ", "", ("united",)),
        ("the war in east ", "the ", ("war", "in", "east")),
        ("NATO-", "", ("NATO",)),
        ("title:united ", "title:united ", ()),
        ("-united ", "-united ", ()),
        ("nato OR united ", "nato OR ", ("united",)),
        ('"a b" united ', '"a b" ', ("united",)),
    ],
)
def test_plain_words_directly_before_the_last_one_are_a_run(completed: str, before: str, run: tuple[str, ...]) -> None:
    beginning = phrase_beginning(completed, "st")
    assert (beginning.before, beginning.run) == (before, run)


def test_phrase_is_written_as_articles_write_it_and_goes_on_in_a_name() -> None:
    assert texts_of(STATES, phrase_beginning("united ", "st")) == ["United States", "United States of America"]


def test_words_of_two_sentences_are_no_phrase() -> None:
    assert texts_of(["They were united. States differ."], phrase_beginning("united ", "st")) == []


def test_accents_need_not_be_typed() -> None:
    assert texts_of(["He lives in São Paulo now."], phrase_beginning("sao ", "pau")) == ["São Paulo"]


def test_capital_at_the_start_of_a_sentence_means_nothing() -> None:
    assert texts_of(["Interest rates rose. Interest rates fell."], phrase_beginning("interest ", "ra")) == [
        "interest rates"
    ]


def test_phrase_ends_in_no_function_word() -> None:
    texts = ["The Iraq war was long.", "The Iraq was calm."]
    assert texts_of(texts, phrase_beginning("iraq ", "wa")) == ["Iraq war"]


def test_longer_phrase_needs_words_that_mostly_come_there() -> None:
    belonging = [f"The harbour master plan was {word}." for word in ("good", "bad")]
    assert texts_of(belonging, phrase_beginning("harbour ", "mas")) == ["harbour master", "harbour master plan"]
    scattered = [*belonging, *(f"A plan failed, {n}. The harbour master left." for n in range(9))]
    assert texts_of(scattered, phrase_beginning("harbour ", "mas")) == ["harbour master", "harbour master left"]
    once = ["The harbour master plan failed.", "The harbour master left."]
    assert texts_of(once, phrase_beginning("harbour ", "mas")) == ["harbour master"]


def test_phrase_that_mostly_goes_on_is_left_to_the_longer_one() -> None:
    texts = ["So Prime Minister Tony Blair said.", "Then Prime Minister Tony Blair left."]
    assert texts_of(texts, phrase_beginning("prime ", "mini")) == ["Prime Minister", "Prime Minister Tony Blair"]


def test_other_spelling_is_found_by_its_word() -> None:
    beginning = PhraseBeginning("", (), "stoltenbreg", ("Stoltenberg",))
    assert texts_of(["Then Stoltenberg left."], beginning) == ["Stoltenberg"]
