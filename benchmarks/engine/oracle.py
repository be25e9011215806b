"""Random trees over random corpora, our arrays against exhaustive stock Whoosh.

    python -m benchmarks.engine.oracle --trees 10000 --seed 1

The tests do the same for a few hundred trees; see tests/engine/embedded/test_oracle.py, whose
machinery this is. Every tree is asked of stock Whoosh twice: over an index of its own in one to
three segments, and over our arrays through the codec. A difference is one in documents, scores
(relative 1e-9), total, order or top three.
"""

import argparse
import random
import signal
import sys
from collections import Counter
from datetime import timedelta

from whoosh import query as q

from searchsvc.models.documents import Document
from tests.engine.embedded.test_oracle import DAY, LANGUAGE, WORDS, Corpus, exhaustive, ours

FIELDS = ["title", "body", "headings", "author"]
SECONDS = 1.0  # stock Whoosh never ends on some trees
A_CORPUS = 60  # trees

Scored = dict[int, float]


def give_up(*_: object) -> None:
    raise TimeoutError


def text(dice: random.Random, longest: int) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(dice.randint(0, longest)))


def documents(dice: random.Random) -> list[Document]:
    """3 to 40 documents whose fields are at most 10 tokens long: Whoosh's index rounds longer ones."""
    return [
        Document(
            id="",
            slug="",
            path="",
            content_hash="",
            title=text(dice, 4),
            body=text(dice, 9),
            headings=tuple(text(dice, 3) for _ in range(dice.randint(0, 2))),
            author=text(dice, 2) or None,
            language=LANGUAGE,
            published=DAY + timedelta(days=dice.randint(0, 40)) if dice.random() < 0.7 else None,
        )
        for _ in range(dice.randint(3, 40))
    ]


def tree(dice: random.Random, depth: int = 0) -> q.Query:
    """A tree at most four deep. No Require, and AndMaybe only at the root: Whoosh is wrong on the others."""
    drawn = dice.random()
    if depth > 2 or drawn < 0.45:
        return leaf(dice)
    parts = [tree(dice, depth + 1) for _ in range(dice.randint(2, 4))]
    if drawn < 0.6:
        return q.And(parts)
    if drawn < 0.78:
        return q.Or(parts, boost=dice.choice([1.0, 2.0]))
    if drawn < 0.85:
        return q.And([parts[0], q.Not(parts[1])])
    if drawn < 0.88:
        return q.And([q.Every(), q.Not(parts[1])])
    return q.AndMaybe(parts[0], parts[1]) if depth == 0 else q.Or(parts)


def leaf(dice: random.Random) -> q.Query:
    boost, field = dice.choice([1.0, 1.0, 0.5, 3.0]), dice.choice(FIELDS)
    words = [dice.choice([*WORDS, "absent"]) for _ in range(dice.randint(2, 3))]
    if dice.random() < 0.3:
        return q.Phrase(field, words, slop=dice.randint(1, 3), boost=boost)
    return q.Term(field, words[0], boost=boost)


def same(one: Scored, other: Scored) -> bool:
    return one.keys() == other.keys() and all(abs(one[k] - other[k]) < 1e-9 * max(1, abs(one[k])) for k in one)


def compare(corpus: Corpus, asked: q.Query) -> str:
    """What came of one tree."""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        through_codec = dict(exhaustive(corpus.through_codec, asked))
        stock = dict(exhaustive(corpus.stock, asked))
    except TimeoutError:
        return "stock Whoosh did not end"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
        return f"stock Whoosh raised {type(error).__name__}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    total, hits = ours(corpus.reader, asked, 1000)
    ordered = hits == sorted(hits, key=lambda hit: (-hit[1], hit[0])) and ours(corpus.reader, asked, 3)[1] == hits[:3]
    agreeing = [same(dict(hits), stock), same(dict(hits), through_codec)]
    if not ordered or total != len(hits) or not any(agreeing):
        print("DIFFERENT", asked, hits[:6], sorted(stock.items())[:6], sep="\n  ")
        return "different"
    if not all(agreeing):
        print("ONE ONLY", asked, hits[:6], sorted(stock.items())[:6], sorted(through_codec.items())[:6], sep="\n  ")
        return "the two ways of stock Whoosh disagree, ours is one of them"
    return "equal"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trees", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, give_up)
    dice = random.Random(options.seed)
    outcomes: Counter[str] = Counter()
    while outcomes["equal"] + outcomes["different"] < options.trees:
        corpus = Corpus(documents(dice), dice.randint(1, 3))
        outcomes.update(compare(corpus, tree(dice)) for _ in range(A_CORPUS))
        corpus.close()
        print(sum(outcomes.values()), "trees:", dict(outcomes), flush=True)
    return 1 if outcomes["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
