"""Segments are merged when there are many, or when many of their documents are deleted."""

from collections.abc import Sequence

from searchsvc.engine.embedded.build.merge_policy import MAX_SEGMENTS, SegmentSize, segments_to_merge


def sizes(*documents: int, deleted: Sequence[int] = ()) -> list[SegmentSize]:
    """Segments of the given sizes in documents, numbered from 1."""
    gone = [*deleted, *[0] * len(documents)]
    return [SegmentSize(n, size, size - gone[n - 1]) for n, size in enumerate(documents, 1)]


def test_few_segments_are_left_alone() -> None:
    assert segments_to_merge(sizes(100_000, *[100] * (MAX_SEGMENTS - 1))) == set()


def test_small_segments_are_merged_when_there_are_many() -> None:
    assert segments_to_merge(sizes(100_000, *[100] * MAX_SEGMENTS)) == set(range(2, MAX_SEGMENTS + 2))


def test_segment_as_large_as_all_smaller_ones_is_merged_with_them() -> None:
    small = [100] * (MAX_SEGMENTS - 1)
    assert 2 not in segments_to_merge(sizes(100_000, sum(small) + 1, *small))
    assert 2 in segments_to_merge(sizes(100_000, sum(small), *small))


def test_segment_is_rewritten_when_a_quarter_is_deleted() -> None:
    assert segments_to_merge(sizes(1_000, 50, deleted=(249, 0))) == set()
    assert segments_to_merge(sizes(1_000, 50, deleted=(250, 0))) == {1}


def test_updates_copy_a_document_as_often_as_the_index_doubles() -> None:
    segments, copied, number = sizes(1), 0, 1
    for _ in range(2_000):
        number += 1
        segments.append(SegmentSize(number, 1, 1))
        if chosen := segments_to_merge(segments):
            number += 1
            size = sum(each.live for each in segments if each.number in chosen)
            copied += size
            segments = [each for each in segments if each.number not in chosen] + [SegmentSize(number, size, size)]
        assert len(segments) <= MAX_SEGMENTS
    assert copied <= 2_000 * 11
