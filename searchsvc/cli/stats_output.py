"""Output of `stats`: size, age, facets and problems of the index, in one screen of 24 lines by 80 columns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from searchsvc.cli.notices import notice
from searchsvc.cli.output import problem_line
from searchsvc.cli.safe_console import err, out
from searchsvc.cli.skipped_files import skipped_lines
from searchsvc.models.documents import SeedProblem
from searchsvc.models.index import EngineStatus
from searchsvc.models.search import FacetValue
from searchsvc.plurals import counted
from searchsvc.terminal_text import terminal_text

_WIDTH = 80
_MOST_PROBLEMS, _MOST_WARNINGS = 6, 4  # lines
_MORE = ", …"


def print_stats(
    status: EngineStatus, months: Mapping[date, int], problems: Sequence[SeedProblem], *, whole: bool
) -> None:
    """Print the state of the index. `months`: documents by month of publication. `whole`: cut nothing."""
    generation = status.generation
    built = generation.created[:16].replace("T", " ")
    out.print(f"{counted(generation.documents, 'document')}, {generation.size / 1e6:,.1f} MB, built {built} UTC")
    out.print(f"generation {generation.name}, engine {status.engine}")
    out.print(_published(months, generation.documents))
    for name, values in status.facets.items():
        out.print(_facet_line(name, values, whole=whole))
    _print_first((Text(each, style="red") for each in status.warnings), whole=whole, most=_MOST_WARNINGS)
    _print_problems(problems, whole=whole)


def _published(months: Mapping[date, int], documents: int) -> str:
    undated = documents - sum(months.values())
    if not months:
        return "published: no dates"
    suffix = f", {undated:,} without a date" if undated else ""
    return f"published: {min(months):%Y-%m} to {max(months):%Y-%m}{suffix}"


def _facet_line(name: str, values: Sequence[FacetValue], *, whole: bool) -> str:
    """Return the most frequent values that fit into a line, or all of them."""
    line = ""
    for number, each in enumerate(values):
        value = f"{'' if number == 0 else ', '}{terminal_text(each.value)} ({each.count:,})"
        reserved = 0 if number == len(values) - 1 else len(_MORE)
        if not whole and cell_len(f"{name}: {line}{value}") + reserved > _WIDTH:
            return _cut(f"{name}: {line}{_MORE if line else value}")
        line += value
    return f"{name}: {line or 'none'}"


def _print_problems(problems: Sequence[SeedProblem], *, whole: bool) -> None:
    attention = [problem for problem in problems if not problem.skipped]
    _print_first(map(problem_line, attention), whole=whole, most=_MOST_PROBLEMS)
    if whole:
        for line in skipped_lines(problems):
            notice(Text(line))
    elif skipped := len(problems) - len(attention):
        notice(f"{counted(skipped, 'file')} skipped (--all counts them by ending)")


def _print_first(lines: Iterable[Text], *, whole: bool, most: int) -> None:
    """Print the lines to standard error, only the first `most` and each cut to the width unless `whole`."""
    listed = list(lines)
    for line in listed if whole else listed[:most]:
        err.print(line if whole else Text(_cut(terminal_text(line.plain)), style=line.style))
    if not whole and len(listed) > most:
        err.print(f"and {len(listed) - most:,} more (--all lists them)")


def _cut(line: str) -> str:
    return line if cell_len(line) <= _WIDTH else f"{set_cell_size(line, _WIDTH - 1)}…"
