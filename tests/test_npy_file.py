"""Arrays are read by many threads at once."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from searchsvc.npy_file import map_array, read_arrays


def test_arrays_are_read_as_written(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(5))
    packed = io.BytesIO()
    np.savez(packed, one=np.arange(3), two=np.ones(2, bool))
    packed.seek(0)
    assert map_array(tmp_path / "a.npy").tolist() == [0, 1, 2, 3, 4]
    assert {name: array.tolist() for name, array in read_arrays(packed).items()} == {
        "one": [0, 1, 2],
        "two": [True, True],
    }


def test_many_threads_read_at_once(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(5))
    with ThreadPoolExecutor(16) as threads:
        sums = threads.map(lambda _: int(map_array(tmp_path / "a.npy").sum()), range(2_000))
        assert set(sums) == {10}
