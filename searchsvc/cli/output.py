"""Output of the command line: data to stdout, messages to stderr, colours on a terminal only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.text import Text

from searchsvc.cli.notices import confirm, notice
from searchsvc.cli.safe_console import err, out
from searchsvc.cli.skipped_files import skipped_lines
from searchsvc.models.clean_document import CleanDocument
from searchsvc.models.documents import Document, DuplicateCluster, RemovedBlock, RemovedLine, SeedProblem
from searchsvc.models.index import BuildReport, GenerationInfo, IndexCheck
from searchsvc.models.search import Completion, Fragment, SearchResults
from searchsvc.models.search_params import camel_case
from searchsvc.plurals import counted
from searchsvc.removal_counts import keep_entry
from searchsvc.settings import SECRETS, Setting
from searchsvc.toml_file import as_toml

if TYPE_CHECKING:
    from searchsvc.evaluation import Comparison, Evaluation

_WIDEST = 60  # maximum width of a setting for which the column of origins makes room


def print_report(report: BuildReport, origin: Path | str) -> None:
    """Print the result of a build from `origin`, and every file that needs attention."""
    for problem in report.needs_attention:
        err.print(problem_line(problem))
    for line in skipped_lines(report.problems):
        notice(Text(line))
    if report.generation is None:
        return
    if report.up_to_date:
        confirm(Text(f"Nothing has changed in {origin}; still serving {report.generation}"))
        return
    if report.rebuild_reason:
        confirm(Text(f"Rebuilt: {report.rebuild_reason}"))
    indexed = report.documents - report.reused
    same = indexed - report.added - report.changed
    unchanged = f", {same:,} of them unchanged" if same > 0 else ""
    confirm(
        f"{counted(indexed, 'document')} indexed in {report.seconds:.1f} s ({report.documents_per_second:,.0f} per "
        f"second){unchanged}, {counted(report.lines_removed, 'line')} of clutter removed from "
        f"{'it' if indexed == 1 else 'them'}: generation {report.generation}"
    )
    confirm(
        f"{counted(report.documents, 'document')} in the index: {report.added:,} added, {report.changed:,} changed, "
        f"{report.unchanged:,} unchanged; {report.deleted:,} deleted"
    )


def print_report_json(report: BuildReport) -> None:
    """Print the result of a build as JSON."""
    derived = {"skipped": report.skipped, "documentsPerSecond": round(report.documents_per_second, 1)}
    print_json(in_camel_case(report) | derived)


def print_nothing_to_index(origin: Path | str, *, in_use: bool) -> None:
    """Print that `origin` contains no document; `in_use` is whether there is an index all the same."""
    state = "the previous index is still in use" if in_use else "there is no index yet. Try `searchsvc demo`"
    err.print(Text(f"Nothing to index in {origin}; {state}.", style="red"))


def problem_line(problem: SeedProblem) -> Text:
    """Return a line about a file and its problem."""
    state = ("indexed, but", "yellow") if problem.indexed else ("skipped:", "red")
    return Text.assemble(problem.path, " ", state, f" {problem.reason}")


def print_results(results: SearchResults) -> None:
    """Print hits with their snippets, matches underlined."""
    _print_query_info(results)
    if not results.total:
        notice(Text(f"Nothing found for {results.query}"))
        return
    whole = results.total - results.partial_matches
    for number, hit in enumerate(results.hits, (results.page - 1) * results.hits_per_page + 1):
        if hit.partial_match and (number == whole + 1 or hit is results.hits[0]):
            notice(Text("Partial matches\n", style="bold"))
        document = hit.document
        details = (document.author, document.source, document.section, document.published)
        about = " · ".join(str(each) for each in details if each)
        out.print(Text.assemble(f"{number}. ", _marked(hit.title, "bold"), f"  [{document.id}]"))
        if about:
            out.print(Text(f"   {about}", style="dim"))
        for snippet in hit.snippets:
            cut = ("… " if snippet.before else "", " …" if snippet.after else "")
            out.print(Text.assemble("   ", cut[0], _marked(snippet.fragments, ""), cut[1]))
        if hit.missing:
            out.print(Text(f"   missing: {', '.join(hit.missing)}", style="dim"))
        out.print()
    partial = counted(results.partial_matches, "partial match", "partial matches")
    some = f" ({partial})" if results.partial_matches else ""
    place = f"page {results.page} of {results.pages}, {results.milliseconds:.0f} ms"
    notice(Text(f"{counted(results.total, 'result')}{some}, {place}"))


def _print_query_info(results: SearchResults) -> None:
    """Print the interpretation of the query if it differs from the text, its correction, and ignored parts."""
    info = results.info
    if info.parsed != " ".join((info.corrected_query or results.query).split()):
        notice(Text(f"interpreted as: {info.parsed}", style="yellow"))
    if info.corrected_query:
        notice(Text(f"showing results for: {info.corrected_query} (use --typo off to search as typed)", style="yellow"))
    if info.suggested_query:
        notice(Text(f"did you mean: {info.suggested_query}", style="yellow"))
    for reason, texts in info.ignored_by_reason.items():
        notice(Text(f"{', '.join(texts)}: {reason}", style="yellow"))


def _marked(fragments: tuple[Fragment, ...], style: str) -> Text:
    pieces = [
        (" ".join(each.text.split("\n")), style if each.match is None else f"{style} yellow underline")
        for each in fragments
    ]
    return Text.assemble(*pieces)


def print_generations(generations: Sequence[GenerationInfo]) -> None:
    """Print the published generations, the current one marked."""
    for each in generations:
        mark = "*" if each.current else " "
        out.print(
            f"{mark} {each.name}  {counted(each.documents, 'document')}  {each.size / 1e6:,.1f} MB  {each.created}"
        )


def print_check(checked: IndexCheck) -> None:
    """Print the problems of each generation, and the serving one."""
    for each in checked.generations:
        for problem in each.problems:
            err.print(Text(problem, style="red"))
        out.print(
            f"{'*' if each.name == checked.serving else ' '} {each.name}  {'damaged' if each.problems else 'sound'}"
        )
    reported = {problem for each in checked.generations for problem in each.problems}
    for warning in checked.warnings:
        if warning not in reported:
            err.print(Text(warning, style="red"))
    if checked.serving is None:
        err.print(Text("No intact generation. Build the index with `searchsvc rebuild`.", style="red"))
    elif reported or not all("; run `chmod " in warning for warning in checked.warnings):
        err.print(Text(f"still serving {checked.serving}; run `searchsvc rebuild`", style="yellow"))


def print_removed(removed: Sequence[RemovedBlock]) -> None:
    """Print removed blocks with rule, reason and the setting that keeps them, one line of text per line of output."""
    for block in removed:
        ends = dict.fromkeys((block.first_line, block.last_line))
        sure = f" ({block.confidence * 100:.0f} % confidence)"
        out.print(Text.assemble("–".join(map(str, ends)), " ", (block.rule, "red"), f": {block.reason}", (sure, "dim")))
        for line in block.text.split("\n"):
            out.print(Text(f"    {line}", style="strike" if out.is_terminal else ""))
        out.print(Text(f"    to keep: {keep_entry(block.text.splitlines())}", style="dim"))
    notice(f"{counted(len(removed), 'block')} removed")


def print_diff(cleaned: CleanDocument) -> None:
    """Print the text line by line, removed lines with a minus sign."""
    removed = {n for block in cleaned.removed for n in range(block.first_line, block.last_line + 1)}
    for number, line in enumerate(cleaned.raw.text.split("\n"), 1):
        is_removed = number in removed and bool(line.strip())
        out.print(Text(f"{'-' if is_removed else ' '}{line}", style="red" if is_removed else ""))


def print_removals(lines: Sequence[RemovedLine], most: int = 20) -> None:
    """Print up to `most` removed lines of each source, in order, with the setting that keeps each."""
    for source, group in groupby(lines, lambda line: line.source):
        removed = list(group)
        out.print(Text(f"{source or '(top folder)'}: {counted(len(removed), 'different line')} removed", style="bold"))
        for line in removed[:most]:
            out.print(Text.assemble(f"  {line.documents:>6,}  ", (line.rule, "red"), f"  {line.text[:100]}"))
            sure = f"{line.confidence * 100:.0f} % confidence"
            out.print(Text(f"          {line.reason} ({sure}, as in {line.example})", style="dim"))
            out.print(Text(f"          to keep: {keep_entry([line.text])}", style="dim"))


def print_duplicates(clusters: Sequence[DuplicateCluster]) -> None:
    """Print each cluster: its canonical document and the near-duplicates."""
    for cluster in clusters:
        out.print(Text(f"{cluster.canonical.id}  {cluster.canonical.title}  ({cluster.canonical.path})"))
        for each in cluster.duplicates:
            out.print(Text(f"  {each.id}  {each.title}  ({each.path})"))
    duplicates = sum(len(cluster.duplicates) for cluster in clusters)
    count = f"{counted(duplicates, 'near-duplicate')} of {counted(len(clusters), 'document')}"
    notice(count if duplicates else "No near-duplicates found")


def print_completions(completions: Iterable[Completion]) -> None:
    """Print completed queries, each with its number of documents."""
    for each in completions:
        out.print(Text.assemble(each.text, (f"  {each.documents:,}", "dim")))


def print_titles(documents: Iterable[Document]) -> None:
    """Print the ids and titles of documents."""
    for document in documents:
        out.print(Text.assemble((document.id, "dim"), f"  {document.title}"))


def shown_value(setting: Setting) -> Any:
    """Return a setting's value as JSON has it."""
    if setting.value is None:
        return ""  # an empty text means none, as in TOML
    if setting.name in SECRETS and setting.value:
        return "(set)"
    return str(setting.value) if isinstance(setting.value, Path) else setting.value


