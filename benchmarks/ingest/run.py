"""Measure ingest by stage, in documents a CPU second of one process.

    python -m benchmarks.ingest.run DATA ARTICLES [--articles 5000] [--repeat 3]

DATA is the folder with wcxb_dev.jsonl.gz and the other sets. ARTICLES is filled with article files of about 1.4 KB
if it does not exist: a title, often a byline and a date, paragraphs of a page's main text, and lines of clutter of
the same page. To compare two versions, run each from its own tree with the same ARTICLES, in turn.

Stages contain each other: `cleaned` reads and cleans, `titled` also removes title and byline, `ingested` also
extracts metadata and signs. Each stage is timed over chunks that the builder reads without worker processes, and the
fastest of the rounds counts.
"""

import argparse
import gzip
import json
import random
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from searchsvc.ingest import find_seeds, ingest, read_first_pass
from searchsvc.ingest.boilerplate.apply import clean_all
from searchsvc.ingest.pipeline import clean_folder
from searchsvc.ingest.readers.reader import read
from searchsvc.ingest.source import Source
from searchsvc.models.documents import RawDocument, Seed

SETS = ("wcxb_dev", "fundus_half", "dragnet")
SIZE = 1_150  # characters of paragraphs from which an article is complete
CHUNK = 80  # files; their sum must stay below the size from which worker processes read
MONTHS = ("January", "March", "May", "July", "October", "December")


def articles(data: Path) -> Iterator[tuple[str, str]]:
    """Yield the host and the text of articles, in random order."""
    rng = random.Random(5)
    pages = []
    for name in SETS:
        with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            pages += [json.loads(line) for line in file]
    rng.shuffle(pages)
    for page in pages:
        gold = [line for line in page["gold"].split("\n") if line.strip()]
        clutter = [line for line in page["light"].split("\n") if line.strip() and line not in gold and len(line) < 120]
        paragraphs: list[str] = []
        for line in gold:
            paragraphs.append(line[:SIZE])
            if sum(map(len, paragraphs)) >= SIZE:
                yield page["host"] or "", "\n".join(article(page, paragraphs, clutter, rng))
                paragraphs = []


def article(page: dict[str, str], paragraphs: list[str], clutter: list[str], rng: random.Random) -> list[str]:
    """Return the lines of an article."""
    title = page["title"] or " ".join(paragraphs[0].split()[:9])
    lines = [*clutter[: rng.randrange(4)], title, ""]
    if rng.random() < 0.5:
        lines.append(f"By {page['author'] or 'Jane Miller'}")
    if rng.random() < 0.5:
        lines.append(f"{rng.choice(MONTHS)} {rng.randint(1, 28)}, {rng.randint(2005, 2025)}")
    for paragraph in paragraphs:
        lines += ["", paragraph]
    return [*lines, "", *rng.sample(clutter, min(len(clutter), rng.randrange(6))), ""]


def write(data: Path, folder: Path, count: int) -> None:
    for number, (host, text) in enumerate(islice(articles(data), count)):
        file = folder / (host.replace("/", "_") or "none") / f"{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", errors="surrogatepass")


def rate(stage: Callable[[list[Seed]], object], chunks: list[list[Seed]], repeat: int) -> float:
    """Return documents a CPU second, each chunk in its fastest round."""
    seconds = 0.0
    for chunk in chunks:
        times = []
        for _ in range(repeat):
            start = time.process_time()
            stage(chunk)
            times.append(time.process_time() - start)
        seconds += min(times)
    return sum(map(len, chunks)) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    if not options.folder.exists():
        write(options.data, options.folder, options.articles)
    source = Source(options.folder, 50_000_000, "en")
    seeds = [seed for seed in find_seeds(options.folder) if isinstance(seed, Seed)][: options.articles]
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    recurring = sum(
        (read_first_pass(source, chunk).lines for chunk in chunks[1:]), read_first_pass(source, chunks[0]).lines
    )
    known = recurring.recurring()

    def documents(chunk: list[Seed]) -> list[RawDocument]:
        return [
            raw for seed in chunk for raw in read(source.folder, seed, source.max_bytes) if isinstance(raw, RawDocument)
        ]

    stages: dict[str, Callable[[list[Seed]], object]] = {
        "read": documents,
        "first pass": lambda chunk: read_first_pass(source, chunk),
        "cleaned": lambda chunk: list(clean_all(documents(chunk), known)),
        "titled": lambda chunk: list(clean_folder(source, chunk, known)),
        "ingested": lambda chunk: list(ingest(source, chunk, known)),
    }
    rates = {name: rate(stage, chunks, options.repeat) for name, stage in stages.items()}
    rates["both passes"] = 1 / (1 / rates["first pass"] + 1 / rates["ingested"])
    print(f"{len(seeds)} articles, {sum(seed.size for seed in seeds) / len(seeds):,.0f} bytes each")
    for name, value in rates.items():
        print(f"{name:<12} {value:8,.0f} a CPU second {1e6 / value:8,.0f} µs")


if __name__ == "__main__":
    main()
