"""Every command: what it prints, and its exit code."""

import json
import os
import re
from pathlib import Path

import pytest

from searchsvc import __version__, seed_folder
from searchsvc.cli.exit_codes import EXIT_CODES
from searchsvc.engine.storage.generation_store import GenerationStore
from searchsvc.errors import SearchServiceError
from searchsvc.ingest.ids import document_id
from searchsvc.models.search_params import OPTIONS

from .conftest import NATO, Run

NATO_ID = document_id("nato.txt")
COMMANDS = [
    "rebuild", "update", "serve", "demo", "search", "show", "similar", "suggest", "clean", "stats", "index", "config",
    "export", "import", "eval", "check", "openapi", "completion", "alerts", "version",
]  # fmt: skip


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(run: Run, option: str) -> None:
    shown = run(option)
    assert shown.exit_code == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in shown.stdout] == []


@pytest.mark.parametrize("command", [*COMMANDS, "index list", "index rollback", "config show"])
def test_every_command_has_help(run: Run, command: str) -> None:
    shown = run(*command.split(), "--help")
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"Usage: searchsvc {command}")


def test_help_tells_every_exit_code(run: Run) -> None:
    codes = {code for _, code in EXIT_CODES} | {0, 3, 7, 130}
    assert [code for code in sorted(codes) if not re.search(rf"\b{code}\s", run("--help").stdout)] == []


def test_version_is_printed(run: Run) -> None:
    assert run("version").stdout == f"{__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["nosuch"], ["--nosuch"], ["search"], ["show"], ["clean"], ["clean", "gone.txt"],
        ["search", "x", "--page", "0"], ["search", "x", "--limit", "101"],
        ["search", "x", "--format", "xml"], ["show", "x", "--view", "raw"],
        ["serve", "--port", "many"], ["--config", "gone.toml", "version"], ["index", "nosuch"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_wrong_command_line_is_exit_code_2(run: Run, words: list[str]) -> None:
    refused = run(*words)
    assert refused.exit_code == 2
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["search", "x", "--sort", "size"], "--sort must be one of published:asc, published:desc, relevance"),
        (["search", "x", "--strategy", "most"], "--strategy must be one of all, any, auto"),
        (["search", "x", "--syntax", "sql"], "--syntax must be one of auto, literal, operators"),
        (["search", "x", "--from", "soon"], "--from must be a date like 2024-03-31"),
        (["search", "x", "--filter", "size:9"], "--filter must be FIELD:VALUE"),
        (["search", "x" * 2_049], "QUERY must be text of at most 2,048 characters"),
        (["search", "x", "--page", "101"], "page is beyond the first 1,000 hits"),
        (["suggest", "x", "--limit", "21"], "limit must be a whole number from 1 to 20"),
        (["similar", "x", "--limit", "0"], "limit must be a whole number from 1 to 20"),
        (["index", "rollback"], "there is no older generation"),
    ],
)
def test_a_request_that_cannot_be_answered_is_exit_code_2(
    built: Path, run: Run, words: list[str], message: str
) -> None:
    refused = run(*words)
    assert refused.exit_code == 2
    assert message in refused.stderr


@pytest.mark.parametrize("words", [["search", "x"], ["show", "0"], ["stats"], ["index", "list"], ["index", "rollback"]])
def test_before_the_first_build_is_exit_code_4(run: Run, words: list[str]) -> None:
    refused = run(*words)
    assert refused.exit_code == 4
    assert "`searchsvc rebuild`" in refused.stderr


def test_an_index_of_another_language_is_exit_code_4(built: Path, run: Run) -> None:
    refused = run("--language", "de", "search", "alliance")
    assert refused.exit_code == 4
    assert "another analysis; run `searchsvc rebuild`" in refused.stderr


def test_a_damaged_index_is_exit_code_4(built: Path, run: Run) -> None:
    (generation,) = built.glob("index/2*")
    (generation / "columns.1.arrays").write_bytes(b"")
    refused = run("search", "alliance")
    assert refused.exit_code == 4
    assert "columns.1.arrays is truncated or altered" in refused.stderr


