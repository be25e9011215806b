"""Flags over SEARCHSVC_* over searchsvc.toml over the defaults."""

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from searchsvc.errors import SettingsError
from searchsvc.settings import (
    OWN_FOLDERS,
    Setting,
    Settings,
    environment,
    load,
    origins,
    overridden,
)
from searchsvc.toml_file import as_toml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "searchsvc.toml"


def refusal(file: Path, flags: dict[str, Any], environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        load(flags, file, environment)
    return str(refused.value)


def test_without_anything_the_defaults_hold(file: Path) -> None:
    assert load({}, file, {}) == Settings()


def test_the_file_goes_over_the_defaults(file: Path) -> None:
    file.write_text('seeds = "articles"\nport = 9000\n')
    assert load({}, file, {}) == Settings(seeds=Path("articles"), port=9000)


def test_the_environment_goes_over_the_file(file: Path) -> None:
    file.write_text("port = 9000")
    assert load({}, file, {"SEARCHSVC_PORT": "9001"}).port == 9001


def test_flags_go_over_the_environment(file: Path) -> None:
    assert load({"port": 9002}, file, {"SEARCHSVC_PORT": "9001"}).port == 9002


def test_flags_that_were_not_given_change_nothing(file: Path) -> None:
    assert load({"port": None, "seeds": None}, file, {"SEARCHSVC_PORT": "9001"}).port == 9001


def test_flags_can_be_laid_over_settings_later() -> None:
    assert overridden(Settings(port=1), {"host": "::1", "port": None}) == Settings(port=1, host="::1")


def test_other_variables_are_nobodys_business(file: Path) -> None:
    assert load({}, file, {"PORT": "1", "PATH": "/bin"}) == Settings()


def test_the_environment_hands_on_every_setting(file: Path) -> None:
    wishes = (("Notes*", "*=é"), ("x",))
    chosen = replace(
        Settings(Path("a b"), Path("/i"), "::1", 1, 2, 3, "de", 4, 9, 5, 16, 7, 8, *wishes, Path("s")),
        engine="opensearch",
        opensearch_urls=("https://a", "http://b:1"),
        opensearch_index="i",
        opensearch_user="u",
        opensearch_password="p",
        opensearch_api_key="k",
        opensearch_ca=Path("ca"),
        opensearch_shards=9,
        opensearch_replicas=2,
        opensearch_timeout_ms=300,
        allowed_hosts=("a", "b"),
        max_concurrent=9,
        max_queued=10,
    )
    assert load({}, file, environment(chosen)) == chosen


def test_the_environment_hands_on_the_defaults(file: Path) -> None:
    assert load({}, file, environment(Settings())) == Settings()


def test_the_real_environment_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCHSVC_LANGUAGE", "de")
    assert load({}, file).language == "de"


def test_an_unknown_name_in_the_file_gets_the_nearest(file: Path) -> None:
    file.write_text("prot = 9000")
    assert refusal(file, {}, {}) == f"unknown setting 'prot' in {file}; did you mean port?"


def test_an_unknown_variable_gets_the_nearest(file: Path) -> None:
    assert (
        refusal(file, {}, {"SEARCHSVC_SEED": "x"}) == "unknown setting 'seed' in the environment; did you mean seeds?"
    )


@pytest.mark.parametrize(("old", "new"), [("keep", "keep_lines"), ("opensearch_copies", "opensearch_replicas")])
def test_a_renamed_setting_is_refused_with_its_new_name(file: Path, old: str, new: str) -> None:
    assert refusal(file, {old: 1}, {}).endswith(f"it is now called {new}")


def test_an_unknown_name_near_to_none_gets_them_all(file: Path) -> None:
    assert refusal(file, {"zzz": 1}, {}) == (
        "unknown setting 'zzz' in the command line; "
        "known are seeds, index, host, port, workers, cache_mb, language, max_file_bytes, "
        "max_document_bytes, keep_generations, "
        "build_memory_mb, jobs, recency_half_life_days, keep_lines, drop_lines, synonyms, semantic_model, "
        "rerank, fields, name, description, logo, accent, footer_links, page_language, "
        "base_path, public_url, cors_origins, metrics_token, status_token, access_log, log_queries, "
        "allowed_hosts, max_concurrent, max_queued, "
        "search_timeout_ms, engine, opensearch_urls, opensearch_index, opensearch_user, opensearch_password, "
        "opensearch_api_key, opensearch_ca, opensearch_shards, opensearch_replicas, opensearch_timeout_ms"
    )


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('port = "many"', "must be a whole number, not 'many'"),
        ("port = true", "must be a whole number, not True"),
        ("port = 80.5", "must be a whole number, not 80.5"),
        ("port = [80]", r"must be a whole number, not [80]"),
        ("seeds = 5", "must be a path in quotes, not 5"),
        ("host = 127", "must be text in quotes, not 127"),
        ("[seeds]\nx = 1", "must be a path in quotes, not {'x': 1}"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(file: Path, toml: str, message: str) -> None:
    file.write_text(toml)
    assert message in refusal(file, {}, {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'port = 1\nhost = "x', "line 2: "),
        (b"# one\n\nport = \nkeep = []\n", "line 3: Invalid value"),
        (b"port = 1\r\nport 9000\r\n", "line 2: Expected '=' after a key in a key/value pair"),
        (b"port = 1\n# caf\xe9\n", "line 2: the text is not UTF-8; save it as UTF-8"),
        ("# a\nport".encode("utf-16-le"), "line 1: "),
        (b"\xff\xfe" + "# a\n# b\n".encode("utf-16-le") + b"x", "line 3: the text is not UTF-16-LE; save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_with_the_line(file: Path, content: bytes, message: str) -> None:
    file.write_bytes(content)
    assert refusal(file, {}, {}).startswith(f"{file}, {message}")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_from_any_editor_is_read(file: Path, encoding: str, line_end: str) -> None:
    file.write_bytes(line_end.join(["# Größe", 'keep_lines = ["Größe*"]', "port = 81", ""]).encode(encoding))
    assert load({}, file, {}) == Settings(port=81, keep_lines=("Größe*",))


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("a.example,localhost", ("a.example", "localhost")),
        (" a.example , localhost, ", ("a.example", "localhost")),
        ('["a.example", "b,c"]', ("a.example", "b,c")),
        ("a.example\nlocalhost\n", ("a.example", "localhost")),
        ("[::1],[::2]", ("[::1]", "[::2]")),
        ("[]", ()),
        ("", ()),
    ],
)
def test_a_list_in_the_environment_has_commas_or_is_json(file: Path, text: str, hosts: tuple[str, ...]) -> None:
    assert load({}, file, {"SEARCHSVC_ALLOWED_HOSTS": text}).allowed_hosts == hosts


def test_a_list_in_the_environment_that_is_no_json_is_refused(file: Path) -> None:
    message = refusal(file, {}, {"SEARCHSVC_ALLOWED_HOSTS": '["a", b]'})
    assert message.startswith("allowed_hosts in the environment is no valid JSON (")
    assert message.endswith('; write ["a", "b"], or a,b without brackets')


def test_an_empty_variable_is_not_set(file: Path) -> None:
    file.write_text('port = 9000\nhost = "::1"\nkeep_lines = ["a"]')
    empty = {"SEARCHSVC_PORT": "", "SEARCHSVC_HOST": "", "SEARCHSVC_KEEP_LINES": "", "SEARCHSVC_ACCESS_LOG": ""}
    assert load({}, file, empty) == load({}, file, {})


@pytest.mark.parametrize(
    ("toml", "example"),
    [
        ('"a.example"', 'allowed_hosts in {} must be a list, for example ["a.example"]'),
        ('"a.example, localhost"', 'allowed_hosts in {} must be a list, for example ["a.example", "localhost"]'),
        ("5", 'allowed_hosts in {} must be a list, for example ["a", "b"]'),
        ("[1, 'x']", 'allowed_hosts in {} must be a list of texts in quotes, for example ["1", "x"]'),
    ],
)
def test_a_wrong_list_gets_the_form_that_works(file: Path, toml: str, example: str) -> None:
    file.write_text(f"allowed_hosts = {toml}")
    assert refusal(file, {}, {}) == example.format(file)


@pytest.mark.parametrize("name", ["host", "opensearch_index"])
def test_an_empty_name_is_refused(file: Path, name: str) -> None:
    file.write_text(f'{name} = ""')
    assert refusal(file, {}, {}).startswith(f"{name} must be ")


ODD = Settings(
    seeds=Path('my seeds/"é"\\'), index=Path("/i"), host="::1", port=0, workers=2, cache_mb=0, language="de",
    max_file_bytes=1, keep_generations=3, build_memory_mb=16, jobs=2, recency_half_life_days=7,
    keep_lines=("Notes, *", 'a "quoted" = line # here', "[x]", "back\\slash"),
    drop_lines=("tab\t", "bell\x07\x7f", "a\nb", "😀"),
    synonyms=Path("s.toml"), name="Ärchiv & Co", description='"All" of it', logo=Path("l.png"), accent="#fff",
    footer_links=("Imprint=/imprint", "A, B=https://a.example/?a=b"), page_language="fr",
    public_url="https://a.example", cors_origins=("https://b.example",), access_log=False,
    log_queries=True, allowed_hosts=("a.example", "b"), max_concurrent=3, max_queued=0, engine="opensearch",
    opensearch_urls=("https://u:9200", "https://v"), opensearch_index="i", opensearch_user="u=#",
    opensearch_ca=Path("ca"), opensearch_shards=2, opensearch_replicas=0, opensearch_timeout_ms=100,
)  # fmt: skip


@pytest.mark.parametrize("chosen", [Settings(), ODD], ids=["defaults", "odd"])
def test_every_setting_as_toml_is_read_back(file: Path, chosen: Settings) -> None:
    file.write_text("\n".join(f"{each.name} = {as_toml(getattr(chosen, each.name))}" for each in fields(Settings)))
    assert load({}, file, {}) == chosen


def test_odd_settings_in_the_environment_are_read_back(file: Path) -> None:
    assert load({}, file, environment(ODD)) == ODD


def test_a_folder_in_place_of_the_file_is_refused(file: Path) -> None:
    file.mkdir()
    assert refusal(file, {}, {}).startswith(f"{file} can't be read: ")


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_out_of_range_is_refused(file: Path, port: str) -> None:
    assert refusal(file, {}, {"SEARCHSVC_PORT": port}) == f"port must be from 0 to 65535, not {port}"


@pytest.mark.parametrize("port", [0, 65535])
def test_the_first_and_the_last_port_are_fine(file: Path, port: int) -> None:
    assert load({"port": port}, file, {}).port == port


def test_no_generation_at_all_is_refused(file: Path) -> None:
    assert "keep_generations must be 1 or more" in refusal(file, {"keep_generations": 0}, {})


OUT_OF_RANGE = [
    ("build_memory_mb", 15), ("jobs", -1), ("jobs", 65), ("workers", 0), ("workers", 65), ("cache_mb", -1),
    ("recency_half_life_days", -1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), OUT_OF_RANGE)
def test_a_number_out_of_range_is_refused(file: Path, name: str, value: int) -> None:
    assert refusal(file, {name: value}, {}).startswith(f"{name} must be ")


@pytest.mark.parametrize("address", ["https://search.example.org", "http://localhost:8000", "https://[::1]:8000"])
def test_address_of_a_site_is_fine(file: Path, address: str) -> None:
    file.write_text(f'public_url = "{address}"\ncors_origins = ["{address}", "https://b.example"]')
    chosen = load({}, file, {})
    assert (chosen.public_url, chosen.cors_origins) == (address, (address, "https://b.example"))


NO_ORIGINS = ["*", "example.org", "https://A.example", "ftp://a", "null", "https://a b", "https://", "https:///x"]
NO_PATHS = [
    "/a/../b",
    "/..",
    "/./a",
    "/a?b",
    "/a#b",
    "/a b",
    "/a//b",
    "//a",
    "/a%2fb",
    "/ä",
    '/a"',
    "/a\n",
    "/a;b",
    "/a:b",
]


@pytest.mark.parametrize("address", [*NO_ORIGINS, "https://a.example/", "https://a.example/x"])
def test_other_address_of_another_site_is_refused(file: Path, address: str) -> None:
    assert "cors_origins must be like https://" in refusal(file, {"cors_origins": ["https://a.example", address]}, {})


@pytest.mark.parametrize("address", [*NO_ORIGINS, *(f"https://a.example{path}" for path in NO_PATHS)])
def test_public_address_that_others_could_not_use_is_refused(file: Path, address: str) -> None:
    assert refusal(file, {"public_url": address}, {}).startswith("public_url must be like https://")


@pytest.mark.parametrize("path", [*NO_PATHS, "archive", "a/b", "https://a.example/archive"])
def test_base_path_that_is_no_plain_path_is_refused(file: Path, path: str) -> None:
    assert refusal(file, {"base_path": path}, {}).startswith("base_path must be like /archive")


@pytest.mark.parametrize("path", ["/archive", "/a/b-c_d.e~f", "/search", "/.well-known", "/a..b"])
def test_base_path_is_a_path(file: Path, path: str) -> None:
    chosen = load({"base_path": path}, file, {})
    assert (chosen.base_path, chosen.effective_base_path) == (path, path)
    assert load({}, file, environment(chosen)) == chosen


@pytest.mark.parametrize(("typed", "meant"), [("/archive/", "/archive"), ("/", "")])
def test_slash_at_the_end_makes_no_difference(file: Path, typed: str, meant: str) -> None:
    chosen = load({"base_path": typed, "public_url": f"https://a.example{typed}"}, file, {})
    assert (chosen.base_path, chosen.public_url) == (meant, f"https://a.example{meant}")


def test_path_of_the_public_address_is_the_base_path(file: Path) -> None:
    assert (
        load({"public_url": "https://a.example:8443/archive/press"}, file, {}).effective_base_path == "/archive/press"
    )
    assert load({"public_url": "https://a.example"}, file, {}).effective_base_path == ""


@pytest.mark.parametrize("public", ["https://a.example", "https://a.example/press"])
def test_base_path_that_disagrees_with_the_public_address_is_refused(file: Path, public: str) -> None:
    assert refusal(file, {"base_path": "/archive", "public_url": public}, {}) == (
        f"base_path is '/archive', but public_url is '{public}'; "
        "set public_url to 'https://a.example/archive', or leave base_path out"
    )


@pytest.mark.parametrize("folder", sorted(OWN_FOLDERS))
def test_base_path_below_a_folder_of_the_service_is_refused(file: Path, folder: str) -> None:
    message = f"base_path must not be below /{folder}, where the service has pages; choose another path"
    assert refusal(file, {"base_path": f"/{folder}"}, {}) == message
    assert refusal(file, {"public_url": f"https://a.example/{folder}/x"}, {}) == message


def test_short_token_is_refused(file: Path) -> None:
    assert "metrics_token must have 16 characters" in refusal(file, {"metrics_token": "x" * 15}, {})


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("False", False)])
def test_switch_is_a_word_in_the_environment(file: Path, said: str, meant: bool) -> None:
    chosen = load({}, file, {"SEARCHSVC_ACCESS_LOG": said, "SEARCHSVC_LOG_QUERIES": said})
    assert (chosen.access_log, chosen.log_queries) == (meant, meant)
    assert load({}, file, environment(chosen)) == chosen


