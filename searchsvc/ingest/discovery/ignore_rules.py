"""Ignore rules: patterns of files to skip, from `.searchsvcignore` files in the syntax of gitignore."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pathspec import GitIgnoreSpec

from searchsvc.ingest.discovery.safe_open import opened_in, shown_path
from searchsvc.models.documents import SeedProblem

FILE = ".searchsvcignore"
_LARGEST = 65_536  # bytes
# A pattern becomes a regular expression whose time grows exponentially with the number of stars.
_MOST_STARS = 3  # runs of stars in one part of a path
_MOST_PARTS = 3  # parts that are `**`
_STARS = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """Patterns that apply in a folder: its own and those of parent folders, nearest last.

    Each has the length of the path prefix that its folder adds.
    """

    specs: tuple[tuple[int, GitIgnoreSpec], ...] = ()

    def ignores(self, path: str) -> bool:
        """Return whether `path` is ignored. A folder's path ends with a slash. The nearest matching file decides."""
        for start, spec in reversed(self.specs):
            is_ignored = spec.check_file(path[start:]).include
            if is_ignored is not None:
                return is_ignored
        return False

    def within(self, folder: int, prefix: str) -> tuple["IgnoreRules", list[SeedProblem]]:
        """Return the rules for a folder, and the problems of its ignore file.

        `folder`: an open descriptor. Paths below it begin with `prefix`.
        """
        patterns, problems = _patterns(folder, prefix)
        if not patterns:
            return self, problems
        return IgnoreRules((*self.specs, (len(prefix), GitIgnoreSpec.from_lines(patterns)))), problems


NO_IGNORE_RULES = IgnoreRules()


def _patterns(folder: int, prefix: str) -> tuple[Sequence[str], list[SeedProblem]]:
    file = opened_in(folder, FILE, prefix + FILE)
    if isinstance(file, SeedProblem):
        return (), [file]
    path = shown_path(prefix + FILE)
    with file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        return (), [SeedProblem(path, f"larger than {_LARGEST:,} bytes; it has no effect")]
    lines = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").splitlines()
    wrong = {number: reason for number, line in enumerate(lines, 1) if (reason := _refusal(line))}
    problems = [SeedProblem(f"{path}:{number}", reason) for number, reason in wrong.items()]
    return [line for number, line in enumerate(lines, 1) if number not in wrong], problems


def _refusal(line: str) -> str | None:
    """Return the reason for rejecting a pattern, or None."""
    parts = line.split("/")
    if parts.count("**") > _MOST_PARTS or any(len(_STARS.findall(part)) > _MOST_STARS for part in parts):
        return f"pattern skipped: more than {_MOST_STARS} runs of stars in a path component, or ** components"
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return "pattern skipped: invalid gitignore syntax"
    return None
