"""Judged queries from files, and where a bad file is wrong."""

from pathlib import Path

import pytest

from searchsvc.errors import JudgementsUnreadable
from searchsvc.evaluation import JudgedQuery, read_qrels

TREC = """<top>
<num> Number: 301
<title> International
 Organized Crime
<desc> Description:
Identify organizations.
</top>
<top><num>302</num><title>Polio</title></top>
"""


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_qrels_and_topics_of_trec(tmp_path: Path) -> None:
    qrels = written(tmp_path, "qrels", "301 0 a.txt 2\n301 0 b.txt 0\n\n302 0 c.txt 1\n")
    assert read_qrels(qrels, written(tmp_path, "topics", TREC)) == (
        JudgedQuery("301", "International Organized Crime", {"a.txt": 2, "b.txt": 0}),
        JudgedQuery("302", "Polio", {"c.txt": 1}),
    )


def test_columns_parted_by_tabs_may_hold_spaces(tmp_path: Path) -> None:
    qrels = written(tmp_path, "qrels.tsv", "q1\tmy news/a b.txt\t1\n")
    topics = written(tmp_path, "topics.tsv", "q1\twhat's new?\n")
    assert read_qrels(qrels, topics) == (JudgedQuery("q1", "what's new?", {"my news/a b.txt": 1}),)


def test_toml_with_a_list_or_with_grades(tmp_path: Path) -> None:
    text = '[[query]]\ntext = "nato"\nrelevant = ["a.txt"]\n[[query]]\ntext = "eu"\nrelevant = { "b.txt" = 3 }\n'
    assert read_qrels(written(tmp_path, "judged.toml", text)) == (
        JudgedQuery("1", "nato", {"a.txt": 1}),
        JudgedQuery("2", "eu", {"b.txt": 3}),
    )


def test_queries_without_a_relevant_document_tell_nothing(tmp_path: Path) -> None:
    qrels = written(tmp_path, "qrels", "1 0 a 0\n2 0 a 1\n")
    assert [query.name for query in read_qrels(qrels, written(tmp_path, "topics", "1\tx\n2\ty\n"))] == ["2"]


@pytest.mark.parametrize(
    ("qrels", "topics", "message"),
    [
        ("1 0 a 1\n1 a 2\n1 0\n", "1\tx", "qrels, line 3: a judgement is"),
        ("1 0 a yes\n", "1\tx", "qrels, line 1: the grade must be a whole number, not 'yes'"),
        ("1 0 a 1\n9 0 a 1\n", "1\tx", "qrels, line 2: .* has no query '9'"),
        ("1 0 a 1\n", "1\tx\n2 y\n", "topics, line 2: a topic is its name, a tab"),
        ("1 0 a 1\n", "\n<top>\n<num> 1\n</top>", "topics, line 2: a topic needs <num> and <title>"),
        ("1 0 a 0\n", "1\tx", "no query with a relevant document"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, qrels: str, topics: str, message: str) -> None:
    judgements = written(tmp_path, "qrels", qrels)
    with pytest.raises(JudgementsUnreadable, match=message):
        read_qrels(judgements, written(tmp_path, "topics", topics))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[query]]\ntext = "a"\nrelevant = [', "line 3"),
        ('title = "x"\n', "line 1: the file must hold"),
        ('[[query]]\ntext = "a"\nrelevant = ["x"]\n\n[[query]]\ntext = "b"\n', "line 5: a query has text"),
        ('[[query]]\ntext = "a"\nrelevant = "x"\n', "line 1: relevant is a list"),
        ('[[query]]\ntext = "a"\nrelevant = { x = "much" }\n', "line 1: relevant is a list"),
        ("query = 3\n", "line 1: the file must hold"),
    ],
)
def test_bad_toml_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(JudgementsUnreadable, match=message):
        read_qrels(written(tmp_path, "judged.toml", text))


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "qrels").write_bytes(b"1 0 a 1\n1 0 \xff 1\n")
    with pytest.raises(JudgementsUnreadable, match="line 2: no UTF-8"):
        read_qrels(tmp_path / "qrels", written(tmp_path, "topics", "1\tx"))


def test_what_can_not_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(JudgementsUnreadable, match="cannot be read"):
        read_qrels(tmp_path / "gone.toml")


def test_qrels_without_topics_have_no_words(tmp_path: Path) -> None:
    with pytest.raises(JudgementsUnreadable, match="--topics"):
        read_qrels(written(tmp_path, "qrels", "1 0 a 1\n"))
