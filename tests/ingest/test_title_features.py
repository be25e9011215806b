"""Features of title candidates: arrays over a batch give what plain Python gives line by line."""

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from searchsvc.ingest.metadata.line_view import LineView
from searchsvc.ingest.metadata.title import candidates, title_line, title_lines
from searchsvc.ingest.metadata.title_features import title_features
from tests.ingest.plain_title_features import PlainTitleFeatures

LINES = [
    "Home", "Menu", "Skip to content", "• World", "- Sport and games", "The Old Mill Opens Again",
    "The Old Mill Opens Again | Daily News", "the old mill opens again", "By Ann Lee", "14 March 2023", "3 min read",
    "Posted 12.03.2021 by Ann", "© 2023 Daily News. All rights reserved", "Copyright Daily News", "Daily News",
    "Is the mill open?", "1. First things", "“A quiet day”", "Read more: http://example.com", "Share this", "OVERVIEW",
    "Introduction", "Photo, by, Lee, Ann", "OpenAgain now", "Straße über İstanbul – morgen", "***",
    "The mill by the river opened again on Sunday, after neighbours had mended its wheel for three years.",
    "Neighbours paid for the wheel of the mill, and the river carried it through the town to cheers and songs!",
    "Foto: dpa", "The old mill opens again Foto: dpa", "World » The old mill opens again", "The wheel © Lee", "撮影",
    "word " * 60, "word " * 30, "The mill by the river opens again after three years of hard work",
]  # fmt: skip


def text(seed: int) -> LineView:
    rng = random.Random(seed)
    lines = rng.choices(LINES, k=rng.choice([1, 2, 5, 14, 40, 120]))
    return LineView.of(lines, [rng.choice(["", "", "", "related"]) for _ in lines])


TEXTS = [text(seed) for seed in range(60)]


WORDS = [
    "The", "the", "Old", "mill", "opens", "again", "By", "by", "Ann", "Lee", "ago", "read", "2023", "5:30", "©",
    "copyright", "|", "»", "-", "::", "Foto:", "dpa", "said.", "river",
]  # fmt: skip
MADE_UP = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=16).map(" ".join), min_size=1, max_size=16)


def assert_features_of_plain_code(views: list[LineView], has_all: bool) -> None:
    """`has_all`: each feature is in one of the texts at least."""
    indexes = [candidates(view) for view in views]
    columns = {name: values.tolist() for name, values in title_features(views, indexes)}
    plain = [
        PlainTitleFeatures(view).features(i) for view, of_text in zip(views, indexes, strict=True) for i in of_text
    ]

    names = {name for features in plain for name in features}
    assert set(columns) == names if has_all else set(columns) >= names
    for name, values in columns.items():
        assert values == pytest.approx([features.get(name, 0.0) for features in plain], abs=1e-12), name


def test_arrays_give_the_features_of_plain_code() -> None:
    assert_features_of_plain_code(TEXTS, has_all=True)


@settings(deadline=None)
@given(st.lists(MADE_UP, min_size=1, max_size=3))
def test_arrays_give_the_features_of_plain_code_on_made_up_lines(texts: list[list[str]]) -> None:
    views = list(map(LineView.of, texts))
    assume(all(map(candidates, views)))
    assert_features_of_plain_code(views, has_all=False)


def test_a_batch_has_the_titles_of_its_texts() -> None:
    assert title_lines(TEXTS) == [title_line(view) for view in TEXTS]


def test_texts_without_candidates_have_no_title() -> None:
    assert title_lines([LineView.of([]), LineView.of(["***"]), LineView.of(["The Old Mill Opens Again"])]) == [
        -1,
        -1,
        0,
    ]


def test_no_text_has_no_title() -> None:
    assert title_lines([]) == []


def features(lines: list[str], i: int) -> dict[str, float]:
    """Return the features of line `i`, the only candidate of the text."""
    return {name: float(value) for name, (value,) in title_features([LineView.of(lines)], [[i]])}


@pytest.mark.parametrize(
    ("title", "caption", "prose"),
    [
        ("停戦に双方が合意か", "昨日の国旗", f"外務省は停戦に近づいたと述べ、双方の合意は{'近く' * 9}あるとした。"),
        ("हिन्दी समाचार पत्रिका", "पुलिस अधिकारी", "यह हिन्दी समाचार और पत्रिका के बारे में एक लेख है जो लोग रोज पढ़ते हैं।"),
        ("รัฐบาลเปิดสะพาน", "ภาพถ่ายสวยงาม", f"วันอาทิตย์รัฐบาลเปิดสะพานใหม่ข้ามแม่น้ำหลังจากก่อสร้างมานาน{'ก' * 60}។"),
    ],
)  # fmt: skip
def test_scripts_without_spaces_or_with_marks_share_words_with_the_prose(title: str, caption: str, prose: str) -> None:
    lines = [title, caption, prose]

    assert features(lines, 0)["likeness"] > 0.5
    assert features(lines, 1)["likeness"] == 0.0


def test_a_line_that_its_neighbour_extends_begins_it() -> None:
    lines = ["The old mill", "The old mill opens again", "The new mill"]

    assert features(lines, 0)["begins neighbour"] == 1.0
    assert features(lines, 2)["begins neighbour"] == 0.0


def test_equal_lines_of_two_texts_are_no_copies() -> None:
    views = [LineView.of(["The old mill opens again"])] * 2
    columns = dict(title_features(views, [[0], [0]]))

    assert columns["twice"].tolist() == [False, False]
