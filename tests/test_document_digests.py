"""Digests of documents: bytes, and counts of changes."""

import pytest

from searchsvc.document_digests import NO_DOCUMENT_DIGESTS, DocumentChanges, DocumentDigests, DocumentDigestsWriter


def digests(contents: dict[str, str]) -> DocumentDigests:
    writer = DocumentDigestsWriter()
    for document_id, content_hash in contents.items():
        writer.add(document_id, content_hash)
    return writer.document_digests()


BEFORE = digests({"a": "1", "b": "2", "c": "3", "d": "4"})


def test_changes_are_counted_by_id() -> None:
    after = digests({"ffffffffffffffff": "1", "d": "4", "b": "2", "c": "33"})
    assert after.changes_since(BEFORE) == DocumentChanges(added=1, changed=1, deleted=1, unchanged=2)


def test_without_a_previous_generation_all_are_added() -> None:
    assert BEFORE.changes_since(NO_DOCUMENT_DIGESTS) == DocumentChanges(added=4)


def test_reused_documents_keep_their_digests() -> None:
    writer = DocumentDigestsWriter()
    writer.reuse(BEFORE.of(BEFORE.ids[:3]))
    writer.add("d", "other")
    assert writer.document_digests().changes_since(BEFORE) == DocumentChanges(changed=1, unchanged=3)


def test_bytes_are_read_back() -> None:
    assert DocumentDigests.from_bytes(BEFORE.to_bytes()).changes_since(BEFORE) == DocumentChanges(unchanged=4)


@pytest.mark.parametrize("data", [b"1234", bytes(24)])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"reshape|buffer"):
        DocumentDigests.from_bytes(data)
