"""Listing of some paths of a seed folder: the same as in a listing of the whole folder."""

import errno
import os
from pathlib import Path

import pytest

from searchsvc.errors import SettingsError
from searchsvc.ingest.discovery import partial_listing
from searchsvc.ingest.discovery.discovery import MAX_DEPTH, find_seeds
from searchsvc.ingest.discovery.ignore_rules import IgnoreRules
from searchsvc.ingest.discovery.partial_listing import list_paths
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.models.documents import SeedProblem

ODD = os.fsdecode(b"odd \xff.txt")
FILES = (
    "a.txt", "b.pdf", ".hidden.txt", ".hidden/a.txt", "plain/a.md", "plain/deep/er/a.html", "folder.txt/inside.txt",
    "rules/.searchsvcignore", "rules/a.txt", "rules/kept/b.txt", "rules/left/c.txt", "a:b.txt", "plain/x:3.txt", ODD,
    "plainer.txt",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all that a listing may meet."""
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left/\na*b*c*d*e\na.t*\n" if name.endswith("ignore") else "text")
    deep = tmp_path.joinpath("deep", *["d"] * MAX_DEPTH)
    deep.mkdir(parents=True)
    (deep / "too.txt").touch()
    (tmp_path / "link.txt").symlink_to("a.txt")
    (tmp_path / "linked").symlink_to("plain")
    os.mkfifo(tmp_path / "pipe.txt")
    return tmp_path


def every_path(folder: Path) -> list[str]:
    below = [os.path.relpath(path, folder) for path in folder.rglob("*")]
    return [*below, "linked/a.md", "gone.txt", "gone/a.txt", "a.txt/a.txt", "plain/gone/x", "."]


def is_within(path: str, place: str) -> bool:
    return place == "" or path == shown_path(place) or path.startswith(f"{shown_path(place)}/")


def test_each_path_is_listed_as_in_the_whole_folder(folder: Path) -> None:
    whole = find_seeds(folder)
    paths = every_path(folder)
    assert len(paths) > 80
    for path in paths:
        listing = list_paths(folder, ["" if path == "." else path])
        (place,) = listing.places
        assert is_within(shown_path(path), place) or path == "."
        assert listing.listed == [each for each in whole if is_within(shown_path(each.path).removesuffix(":2"), place)]


def test_an_ignore_file_stands_for_its_folder(folder: Path) -> None:
    assert list_paths(folder, ["rules/.searchsvcignore"]).places == {"rules"}
    assert list_paths(folder, [".searchsvcignore"]).places == {""}


def test_paths_below_a_listed_folder_are_listed_once(folder: Path) -> None:
    listing = list_paths(folder, ["plain/a.md", "plain", "plainer.txt", "plain/deep/er/a.html"])
    assert listing.places == {"plain", "plainer.txt"}
    assert [each.path for each in listing.listed] == [
        "plain/a.md",
        "plain/deep/er/a.html",
        "plain/x:3.txt",
        "plainer.txt",
    ]


def test_problems_at_the_places_are_outdated(folder: Path) -> None:
    problems = [each for each in find_seeds(folder) if isinstance(each, SeedProblem)]
    listing = list_paths(folder, ["rules", "b.pdf", ODD, "a.txt"])
    left = [each.path for each in listing.elsewhere(problems)]
    assert [each.path for each in problems if each.path not in left] == [
        "b.pdf", "rules/.searchsvcignore:2", "rules/.searchsvcignore", "rules/a.txt", "rules/left",
    ]  # fmt: skip
    assert listing.elsewhere([SeedProblem(shown_path(ODD), "empty"), SeedProblem("a:b.txt", "empty")]) == [
        SeedProblem("a:b.txt", "empty")
    ]
    assert list_paths(folder, [""]).elsewhere(problems) == []


def test_missing_seed_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        list_paths(tmp_path / "gone", ["a.txt"])


def test_path_in_a_folder_named_as_a_seed_counts_as_that_folder(folder: Path) -> None:
    listing = list_paths(folder, ["folder.txt/inside.txt"])
    assert listing.places == {"folder.txt"}
    assert [each.path for each in listing.listed] == ["folder.txt", "folder.txt/inside.txt"]


def test_file_that_cannot_be_looked_at_is_no_missing_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str, **options: object) -> os.stat_result:
        raise PermissionError(errno.EACCES, "Permission denied")

    listing = partial_listing._PathListing(folder)
    with monkeypatch.context() as refusing:
        refusing.setattr(os, "stat", refused)
        listed = listing.listed("a.txt")
    assert listed == ("a.txt", [SeedProblem("a.txt", "can't be read: Permission denied")])


def test_ignore_file_is_read_once_for_all_paths_in_its_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    within = IgnoreRules.within

    def counted(self: IgnoreRules, descriptor: int, prefix: str) -> tuple[IgnoreRules, list[SeedProblem]]:
        read.append(prefix)
        return within(self, descriptor, prefix)

    monkeypatch.setattr(IgnoreRules, "within", counted)
    listing = list_paths(folder, ["rules/a.txt", "rules/b.txt", "rules/kept/b.txt"])
    assert (read, len(listing.places)) == (["rules/"], 3)


def test_problem_of_a_name_with_a_colon_is_not_that_of_the_name_before_it(folder: Path) -> None:
    problems = [SeedProblem("plain:01.pdf", "not read"), SeedProblem("plain:01", "folder can't be listed")]
    assert list_paths(folder, ["plain"]).elsewhere(problems) == problems
