"""What the command line prints: data to stdout, talk to stderr, plain where there is no terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from searchsvc.building import BuildProgress
from searchsvc.evaluation import Comparison, Evaluation
from searchsvc.models import (
    BuildReport,
    CleanDocument,
    Completion,
    Document,
    DuplicateCluster,
    Fragment,
    GenerationInfo,
    IndexCheck,
    RemovedBlock,
    RemovedLine,
    SearchResults,
    SeedProblem,
)
from searchsvc.settings import SECRETS, Setting

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


class _RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def progress_bar() -> Iterator[Callable[[BuildProgress], None]]:
    """A bar on a terminal, nothing elsewhere."""
    said, rate, left = TextColumn("{task.description}"), _RateColumn(), TimeRemainingColumn()
    columns = (said, BarColumn(), MofNCompleteColumn(), rate, left)
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda progress: bar.update(
            task, description=progress.step.capitalize(), completed=progress.done, total=progress.total
        )


def print_report(report: BuildReport, origin: Path | str) -> None:
    """What a build from `origin` did, and every file that needs a look."""
    for problem in report.troubles:
        err.print(problem_line(problem))
    passed_over = len(report.problems) - len(report.troubles)
    if passed_over:
        err.print(f"{passed_over} files passed over: hidden, links or no text files (rebuild --json lists them)")
    if report.generation is None:
        err.print(Text(f"Nothing to index in {origin}; what was published before still serves.", style="red"))
        return
    if report.unchanged:
        out.print(f"Nothing has changed in {origin}: generation {report.generation} serves on.", highlight=False)
        return
    if report.anew:
        out.print(Text(f"The index was built anew: {report.anew}"))
    if report.taken_over:
        out.print(f"{report.taken_over:,} documents taken over as they were")
    indexed = report.documents - report.taken_over
    rate = indexed / max(report.seconds, 1e-9)
    out.print(
        f"{indexed:,} documents indexed in {report.seconds:.1f} s ({rate:,.0f} a second), "
        f"{report.lines_removed:,} lines of debris removed: generation {report.generation}"
    )


def problem_line(problem: SeedProblem) -> Text:
    """A file and what was wrong with it."""
    state = ("indexed, but", "yellow") if problem.indexed else ("skipped:", "red")
    return Text.assemble(problem.path, " ", state, f" {problem.reason}")


def print_results(results: SearchResults) -> None:
    """Hits with their snippets, matches underlined."""
    _print_query_info(results)
    if not results.total:
        err.print(Text(f"Nothing found for {results.query}"))
        return
    whole = results.total - results.relaxed
    for number, hit in enumerate(results.hits, (results.page - 1) * results.hits_per_page + 1):
        if hit.relaxed and (number == whole + 1 or hit is results.hits[0]):
            err.print(Text("With some of your words:\n", style="bold"))
        document = hit.document
        said = (document.author, document.source, document.section, document.published)
        about = " · ".join(str(each) for each in said if each)
        out.print(Text.assemble(f"{number}. ", _marked(hit.title, "bold"), f"  [{document.id}]"))
        if about:
            out.print(Text(f"   {about}", style="dim"))
        for snippet in hit.snippets:
            cut = ("… " if snippet.before else "", " …" if snippet.after else "")
            out.print(Text.assemble("   ", cut[0], _marked(snippet.fragments, ""), cut[1]))
        if hit.missing:
            out.print(Text(f"   without: {', '.join(hit.missing)}", style="dim"))
        out.print()
    some = f" ({results.relaxed:,} with some of the words)" if results.relaxed else ""
    place = f"page {results.page} of {results.pages}, {results.milliseconds:.0f} ms"
    err.print(Text(f"{results.total:,} found{some}, {place}"))


def _print_query_info(results: SearchResults) -> None:
    """How the query was read, if otherwise than typed, and what was left out of it."""
    info = results.info
    if info.parsed != " ".join((info.corrected_query or results.query).split()):
        err.print(Text(f"read as: {info.parsed}", style="yellow"))
    if info.corrected_query:
        err.print(Text(f"showing results for: {info.corrected_query} (--typo off: for what was typed)", style="yellow"))
    for note in info.ignored:
        err.print(Text(f"{note.text}: {note.reason}", style="yellow"))


def _marked(fragments: tuple[Fragment, ...], style: str) -> Text:
    pieces = [
        (" ".join(each.text.split("\n")), style if each.match is None else f"{style} yellow underline")
        for each in fragments
    ]
    return Text.assemble(*pieces)


def print_generations(generations: Sequence[GenerationInfo]) -> None:
    """Published generations, the serving one marked."""
    for each in generations:
        mark = "*" if each.current else " "
        out.print(f"{mark} {each.name}  {each.documents:,} documents  {each.size / 1e6:,.1f} MB  {each.created}")


def print_check(checked: IndexCheck) -> None:
    """What is wrong with each generation, and what serves."""
    for each in checked.generations:
        for problem in each.problems:
            err.print(Text(problem, style="red"))
        out.print(
            f"{'*' if each.name == checked.serving else ' '} {each.name}  {'damaged' if each.problems else 'sound'}"
        )
    known = {problem for each in checked.generations for problem in each.problems}
    for warning in checked.warnings:
        if warning not in known:
            err.print(Text(warning, style="red"))
    if checked.serving is None:
        err.print(Text("nothing serves; run `searchsvc rebuild`", style="red"))
    elif not checked.sound:
        err.print(Text(f"{checked.serving} serves; run `searchsvc rebuild`", style="yellow"))


def print_removed(removed: Sequence[RemovedBlock]) -> None:
    """What was taken out, with rule and reason; a line of text a line, so that it can be searched."""
    for block in removed:
        ends = dict.fromkeys((block.first_line, block.last_line))
        sure = f" ({block.confidence:.0%} sure)"
        out.print(Text.assemble("–".join(map(str, ends)), " ", (block.rule, "red"), f": {block.reason}", (sure, "dim")))
        for line in block.text.split("\n"):
            out.print(Text(f"    {line}", style="strike" if out.is_terminal else ""))
    err.print(f"{len(removed)} blocks removed")


def print_diff(cleaned: CleanDocument) -> None:
    """The text line by line, what is taken out with a minus sign."""
    removed = {n for block in cleaned.removed for n in range(block.first_line, block.last_line + 1)}
    for number, line in enumerate(cleaned.raw.text.split("\n"), 1):
        gone = number in removed and bool(line.strip())
        out.print(Text(f"{'-' if gone else ' '}{line}", style="red" if gone else ""))


def print_removals(lines: Sequence[RemovedLine], most: int = 20) -> None:
    """What was taken out of the documents of each source, the `most` frequent lines."""
    for source, found in groupby(lines, lambda line: line.source):
        each = list(found)
        out.print(Text(f"{source or '(top folder)'}: {len(each):,} different lines taken out", style="bold"))
        for line in each[:most]:
            out.print(Text.assemble(f"  {line.documents:>6,}  ", (line.rule, "red"), f"  {line.text[:100]}"))
            out.print(Text(f"          {line.reason} (as in {line.example})", style="dim"))


def print_duplicates(clusters: Sequence[DuplicateCluster]) -> None:
    """Each cluster: the document that stands for it, and its copies."""
    for cluster in clusters:
        out.print(Text(f"{cluster.face.id}  {cluster.face.title}  ({cluster.face.path})"))
        for copy in cluster.copies:
            out.print(Text(f"  {copy.id}  {copy.title}  ({copy.path})"))
    copies = sum(len(cluster.copies) for cluster in clusters)
    err.print(f"{copies:,} copies of {len(clusters):,} documents")


def print_completions(completions: Iterable[Completion]) -> None:
    """Queries that begin as typed, each with its number of documents."""
    for each in completions:
        out.print(Text.assemble(each.text, (f"  {each.documents:,}", "dim")))


def print_titles(documents: Iterable[Document]) -> None:
    """Documents by id and title."""
    for document in documents:
        out.print(Text.assemble((document.id, "dim"), f"  {document.title}"))


def shown_value(setting: Setting) -> Any:
    """A setting's value as JSON has it."""
    if setting.value is None:
        return ""  # which stands for none
    if setting.name in SECRETS and setting.value:
        return "(set)"
    return str(setting.value) if isinstance(setting.value, Path) else setting.value


def print_settings(in_force: Sequence[Setting]) -> None:
    """Each setting as the file of settings would have it, and where it was set."""
    shown = [(each.name, msgspec.json.encode(shown_value(each)).decode(), each.origin) for each in in_force]
    wide = max(len(f"{name} = {value}") for name, value, _ in shown)
    for name, value, origin in shown:
        out.print(Text.assemble((name, "bold"), f" = {value}".ljust(wide - len(name)), (f"  # {origin}", "dim")))


def print_evaluation(evaluation: Evaluation, comparisons: Sequence[Comparison]) -> None:
    """The means of the measures, and how each differs from the other evaluation, if there is one."""
    moved = {each.measure: each for each in comparisons}
    for measure, mean in evaluation.means.items():
        other = moved.get(measure)
        beside = f"   was {other.before:.4f}, {other.after - other.before:+.4f}, p = {other.p:.4f}" if other else ""
        out.print(f"{measure:<8} {mean:.4f}{beside}")
    out.print(f"latency  {evaluation.median_ms:.1f} ms median, {evaluation.p99_ms:.1f} ms p99")
    err.print(f"{len(evaluation.queries):,} queries")


def print_json(value: Any) -> None:
    """`value` as indented JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))
