"""How often a misspelt word finds what the word spelt right finds.

    python -m benchmarks.spelling.run COLLECTIONS

COLLECTIONS is a folder with a folder for each collection: `docs.jsonl` (id, title, body) and
`queries.jsonl` (id, text). From each, words of five letters or more that stand in queries and in
documents are drawn and get one random edit. Counted is whether the document that is first for the
right word is among the ten best for the misspelt one. With `--pairs`, two neighbouring words of a
query are asked for, one of them misspelt.

The bonus of likely slips is chosen anew for each collection from the others, as a proof that it holds
on those not seen.
"""

import argparse
import hashlib
import json
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from searchsvc.analysis import (
    FUNCTION_WORDS,
    WORD,
    analyzer,
    fold,
)
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.interface import Engine
from searchsvc.engine.query import EngineQuery
from searchsvc.models.documents import Document
from searchsvc.query import (
    correct_spelling,
    parse,
    parse_query,
    spelling,
)

BONUSES = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)


@dataclass(frozen=True, slots=True)
class Case:
    """A query, the same with a slip in it, and the document that is first for the right one."""

    right: str
    misspelt: str
    first: str


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of the cases in which the document came among the ten best."""

    uncorrected: float
    corrected: float


def build(engine: Engine, docs: Path) -> None:
    with engine.new_generation() as generation, docs.open(encoding="utf-8") as lines:
        for read in map(json.loads, lines):
            identity = hashlib.sha256(read["id"].encode()).hexdigest()[:16]
            generation.add(Document(identity, "slug", "path", "", read["title"], read["body"]), "")


def standing(docs: Path) -> set[str]:
    """The words that stand in documents, as they are written there."""
    with docs.open(encoding="utf-8") as lines:
        return {
            fold(word) for read in map(json.loads, lines) for word in WORD.findall(f"{read['title']} {read['body']}")
        }


def ten_best(engine: Engine, query: str) -> list[str]:
    tree = parse_query(query, analyzer("en"), date.today()).tree
    return [hit.document.id for hit in engine.snapshot().search(EngineQuery(tree, limit=10)).hits] if tree else []


def slip(word: str, rng: random.Random) -> str:
    """`word` with a letter more, less, another one, or two swapped."""
    while True:
        at, letter = rng.randrange(len(word)), rng.choice(string.ascii_lowercase)
        misspelt = rng.choice(
            (
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
            )
        )
        if misspelt != word:
            return misspelt


def long_enough(word: str) -> bool:
    return len(word) >= 5 and word.isascii() and word.isalpha() and word not in FUNCTION_WORDS


def single_words(queries: list[list[str]], known: set[str], rng: random.Random) -> Iterator[tuple[str, str]]:
    words = sorted({word for query in queries for word in query if long_enough(word) and word in known})
    while True:
        word = rng.choice(words)
        yield word, slip(word, rng)


def pairs(queries: list[list[str]], known: set[str], rng: random.Random) -> Iterator[tuple[str, str]]:
    telling = [[word for word in query if word in known - FUNCTION_WORDS] for query in queries]
    telling = [query for query in telling if len(query) > 1]
    while True:
        query = rng.choice(telling)
        at = rng.randrange(len(query) - 1)
        one, other = query[at : at + 2]
        if rng.random() < 0.5 and long_enough(one):
            yield f"{one} {other}", f"{slip(one, rng)} {other}"
        elif long_enough(other):
            yield f"{one} {other}", f"{one} {slip(other, rng)}"


def cases(engine: Engine, drawn: Iterator[tuple[str, str]], wanted: int) -> list[Case]:
    found: list[Case] = []
    while len(found) < wanted:
        right, misspelt = next(drawn)
        if best := ten_best(engine, right):
            found.append(Case(right, misspelt, best[0]))
    return found


def rates(engine: Engine, drawn: list[Case]) -> Rates:
    plain = put_right = 0
    vocabulary = engine.snapshot().vocabulary
    for case in drawn:
        as_typed = ten_best(engine, case.misspelt)
        plain += case.first in as_typed
        put = correct_spelling(case.misspelt, parse(case.misspelt)[0], vocabulary)
        put_right += case.first in (ten_best(engine, put.text) if put else as_typed)
    return Rates(plain / len(drawn), put_right / len(drawn))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", type=Path)
    parser.add_argument("--words", type=int, default=500, help="drawn from each collection")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", action="store_true", help="misspell one of two words")
    options = parser.parse_args()
    by_bonus: dict[str, dict[float, float]] = {}
    print("| collection | as typed | corrected |\n|---|---|---|")
    with TemporaryDirectory() as work:
        for folder in sorted(path for path in options.collections.iterdir() if (path / "docs.jsonl").exists()):
            engine = EmbeddedEngine(Path(work) / folder.name, "en")
            build(engine, folder / "docs.jsonl")
            lines = (folder / "queries.jsonl").read_text("utf-8").splitlines()
            queries = [[fold(word) for word in WORD.findall(json.loads(line)["text"])] for line in lines]
            known = standing(folder / "docs.jsonl")
            draw = pairs if options.pairs else single_words
            drawn = cases(engine, draw(queries, known, random.Random(options.seed)), options.words)
            found = rates(engine, drawn)
            print(f"| {folder.name} | {found.uncorrected:.3f} | {found.corrected:.3f} |", flush=True)
            by_bonus[folder.name] = {bonus: with_bonus(bonus, engine, drawn) for bonus in BONUSES}
    for left_out in by_bonus:
        others = [name for name in by_bonus if name != left_out]
        chosen = max(BONUSES, key=lambda bonus: sum(by_bonus[name][bonus] for name in others))
        print(f"{left_out} with the bonus chosen on the others, {chosen:g}: {by_bonus[left_out][chosen]:.3f}")


def with_bonus(bonus: float, engine: Engine, drawn: list[Case]) -> float:
    in_force, spelling.LIKELY_TYPO = spelling.LIKELY_TYPO, bonus
    try:
        return rates(engine, drawn).corrected
    finally:
        spelling.LIKELY_TYPO = in_force


if __name__ == "__main__":
    main()