def test_an_unknown_setting_is_exit_code_2(run: Run, home: Path) -> None:
    (home / "searchsvc.toml").write_text("prot = 1")
    refused = run("config", "show")
    assert refused.exit_code == 2
    assert "did you mean port?" in refused.stderr


def test_settings_can_stand_in_another_file(run: Run, home: Path) -> None:
    (home / "other.toml").write_text('index = "elsewhere"')
    run("--config", "other.toml", "rebuild")
    assert (home / "elsewhere/CURRENT").exists()


def test_every_error_of_ours_has_an_exit_code() -> None:
    given = tuple(kind for kind, _ in EXIT_CODES)
    assert [kind.__name__ for kind in SearchServiceError.__subclasses__() if not issubclass(kind, given)] == [
        "NothingToIndex",  # caught by the service, which reports it
        "DeliveryFailed",  # of one alert: the others are delivered
    ]


def test_rebuild_counts_documents_and_debris(run: Run) -> None:
    done = run("rebuild")
    assert done.exit_code == 0
    assert done.stdout.startswith("2 documents indexed in ")
    assert ", 2 lines of clutter removed from them: generation 2" in done.stdout
    assert done.stdout.endswith("\n2 documents in the index: 2 added, 0 changed, 0 unchanged; 0 deleted\n")


def test_rebuild_counts_unchanged_documents_that_it_indexes_again(built: Path, run: Run) -> None:
    (built / "seeds/new.txt").write_text("A New Bridge\n\nThe mayor opened the bridge on Monday morning.\n")
    done = run("rebuild")
    assert done.stdout.startswith("3 documents indexed in ")
    assert " per second), 2 of them unchanged, 2 lines of clutter removed from them: generation 2" in done.stdout


def test_update_counts_changes(built: Path, run: Run) -> None:
    (built / "seeds/trade.txt").write_text("Trade Talks Fail\n\nThe ministers of trade left Geneva on Friday.\n")
    (built / "seeds/new.txt").write_text("A New Bridge\n\nThe mayor opened the bridge on Monday morning.\n")
    (built / "seeds/nato.txt").unlink()
    counts = "2 documents in the index: 1 added, 1 changed, 0 unchanged; 1 deleted\n"
    assert run("update").stdout.endswith(counts)


@pytest.mark.parametrize("named", ["seeds/new.txt", "seeds/../seeds/new.txt", "{home}/seeds/new.txt"])
def test_update_of_paths_looks_only_at_these(home: Path, run: Run, named: str) -> None:
    for name in ("nato.txt", "trade.txt"):
        os.utime(home / "seeds" / name, ns=(1, 1))  # else every update looks at it, as it may change at the same time
    run("rebuild")
    (home / "seeds/new.txt").write_text("A New Bridge\n\nThe mayor opened the bridge on Monday morning.\n")
    (home / "seeds/other.txt").write_text("An Old Bridge\n\nThe mayor closed the other bridge on Friday.\n")
    (home / "seeds/nato.txt").unlink()
    updated = run("update", named.format(home=home))
    assert updated.stdout.endswith("3 documents in the index: 1 added, 0 changed, 2 unchanged; 0 deleted\n")
    updated = run("update", "seeds/nato.txt", "seeds/trade.txt")
    assert updated.stdout.endswith("2 documents in the index: 0 added, 0 changed, 2 unchanged; 1 deleted\n")
    updated = run("update", "seeds")
    assert updated.stdout.endswith("3 documents in the index: 1 added, 0 changed, 2 unchanged; 0 deleted\n")


@pytest.mark.parametrize(("per_path", "whole"), [(20, True), (1, False)])
def test_update_of_many_paths_looks_at_the_whole_folder(
    built: Path, run: Run, monkeypatch: pytest.MonkeyPatch, per_path: int, whole: bool
) -> None:
    for name in ("nato.txt", "trade.txt"):
        os.utime(built / "seeds" / name, ns=(1, 1))
    run("rebuild")
    monkeypatch.setattr(seed_folder, "_FEW", 0)
    monkeypatch.setattr(seed_folder, "_PER_PATH", per_path)
    (built / "seeds/new.txt").write_text("A New Bridge\n\nThe mayor opened the bridge on Monday morning.\n")
    assert ("1 added" in run("update", "seeds/other.txt").stdout) == whole