def print_settings(in_force: Sequence[Setting]) -> None:
    """Print the settings as lines of searchsvc.toml, each with its origin; a secret only as a comment."""
    lines = [(_settings_line(each), each.origin) for each in in_force]
    width = max(len(line) for line, _ in lines if len(line) <= _WIDEST)
    for line, origin in lines:
        name, equals, value = line.partition(" = ")
        out.print(Text.assemble((name, "bold"), f"{equals}{value}".ljust(width - len(name)), (f"  # {origin}", "dim")))


def _settings_line(setting: Setting) -> str:
    if setting.name in SECRETS and setting.value:
        return f"# {setting.name} is set but not shown"
    try:
        return f"{setting.name} = {as_toml(setting.value)}"
    except UnicodeEncodeError:
        return f"# {setting.name} is a path that is not UTF-8, which TOML cannot express"


def print_evaluation(evaluation: "Evaluation", comparisons: "Sequence[Comparison]") -> None:
    """Print the means of the measures, and the difference from the other evaluation if there is one."""
    by_measure = {each.measure: each for each in comparisons}
    for measure, mean in evaluation.means.items():
        other = by_measure.get(measure)
        change = f"   was {other.before:.4f}, {other.after - other.before:+.4f}, p = {other.p:.4f}" if other else ""
        out.print(f"{measure:<8} {mean:.4f}{change}")
    out.print(f"latency  {evaluation.median_ms:.1f} ms median, {evaluation.p99_ms:.1f} ms p99")
    notice(counted(len(evaluation.queries), "query", "queries"))


def print_json(value: Any) -> None:
    """Print `value` as indented JSON; fields of dataclasses get names in camelCase."""
    out.print_json(msgspec.json.format(msgspec.json.encode(in_camel_case(value)), indent=2).decode())


def in_camel_case(value: Any) -> Any:
    """Return `value` with dataclasses as dictionaries, whose names are in camelCase."""
    if is_dataclass(value):
        return {camel_case(each.name): in_camel_case(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {name: in_camel_case(each) for name, each in value.items()}
    return [in_camel_case(each) for each in value] if isinstance(value, list | tuple) else value
