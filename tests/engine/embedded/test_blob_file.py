"""What is stored by document number is read back, alone or in a block with others."""

from pathlib import Path

import pytest

from searchsvc.engine.embedded.index.blob_file import BlobReader, BlobWriter, BlockReader, BlockWriter

STORED = [b"", b"one", b"two " * 5_000, b"", b"x", b"three" * 10_000, b"four", b""]


def test_blobs_are_read_back(tmp_path: Path) -> None:
    writer = BlobWriter(tmp_path, "b")
    for blob in STORED:
        writer.append(blob)
    writer.close()
    blobs = BlobReader(tmp_path, "b")
    assert [blobs[number] for number in range(len(STORED))] == STORED


@pytest.mark.parametrize("stored", [STORED, STORED[:6], STORED[:1]])
def test_blobs_in_blocks_are_read_back(tmp_path: Path, stored: list[bytes]) -> None:
    writer = BlockWriter(tmp_path, "b")
    for blob in stored:
        writer.append(blob)
    writer.close()
    blocks = BlockReader(tmp_path, "b")
    assert [blocks[number] for number in range(len(stored))] == stored
