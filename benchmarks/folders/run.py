"""Measure reading of folders of Markdown: syntax left, code lines lost, sentences lost.

    python -m benchmarks.folders.run FOLDER... [--show]

Each folder is indexed as a user would. Every article is compared with the gold of its file, which `gold.py` reads
from the source with none of the readers' code. To compare two versions, run each from its own tree.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.folders.gold import SYNTAX, Gold, gold_of, spaced
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.service import SearchService
from searchsvc.settings import Settings

SUFFIXES = (".md", ".mdx", ".markdown")


@dataclass(slots=True)
class Counts:
    """Counts over the articles of a folder."""

    articles: int = 0
    with_syntax: int = 0
    with_code: int = 0
    with_lost_code: int = 0
    code: int = 0
    lost_code: int = 0
    sentences: int = 0
    lost_sentences: int = 0
    with_lost_sentences: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def row(self, name: str) -> str:
        """Return the counts as a row of a table in Markdown."""
        return (
            f"| {name} | {self.articles} | {self.with_syntax} ({self.with_syntax / max(self.articles, 1):.0%})"
            f" | {self.lost_code} of {self.code} | {self.with_lost_code} of {self.with_code}"
            f" | {self.lost_sentences} of {self.sentences} | {self.with_lost_sentences} of {self.articles} |"
        )


def bodies(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Index a folder, and yield the path, title and body of each article."""
    with tempfile.TemporaryDirectory() as index:
        service = SearchService(EmbeddedEngine(Path(index), "en", jobs=1), Settings(seeds=folder, index=Path(index)))
        service.rebuild()
        for document, _ in service.snapshot().engine.documents():
            yield document.path, document.title, document.body


def compare(counts: Counts, gold: Gold, text: str) -> list[str]:
    """Count the differences of an article, and return them as text."""
    lines = {spaced(line) for line in text.split("\n")}
    flat = spaced(text)
    lost_code = [line for line in gold.code if line not in lines]
    lost = [sentence for sentence in gold.sentences if sentence not in flat]
    outside = _without_code(text, gold)
    kinds = {name: match[0] for name, pattern in SYNTAX.items() if (match := pattern.search(outside))}
    counts.articles += 1
    counts.with_syntax += bool(kinds)
    counts.kinds.update(kinds.keys())
    counts.with_code += bool(gold.code)
    counts.with_lost_code += bool(lost_code)
    counts.code += len(gold.code)
    counts.lost_code += len(lost_code)
    counts.sentences += len(gold.sentences)
    counts.lost_sentences += len(lost)
    counts.with_lost_sentences += bool(lost)
    return [
        *(f"{name}: {example!r}" for name, example in kinds.items()),
        *(f"code: {line}" for line in lost_code),
        *(f"sentence: {sentence}" for sentence in lost),
    ]


def _without_code(text: str, gold: Gold) -> str:
    code = {*gold.code, *gold.indented}
    outside = "\n".join(line for line in text.split("\n") if spaced(line) not in code)
    for inline in sorted(gold.inline_code, key=len, reverse=True):
        outside = outside.replace(inline, "")
    return outside


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="list each difference")
    options = parser.parse_args()
    print("| folder | articles | with syntax left | code lines lost | articles with lost code | sentences lost | in |")
    print("|---|---|---|---|---|---|---|")
    for folder in options.folders:
        counts, shown = Counts(), list[str]()
        for path, title, body in bodies(folder):
            if path.endswith(SUFFIXES):
                source = (folder / path).read_text("utf-8", "replace")
                differences = compare(counts, gold_of(source), f"{title}\n{body}")
                shown += [f"  {path}: {each[:200]}" for each in differences]
        print(counts.row(folder.name), flush=True)
        if options.show:
            print(*shown, sep="\n")
            print(dict(counts.kinds))


if __name__ == "__main__":
    main()
