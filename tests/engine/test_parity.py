"""Both engines over 10,000 made-up documents: 200 queries of every kind find and count the same."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from searchsvc.analysis import analyzer
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.interface import Engine
from searchsvc.engine.opensearch import OpenSearchEngine
from searchsvc.engine.query import EngineQuery
from searchsvc.models.documents import FACETS, Document, RemovedBlock
from searchsvc.models.search import DateRange, EngineHits, Filter
from searchsvc.query import parse_query

DOCUMENTS, QUERIES = 10_000, 200
SHOWN = 1_000  # hits compared one by one; totals and counts say the rest
DAY = date(2024, 1, 1)
ROOTS = [
    "trade", "vote", "storm", "market", "harbour", "minister", "naïve", "café", "U.S.", "NATO-Russia", "don't", "3.5",
    "1,000", "東京都", "Крым", "ещё", "हिन्दी", "re-election", "alliance", "running", "government", "re", "x_y",
]  # fmt: skip
ENDINGS = ["", "s", "ing", "ed", "ment", "er"]
FUNCTION = ["the", "of", "and", "to", "in"]
NAMES = ["Ada Byron", "Ben Okri", "ADA BYRON", "Zoë Weiß", "Jean-Luc Picard", "O'Neill"]
SECTIONS = ["World", "Business", "Sport", "Arts & Letters"]


class Corpus:
    """Words as lists for drawing from: a few that are everywhere, many that are rare."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        made = [f"{a}{b}{c}" for a in ("ba", "co", "du", "fe") for b in ("lan", "min", "tor", "ver") for c in ENDINGS]
        rare = [f"{word}{number}" for number, word in enumerate(made * 40)]
        self.common = [*FUNCTION, *ROOTS, *made]
        self.words = [*self.common * 12, *[word + end for word in made for end in ENDINGS] * 2, *rare]

    def text(self, longest: int) -> str:
        return " ".join(self.dice.choices(self.words, k=self.dice.randint(1, longest)))

    def documents(self) -> Iterator[Document]:
        order = self.dice.sample(range(1 << 40), DOCUMENTS)
        for number in order:
            yield self.document(number)

    def document(self, number: int) -> Document:
        dice = self.dice
        topics = dice.sample(["Sea", "Weather", "Trade", "straße", "Food"], dice.randint(0, 3))
        return Document(
            id=f"{number:016x}",
            slug="s",
            path=f"{number}.txt",
            content_hash="",
            title=self.text(6),
            body="\n".join(self.text(25) for _ in range(dice.randint(0, 3))),
            headings=tuple(self.text(3) for _ in range(dice.choice([0, 0, 0, 2]))),
            author=dice.choice([None, *NAMES]),
            source=dice.choice([None, "Reuters", "AP", "Prensa Latina", *(f"Paper {n}" for n in range(150))]),
            section=dice.choice([None, *SECTIONS]),
            topics=tuple(topics),
            published=DAY + timedelta(dice.randint(0, 900)) if dice.random() < 0.8 else None,
            language=dice.choice(["en", "en", "fr"]),
            removed=(RemovedBlock("footer", "a footer", 9, 9, self.text(8)),) if dice.random() < 0.5 else (),
        )

    def query(self) -> EngineQuery:
        dice, words = self.dice, [self.dice.choice(self.words) for _ in range(4)]
        a, b, c, d = words
        typed = dice.choice(
            [
                "", a, f"{a} {b}", f"{a} OR {b}", f"{a} -{b}", f"-{a}", f"-{a} -{b}", f'"{a} {b}"', f"{a} {b} {c} {d}",
                f"{a[:3]}*", f"{a} {b[:4]}*", f"{a}~", f"{a}~2", f"title:{a}", f"title:{a[:3]}*",
                f'author:"ada byron" {a}',
                f"author:weiß OR {b}", "source:ap", f"topic:sea {a}", f"section:letters -{a}", f"lang:fr {a}",
                f"date:2024 {a}", f"after:2025-01 {b}", f"before:2024-06 -{a}", f"2024-01..2024-06 {a}",
                f"({a} OR {b}) ({c} OR {d})", f"({a} {b}) OR -{c}", f"+{a} {b} {c}", f"{a}-{b}",
                f'{a} "{b} {c}" -"{d} {a}"',
                f'"the {a}"', "*** !!", f"title:({a} OR {b}) {c}",
                f"{a} in:original", f"{a} {b} in:removed", f'"{a} {b}" in:original', f"{a[:3]}* in:removed",
                "東京 -Крым", f"U.S. {a}",
            ]
        )  # fmt: skip
        parsed = parse_query(typed, analyzer("en"), date(2026, 1, 1), other_languages=("fr",))
        relaxed = dice.random() < 0.5
        return EngineQuery(
            parsed.tree,
            filters=tuple(self.filters()),
            published=dice.choice([None, None, DateRange(DAY, DAY + timedelta(400)), DateRange(None, DAY)]),
            facets=FACETS,
            facet_limit=dice.choice([3, 20, 100]),
            sort=dice.choice(["published:desc", "published:asc"]),
            limit=SHOWN,
            fallback=parsed.any_tree if relaxed else None,
            min_exact=20 if relaxed else 0,
            interleave=dice.random() < 0.2,
            collapse=dice.random() < 0.3,
            months=True,
            parts=tuple(part.tree for part in parsed.parts) if relaxed else (),
        )

    def filters(self) -> Iterator[Filter]:
        dice = self.dice
        values = {"author": NAMES, "section": SECTIONS, "topics": ["SEA", "STRASSE"], "source": ["ap", "Paper 7"]}
        for name in dice.sample(sorted(values), dice.choice([0, 0, 1, 2])):
            yield Filter(name, tuple(dice.sample(values[name], dice.randint(1, 2))), dice.random() < 0.3)


