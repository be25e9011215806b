"""Settings: command-line options over SEARCHSVC_* variables over searchsvc.toml over defaults."""

import difflib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from msgspec import Meta

from searchsvc.analysis import SNOWBALL
from searchsvc.branding import Branding
from searchsvc.errors import SettingsError
from searchsvc.models.documents import DECLARED_FIELDS
from searchsvc.toml_file import read_toml

FILE = Path("searchsvc.toml")
PREFIX = "SEARCHSVC_"
_SWITCH = {"true": True, "false": False}
# As browsers send it: lower case, no slash at the end.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
# Characters that no proxy, browser or configuration file reads as anything but themselves.
_BASE_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+")
OWN_FOLDERS = frozenset(
    {"api", "doc", "filters", "help", "messages", "static"}
)  # a base path below them could be confused with their pages
_MIN_TOKEN = 16  # characters
_JSON_LIST = re.compile(r"""\s*\[\s*["\]]""")  # not [::1], and not a pattern such as [Advertisement]
_KINDS = {int: "a whole number", str: "text in quotes", Path: "a path in quotes"}
EMBEDDED, OPENSEARCH = "embedded", "opensearch"
FIELDS, FOOTER_LINKS = "fields", "footer_links"
_MOST_NAMES = 200  # names that `fields` may add
SECRETS = frozenset({"metrics_token", "status_token", "opensearch_password", "opensearch_api_key"})  # never shown
# Names before version 0.2, for a message that helps after an upgrade.
_RENAMED = {
    "searches": "max_concurrent",
    "queue": "max_queued",
    "freshness": "recency_half_life_days",
    "memory": "build_memory_mb",
    "keep": "keep_lines",
    "drop": "drop_lines",
    "opensearch_copies": "opensearch_replicas",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; docs/settings.md has the same table."""

    seeds: Path = Path("seeds")
    index: Path = Path("index")
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    cache_mb: Annotated[int, Meta(ge=0)] = 64
    language: str = "en"
    max_file_bytes: Annotated[int, Meta(ge=1)] = 50_000_000
    max_document_bytes: Annotated[int, Meta(ge=1, le=20_000_000)] = 2_000_000
    keep_generations: Annotated[int, Meta(ge=1)] = 2
    build_memory_mb: Annotated[int, Meta(ge=16)] = 512
    jobs: Annotated[int, Meta(ge=0, le=64)] = 0
    recency_half_life_days: Annotated[int, Meta(ge=0)] = 0
    keep_lines: tuple[str, ...] = ()
    drop_lines: tuple[str, ...] = ()
    synonyms: Path | None = None
    semantic_model: Path | None = None
    rerank: bool = True
    fields: tuple[str, ...] = ()
    name: str = "searchsvc"
    description: str = ""
    logo: Path | None = None
    accent: str = ""
    footer_links: tuple[str, ...] = ()
    page_language: str = ""
    base_path: str = ""
    public_url: str = ""
    cors_origins: tuple[str, ...] = ()
    metrics_token: str = ""
    status_token: str = ""
    access_log: bool = True
    log_queries: bool = False
    allowed_hosts: tuple[str, ...] = ()
    max_concurrent: Annotated[int, Meta(ge=0, le=32)] = 0
    max_queued: Annotated[int, Meta(ge=0, le=10000)] = 8
    search_timeout_ms: Annotated[int, Meta(ge=1, le=20_000)] = 5_000
    engine: str = EMBEDDED
    opensearch_urls: tuple[str, ...] = ()
    opensearch_index: str = "searchsvc"
    opensearch_user: str = ""
    opensearch_password: str = field(default="", repr=False)
    opensearch_api_key: str = field(default="", repr=False)
    opensearch_ca: Path | None = None
    opensearch_shards: Annotated[int, Meta(ge=1, le=1024)] = 3
    opensearch_replicas: Annotated[int, Meta(ge=0, le=10)] = 1
    opensearch_timeout_ms: Annotated[int, Meta(ge=100)] = 2_500

    @property
    def effective_base_path(self) -> str:
        """`base_path`, or else the path of `public_url`; empty for none."""
        return self.base_path or _split(self.public_url)[1]

    @property
    def effective_concurrency(self) -> int:
        """`max_concurrent`, or else one request for an index in a folder, eight with OpenSearch."""
        return self.max_concurrent or (8 if self.engine == OPENSEARCH else 1)

    @property
    def branding(self) -> Branding:
        """Name, description, colour, footer links and language of the pages."""
        return Branding(self.name, self.description, self.accent, self.footer_links, self.page_language)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting and its origin: `default`, a file, `the environment` or `the command line`."""

    name: str
    value: Any
    origin: str


def load(flags: Mapping[str, Any], file: Path = FILE, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings; `flags` that are None are not set. Raises SettingsError."""
    values: dict[str, Any] = {}
    for _, layer in _layers(flags, file, environment):
        values.update(layer)
    return _validate(_without_last_slash(Settings(**values)))


def origins(
    flags: Mapping[str, Any], file: Path = FILE, environment: Mapping[str, str] = os.environ
) -> Sequence[Setting]:
    """Return each setting of `load` with its origin. Raises SettingsError."""
    chosen = load(flags, file, environment)
    origin = dict.fromkeys((each.name for each in fields(Settings)), "default")
    for where, values in _layers(flags, file, environment):
        origin.update(dict.fromkeys(values, where))
    return [Setting(name, getattr(chosen, name), where) for name, where in origin.items()]


def _layers(
    flags: Mapping[str, Any], file: Path, environment: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Origins and values of settings, the strongest last."""
    yield str(file), _checked(_from_file(file), str(file))
    yield "the environment", _checked(_from_environment(environment), "the environment")
    yield "the command line", _checked(_values_of(flags), "the command line")


def overridden(settings: Settings, flags: Mapping[str, Any]) -> Settings:
    """Return `settings` with the flags that are set. Raises SettingsError."""
    return _validate(_without_last_slash(replace(settings, **_checked(_values_of(flags), "the command line"))))


def _values_of(flags: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value is not None}


def environment(settings: Settings) -> dict[str, str]:
    """Return environment variables from which `load` makes the same settings."""
    values = {each.name: getattr(settings, each.name) for each in fields(Settings)}
    return {
        PREFIX + name.upper(): json.dumps(value) if isinstance(value, tuple) else "" if value is None else str(value)
        for name, value in values.items()
    }


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Values by setting. An empty variable is not set: compose files and shells leave them."""
    lists = {each.name for each in fields(Settings) if each.type == tuple[str, ...]}
    values = {
        name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)
    }
    return {name: _listed(name, value) if name in lists else value for name, value in values.items() if value}


def _listed(name: str, text: str) -> list[Any]:
    """A list from a variable: JSON, or values separated by commas or line ends. Raises SettingsError."""
    if not _JSON_LIST.match(text):
        return [each.strip() for each in text.split("\n" if "\n" in text.strip() else ",")]
    try:
        values: list[Any] = json.loads(text)
    except ValueError as error:
        raise SettingsError(
            f'{name} in the environment is no valid JSON ({error}); write ["a", "b"], or a,b without brackets'
        ) from error
    return values


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return _flat(read_toml(file))
    except FileNotFoundError:
        return {}


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by setting: `opensearch.urls`, or `urls` under `[opensearch]`, is the setting opensearch_urls."""
    names = values.get(FIELDS)
    if isinstance(names, dict):
        values = {**values, FIELDS: _pairs(names)}
    links = values.get(FOOTER_LINKS)
    if isinstance(links, dict):
        values = {**values, FOOTER_LINKS: [f"{label}={address}" for label, address in links.items()]}
    cluster = values.get(OPENSEARCH)
    if not isinstance(cluster, dict):
        return dict(values)
    flat = {name: value for name, value in values.items() if name != OPENSEARCH}
    return flat | {f"{OPENSEARCH}_{name}": value for name, value in cluster.items()}


def _pairs(names: Mapping[str, Any]) -> list[str]:
    """Names by field as a list of `field=name`. Raises SettingsError."""
    for field_name, added in names.items():
        if not isinstance(added, list) or not all(isinstance(name, str) for name in added):
            raise SettingsError(f'{field_name} under [fields] must be a list of names, for example ["headline_de"]')
    return [f"{field_name}={name}" for field_name, added in names.items() for name in added]


def _checked(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    types = get_type_hints(Settings)
    for name in values:
        if name not in types:
            raise SettingsError(f"unknown setting {name!r} in {where}{_hint(name, types)}")
    return {name: _converted(name, value, types[name], where) for name, value in values.items()}


def _hint(name: str, known: Iterable[str]) -> str:
    """A suggestion for an unknown setting."""
    if name in _RENAMED:
        return f"; it is now called {_RENAMED[name]}"
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def _converted(name: str, value: Any, expected: Any, where: str) -> Any:
    if expected == tuple[str, ...]:
        return _several(name, value, where)
    if expected == Path | None:
        if value == "":  # the only way to say none in an environment variable
            return None
        expected = Path
    if expected is bool:
        return _switch(name, value, where)
    refusal = f"{name} in {where} must be {_KINDS[expected]}, not {value!r}"
    if isinstance(value, bool) or not isinstance(value, (str, int, Path)):
        raise SettingsError(refusal)
    if expected is str and not isinstance(value, str):
        raise SettingsError(refusal)
    try:
        return expected(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(refusal) from error


def _switch(name: str, value: Any, where: str) -> bool:
    """A boolean; in an environment variable, a word."""
    word = value if isinstance(value, bool) else _SWITCH.get(str(value).lower())
    if word is None:
        raise SettingsError(f"{name} in {where} must be true or false, not {value!r}")
    return word


def _several(name: str, value: Any, where: str) -> tuple[str, ...]:
    """A list of strings without empty ones. Raises SettingsError with the form that works."""
    if not isinstance(value, (list, tuple)):
        texts = [each.strip() for each in value.split(",")] if isinstance(value, str) and value.strip() else ["a", "b"]
        example = json.dumps(texts, ensure_ascii=False)
        raise SettingsError(f"{name} in {where} must be a list, for example {example}")
    if not all(isinstance(text, str) for text in value):
        example = json.dumps([text if isinstance(text, str) else str(text) for text in value], ensure_ascii=False)
        raise SettingsError(f"{name} in {where} must be a list of texts in quotes, for example {example}")
    return tuple(text for text in value if text.strip())


def _without_last_slash(settings: Settings) -> Settings:
    base_path, public_url = settings.base_path.removesuffix("/"), settings.public_url.removesuffix("/")
    return replace(settings, base_path=base_path, public_url=public_url)


def _check_addresses(settings: Settings) -> None:
    """Raise SettingsError for an address of the service or of another site that is malformed."""
    for address in settings.cors_origins:
        if not _ORIGIN.fullmatch(address):
            raise SettingsError(f"cors_origins must be like https://www.example.org, without a path, not {address!r}")
    origin, path = _split(settings.public_url)
    if settings.public_url and not (_ORIGIN.fullmatch(origin) and _is_base_path(path)):
        raise SettingsError(
            "public_url must be like https://search.example.org or https://www.example.org/archive, "
            f"not {settings.public_url!r}"
        )
    if not _is_base_path(settings.base_path):
        raise SettingsError(
            f"base_path must be like /archive, with A-Z a-z 0-9 . _ ~ - only, not {settings.base_path!r}"
        )
    if settings.base_path and settings.public_url and settings.base_path != path:
        raise SettingsError(
            f"base_path is {settings.base_path!r}, but public_url is {settings.public_url!r}; "
            f"set public_url to {origin + settings.base_path!r}, or leave base_path out"
        )
    folder = settings.effective_base_path.partition("/")[2].partition("/")[0]
    if folder in OWN_FOLDERS:
        raise SettingsError(f"base_path must not be below /{folder}, where the service has pages; choose another path")


def _split(address: str) -> tuple[str, str]:
    """Origin and path of an address."""
    scheme, separator, path = address.partition("://")
    host, slash, path = path.partition("/")
    return scheme + separator + host, slash + path


def _is_base_path(path: str) -> bool:
    return not path or _BASE_PATH.fullmatch(path) is not None


def _check_bounds(settings: Settings) -> None:
    """Raise SettingsError for a number outside the bounds of its field."""
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        for meta in getattr(hint, "__metadata__", ()):
            value = getattr(settings, name)
            if value < meta.ge or (meta.le is not None and value > meta.le):
                bounds = f"{meta.ge} or more" if meta.le is None else f"from {meta.ge} to {meta.le}"
                raise SettingsError(f"{name} must be {bounds}, not {value}")


def _check_fields(settings: Settings) -> None:
    """Raise SettingsError for a name added to a field that does not exist."""
    if len(settings.fields) > _MOST_NAMES:
        raise SettingsError(f"fields may have {_MOST_NAMES} names or fewer, not {len(settings.fields)}")
    for pair in settings.fields:
        field_name, _, name = pair.partition("=")
        if field_name.strip() not in DECLARED_FIELDS or not name.strip():
            raise SettingsError(
                f"fields must be like title=headline_de, with one of {', '.join(DECLARED_FIELDS)}, not {pair!r}"
            )


def _validate(settings: Settings) -> Settings:
    if not settings.host:
        raise SettingsError("host must be an address, such as 127.0.0.1, or 0.0.0.0 for all of this machine")
    if not settings.opensearch_index:
        raise SettingsError("opensearch_index must be a name, such as searchsvc")
    _check_bounds(settings)
    _check_addresses(settings)
    _check_fields(settings)
    settings.branding.check()
    for name in ("metrics_token", "status_token"):
        if 0 < len(getattr(settings, name)) < _MIN_TOKEN:
            raise SettingsError(f"{name} must have {_MIN_TOKEN} characters or more")
    if settings.engine not in (EMBEDDED, OPENSEARCH):
        raise SettingsError(f"engine must be {EMBEDDED} or {OPENSEARCH}, not {settings.engine!r}")
    if settings.engine == OPENSEARCH and not settings.opensearch_urls:
        raise SettingsError("engine is opensearch, so opensearch_urls must name one node or more")
    if settings.language not in SNOWBALL:
        raise SettingsError(f"language must be one of {', '.join(sorted(SNOWBALL))}, not {settings.language!r}")
    return settings
