"""Translations of reasons: of all that the code can give, in every language."""

import errno
import os
import re
import sys
from pathlib import Path
from types import FrameType

import pytest
from starlette.testclient import TestClient

import searchsvc
from searchsvc.ingest.boilerplate import network
from searchsvc.ingest.boilerplate.explain import UNEXPLAINED, phrase
from searchsvc.ingest.boilerplate.features.feature_matrix import extract_features
from searchsvc.ingest.boilerplate.line_batch import make_line_batch
from searchsvc.ingest.boilerplate.rules import REASONS
from searchsvc.ingest.discovery import discovery
from searchsvc.models.documents import SeedProblem
from searchsvc.web.known_reasons import REMOVALS, SEED_PROBLEMS, WARNINGS, reason
from searchsvc.web.page_language import LANGUAGES
from searchsvc.web.problems import public_warnings
from searchsvc.web.translations import translations
from tests.web.reasons_in_code import reasons_in

PACKAGE = Path(searchsvc.__file__).parent
TRANSLATED = [code for code in LANGUAGES if code != "en"]
SOURCES = [*sorted((PACKAGE / "ingest").rglob("*.py")), PACKAGE / "limited_workers.py", PACKAGE / "extras.py"]
GENERATION = "generation 20241128T114614786685Z-57817b"
NUMBERS = (errno.EACCES, errno.ENOENT, errno.EIO, errno.EMFILE, errno.ENAMETOOLONG, errno.ESTALE)


def of_files_not_read(folder: Path) -> set[str]:
    """Reasons for skipping files, one of each suffix that the program knows."""
    suffixes = set(re.findall(r'"(\.\w+)"', Path(discovery.__file__).read_text("utf-8")))
    for suffix in suffixes:
        (folder / f"a{suffix}").touch()
    return {each.reason for each in discovery.find_seeds(folder) if isinstance(each, SeedProblem)}


def of_removals() -> set[str]:
    groups = extract_features(make_line_batch(["Share this article"]), network.shipped().word_scores).matrix.groups
    return {UNEXPLAINED, *REASONS.values(), *map(phrase, groups)}


@pytest.fixture(scope="module")
def reasons(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    of_code = {each for path in SOURCES for each in reasons_in(path)}
    of_warnings = {
        *public_warnings(["/a"]),
        "the index has no vectors of the sentence embedding model; run `searchsvc rebuild`",
        f"{GENERATION}: postings.1.arrays is truncated or altered",
        f"{GENERATION}: manifest.json can't be read (Permission denied)",
        f"{GENERATION} can't be opened: empty",
        f"{GENERATION} has another format; run `searchsvc rebuild`",
        f"{GENERATION} was built with other fields or another analysis; run `searchsvc rebuild`",
    }
    of_halves = {"on at least half of this source's pages", "reading HTML", "reading WARC"}
    of_system = set(map(os.strerror, NUMBERS))
    files = of_files_not_read(tmp_path_factory.mktemp("seeds"))
    return of_code | of_warnings | of_removals() | of_system | of_halves | files


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_reason_is_translated(code: str, reasons: set[str]) -> None:
    assert len(reasons) > 170
    texts = translations(code)
    assert sorted(each for each in reasons if "<span" in reason(texts, each)) == []


def test_every_translated_reason_is_given_by_the_code(reasons: set[str]) -> None:
    given = "\n".join(sorted(reasons))
    patterns = {
        message: re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(message))
        for message in (*REMOVALS, *SEED_PROBLEMS, *WARNINGS)
    }
    assert [message for message, pattern in patterns.items() if not re.search(pattern, given)] == []


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        ("de", "few words, after a share bar", "wenige Wörter, nach einer Teilen-Leiste"),
        ("fr", "few words, after a share bar", "peu de mots, après une barre de partage"),
        ("es", "few words, after a share bar", "pocas palabras, después de una barra para compartir"),
        (
            "de",
            "on at least 75 % of this source's pages; asks to share, print or follow",
            "auf mindestens 75 % der Seiten dieser Quelle; fordert zum Teilen, Drucken oder Folgen auf",
        ),
        (
            "de",
            "more than 100,000 lines, the limit for one document",
            "mehr als 100.000 Zeilen, die Grenze für ein Dokument",
        ),
        ("fr", "can't be read: Permission denied", "ne peut pas être lu\xa0: permission refusée"),
        (
            "es",
            "looks like nothing but clutter; indexed whole",
            "parece contener solo texto accesorio; indexado entero",
        ),
        (
            "de",
            "line 3: author is not read (tags are not accepted); line 4: <b> is not read (x)",
            "Zeile 3: author wird nicht gelesen (Tags werden nicht angenommen); Zeile 4: &lt;b&gt; wird nicht gelesen "
            '(<span lang="en">x</span>)',
        ),
        (
            "de",
            "line longer than 9 bytes; the rows below are skipped; indexed whole",
            "Zeile länger als 9 Byte; die folgenden Zeilen werden übersprungen; vollständig indexiert",
        ),
        (
            "de",
            "same id as a, b; c.txt; change one of them; invalid JSON",
            "dieselbe ID wie a, b; c.txt; eine davon ändern; ungültiges JSON",
        ),
        ("de", "x, y; few words", '<span lang="en">x, y</span>; wenige Wörter'),
        ("en", "few words, after a share bar", "few words, after a share bar"),
        ("de", "of <another> program", '<span lang="en">of &lt;another&gt; program</span>'),
        ("de", "few words, of another program", 'wenige Wörter, <span lang="en">of another program</span>'),
    ],
)
def test_reason_is_shown_in_the_language(code: str, text: str, shown: str) -> None:
    assert reason(translations(code), text) == shown


def test_long_reason_is_not_translated() -> None:
    text = "line 3: " + ", a; b" * 100_000
    assert reason(translations("de"), text) == f'<span lang="en">{text}</span>'


@pytest.mark.parametrize(
    "text",
    [
        "after a, b; c, " * 33,
        "after after; ); ), " * 26,
        "few words, " * 45,
        "line 3: , x; " * 38,
        "after " * 83,
        "unreadable record (" * 26,
    ],
)
def test_time_of_a_made_up_reason_is_bounded(text: str) -> None:
    tries = 0

    def count(_frame: FrameType, event: str, function: object) -> None:
        nonlocal tries
        tries += event == "c_call" and getattr(function, "__name__", "") == "fullmatch"

    texts = translations("de")
    reason(texts, "few words, x")
    sys.setprofile(count)
    try:
        reason(texts, text)
    finally:
        sys.setprofile(None)
    assert 0 < tries < 10_000


def test_removed_view_is_translated(client: TestClient) -> None:
    hits = client.get("/api/v1/search", params={"q": "", "hitsPerPage": "50"}).json()["hits"]
    pages = [client.get(f"{hit['link']}?view=removed", headers={"Accept-Language": "de"}).text for hit in hits]
    assert any("wiederholt den Titel" in page for page in pages)
    assert not any("repeats the title" in page for page in pages)