@pytest.mark.parametrize("said", ["1", '"yes"', "[]", '""'])
def test_switch_that_is_neither_is_refused(file: Path, said: str) -> None:
    file.write_text(f"access_log = {said}")
    assert "access_log in" in refusal(file, {}, {})


def test_no_byte_at_all_is_refused(file: Path) -> None:
    assert "max_file_bytes must be 1 or more" in refusal(file, {"max_file_bytes": 0}, {})


def test_a_language_without_a_stemmer_is_refused(file: Path) -> None:
    assert "language must be one of ar, ca," in refusal(file, {"language": "xx"}, {})


def test_every_setting_says_where_it_was_set(file: Path) -> None:
    file.write_text('port = 9000\nhost = "::1"')
    found = {each.name: each for each in origins({"seeds": "s", "index": None}, file, {"SEARCHSVC_PORT": "9001"})}
    assert list(found) == [each.name for each in fields(Settings)]
    assert found["seeds"] == Setting("seeds", Path("s"), "the command line")
    assert found["port"] == Setting("port", 9001, "the environment")
    assert found["host"] == Setting("host", "::1", str(file))
    assert found["index"] == Setting("index", Path("index"), "default")


REFERENCE = Path(__file__).parent.parent / "docs" / "settings.md"


def test_the_reference_lists_every_setting_with_its_default() -> None:
    documented = re.findall(r"^\| `(\w+)` \| (?:`(.*?)`|none) \|", REFERENCE.read_text("utf-8"), re.M)
    assert documented == [(each.name, as_written(each.default)) for each in fields(Settings)]


