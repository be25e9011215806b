"""Results while typing: 150 beginnings of queries over news, with the story that each is about.

    python -m benchmarks.suggestions.typing DATA

DATA is the folder of the collection bbc-ki (benchmarks/ranking/collections.py). beginnings.tsv has a beginning and the
path of its story a line. Prints how many stories are among the first three results, how many results are also the
suggested articles, and how many beginnings have a completion whose first result while typing is in the same list.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.ranking.collections import load
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings

BEGINNINGS = Path(__file__).with_name("beginnings.tsv")
FIRST = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data: Path = parser.parse_args().data
    with tempfile.TemporaryDirectory() as work:
        engine = EmbeddedEngine(Path(work), "en")
        with engine.new_generation() as generation:
            for document in load(data).documents:
                generation.add(document, "")
        measure(SearchService(engine, Settings(index=Path(work))))


def measure(service: SearchService) -> None:
    rows = [line.split("\t") for line in BEGINNINGS.read_text(encoding="utf-8").splitlines()]
    in_first = same = completed = finds = 0
    for typed, story in rows:
        results = [hit.document.path for hit in service.search(SearchRequest(typed, typing=True)).hits]
        suggestions = service.suggest(typed)
        same += [document.path for document in suggestions.documents] == results[: len(suggestions.documents)]
        completed += bool(suggestions.completions)
        if suggestions.completions:
            chosen = SearchRequest(suggestions.completions[0].text, hits_per_page=100)
            finds += not {hit.document.path for hit in service.search(chosen).hits}.isdisjoint(results[:FIRST])
        if story in results[:FIRST]:
            in_first += 1
        else:
            print(
                f"{typed!r}: story not among the first {FIRST}, completions {[c.text for c in suggestions.completions]}"
            )
    print(f"story among the first {FIRST}: {in_first} of {len(rows)}")
    print(f"suggested articles are the first results: {same} of {len(rows)}")
    print(f"with a completion: {completed}; its results have one of the first {FIRST}: {finds}")


if __name__ == "__main__":
    main()
