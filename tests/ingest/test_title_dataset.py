"""Titles that count as correct in the development data of the title classifier."""

from training.title.dataset import titles


def correct(title: str, lines: list[str]) -> list[str]:
    """Return the correct titles among the lines of a page with a labelled title, sorted."""
    return sorted(" ".join(key) for key in titles({"title": title, "heads": []}, lines))


def test_a_kicker_glued_to_its_headline_is_correct() -> None:
    lines = ["Storm / The mill opens", "StormThe mill opens", "The mill"]

    assert correct("Storm: The mill opens", lines) == ["storm the mill opens", "stormthe mill opens"]


def test_a_part_of_the_headline_is_not_correct() -> None:
    assert correct("Storm: The mill opens", ["The mill opens again", "mill opens", "Storm"]) == []
