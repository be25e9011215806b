"""The language of a text, if the extra is installed."""

import sys
from collections.abc import Iterator

import pytest

from searchsvc.ingest.metadata import language_id
from searchsvc.ingest.metadata.language_id import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ministers met again on Monday in Brussels to talk about the old treaty.", "en"),
        ("Die Minister trafen sich am Montag in Brüssel, um über den Vertrag zu sprechen.", "de"),
        ("Министры снова встретились в понедельник в Брюсселе, чтобы обсудить старый договор.", "ru"),
        ("اجتمع الوزراء مرة أخرى يوم الاثنين في بروكسل لمناقشة المعاهدة القديمة.", "ar"),
        ("东京的部长们星期一再次开会，讨论旧条约的问题。", "zh"),
        ("大臣たちは月曜日に東京で再び会い、古い条約について話し合った。", "ja"),
    ],
)
def test_the_language_is_reported(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", " \n", "ok", "NATO", "Article 1", "12345"])
def test_few_words_tell_nothing(text: str) -> None:
    assert language_of(text) is None


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in sys.modules if name.partition(".")[0] == "py3langid"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [])
    language_id._classifier.cache_clear()
    yield
    language_id._classifier.cache_clear()


@pytest.mark.usefixtures("without_extra")
def test_without_the_extra_nothing_is_reported() -> None:
    assert language_of("The ministers met again on Monday in Brussels to talk.") is None


ENGLISH = "The ministers met again on Monday in Brussels to talk about the old treaty, and they will meet again."
GERMAN = (
    "Die Minister trafen sich am Montag in der Stadt, um über den alten Vertrag und die Folgen für alle zu sprechen."
)


@pytest.fixture
def without_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_id, "_classifier", lambda: lambda text: ("detector", 1.0))


@pytest.mark.usefixtures("without_detector")
@pytest.mark.parametrize(("text", "language"), [(ENGLISH, "en"), (GERMAN, "de")])
def test_function_words_decide_without_the_detector(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.usefixtures("without_detector")
@pytest.mark.parametrize(
    "text",
    [
        "The ministers met again on Monday.",
        ENGLISH.upper(),
        f"{ENGLISH} {GERMAN}",
        f"{ENGLISH} {'Brussels ' * 60}",
        f"{ENGLISH} {'Министры снова встретились. ' * 6}",
    ],
    ids=["few function words", "capitals", "two languages", "names", "another script"],
)
def test_the_detector_decides_in_doubt(text: str) -> None:
    assert language_of(text) == "detector"
