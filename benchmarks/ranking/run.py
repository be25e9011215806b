"""Ranking quality on judged collections: searchsvc, what each ingredient gains, stock Whoosh, and known figures.

python -m benchmarks.ranking.run DATA [--peers FILE] [--whoosh] [COLLECTION ...]

DATA holds a folder a collection, see collections.py. FILE is TOML with nDCG@10 measured elsewhere:
a table a system, a figure a collection.
"""

import argparse
import tempfile
import tomllib
from itertools import pairwise
from pathlib import Path

from benchmarks.ranking.collections import load
from benchmarks.ranking.rankers import evaluations
from searchsvc.evaluation import Evaluation, compare

Results = dict[str, dict[str, Evaluation]]  # by way, by collection


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("collections", nargs="*")
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--whoosh", action="store_true", help="measure stock Whoosh as well: minutes")
    chosen = parser.parse_args()
    names = chosen.collections or sorted(folder.name for folder in chosen.data.iterdir() if folder.is_dir())
    results: Results = {}
    for name in names:
        with tempfile.TemporaryDirectory() as work:
            for way, evaluation in evaluations(load(chosen.data / name), Path(work), whoosh=chosen.whoosh):
                results.setdefault(way, {})[name] = evaluation
    for measure in ("nDCG@10", "R@100", "RR", "AP"):
        table(names, {way: {n: e.means[measure] for n, e in found.items()} for way, found in results.items()}, measure)
    if chosen.peers:
        table(names, tomllib.loads(chosen.peers.read_text(encoding="utf-8")), "nDCG@10 measured elsewhere")
    table(names, {way: {n: e.median_ms for n, e in found.items()} for way, found in results.items()}, "median ms")
    ingredients(names, results)


def table(names: list[str], rows: dict[str, dict[str, float]], title: str) -> None:
    print(f"\n{title:<28}" + "".join(f"{name[:12]:>14}" for name in names))
    for way, found in rows.items():
        print(f"{way:<28}" + "".join(f"{found[name]:>14.4f}" if name in found else f"{'':>14}" for name in names))


def ingredients(names: list[str], results: Results) -> None:
    """What each way gains over the one before it."""
    ways = [way for way in results if way.startswith("any word")]
    for before, after in pairwise(ways):
        print(f"\n{after}, over {before}")
        for name in names:
            moved = {each.measure: each for each in compare(results[before][name], results[after][name])}
            shown = (f"{m} {e.after / e.before - 1:+.1%} (p {e.p:.3f})" for m, e in moved.items())
            print(f"  {name:<18}" + "   ".join(shown))


if __name__ == "__main__":
    main()