def as_written(value: object) -> str:
    """A default as the file of settings has it; nothing for none."""
    if value in ((), None):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_cluster_has_a_table_of_its_own(file: Path) -> None:
    file.write_text('engine = "opensearch"\n[opensearch]\nurls = ["http://a:9200"]\nindex = "news"')
    chosen = load({}, file, {})
    assert (chosen.engine, chosen.opensearch_urls, chosen.opensearch_index) == (
        "opensearch",
        ("http://a:9200",),
        "news",
    )


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"engine": "solr"}, "engine must be embedded or opensearch, not 'solr'"),
        ({"engine": "opensearch"}, "opensearch_urls must name one node or more"),
        ({"opensearch_shards": 0}, "opensearch_shards must be from 1 to 1024"),
        ({"opensearch_replicas": 11}, "opensearch_replicas must be from 0 to 10"),
        ({"opensearch_timeout_ms": 99}, "opensearch_timeout_ms must be 100 or more"),
    ],
)
def test_a_cluster_that_can_not_be_is_refused(file: Path, flags: dict[str, Any], message: str) -> None:
    assert message in refusal(file, flags, {})


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"name": " "}, "name must not be empty; leave it out for searchsvc"),
        ({"name": "x" * 61}, "name must be one line of at most 60 characters"),
        ({"name": "a\nb"}, "name must be one line"),
        ({"description": "x" * 301}, "description must be one line of at most 300 characters"),
        ({"accent": "red"}, "accent must be a colour such as #0b6b5d, not 'red'"),
        ({"accent": "#12345"}, "accent must be a colour"),
        ({"accent": "#123;}body{color:red"}, "accent must be a colour"),
        ({"page_language": "it"}, "page_language must be one of en, de, fr, es, not 'it'"),
        ({"footer_links": ["a=/b"] * 11}, "footer_links may have 10 links or fewer, not 11"),
    ],
)
def test_branding_that_pages_cannot_use_is_refused(file: Path, flags: dict[str, Any], message: str) -> None:
    assert message in refusal(file, flags, {})


