"""What an operator sees of cleaning and of duplicates."""

import json
from pathlib import Path

import pytest

from .conftest import NATO, Run

STORY = "\n\n".join(
    f"The council told the {who} of the valley on Monday that the old bridge will be mended before the winter comes."
    for who in ("farmers", "millers", "fishermen", "teachers", "bakers")
)


def test_a_diff_marks_what_is_taken_out(run: Run) -> None:
    lines = run("clean", "seeds/nato.txt", "--format", "diff").stdout.splitlines()
    assert [line for line in lines if line.startswith("-")] == ["-Connect with us"]
    assert len(lines) == len(NATO.split("\n"))


def test_clean_as_json_has_the_fields_and_the_removed_blocks(run: Run) -> None:
    said = json.loads(run("clean", "seeds/nato.txt", "--format", "json").stdout)
    assert said["title"] == "NATO Opens Political Dialogue"
    assert [(block["rule"], block["firstLine"]) for block in said["removed"]] == [("share-button", 3)]


def test_clean_against_the_index_knows_the_lines_it_has_learnt(run: Run, home: Path) -> None:
    slogan = "The finest paper of the valley, read by every household since the railway came."
    (home / "seeds/site").mkdir()
    for word in ("apple", "brick", "cloud", "delta", "eagle", "fjord", "grape", "hotel"):
        story = STORY.replace("valley", f"{word} valley").replace("bridge", f"{word} bridge")
        (home / f"seeds/site/{word}.txt").write_text(f"News of the {word}\n\n{story}\n\n{slogan}\n")
    run("rebuild")
    alone = run("clean", "seeds/site/apple.txt").stdout
    against = run("clean", "seeds/site/apple.txt", "--against").stdout
    assert (slogan in alone, slogan in against) == (True, False)
    shown = run("show", json.loads(run("search", "apple", "--format", "json").stdout)["hits"][0]["id"])
    assert slogan not in shown.stdout


def test_clean_against_no_index_is_exit_code_4(run: Run) -> None:
    assert run("clean", "seeds/nato.txt", "--against").exit_code == 4


def test_a_report_shows_what_is_taken_out_most_often(run: Run, home: Path) -> None:
    (home / "seeds/other.txt").write_text("A word on bridges\n\n" + STORY + "\n\nConnect with us\n")
    shown = run("clean", "--report", "seeds").stdout
    assert "(top folder): " in shown
    assert "       2  share-button  Connect with us" in shown


def test_a_report_as_json(run: Run) -> None:
    lines = json.loads(run("clean", "--report", "seeds", "--format", "json").stdout)
    assert ("", "Connect with us", "share-button") in [(line["source"], line["text"], line["rule"]) for line in lines]


@pytest.mark.parametrize("arguments", [(), ("seeds/nato.txt", "--report", "seeds")])
def test_clean_wants_a_file_or_a_folder(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("clean", *arguments).exit_code == 2


def test_settings_force_lines_in_and_out(run: Run, home: Path) -> None:
    (home / "searchsvc.toml").write_text('keep_lines = ["connect with us"]\ndrop_lines = ["the alliance wants*"]\n')
    assert run("clean", "seeds/nato.txt").stdout == "Connect with us\n"


def test_copies_are_listed_under_the_document_that_stands_for_them(run: Run, home: Path) -> None:
    (home / "seeds/one.txt").write_text("Bridge to be mended\n\n" + STORY)
    (home / "seeds/two.txt").write_text("The bridge again\n\n" + STORY.replace("winter", "summer"))
    run("rebuild")
    shown = run("stats", "--duplicates")
    assert len(shown.stdout.splitlines()) == 2
    assert shown.stderr == "1 near-duplicate of 1 document\n"


def test_a_folder_without_near_duplicates(run: Run, home: Path) -> None:
    run("rebuild")
    shown = run("stats", "--duplicates")
    assert (shown.stdout, shown.stderr) == ("", "No near-duplicates found\n")


def test_duplicates_as_json(run: Run, home: Path) -> None:
    (home / "seeds/one.txt").write_text("Bridge to be mended\n\n" + STORY)
    (home / "seeds/two.txt").write_text("The bridge again\n\n" + STORY)
    run("rebuild")
    (cluster,) = json.loads(run("stats", "--duplicates", "--json").stdout)
    assert {cluster["canonical"]["path"], cluster["duplicates"][0]["path"]} == {"one.txt", "two.txt"}
