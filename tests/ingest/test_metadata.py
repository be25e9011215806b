"""The fields of an article, read from its text and its debris; never guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest.boilerplate.apply import clean_all
from searchsvc.ingest.metadata.extract import describe
from searchsvc.ingest.title_removal import remove_title_lines
from searchsvc.models.documents import Document, RawDocument, Seed

TITLE = "NATO Opens Political Dialogue With Russia"
PROSE = "NATO and Russia are going against each other in a bid to secure territories from one another."


def described(text: str) -> Document:
    return describe(remove_title_lines(next(clean_all([RawDocument(Seed("a.txt", 0, 0), text, "hash")]))), "en")


def above(*lines: str) -> Document:
    """An article with lines between its title and its prose."""
    return described("\n\n".join([TITLE, *lines, PROSE]))


def beneath(*lines: str) -> Document:
    """An article with lines behind its prose."""
    return described("\n\n".join([TITLE, PROSE, *lines]))


def test_what_the_text_does_not_give_stays_empty() -> None:
    plain = above()
    assert (plain.author, plain.source, plain.section, plain.credit, plain.published) == (None,) * 5
    assert (plain.topics, plain.related, plain.headings) == ((), (), ())


def test_the_first_line_is_the_title_and_not_the_body() -> None:
    assert (above().title, above().body) == (TITLE, PROSE)


def test_the_repeated_line_is_the_title_wherever_it_is() -> None:
    assert described(f"Connect with us\n\n{TITLE}\n\n{TITLE}\n\n{PROSE}").title == TITLE


def test_a_japanese_headline_is_the_title() -> None:
    sentence = "大臣たちは月曜日に東京で再び会い、古い条約について話し合い、来年の春にもう一度会うことで合意した。"
    text = [
        "ログイン",
        "会員登録",
        "首都で大臣会議が開かれる",
        "2024年5月6日 10:20",
        sentence,
        sentence[::-1] + "。",
        "利用規約",
    ]
    assert described("\n\n".join(text)).title == "首都で大臣会議が開かれる"


def test_a_headline_of_one_word_is_the_title() -> None:
    assert described(f"Quays\n\n{PROSE}\n\n{PROSE} Both agreed.").title == "Quays"


@pytest.mark.parametrize("headline", ["Why now?", "“We are ready”", "Vote, 2024", "Budget vote", "HARBOUR"])
@pytest.mark.parametrize("paragraphs", [2, 3])
def test_a_short_or_quoted_headline_is_the_title(headline: str, paragraphs: int) -> None:
    sentences = (
        "The harbour council met on Tuesday evening and agreed to widen the northern quay before the winter storms.",
        "Fishermen had asked for the change for years, because two boats cannot pass each other there at low tide.",
        "The work will cost about four million and is to be finished by the end of next year, the engineer said.",
    )
    assert described("\n\n".join([headline, *sentences[:paragraphs]])).title == headline


def test_a_title_is_bounded() -> None:
    assert len(described("T" * 1_000_000).title) == 300


def test_prose_without_a_title_is_named_after_its_beginning() -> None:
    assert described(PROSE).title == PROSE


def test_slug_id_path_and_hash_are_those_of_the_seed() -> None:
    plain = above()
    assert (plain.slug, plain.id, plain.path, plain.content_hash) == (
        "nato-opens-political-dialogue-with-russia", "c90efc5142c899d5", "a.txt", "hash",
    )  # fmt: skip


def test_words_of_the_body_are_counted() -> None:
    assert above().words == 17


def test_short_lines_between_the_prose_are_headings() -> None:
    assert beneath("NATO Does Not Want War", PROSE).headings == ("NATO Does Not Want War",)


def test_the_summary_is_the_first_prose() -> None:
    assert above("NATO Does Not Want War").summary == PROSE


def test_a_long_summary_ends_with_a_whole_word() -> None:
    summary = described(TITLE + "\n" + "very " * 100 + "long.").summary
    assert len(summary) <= 281
    assert summary.endswith("very…")


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Precious Valerie", "Precious Valerie"),
        ("By: Precious Valerie", "Precious Valerie"),
        ("BY Precious Valerie", "Precious Valerie"),
        ("By Precious Valerie | March 3, 2021", "Precious Valerie"),
        ("By Precious Valerie on March 3, 2021", "Precious Valerie"),
        ("Author: Hassan Khazaal", "Hassan Khazaal"),
        ("Written by Hassan Khazaal", "Hassan Khazaal"),
        ("Author: Jean-Luc O’Neil", "Jean-Luc O’Neil"),
    ],
)
def test_a_line_above_names_the_author(line: str, author: str) -> None:
    assert above(line).author == author


def test_a_portrait_beneath_names_the_author() -> None:
    portrait = "Precious has more than 11 years of professional writing experience with organizations in New York."
    assert beneath("About Precious Valerie", portrait).author == "Precious Valerie"


def test_prose_that_begins_with_by_names_nobody() -> None:
    assert above("By the time the ministers met in Brussels, the treaty had been dead for many years.").author is None


def test_a_name_that_goes_on_for_ever_is_none() -> None:
    assert above("Author: " + "x" * 100).author is None


@pytest.mark.parametrize("line", ["Source: Prensa Latina", "SOURCE: Prensa Latina", "Source: Prensa Latina."])
def test_a_line_names_the_source(line: str) -> None:
    assert beneath(line).source == "Prensa Latina"


def test_a_line_names_the_section() -> None:
    assert beneath("More in Politics", "Good News").section == "Politics"


def test_a_call_to_subscribe_names_the_topic() -> None:
    call = "Liked this story? Subscribe to our newsletter or follow us on Twitter for more updates on Russia."
    story = [PROSE.replace("territories", f"{each} territories") for each in ("distant", "disputed", "empty", "small")]
    assert described("\n\n".join([TITLE, *story, call])).topics == ("Russia",)


def test_a_pointer_names_a_related_title() -> None:
    pointer = "Also read: WW3 Scenario: NATO Provoking War To Maintain Global Dominance"
    assert beneath(pointer).related == ("WW3 Scenario: NATO Provoking War To Maintain Global Dominance",)


def test_a_caption_with_a_licence_is_the_credit() -> None:
    caption = "NATOs hovedkvarter Utenriksdepartementet UD / Flickr CC BY-ND 2.0"
    assert above(caption).credit == caption


@pytest.mark.parametrize(
    "line",
    [
        "2021-03-24", "March 24, 2021", "24 March 2021", "Mar 24, 2021", "24th March 2021", "March 24th, 2021",
        "Published: 2021-03-24", "Published on March 24, 2021", "Posted on 24 March 2021",
        "2021-03-24T08:00:00Z", "2021/03/24", "By Ann Lee | March 24, 2021",
    ],
)  # fmt: skip
def test_a_line_gives_the_day_of_publication(line: str) -> None:
    assert above(line).published == date(2021, 3, 24)


@pytest.mark.parametrize(
    "line",
    [
        "24. März 2021", "24 mars 2021", "24 de marzo de 2021", "24 marzo 2021", "24 maart 2021", "24 marca 2021",
        "24 марта 2021", "24 Mart 2021", "24. března 2021", "2021年3月24日", "2021년 3월 24일",
        "Veröffentlicht am 24.03.2021",
        "Publié le 24/03/2021", "March 24, 2021 | Updated May 9, 2021 3:15 pm", "24.03.2021, aktualisiert 30.03.2021",
    ],
)  # fmt: skip
def test_dates_of_other_languages_and_updates_are_read(line: str) -> None:
    assert above(line).published == date(2021, 3, 24)


def test_a_day_in_the_future_is_not_the_day_of_publication() -> None:
    future = date.today() + timedelta(days=30)
    assert above(f"{future:%B} {future.day}, {future.year}").published is None
    assert above(f"Published: {future}").published is None


def test_the_dateline_comes_before_a_date_in_the_running_text() -> None:
    report = "The first report was published on 3 March 2020."
    assert described("\n\n".join([TITLE, "March 24, 2021", PROSE, report, PROSE])).published == date(2021, 3, 24)


@pytest.mark.parametrize(
    "opening", ["LONDON, March 24, 2021 (Reuters) - ", "Brussels, 24 March 2021 – ", "(March 24, 2021) — "]
)
def test_the_opening_of_the_first_paragraph_is_a_dateline(opening: str) -> None:
    assert described(f"{TITLE}\n\n{opening}{PROSE}").published == date(2021, 3, 24)


@pytest.mark.parametrize(
    "line", ["More from this author", "More in this series", "More from our newsletter", "More from Jane Doe"]
)
def test_a_pointer_is_no_section(line: str) -> None:
    assert beneath(line).section is None


@pytest.mark.parametrize(
    "line",
    [
        "2023-02-30",
        "0000-00-00",
        "99999-01-01",
        "-0001-01-01",
        "31/12/9999",
        "٢٠٢٠-01-01",
        "1" * 50_000,
        "February 30, 2023",
    ],
)
def test_a_day_that_never_was_is_no_day_of_publication(line: str) -> None:
    assert above(line).published is None


def test_a_day_within_the_prose_is_not_the_day_of_publication() -> None:
    assert (
        beneath("On March 23, 2021, Blinken described what he said were attempts to destabilize the West.").published
        is None
    )


@pytest.mark.parametrize(
    "piece", ["By ", "a@", "http://", "[", "(", "-", "<!--", " \t", "About A ", "Source: ", "1", "MAY "]
)
def test_hostile_lines_are_described_in_linear_time(piece: str) -> None:
    described(TITLE + "\n" + piece * 20_000 + "\n" + PROSE)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["By ", "Ann", " Lee", "\n", "Source: ", "About ", "2021-03-24", "May 99, 0000", ".", "x", " on "]
        )
    ).map("".join)
)
def test_any_text_can_be_described(text: str) -> None:
    assert described(text + "x").title
