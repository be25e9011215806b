"""Guard of a build against seeds that take too long: they are read and cleaned in worker processes with a CPU limit.

Starting the first process takes a second. A few small texts are therefore read by the builder itself: of 16 kB, even a
reader of quadratic time takes seconds, and it takes no longer for all of them together than for ten of that size.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from searchsvc import limited_workers
from searchsvc.deferred import deferred
from searchsvc.ingest.boilerplate.batching import batches
from searchsvc.ingest.discovery.discovery import PACKED, PAGES, format_of
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.source import FoundSeeds
from searchsvc.limited_workers import LimitedWork, LimitedWorkers, LostItem
from searchsvc.models.documents import Seed, SeedProblem

if TYPE_CHECKING:
    from searchsvc.ingest.readers import reader
else:  # the builder itself needs them for a few small seeds only
    reader = deferred("searchsvc.ingest.readers.reader")

SMALL = 16_000  # bytes of a seed that the builder may read
SMALL_TOTAL = 400_000  # bytes of all seeds that the builder may read: a second of cleaning, as starting a process takes
_SMALL_SQUARES = 10 * SMALL**2  # sum of the squares of their sizes, which bounds the time of a quadratic reader
_TASK = 500_000  # bytes of seeds per task: a few batches of cleaning, and far below the limit
_LEAST = 500  # bytes added to a seed's size, for the time to open it
_OVER_LIMIT = "took more than "

FoundSeed = TypeVar("FoundSeed", Seed, SeedProblem, Seed | SeedProblem)
Result = TypeVar("Result")


def seed_workers(jobs: int) -> LimitedWorkers:
    """Return worker processes for reading and cleaning; none is started yet."""
    return LimitedWorkers(jobs, limited_workers.CPU_SECONDS)


def run_guarded(
    work: LimitedWork[FoundSeed, Result], seeds: Iterable[FoundSeed], workers: LimitedWorkers | None
) -> Iterator[Result | LostItem[FoundSeed]]:
    """Yield the results of `work` in the order of the seeds, and a LostItem for each seed that took too long.

    Without `workers`, a process is started where one is needed. Raises ProcessLost.
    """
    seeds = list(seeds)
    if _are_small(seeds):
        yield from work(seeds)
    elif workers is None:
        with closing(seed_workers(1)) as own:
            yield from own.run(work, _tasks(seeds))
    else:
        yield from workers.run(work, _tasks(seeds))


def start_guard(work: LimitedWork[Seed, object], seeds: FoundSeeds, workers: LimitedWorkers) -> None:
    """Start the worker processes if reading the seeds will need them; they load what `work` needs."""
    if not workers.is_started and not _are_small(seeds):
        of_each_format = {format_of(seed.path): seed for seed in seeds if isinstance(seed, Seed)}
        workers.start(partial(work.prepare, list(of_each_format.values())))


def _are_small(seeds: FoundSeeds) -> bool:
    real_seeds = [seed for seed in seeds if isinstance(seed, Seed)]
    sizes = [seed.size for seed in real_seeds]
    # Sizes first: names take longer to check, and large folders have many.
    return (
        max(sizes, default=0) <= SMALL
        and sum(sizes) <= SMALL_TOTAL
        and sum(size * size for size in sizes) <= _SMALL_SQUARES
        and all(map(_is_plain, real_seeds))
    )


def _is_plain(seed: Seed) -> bool:
    """Return whether the size of a seed bounds the time to read it: not for packed files and web pages."""
    return format_of(seed.path) not in PAGES and not seed.path.lower().endswith(PACKED)


def _tasks(seeds: Iterable[FoundSeed]) -> Iterator[list[FoundSeed]]:
    """Split the seeds into tasks. A large seed is a task of its own, since its results are passed on at once."""
    group: list[FoundSeed] = []
    for seed in seeds:
        if isinstance(seed, Seed) and seed.size > _TASK:
            yield from _batched(group)
            yield [seed]
            group = []
        else:
            group.append(seed)
    yield from _batched(group)


def _batched(seeds: list[FoundSeed]) -> Iterator[list[FoundSeed]]:
    return batches(seeds, size=lambda seed: _LEAST + (seed.size if isinstance(seed, Seed) else 0), full=_TASK)


def load_readers(seeds: FoundSeeds) -> None:
    """Load the readers that the seeds need, which may take longer than reading."""
    for form in {format_of(seed.path) for seed in seeds if isinstance(seed, Seed)}:
        reader.load_reader(form)


def lost_seed(lost: LostItem[Seed] | LostItem[SeedProblem] | LostItem[Seed | SeedProblem]) -> SeedProblem:
    """Return the problem to report for a lost seed."""
    path = lost.item.path
    return SeedProblem(shown_path(path) if isinstance(lost.item, Seed) else path, lost.reason)


def is_over_limit(problem: SeedProblem) -> bool:
    """Return whether a seed took too long, so that the same bytes would do so again."""
    return problem.reason.startswith(_OVER_LIMIT)