def test_update_of_paths_follows_no_link_into_the_folder_but_one_to_it(built: Path, run: Run) -> None:
    (built / "linked").symlink_to("seeds")
    (built / "seeds/nato.txt").unlink()
    assert run("update", "linked/nato.txt").stdout.endswith("1 deleted\n")


@pytest.mark.parametrize("wrong", ["elsewhere.txt", "seeds/../elsewhere.txt", "/"])
def test_update_of_a_path_that_is_not_in_the_folder_is_an_error(built: Path, run: Run, wrong: str) -> None:
    refused = run("update", wrong)
    assert refused.exit_code == 2
    assert f"{wrong} is not in the seed folder" in " ".join(refused.stderr.split())


def test_update_of_paths_neither_watches_nor_previews(built: Path, run: Run) -> None:
    for option in ("--watch", "--dry-run"):
        assert run("update", option, "seeds").exit_code == 2


def test_update_as_json_has_counts_skipped_files_and_the_rate(built: Path, run: Run) -> None:
    (built / "seeds/trade.txt").write_text("Trade Talks Fail\n\nThe ministers of trade left Geneva on Friday.\n")
    (built / "seeds/picture.png").write_bytes(b"\x89PNG")
    report = json.loads(run("update", "--json").stdout)
    counts = {name: report[name] for name in ("added", "changed", "deleted", "unchanged", "reused", "skipped")}
    assert counts == {"added": 0, "changed": 1, "deleted": 0, "unchanged": 1, "reused": 1, "skipped": 1}
    assert report["documentsPerSecond"] == pytest.approx(1 / report["seconds"], abs=0.1)


def test_short_rebuild_without_a_terminal_shows_no_progress(run: Run) -> None:
    assert run("rebuild").stderr == ""


def test_rebuild_as_json(run: Run) -> None:
    report = json.loads(run("rebuild", "--json").stdout)
    assert (report["documents"], report["linesRemoved"], report["problems"]) == (2, 2, [])


def test_rebuild_while_another_holds_the_lock_is_exit_code_5(run: Run) -> None:
    with GenerationStore(Path("index")).building():
        refused = run("rebuild")
    assert refused.exit_code == 5
    assert "another rebuild is running (process " in refused.stderr


def test_rebuild_keeps_two_generations(run: Run, home: Path) -> None:
    run("rebuild")
    run("rebuild")
    run("rebuild")
    assert len(list(home.glob("index/2*"))) == 2


def test_search_shows_title_address_and_passage(built: Path, run: Run) -> None:
    found = run("search", "alliances")
    assert found.exit_code == 0
    assert f"1. NATO Opens Political Dialogue  [{NATO_ID}]" in found.stdout
    assert "The alliance wants no confrontation" in found.stdout
    assert found.stderr.startswith("1 result, page 1 of 1, ")


def test_search_shows_what_is_known_of_a_document(built: Path, run: Run) -> None:
    assert "   Ann Lee\n" in run("search", "tariffs").stdout


def test_search_takes_several_words_as_one_query(built: Path, run: Run) -> None:
    assert run("search", "trade", "steel", "--format", "urls").stdout.count("\n") == 1


def test_search_prints_all_hits_as_csv_and_lines_of_json(built: Path, run: Run) -> None:
    lines = run("search", "--format", "csv", "--", "-zeppelin").stdout.splitlines()
    assert lines[0].startswith("id,link,title,")
    objects = [json.loads(line) for line in run("search", "--format", "ndjson", "--", "-zeppelin").stdout.splitlines()]
    assert [line.partition(",")[0] for line in lines[1:]] == [each["id"] for each in objects]
    assert len(run("search", "--format", "csv", "--limit", "1", "--", "-zeppelin").stdout.splitlines()) == 2


def test_search_tells_what_it_ignored(built: Path, run: Run) -> None:
    assert "the: too common, affects only the order" in run("search", "the alliance").stderr


def test_search_takes_an_exclusion_behind_two_dashes(built: Path, run: Run) -> None:
    assert run("search", "--format", "urls", "--", "-alliance").stdout == (
        f"/doc/{document_id('trade.txt')}/trade-talks-resume\n"
    )


