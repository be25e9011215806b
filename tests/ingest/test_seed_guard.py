"""Small seeds are read by the builder itself, so no repeated markup or wording of their size may take long."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from searchsvc.ingest import NO_RECURRING_LINES, Source, find_seeds, ingest, read_first_pass
from searchsvc.ingest import seed_guard as guard
from searchsvc.limited_workers import LimitedWorkers
from searchsvc.models.documents import Seed, SeedProblem

MARKUP = "[]()*_`~<>!|#-+=:.&;/\\\"'\t\n 1aA@{}"
WORDS = st.sampled_from(
    ["by Jane Doe, ", "March 3, 2024 ", "posted by ", "5 min read | ", "http://a.b/c ", "東京", "a\u0301"]
)
SENTENCE = "The ministers met on Monday in Brussels to talk about the old treaty again.\n\n"
PER_FILE = 5.0  # seconds of CPU, half the limit of a file that worker processes read


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Libraries and weights, which take seconds to load, are loaded before anything is measured."""
    folder = tmp_path_factory.mktemp("loaded")
    (folder / "a.md").write_text(SENTENCE * 20)
    seconds(folder)


@pytest.mark.slow
@pytest.mark.usefixtures("loaded")
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(unit=st.text(MARKUP, min_size=1, max_size=6) | WORDS, name=st.sampled_from(["a.txt", "a.md", "a.jsonl"]))
@example(unit="![", name="a.md")
@example(unit="[a](", name="a.md")
@example(unit="*a _b ", name="a.md")
@example(unit="> ", name="a.md")
@example(unit="- a\n ", name="a.md")
@example(unit="|a|b\n|-|-\n", name="a.md")
@example(unit='{"a":', name="a.jsonl")
@example(unit="[", name="a.jsonl")
@example(unit="x", name="a.txt")
@example(unit="x\n", name="a.txt")
@example(unit=" \n", name="a.txt")
def test_nothing_repeated_makes_a_small_seed_slow(tmp_path: Path, unit: str, name: str) -> None:
    text = SENTENCE + unit * (guard.SMALL // len(unit.encode()))
    (tmp_path / name).write_bytes(text.encode()[: guard.SMALL])
    assert seconds(tmp_path) < PER_FILE or seconds(tmp_path) < PER_FILE  # the machine may have been busy
    (tmp_path / name).unlink()


@pytest.mark.slow
@pytest.mark.usefixtures("loaded")
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(unit=st.text("[]{},:-?!&*#|>%@`'\"\n ab", min_size=1, max_size=6))
@example(unit="[")
@example(unit="{a: ")
@example(unit="- ")
@example(unit="? ")
def test_no_front_matter_makes_a_small_seed_slow(tmp_path: Path, unit: str) -> None:
    front_matter = "title: " + unit * (guard.SMALL // 2 // len(unit))
    (tmp_path / "a.md").write_text(f"---\n{front_matter}\n---\n{SENTENCE}")
    assert seconds(tmp_path) < PER_FILE or seconds(tmp_path) < PER_FILE  # the machine may have been busy
    (tmp_path / "a.md").unlink()


def seconds(folder: Path) -> float:
    """CPU time of both passes over a folder, in this process."""
    source, seeds = Source(folder, 1_000_000, "en"), list(find_seeds(folder))
    started = process_time()
    read_first_pass(source, seeds)
    list(ingest(source, seeds, NO_RECURRING_LINES))
    return process_time() - started


class Starting:
    """Work that yields whether it runs in a process of its own."""

    def __init__(self) -> None:
        self.is_here = True

    def __getstate__(self) -> dict[str, bool]:
        return {"is_here": False}

    def prepare(self, items: Sequence[Seed]) -> None:
        pass

    def __call__(self, items: Sequence[Seed]) -> Iterator[bool]:
        yield self.is_here


@pytest.mark.parametrize(
    ("seeds", "is_here"),
    [
        pytest.param([Seed("a.txt", 16_000, 0)] * 10, True, id="a few small files"),
        pytest.param([Seed("a.txt", 16_000, 0)] * 11, False, id="many small files"),
        pytest.param([Seed("a.txt", 1_600, 0)] * 250, True, id="many smaller files"),
        pytest.param([Seed("a.txt", 1_600, 0)] * 251, False, id="many bytes in smaller files"),
        pytest.param([Seed("a.txt", 16_001, 0)], False, id="a larger file"),
        pytest.param([Seed("a.HTML", 10, 0)], False, id="HTML"),
        pytest.param([Seed("a.txt.gz", 10, 0)], False, id="a packed file"),
    ],
)
def test_the_builder_reads_a_few_small_texts_only(seeds: list[Seed], is_here: bool) -> None:
    assert set(guard.run_guarded(Starting(), seeds, None)) == {is_here}


@pytest.mark.parametrize("count", [1, 8])
def test_a_few_small_texts_start_no_process_with_any_number_of_jobs(count: int) -> None:
    workers, seeds = LimitedWorkers(count, 60), [Seed("a.txt", 10, 0)]
    guard.start_guard(Starting(), seeds, workers)
    assert list(guard.run_guarded(Starting(), seeds, workers)) == [True]
    assert not workers.is_started


def test_other_seeds_start_processes_that_load_what_the_work_needs() -> None:
    with closing(LimitedWorkers(1, 60)) as workers:
        guard.start_guard(Starting(), [Seed("a.html", 10, 0)], workers)
        assert workers.is_started


def test_problem_over_the_limit_is_known_by_its_reason() -> None:
    assert guard.is_over_limit(SeedProblem("a.txt", "took more than 10 s of CPU"))
    assert not guard.is_over_limit(SeedProblem("a.txt", "empty"))
