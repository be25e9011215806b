"""What was taken out of many documents, counted."""

from searchsvc.ingest.removal_report import removed_lines
from searchsvc.models.clean_document import CleanDocument, TextLine, Verdict
from searchsvc.models.documents import RawDocument, RemovedLine, Seed, SeedProblem


def cleaned(path: str, *texts: str) -> CleanDocument:
    lines = tuple(TextLine(n, text) for n, text in enumerate(texts, 1))
    verdicts = {line.number: Verdict(line.number, "share", "asks to share", 1.0) for line in lines}
    return CleanDocument(RawDocument(Seed(path, 0, 0), "", ""), lines, verdicts)


def test_lines_are_counted_by_source_the_most_frequent_first() -> None:
    documents = [cleaned("b/1.txt", "Menu", "Share"), cleaned("b/2.txt", "Share"), cleaned("a/1.txt", "Menu")]
    assert removed_lines(documents) == [
        RemovedLine("a", "Menu", "share", "asks to share", 1, "a/1.txt"),
        RemovedLine("b", "Share", "share", "asks to share", 2, "b/1.txt"),
        RemovedLine("b", "Menu", "share", "asks to share", 1, "b/1.txt"),
    ]


def test_a_line_counts_once_for_each_document() -> None:
    assert [line.documents for line in removed_lines([cleaned("a/1.txt", "Share", "Share")])] == [1]


def test_lines_of_a_block_are_counted_apart() -> None:
    assert [line.text for line in removed_lines([cleaned("1.txt", "Menu", "Share")])] == ["Menu", "Share"]


def test_files_that_could_not_be_read_are_skipped() -> None:
    assert removed_lines([SeedProblem("a.txt", "empty")]) == []


def test_likely_mistakes_come_before_frequent_certain_lines() -> None:
    doubtful = TextLine(2, "Winners of the day")
    verdict = Verdict(2, "classifier", "few words", 0.6)
    shared = [cleaned(f"a/{number}.txt", "Share") for number in range(3)]
    unsure = CleanDocument(RawDocument(Seed("a/4.txt", 0, 0), "", ""), (doubtful,), {2: verdict})

    assert [(line.text, line.confidence) for line in removed_lines([*shared, unsure])] == [
        ("Winners of the day", 0.6),
        ("Share", 1.0),
    ]
