"""Every command, over documents, files and arguments full of characters that a terminal would obey."""

import json
import os
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from rich.text import Text

from searchsvc.cli.safe_console import SafeConsole
from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.models.documents import Document, SeedProblem
from tests.cli.conftest import Run
from tests.test_terminal_text import unsafe
from tests.web.hostile import DOCUMENTS

WRONG = {"Cc", "Cf", "Zl", "Zp", "Co", "Cn"}
ODD = [
    chr(code) for code in range(0x11000) if unicodedata.category(chr(code)) in WRONG and chr(code) not in "\0\n\r\t\f\v"
][:6_000:9]
CSI = "\x9b31m\x9d0;gotcha\x07\u202egnirts\u2028\x1b]0;x\x07\U000e0041"
PAYLOADS = [CSI, *("".join(ODD[at : at + 40]) for at in range(0, len(ODD), 40))]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of documents with a payload in every field."""
    folder = tmp_path_factory.mktemp("odd")
    engine = EmbeddedEngine(folder, "en")
    with engine.new_generation() as generation:
        for number, payload in enumerate(PAYLOADS):
            generation.add(_document(number, payload), f"zebra {payload}\nmore {payload}")
        generation.set_problems([SeedProblem(f"{CSI}.txt", CSI, indexed=True)])
    return folder


def _document(number: int, payload: str) -> Document:
    text = f"zebra {payload}"
    return replace(
        DOCUMENTS[0], id=f"{number:016x}", path=f"{payload}.txt", title=text, body=f"{text}\nA sentence, {payload}.",
        summary=text, author=payload, source=payload, section=payload, topics=(payload,), related=(payload,),
        credit=payload, url=payload, extra=((payload, payload),), headings=(payload,),
        removed=(replace(DOCUMENTS[0].removed[0], reason=payload, text=f"{payload}\n{payload}"),),
    )  # fmt: skip


def assert_safe(result: Result) -> None:
    assert unsafe(result.stdout) | unsafe(result.stderr) == set()
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize(
    "words",
    [
        "search zebra --limit 100", "search zebra --explain on", "search zebra --format urls", "stats",
        "stats --duplicates",
        "show {0}", "show {0} --view original", "show {0} --view removed", "similar {0}", "suggest ze", "check",
        "index list",
    ],
)  # fmt: skip
def test_documents_are_shown_safely(index: Path, run: Run, words: str) -> None:
    for number in range(len(PAYLOADS) if "{0}" in words else 1):
        assert_safe(run("--index", str(index), *words.format(f"{number:016x}").split()))


def texts(value: object) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("words", ["search zebra --limit 100", "show {0}", "stats"])
def test_json_has_escapes_and_the_same_value(index: Path, run: Run, words: str) -> None:
    done = run("--index", str(index), *words.format("0" * 16).split(), "--json")
    assert_safe(done)
    assert [each for each in texts(json.loads(done.stdout)) if CSI in each]


def test_export_has_escapes_and_the_same_value(index: Path, run: Run) -> None:
    done = run("--index", str(index), "export")
    assert_safe(done)
    assert [json.loads(line)["author"] for line in done.stdout.splitlines()] == PAYLOADS


@pytest.mark.parametrize(
    "words",
    [
        ["search", CSI], ["search", "zebra", "--sort", CSI], ["search", "zebra", "--filter", f"author:{CSI}"],
        ["suggest", CSI], ["show", CSI], ["similar", CSI], [CSI], [f"--{CSI}"], ["search", f"--{CSI}", "a"],
        ["--config", CSI, "stats"], ["--index", CSI, "stats"], ["--seeds", CSI, "rebuild"], ["clean", CSI],
        ["clean", "--report", CSI], ["import", CSI], ["export", "--output", f"{CSI}/x"], ["--language", CSI, "stats"],
        ["eval", CSI], ["eval", "seeds/nato.txt", "--strategy", CSI], ["update", "--jobs", CSI],
        ["search", "\udcff\udc9b"],
    ],
)  # fmt: skip
def test_arguments_are_repeated_safely(index: Path, run: Run, words: list[str]) -> None:
    given = words if "--index" in words else ["--index", str(index), *words]
    assert_safe(run(*given))


@pytest.fixture
def odd_files(home: Path) -> Path:
    """Seeds with odd names and odd contents."""
    for number, payload in enumerate(PAYLOADS[:4]):
        name = payload.replace("/", "")[:20]
        (home / f"seeds/{name}.txt").write_text(
            f"Title {payload} {number}\n\nBy {payload}\n\nShare this {payload}\n\nThe {payload} zebra ran on Monday.\n"
        )
        (home / f"seeds/{name}.toml").write_text("x")
        (home / f"seeds/{name}.json").write_text("{")
    Path(os.fsdecode(os.fsencode(home) + b"/seeds/\x9b\xff.txt")).write_text(CSI)
    return home


@pytest.mark.parametrize(
    "words",
    [["rebuild"], ["rebuild", "--json"], ["update"], ["clean", "--report", "seeds"], ["--seeds", "none", "update"]],
)
def test_files_are_reported_safely(odd_files: Path, run: Run, words: list[str]) -> None:
    assert_safe(run(*words))


@pytest.mark.parametrize("form", [[], ["--explain"], ["--format", "diff"], ["--json"]])
def test_files_are_cleaned_safely(odd_files: Path, run: Run, form: list[str]) -> None:
    for path in (odd_files / "seeds").iterdir():
        assert_safe(run("clean", str(path), *form))


def test_files_with_odd_contents_are_refused_safely(odd_files: Path, run: Run) -> None:
    (odd_files / "odd.toml").write_text(f'"{CSI[:4]}" = 1\nseeds = "{CSI[:2]}"\n')
    (odd_files / "odd.jsonl").write_text(f"{CSI}\n" + json.dumps({CSI: CSI}) + "\n")
    for words in (["--config", "odd.toml", "config", "show"], ["import", "odd.jsonl"], ["eval", "odd.toml"]):
        assert_safe(run(*words))


def test_styles_stay_at_their_places(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    SafeConsole().print(Text.assemble("a\x9b", ("b\x9d", "bold"), "c"))
    assert capsys.readouterr().out == "a\\x9b\x1b[1mb\\x9d\x1b[0mc\n"


def test_output_in_another_encoding_is_escaped(index: Path, searchsvc: str) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [searchsvc, "--index", str(index), "search", "zebra"], capture_output=True, timeout=60, env=environment
    )
    assert (done.returncode, done.stdout.isascii()) == (0, True)
