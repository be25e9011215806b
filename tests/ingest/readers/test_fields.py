"""What a seed states of itself: known names get their field, everything else is stored."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest.readers.declared_fields import as_text, declared_metadata
from searchsvc.models.documents import DeclaredMetadata


def test_every_field_has_its_name() -> None:
    assert declared_metadata(
        {
            "title": "Storm", "url": "https://x.org/a", "date": "2024-03-01", "author": "Ada", "source": "Reuters",
            "section": "World", "topics": ["Sea"], "lang": "en",
        }
    ) == DeclaredMetadata("Storm", "https://x.org/a", "Ada", "Reuters", "World", ("Sea",),
        date(2024, 3, 1), "en",
    )  # fmt: skip


def test_case_of_names_does_not_matter() -> None:
    assert declared_metadata({"Title": "Storm"}).title == "Storm"


def test_nothing_gives_nothing() -> None:
    assert declared_metadata({"title": None, "author": "", "topics": [], "date": " ", "x": None}) == DeclaredMetadata()


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-03-01", date(2024, 3, 1)),
        ("2024-03-01T23:30:00-05:00", date(2024, 3, 1)),
        ("1912-04-15 02:20", date(1912, 4, 15)),
        ("1 March 2024", date(2024, 3, 1)),
        ("March 1, 2024", date(2024, 3, 1)),
        ("31/12/2023", date(2023, 12, 31)),
    ],
)
def test_a_stated_date_is_certain(value: str, day: date) -> None:
    assert declared_metadata({"date": value}) == DeclaredMetadata(published=day)


@pytest.mark.parametrize("value", ["03/04/2024", "2024-03", "2023-02-30", "0001-01-01", "soon", "12345"])
def test_a_date_that_is_not_certain_is_stored_and_is_no_date(value: str) -> None:
    assert declared_metadata({"date": value}) == DeclaredMetadata(extra=(("date", value),))


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "/a", "x.org", "http://", "http://x y", "http://a/" + "b" * 2_000]
)
def test_what_is_no_address_of_a_page_is_stored_and_is_no_url(value: str) -> None:
    found = declared_metadata({"url": value})
    assert found.url is None
    assert [name for name, _ in found.extra] == ["url"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("en", "en"),
        ("EN-gb", "en"),
        ("zh_Hant_TW", "zh"),
        ("srp", "sr"),
        ("gsw", "gsw"),
        ("nb-NO", "no"),
        ("iw", "he"),
        ("English", "en"),
        ("Deutsch", "de"),
        ("français", "fr"),
        ("English (US)", "en"),
        ("en-zh", "en"),
    ],
)
def test_a_language_tag_gives_its_language(value: str, code: str) -> None:
    assert declared_metadata({"lang": value}).language == code


@pytest.mark.parametrize("value", ["Klingonese", "e", "1", "../x"])
def test_what_is_no_language_tag_is_stored(value: str) -> None:
    assert declared_metadata({"lang": value}) == DeclaredMetadata(extra=(("lang", value),))


@pytest.mark.parametrize("value", ["Sea, Weather,, Sea ", ["Sea", "Weather", "Sea"], ["Sea", None, " ", "Weather"]])
def test_topics_are_a_list_or_stand_between_commas(value: object) -> None:
    assert declared_metadata({"topics": value}).topics == ("Sea", "Weather")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n b\x00\x1b", "a b"), (5, "5"), (1.5, "1.5"), (True, "true"), (["a", ["b", None]], 'a, ["b",null]'),
        ({"a": [1]}, '{"a":[1]}'), ("x" * 500, "x" * 200),
    ],
)  # fmt: skip
def test_any_value_is_one_line_of_text(value: object, text: str) -> None:
    assert as_text(value, 200) == text


def test_several_authors_stand_with_commas() -> None:
    assert declared_metadata({"author": ["Ada", "Ben"]}).author == "Ada, Ben"


def test_names_without_a_field_are_stored_up_to_a_bound() -> None:
    found = declared_metadata({f"x{n}": "y" for n in range(200)})
    assert len(found.extra) == 50
    assert found.extra[0] == ("x0", "y")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(["title", "url", "date", "topics", "lang", "author"]) | st.text(), JSON))
def test_any_values_give_printable_fields(values: dict[str, object]) -> None:
    found = declared_metadata(values)
    texts = [found.title, found.url, found.author, found.language, *found.topics]
    texts += [text for pair in found.extra for text in pair]
    assert all(text == " ".join(text.split()) for text in texts if text is not None)


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("published", "2024-03-01", "published", date(2024, 3, 1)),
        ("date", "2024-03-01", "published", date(2024, 3, 1)),
        ("language", "de", "language", "de"),
        ("lang", "de", "language", "de"),
        ("topic", ["Sea", "Ice"], "topics", ("Sea", "Ice")),
    ],
)
def test_documented_names_and_their_aliases_declare_a_field(
    name: str, value: object, field: str, expected: object
) -> None:
    declared = declared_metadata({name: value})
    assert getattr(declared, field) == expected
    assert declared.extra == ()


def test_documented_name_counts_before_its_alias() -> None:
    declared = declared_metadata({"date": "2023-01-01", "published": "2024-03-01"})
    assert declared.published == date(2024, 3, 1)
    assert declared.extra == (("date", "2023-01-01"),)


@pytest.mark.parametrize(
    "author", ["Admin", "staff", "Harbour Times", "The Harbour Times", "Editorial Team", "Redaktion"]
)
def test_the_publisher_and_labels_are_no_authors(author: str) -> None:
    declared = declared_metadata({"author": author, "creator": "Ada Example", "source": "Harbour Times"})
    assert declared.author == "Ada Example"


def test_a_byline_is_read_without_jobs_and_dates() -> None:
    byline = "By Ada Example and Ben Doe, Staff Writers | 5 May 2024"
    assert declared_metadata({"byline": byline}).author == "Ada Example, Ben Doe"


@pytest.mark.parametrize(
    "title", ["Wider quay - Harbour Times", "Wider quay | harbour times", "Wider quay – The Harbour Times"]
)
def test_the_source_is_cut_from_a_title(title: str) -> None:
    assert declared_metadata({"title": title, "site_name": "Harbour Times"}).title == "Wider quay"


@pytest.mark.parametrize("title", ["Harbour Times", "Wider quay - Harbour", "On the Harbour Times"])
def test_another_end_of_a_title_is_kept(title: str) -> None:
    assert declared_metadata({"title": title, "site_name": "Harbour Times"}).title == title