@pytest.mark.parametrize(
    "link",
    [
        "https://a.example",
        "=/a",
        "A=",
        "A=javascript:alert(1)",
        "A=JavaScript:alert(1)",
        "A=data:text/html,x",
        "A=//evil.example",
        "A=\\\\evil.example",
        "A=/\\evil.example",
        "A=https://[x",
        "A=https:",
        "A=mailto:",
        "A=imprint",
        f"{'A' * 61}=/a",
        f"A=/{'a' * 500}",
        "A=/a\nb",
    ],
)
def test_footer_link_that_is_no_plain_address_is_refused(file: Path, link: str) -> None:
    assert "footer_links must be like Imprint=https://" in refusal(file, {"footer_links": [link]}, {})


def test_a_table_of_footer_links_is_read(file: Path) -> None:
    file.write_text('[footer_links]\nImprint = "/imprint"\n"About us" = "https://a.example/?a=b"\n')
    assert [(each.label, each.address) for each in load({}, file, {}).branding.links] == [
        ("Imprint", "/imprint"),
        ("About us", "https://a.example/?a=b"),
    ]


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(Settings(opensearch_password="hidden", opensearch_api_key="hidden"))
    assert "hidden" not in shown


def test_a_table_of_fields_adds_names(file: Path) -> None:
    file.write_text('[fields]\ntitle = ["headline_de"]\nauthor = ["verfasser", "autor"]\n')
    assert load({}, file, {}).fields == ("title=headline_de", "author=verfasser", "author=autor")


def test_the_environment_adds_names_of_fields(file: Path) -> None:
    assert load({}, file, {"SEARCHSVC_FIELDS": "title=headline_de"}).fields == ("title=headline_de",)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[fields]\nheadline = ["x"]', "fields must be like title=headline_de, with one of title, text, author, "),
        ('[fields]\ntitle = [" "]', "fields must be like title=headline_de"),
        ('[fields]\ntitle = "x"', 'title under [fields] must be a list of names, for example ["headline_de"]'),
        (f"fields = {['title=x'] * 201}", "fields may have 200 names or fewer, not 201"),
    ],
)
def test_wrong_names_of_fields_are_refused(file: Path, toml: str, message: str) -> None:
    file.write_text(toml)
    assert refusal(file, {}, {}).startswith(message)


@pytest.mark.parametrize(
    ("chosen", "engine", "effective"), [(0, "embedded", 1), (0, "opensearch", 8), (3, "embedded", 3)]
)
def test_concurrency_suits_the_engine(chosen: int, engine: str, effective: int) -> None:
    assert Settings(max_concurrent=chosen, engine=engine).effective_concurrency == effective
