"""Share, rate and remaining time of a build, over all its steps."""

import os
from pathlib import Path

import pytest

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.running_build import BuildProgress
from searchsvc.service import SearchService
from searchsvc.settings import Settings

FILES = 1_100  # texts of more than one task of the workers, and more than the builder reads itself


@pytest.fixture
def service(tmp_path: Path) -> SearchService:
    (tmp_path / "seeds").mkdir()
    for number in range(FILES):
        text = f"Talks {number}\n\n" + f"The ministers met on Monday to talk about treaty {number}.\n" * 8
        (tmp_path / "seeds" / f"{number}.txt").write_text(text)
        os.utime(tmp_path / "seeds" / f"{number}.txt", (1, 1))  # long ago, so that an update believes it
    return SearchService(EmbeddedEngine(tmp_path / "index", "en"), Settings(tmp_path / "seeds", tmp_path / "index"))


@pytest.mark.slow
def test_every_step_of_a_rebuild_moves_forward(service: SearchService) -> None:
    received: list[BuildProgress] = []
    service.rebuild(received.append)
    steps = {name: [each.done for each in received if each.step == name] for name in ("reading", "indexing", "writing")}
    assert steps["reading"][0] == 0
    assert 0 < steps["reading"][1] < FILES
    assert steps["reading"][-1] == FILES
    assert steps["indexing"] == list(range(1, FILES + 1))
    assert steps["writing"] == [FILES]
    shares = [each.share for each in received if each.share is not None]
    assert len(shares) == len(received)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1] < 1) == (0.0, True)


def test_update_of_one_file_in_a_thousand_spends_its_share_on_writing(service: SearchService, tmp_path: Path) -> None:
    service.rebuild()
    (tmp_path / "seeds/0.txt").write_text("Other talks\n\nThe ministers met on Tuesday about something else.\n")
    received: list[BuildProgress] = []
    service.update(received.append)
    assert (received[-1].step, received[-1].files) == ("writing", 1)
    assert received[-1].share is not None
    assert received[-1].share < 0.1


def test_rate_and_remaining_time_are_of_the_whole_build() -> None:
    progress = BuildProgress("reading", 500, 1_000, share=0.25, files=1_000, seconds=10.0)
    assert (progress.files_per_second, progress.remaining_seconds) == (25.0, 30.0)


def test_remaining_time_is_unknown_at_the_start_and_in_an_import() -> None:
    assert BuildProgress("reading", 0, 10, share=0.0, files=10, seconds=1.0).remaining_seconds is None
    importing = BuildProgress("importing", 30, None, seconds=10.0)
    assert (importing.files_per_second, importing.remaining_seconds) == (3.0, None)