def comparable(found: EngineHits) -> object:
    """Everything in an answer but scores and the name of the generation."""
    hits = [
        (hit.document.id, hit.missing_parts, hit.partial_match, {each.id for each in hit.duplicates})
        for hit in found.hits
    ]
    return hits, found.total, found.partial_matches, dict(found.facets), dict(found.months)


@pytest.fixture(scope="module")
def engines(
    new_opensearch: Callable[[], OpenSearchEngine], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Engine, Engine]:
    documents = list(Corpus(5).documents())
    both = EmbeddedEngine(tmp_path_factory.mktemp("parity"), "en"), new_opensearch()
    faces = {copy.id: documents[number % 60].id for number, copy in enumerate(documents[60:1_000])}
    for engine in both:
        with engine.new_generation() as generation:
            for each in documents:
                generation.add(each, f"original of {each.title}")
            generation.set_duplicates(faces)
    return both


def test_both_engines_find_and_count_the_same_in_the_same_order(engines: tuple[Engine, Engine]) -> None:
    embedded, cluster = engines
    corpus = Corpus(6)
    for query in [corpus.query() for _ in range(QUERIES)]:
        assert comparable(cluster.snapshot().search(query)) == comparable(embedded.snapshot().search(query)), query


def test_streams_have_all_documents_in_the_order_of_the_hits(engines: tuple[Engine, Engine]) -> None:
    corpus = Corpus(8)
    for query in [corpus.query() for _ in range(20)]:
        embedded, cluster = ([each.id for each in engine.snapshot().stream(query)] for engine in engines)
        assert cluster == embedded, query
        assert len(embedded) == engines[0].snapshot().search(query).total


def test_last_hits_of_all_are_the_same(engines: tuple[Engine, Engine]) -> None:
    query = EngineQuery(None, sort="published:desc", offset=DOCUMENTS - 7, limit=20)
    embedded, cluster = (engine.snapshot().search(query) for engine in engines)
    assert len(embedded.hits) == 7
    assert comparable(cluster) == comparable(embedded)


def test_best_ten_are_mostly_the_same(
    engines: tuple[Engine, Engine], record_property: Callable[[str, object], None]
) -> None:
    embedded, cluster = engines
    corpus = Corpus(7)
    shares = []
    for _ in range(50):
        tree = parse_query(corpus.text(3), analyzer("en"), date(2026, 1, 1), other_languages=("fr",)).tree
        best = [
            {h.document.id for h in e.snapshot().search(EngineQuery(tree, limit=10)).hits} for e in (embedded, cluster)
        ]
        if best[0]:
            shares.append(len(best[0] & best[1]) / len(best[0]))
    record_property("share of equal best ten", sum(shares) / len(shares))
    assert sum(shares) / len(shares) > 0.5  # measured: 0.65
