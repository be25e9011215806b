"""Floors for cleaning on small pages of our own writing; they may be raised, never lowered.

Each line of a page begins with what should become of it: + is the article's, - is debris, = may
go either way (a title, a by-line).
"""

from pathlib import Path

import pytest

from searchsvc.ingest.boilerplate.apply import clean_all
from searchsvc.models.documents import RawDocument, Seed

PAGES = sorted((Path(__file__).parent / "pages").glob("*.txt"))
LEAST_PRECISION = 0.99
LEAST_RECALL = 0.99


def kept_lines(page: Path) -> tuple[list[tuple[str, str]], set[int]]:
    """The lines of a page with their marks, and the numbers of those that are kept."""
    marked = [(line[0], line[2:]) for line in page.read_text("utf-8").splitlines()]
    raw = RawDocument(Seed(page.name, 0, 0), "\n\n".join(text for _, text in marked), "")
    (cleaned,) = clean_all([raw])
    return marked, {(line.number - 1) // 2 for line in cleaned.kept_lines}


def words(page: Path, mark: str, *, kept: bool) -> int:
    marked, numbers = kept_lines(page)
    return sum(len(text.split()) for i, (each, text) in enumerate(marked) if each == mark and (i in numbers) == kept)


def total(mark: str, *, kept: bool) -> int:
    return sum(words(page, mark, kept=kept) for page in PAGES)


def test_hardly_a_word_of_an_article_is_lost() -> None:
    kept, lost = total("+", kept=True), total("+", kept=False)
    assert kept / (kept + lost) >= LEAST_RECALL


def test_hardly_a_word_of_clutter_is_kept() -> None:
    article, debris = total("+", kept=True), total("-", kept=True)
    assert article / (article + debris) >= LEAST_PRECISION


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_page_loses_a_fifth_of_its_article(page: Path) -> None:
    kept, lost = words(page, "+", kept=True), words(page, "+", kept=False)
    assert lost <= 0.2 * (kept + lost)
