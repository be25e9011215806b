"""Output of `--dry-run`: the changes that a build would publish."""

from dataclasses import asdict
from pathlib import Path

from rich.text import Text

from searchsvc.cli.notices import notice
from searchsvc.cli.output import print_json, problem_line
from searchsvc.cli.safe_console import err, out
from searchsvc.cli.skipped_files import skipped_lines
from searchsvc.models.index import BuildPreview
from searchsvc.models.search_params import camel_case
from searchsvc.plurals import counted

_MOST_PATHS = 20  # of each kind


def print_preview(preview: BuildPreview, origin: Path) -> None:
    """Print the first paths of each kind of change, and the counts."""
    for problem in preview.needs_attention:
        err.print(problem_line(problem))
    for line in skipped_lines(preview.problems):
        notice(Text(line))
    if preview.rebuild_reason:
        out.print(Text(f"An update would rebuild: {preview.rebuild_reason}"))
    _print_paths("+", "green", preview.added_paths)
    _print_paths("~", "yellow", preview.changed_paths)
    _print_paths("-", "red", preview.deleted_paths)
    if not preview.is_needed:
        out.print(Text(f"Nothing has changed in {origin}"))
    out.print(
        f"{counted(preview.documents, 'document')} would be in the index: {preview.added:,} added, "
        f"{preview.changed:,} changed, {preview.unchanged:,} unchanged; {preview.deleted:,} deleted; "
        f"{counted(preview.skipped, 'file')} skipped"
    )
    notice("Dry run: nothing was written.")


def _print_paths(mark: str, style: str, paths: tuple[str, ...]) -> None:
    for path in paths[:_MOST_PATHS]:
        out.print(Text(f"{mark} {path}", style=style))
    if len(paths) > _MOST_PATHS:
        out.print(Text(f"{mark} and {len(paths) - _MOST_PATHS:,} more (--json lists all)", style=style))


def print_preview_json(preview: BuildPreview) -> None:
    """Print the counts, all paths and all problems as JSON."""
    values = {camel_case(name): value for name, value in asdict(preview).items()}
    print_json(values | {"documents": preview.documents, "skipped": preview.skipped})
