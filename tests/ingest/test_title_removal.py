"""The title and what stands right under it leave the body."""

from searchsvc.ingest.boilerplate.apply import clean_all
from searchsvc.ingest.title_removal import remove_title_lines
from searchsvc.models.clean_document import CleanDocument
from searchsvc.models.documents import RawDocument, Seed

PROSE = "The mill by the river opened again on Sunday, after neighbours had mended its wheel for three years."


def headed(*lines: str) -> CleanDocument:
    text = "\n\n".join(lines)
    return remove_title_lines(next(clean_all([RawDocument(Seed("a.txt", 0, 0), text, "")])))


def rules(document: CleanDocument) -> list[tuple[str, int]]:
    return [(block.rule, block.first_line) for block in document.removed]


def test_the_title_leaves_the_body_and_is_named() -> None:
    document = headed("The old mill opens again", PROSE)
    assert document.title_line == 1
    assert document.body == PROSE


def test_copies_of_the_title_leave_the_body_too() -> None:
    document = headed("The old mill opens again", "The old mill opens again", PROSE, PROSE[::-1] + ".")
    assert rules(document)[:1] == [("title-repeat", 3)]


def test_an_author_and_a_day_under_the_title_leave_the_body() -> None:
    document = headed("The old mill opens again", "By Ann Lee", "14 March 2023", PROSE)
    assert rules(document) == [("byline", 3)]
    assert document.removed[-1].text == "By Ann Lee\n14 March 2023"


def test_a_line_that_asks_to_share_is_no_title() -> None:
    assert headed("The old mill opens again", "Share this", PROSE).title_line == 1


def test_a_sentence_that_must_serve_as_title_stays_in_the_body() -> None:
    assert headed(PROSE, PROSE.replace("mill", "forge")).body.startswith(PROSE)


def test_a_title_and_nothing_else_stays_in_the_body() -> None:
    assert headed("The old mill opens again").body == "The old mill opens again"


def test_a_step_of_a_recipe_is_no_title_and_stays_in_the_body() -> None:
    steps = ["1. Poach the fish in the milk.", "2. Add the potatoes and simmer for 20 minutes.", "3. Serve with bread."]
    lines = ["Serves 4", "Ingredients", "- 500 g smoked haddock", "- 2 onions", "- 1 litre milk", "Method", *steps]
    document = headed("Cullen skink", *lines)
    assert document.title_line == 1
    assert document.body.split("\n") == lines


def test_a_step_stays_in_the_body_where_it_is_the_title_for_want_of_a_better_line() -> None:
    document = headed("1. Poach the fish in the milk.", "2. Add the potatoes and simmer for 20 minutes.")
    assert document.body.split("\n") == [
        "1. Poach the fish in the milk.",
        "2. Add the potatoes and simmer for 20 minutes.",
    ]


def test_a_byline_without_capitals_is_no_title() -> None:
    prose = "أعلن ميناء صيدا يوم الاثنين أنه سيخفض رسوم الرسو بنسبة اثني عشر في المئة اعتبارا من الأول من يوليو."
    document = headed("الميناء يخفض رسومه", "بقلم: ليلى حداد", prose)
    assert (document.title_line, document.body) == (1, prose)
