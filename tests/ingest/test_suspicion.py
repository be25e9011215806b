"""Documents that are no articles are indexed and reported; articles are not."""

from pathlib import Path

import pytest

from searchsvc.ingest import find_seeds, ingest, suspicion
from searchsvc.ingest.source import Source
from searchsvc.models.documents import SeedProblem

P1 = "The harbour council met on Tuesday evening and agreed to widen the northern quay before the winter storms arrive."
SHELL = "looks like the shell of an app, which shows its text with JavaScript only"
ERROR, CONSENT, LINKS = (
    "looks like an error page",
    "looks like a request to accept cookies",
    "looks like a list of links",
)

HEAD = "<!doctype html><html lang=en><head><title>React App</title></head><body>"
_SERVER = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"


def problems(folder: Path, name: str, text: str) -> list[str]:
    (folder / name).write_text(text, "utf-8")
    outcomes = list(ingest(Source(folder, 1_000_000, "en"), list(find_seeds(folder)), None))
    assert sum(not isinstance(each, SeedProblem) for each in outcomes) == 1
    return [each.reason.removesuffix("; indexed whole") for each in outcomes if isinstance(each, SeedProblem)]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.html", f"{HEAD}<noscript>You need to enable JavaScript to run this app.</noscript><div></div>", SHELL),
        (
            "a.html",
            f"{HEAD}<div id=root></div><script src=a.js></script>",
            "has a title and no text, like the shell of an app",
        ),
        ("a.txt", "Please turn on JavaScript\n\nThis site works with JavaScript only.", SHELL),
        ("a.txt", "Bitte aktivieren Sie JavaScript in Ihrem Browser.", SHELL),
        ("a.html", "<title>404 Not Found</title><body><h1>Not Found</h1><p>The page was not found here.</p>", ERROR),
        ("a.html", _SERVER.format("Not Found", "The requested URL was not found on this server."), ERROR),
        ("a.html", _SERVER.format("Not Found", "The requested URL /a.html was not found on this server."), ERROR),
        ("a.html", _SERVER.format("Forbidden", "You don't have permission to access this resource."), ERROR),
        (
            "a.html",
            _SERVER.format("Bad Request", "Your browser sent a request that this server could not understand."),
            ERROR,
        ),
        ("a.html", _SERVER.format("Moved Permanently", "The document has moved here."), ERROR),
        ("a.txt", "Not Found\n\nnginx", ERROR),
        ("a.txt", "Oops!\n\nThe page you are looking for could not be found. Go back to the home page.", ERROR),
        ("a.txt", "503 Service Unavailable\n\nNo server is available to handle this request.", ERROR),
        ("a.txt", "Checking your browser before you reach the site. This takes five seconds.", ERROR),
        ("a.txt", "Seite nicht gefunden\n\nDie gewünschte Seite gibt es leider nicht.", ERROR),
        ("a.txt", "We value your privacy\n\nWe and our partners store cookies. Accept all or reject all.", CONSENT),
        ("a.txt", "WE VALUE YOUR PRİVACY\n\nBEFORE YOU CONTİNUE, ACCEPT ALL.", CONSENT),
        ("a.txt", "\n".join(f"Story about harbour {number}" for number in range(20)), LINKS),
    ],
)
def test_document_that_is_no_article_is_reported(tmp_path: Path, name: str, text: str, reason: str) -> None:
    assert problems(tmp_path, name, text) == [reason]


@pytest.mark.parametrize(
    "text",
    [
        f"Quay to be widened\n\n{P1}\n\n{P1[::-1]}.",
        f"A page not found\n\n{P1} "
        + " ".join(f"The error 404 not found is number {number} here." for number in range(20)),
        f"On cookies\n\n{P1} The bakery sells cookies.",
        f"Not found\n\n{P1} The boat was not found. The document was signed, and the mayor could not be found.",
        "Quay\n\nThe tool needs a browser with JavaScript.",
        "# Boats\n\n" + "\n".join(f"- Boat number {number}" for number in range(20)),
    ],
)
def test_article_is_not_reported(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, "a.md", text) == []


def test_record_with_a_title_and_no_text_is_indexed(tmp_path: Path) -> None:
    assert problems(tmp_path, "a.jsonl", '{"title": "The quay is open again", "text": ""}\n') == []


@pytest.mark.parametrize(
    "phrase",
    [
        "Cookies", "CONSENT", "Your privacy", "Privacy Policy", "ACCEPT ALL", "Reject all", "Before you continue",
        "our partners", "Manage choices", "Alle akzeptieren", "Datenschutz", "EINWILLIGUNG", "Tout accepter",
        "VIE PRIVÉE", "Aceptar todo", "Accetta tutto",
    ],
)  # fmt: skip
def test_the_cheap_check_passes_every_phrase_of_a_consent_wall(phrase: str) -> None:
    assert suspicion._CONSENT.fullmatch(phrase)
    assert any(part in phrase.lower() for part in suspicion._IN_CONSENT)


@pytest.mark.parametrize(
    ("name", "text", "fields"),
    [
        ("a.jsonl", f'{{"title": "Quay", "SelfText": "{P1}", "link_flair": "sea"}}', "selftext"),
        ("a.json", f'{{"title": "Quay", "story_a": "{P1}", "story_b": ["{P1}"]}}', "story_a, story_b"),
        ("a.csv", f"title,story html,subreddit\nQuay,{P1},sea", "story html"),
    ],
)
def test_record_with_its_text_in_an_unknown_field_is_reported(
    tmp_path: Path, name: str, text: str, fields: str
) -> None:
    reason = f"has a title and no text, but long text in {fields} (see the setting `fields`)"
    assert problems(tmp_path, name, text) == [reason]


def test_long_addresses_and_codes_are_no_text(tmp_path: Path) -> None:
    assert problems(tmp_path, "a.jsonl", f'{{"title": "Quay", "token": "{"a1" * 99}"}}') == []


def test_front_matter_with_long_values_and_no_text_is_not_reported(tmp_path: Path) -> None:
    assert problems(tmp_path, "_index.md", f"---\ntitle: Quay\nintroduction_html: {P1}\n---\n") == []
