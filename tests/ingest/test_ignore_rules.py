"""`.searchsvcignore`: what is left out, in any folder."""

import time
from pathlib import Path

import pytest

from searchsvc.ingest.discovery.discovery import find_seeds
from searchsvc.models.documents import Seed, SeedProblem


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    put(
        tmp_path, **dict.fromkeys(["a.txt", "b.md", "draft/c.txt", "site/a.txt", "site/draft/d.txt", "site/e.txt"], "x")
    )
    return tmp_path


def kept(folder: Path) -> list[str]:
    return [each.path for each in find_seeds(folder) if isinstance(each, Seed)]


def problems(folder: Path) -> list[SeedProblem]:
    return [each for each in find_seeds(folder) if isinstance(each, SeedProblem) and not each.skipped]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ("", ["a.txt", "b.md", "draft/c.txt", "site/a.txt", "site/draft/d.txt", "site/e.txt"]),
        ("# a comment\n\n*.md\n", ["a.txt", "draft/c.txt", "site/a.txt", "site/draft/d.txt", "site/e.txt"]),
        ("a.txt", ["b.md", "draft/c.txt", "site/draft/d.txt", "site/e.txt"]),
        ("/a.txt", ["b.md", "draft/c.txt", "site/a.txt", "site/draft/d.txt", "site/e.txt"]),
        ("draft/", ["a.txt", "b.md", "site/a.txt", "site/e.txt"]),
        ("site/**/d.txt", ["a.txt", "b.md", "draft/c.txt", "site/a.txt", "site/e.txt"]),
        ("*\n!b.md", ["b.md"]),
        ("*.txt\n!site/", ["b.md"]),
        ("\ufeffa.txt\r\n", ["b.md", "draft/c.txt", "site/draft/d.txt", "site/e.txt"]),
    ],
)
def test_patterns_leave_out(seeds: Path, patterns: str, expected: list[str]) -> None:
    put(seeds, **{".searchsvcignore": patterns})
    assert kept(seeds) == expected


def test_a_folder_has_patterns_of_its_own(seeds: Path) -> None:
    put(seeds, **{"site/.searchsvcignore": "/a.txt\ndraft/"})
    assert kept(seeds) == ["a.txt", "b.md", "draft/c.txt", "site/e.txt"]


def test_the_nearest_patterns_decide(seeds: Path) -> None:
    put(seeds, **{".searchsvcignore": "*.txt", "site/.searchsvcignore": "!e.txt"})
    assert kept(seeds) == ["b.md", "site/e.txt"]


def test_ignored_paths_are_skipped_and_reported(seeds: Path) -> None:
    put(seeds, **{".searchsvcignore": "draft/"})
    said = [each for each in find_seeds(seeds) if isinstance(each, SeedProblem) and "ignored" in each.reason]
    assert said == [SeedProblem(path, "ignored by .searchsvcignore", skipped=True) for path in ("draft", "site/draft")]


@pytest.mark.parametrize("pattern", ["*a*b*c*d", "**/a/**/b/**/c/**/d", "!"])
def test_a_pattern_that_is_not_used_is_reported_with_its_line(seeds: Path, pattern: str) -> None:
    put(seeds, **{".searchsvcignore": f"b.md\n{pattern}\na.txt"})
    (problem,) = problems(seeds)
    assert problem.path == ".searchsvcignore:2"
    assert problem.reason.startswith("pattern skipped")
    assert kept(seeds) == ["draft/c.txt", "site/draft/d.txt", "site/e.txt"]


def test_patterns_cannot_take_long(tmp_path: Path) -> None:
    put(tmp_path, **{"a" * 250 + ".txt": "x", ".searchsvcignore": "*a*a*b\n**/*a*a*b/**/c/**"})
    started = time.process_time()
    assert len(kept(tmp_path)) == 1
    assert time.process_time() - started < 2


def test_a_file_of_patterns_that_is_a_link_is_reported_and_not_read(seeds: Path, tmp_path: Path) -> None:
    (seeds / ".searchsvcignore").symlink_to("b.md")
    assert problems(seeds) == [SeedProblem(".searchsvcignore", "a link; links are not followed")]


def test_a_file_of_patterns_that_is_too_large_is_reported(seeds: Path) -> None:
    put(seeds, **{".searchsvcignore": "a.txt\n" * 20_000})
    assert problems(seeds)[0].reason == "larger than 65,536 bytes; it has no effect"
    assert "a.txt" in kept(seeds)