def test_search_by_filter(built: Path, run: Run) -> None:
    assert "Trade Talks Resume" in run("search", "monday OR tuesday", "--filter", "author:Ann Lee").stdout
    assert "NATO" not in run("search", "monday OR tuesday", "--filter", "author:Ann Lee").stdout


@pytest.mark.parametrize("query", ["newsletter", "Крым", "connect", "[bold]", "!!!"])
def test_search_that_finds_nothing_says_so_with_exit_code_1(built: Path, run: Run, query: str) -> None:
    found = run("search", query)
    assert found.exit_code == 1
    assert found.stdout == ""
    assert f"Nothing found for {query}" in found.stderr


def test_search_as_json(built: Path, run: Run) -> None:
    reply = json.loads(run("search", "alliances", "--format", "json").stdout)
    assert (reply["query"], reply["totalHits"], reply["hits"][0]["id"]) == ("alliances", 1, NATO_ID)


def test_search_as_json_is_json_even_without_a_hit(built: Path, run: Run) -> None:
    found = run("search", "newsletter", "--format", "json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["hits"] == []


def test_search_tells_what_was_put_right(built: Path, run: Run) -> None:
    found = run("search", "aliance", "--format", "text")
    assert found.exit_code == 0
    assert "showing results for: alliance" in found.stderr
    assert run("search", "aliance", "--typo", "off").exit_code == 1


def test_search_with_synonyms(built: Path, run: Run, home: Path) -> None:
    (home / "synonyms.toml").write_text('[one-way]\npact = ["alliance"]\n')
    (home / "searchsvc.toml").write_text('synonyms = "synonyms.toml"\n')
    found = json.loads(run("search", "pact", "--format", "json").stdout)
    assert [hit["id"] for hit in found["hits"]] == [NATO_ID]
    assert found["queryInfo"]["synonyms"] == [{"typed": "pact", "instead": "alliance"}]


def test_bad_synonyms_are_exit_code_2(built: Path, run: Run, home: Path) -> None:
    (home / "synonyms.toml").write_text("[alike]\npact = 5\n")
    (home / "searchsvc.toml").write_text('synonyms = "synonyms.toml"\n')
    refused = run("search", "pact")
    assert refused.exit_code == 2
    assert "synonyms.toml, line 2: pact: must be a list" in refused.stderr


def test_suggest_prints_completions_and_titles(built: Path, run: Run) -> None:
    found = run("suggest", "the", "mini")
    assert found.exit_code == 0
    assert found.stdout == f"the ministers  1\n{document_id('trade.txt')}  Trade Talks Resume\n"


def test_suggest_as_json(built: Path, run: Run) -> None:
    assert json.loads(run("suggest", "minis", "--json").stdout)["completions"] == [
        {"text": "ministers", "documents": 1}
    ]


@pytest.mark.parametrize("typed", ["zeppeli", "!!", "\udcff"])
def test_suggest_without_a_suggestion_is_exit_code_1(built: Path, run: Run, typed: str) -> None:
    assert run("suggest", typed).exit_code == 1


def test_similar_prints_titles(built: Path, run: Run, home: Path) -> None:
    text = "Alliance Meets\n\nIn Brussels the secretary general said that the alliance had found no confrontation.\n"
    (home / "seeds/meeting.txt").write_text(text)
    run("rebuild")
    assert run("similar", document_id("meeting.txt")).stdout == f"{NATO_ID}  NATO Opens Political Dialogue\n"
    found = json.loads(run("similar", document_id("meeting.txt"), "--json").stdout)
    assert [hit["id"] for hit in found["hits"]] == [NATO_ID]


def test_similar_of_a_document_like_no_other_says_so(built: Path, run: Run) -> None:
    assert run("similar", NATO_ID).stderr == "No similar articles; near-duplicates are left out\n"
    assert "Near-duplicates of it are left out" in " ".join(run("similar", "--help").stdout.split())


def test_similar_of_a_document_like_no_other_is_exit_code_1(built: Path, run: Run) -> None:
    assert (run("similar", NATO_ID).exit_code, run("similar", "nothing").exit_code) == (1, 1)


def test_show_prints_the_clean_text(built: Path, run: Run) -> None:
    shown = run("show", NATO_ID)
    assert shown.exit_code == 0
    assert shown.stdout.startswith("NATO Opens Political Dialogue\n\nThe alliance wants")
    assert "Connect with us" not in shown.stdout


def test_show_prints_the_original(built: Path, run: Run) -> None:
    assert run("show", NATO_ID, "--view", "original").stdout.strip() == NATO.strip()


def test_show_prints_what_was_removed_and_why(built: Path, run: Run) -> None:
    shown = run("show", NATO_ID, "--view", "removed").stdout
    assert "3 share-button: asks to share, print or follow (98 % confidence)\n    Connect with us\n" in shown


def test_show_as_json(built: Path, run: Run) -> None:
    assert json.loads(run("show", NATO_ID, "--json").stdout)["id"] == NATO_ID


@pytest.mark.parametrize("unknown", ["0", "ffffffffffffffff", "nothing", "-", "\udcff", "9" * 5_000])
def test_show_of_an_unknown_document_is_exit_code_1(built: Path, run: Run, unknown: str) -> None:
    shown = run("show", unknown)
    assert shown.exit_code == 1
    assert "no document has this address" in shown.stderr


def test_clean_prints_what_is_left(run: Run, home: Path) -> None:
    shown = run("clean", "seeds/nato.txt")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("The alliance wants")
    assert shown.stdout.count("\n") == 1


def test_clean_explains_each_dropped_line(run: Run, home: Path) -> None:
    shown = run("clean", "seeds/nato.txt", "--explain")
    assert "3 share-button: asks to share, print or follow (98 % confidence)\n    Connect with us\n" in shown.stdout
    assert shown.stderr == "1 block removed\n"


def test_clean_offers_the_setting_that_keeps_a_removed_line(run: Run, home: Path) -> None:
    shown = run("clean", "seeds/nato.txt", "--explain").stdout
    entry = next(line for line in shown.splitlines() if "keep_lines" in line).partition("to keep: ")[2]
    (home / "searchsvc.toml").write_text(entry + "\n")
    assert run("clean", "seeds/nato.txt", "--explain").stderr == "0 blocks removed\n"


def test_search_tells_what_has_only_some_of_the_words(built: Path, run: Run) -> None:
    shown = run("search", "alliance tariffs")
    assert "Partial matches" in shown.stderr
    assert {"   missing: tariffs", "   missing: alliance"} <= set(shown.stdout.splitlines())
    assert "2 results (2 partial matches)" in shown.stderr


def test_search_tells_how_it_read_the_query(built: Path, run: Run) -> None:
    shown = run("search", "alliance AND tariffs")
    assert shown.exit_code == 1
    assert "interpreted as: +alliance +tariffs" in shown.stderr


def test_search_can_ask_for_all_words(built: Path, run: Run) -> None:
    assert run("search", "alliance tariffs", "--strategy", "all").exit_code == 1


def test_clean_of_a_binary_is_exit_code_1(run: Run, home: Path) -> None:
    (home / "x.bin").write_bytes(bytes(range(256)) * 9)
    shown = run("clean", "x.bin")
    assert shown.exit_code == 1
    assert shown.stderr == "x.bin skipped: looks like binary data, not text\n"


def test_stats_tell_what_serves(built: Path, run: Run) -> None:
    shown = run("stats")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("2 documents, ")
    assert "\nauthor: Ann Lee (1)\n" in shown.stdout
    assert "\nsource: none\n" in shown.stdout


def test_stats_as_json(built: Path, run: Run) -> None:
    assert json.loads(run("stats", "--json").stdout)["documents"] == 2


def test_stats_repeat_the_report_of_the_build(home: Path, run: Run) -> None:
    (home / "seeds/empty.txt").touch()
    run("rebuild")
    assert "empty.txt skipped: empty" in run("stats").stderr


def test_index_list_marks_the_one_that_serves(built: Path, run: Run) -> None:
    run("rebuild")
    newest, older = run("index", "list").stdout.splitlines()
    assert newest.startswith("* ")
    assert older.startswith("  ")


def test_index_list_as_json(built: Path, run: Run) -> None:
    (only,) = json.loads(run("index", "list", "--json").stdout)
    assert (only["documents"], only["current"]) == (2, True)


def test_config_shows_each_value_and_where_it_was_set(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "searchsvc.toml").write_text('port = 9000\nhost = "::1"\nkeep_lines = ["a*"]')
    monkeypatch.setenv("SEARCHSVC_PORT", "9001")
    shown = run("--seeds", "seeds", "config", "show")
    assert shown.exit_code == 0
    said = {line.split(" = ")[0]: " ".join(line.split(" = ")[1].split()) for line in shown.stdout.splitlines()}
    assert said["seeds"] == '"seeds" # the command line'
    assert said["port"] == "9001 # the environment"
    assert said["host"] == '"::1" # searchsvc.toml'
    assert said["keep_lines"] == '["a*"] # searchsvc.toml'
    assert said["language"] == '"en" # default'


def test_what_config_shows_is_a_file_of_settings(home: Path, run: Run) -> None:
    (home / "shown.toml").write_text(run("config", "show").stdout)
    assert run("--config", "shown.toml", "config", "show").exit_code == 0


def test_config_as_json(run: Run) -> None:
    shown = json.loads(run("--language", "de", "config", "show", "--json").stdout)
    assert {"name": "language", "value": "de", "origin": "the command line"} in shown
    assert {"name": "seeds", "value": "seeds", "origin": "default"} in shown


def test_rollback_serves_the_generation_before(built: Path, run: Run) -> None:
    (built / "seeds/nato.txt").unlink()
    run("rebuild")
    assert run("search", "alliance").exit_code == 1
    assert run("index", "rollback").exit_code == 0
    assert run("search", "alliance").exit_code == 0


def test_json_is_short_for_the_format(run: Run, home: Path) -> None:
    run("rebuild")
    short, long = run("search", "--json", "nato"), run("search", "--format", "json", "nato")
    assert json.loads(short.stdout)["hits"] == json.loads(long.stdout)["hits"] != []


def test_description_of_the_endpoints_is_printed(run: Run) -> None:
    described = json.loads(run("openapi").stdout)
    assert described["openapi"] == "3.1.0"
    assert described["paths"]["/api/v1/search"]["post"]["requestBody"]["required"] is True


@pytest.mark.parametrize("words", [["config", "show"], ["config", "show", "--json"]])
def test_token_is_shown_to_nobody(run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setenv("SEARCHSVC_METRICS_TOKEN", "a-token-for-tests-only")
    shown = run(*words).stdout
    assert "metrics_token" in shown
    assert "a-token" not in shown


def test_base_path_that_is_no_path_is_refused_before_serving(built: Path, run: Run) -> None:
    refused = run("serve", "--base-path", "archive")
    assert refused.exit_code == 2
    assert "base_path must be like /archive" in refused.stderr


def test_json_has_the_names_of_the_api(built: Path, run: Run) -> None:
    def names(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*map(names, value.values()))
        return set().union(*map(names, value)) if isinstance(value, list) else set()

    shown = [run(*words.split()).stdout for words in ("update --json", "check --json", "index list --json")]
    used = set().union(*(names(json.loads(each)) for each in shown))
    assert {"linesRemoved", "rebuildReason", "generations", "created"} <= used
    assert [name for name in sorted(used) if "_" in name] == []


def test_search_has_every_option_of_a_search_request(run: Run) -> None:
    shown = run("search", "--help").stdout
    flags = [f"--{option.flag}" for option in OPTIONS if option.name != "q"]
    assert [flag for flag in flags if f"\n  {flag} " not in shown] == []


def test_every_wrong_option_of_a_search_is_reported(built: Path, run: Run) -> None:
    refused = run("search", "x", "--strategy", "most", "--crop-length", "1")
    assert refused.exit_code == 2
    assert "--strategy must be one of" in refused.stderr
    assert "--crop-length must be a whole number from 20 to 2000" in refused.stderr


def test_offset_and_limit_page_through_a_search(built: Path, run: Run) -> None:
    def ids(*words: str) -> list[str]:
        return [
            hit["id"] for hit in json.loads(run("search", "nato", "--typo", "off", "--json", *words).stdout)["hits"]
        ]

    assert ids("--strategy", "any", "--offset", "1", "--limit", "1") == ids("--strategy", "any")[1:2]
