"""Paths of documents by id: the earlier document with the same id is found."""

import pytest

from searchsvc.ingest import document_paths
from searchsvc.ingest.document_paths import DocumentPaths


@pytest.mark.parametrize("sorted_at_once", [1, 3, 100])
def test_earlier_document_with_the_same_id_is_found(monkeypatch: pytest.MonkeyPatch, sorted_at_once: int) -> None:
    monkeypatch.setattr(document_paths, "_SORTED_AT_ONCE", sorted_at_once)
    paths = DocumentPaths()
    added = {f"{number * 0x9E3779B97F4A7C15 % (1 << 64):016x}": number for number in range(20)}
    for document_id, number in added.items():
        assert paths.add(document_id, f"a/{number}.jsonl:{number}", f"a/{number}.jsonl" if number % 2 else "") is None
    assert paths.add("f" * 16, "odd \udcff.txt", "odd \udcff.txt") is None
    for document_id, number in added.items():
        path = f"a/{number}.jsonl:{number}"
        assert paths.add(document_id, "other", "other") == (path, f"a/{number}.jsonl" if number % 2 else path)
    assert paths.add("f" * 16, "other", "other") == ("odd \udcff.txt", "odd \udcff.txt")
