"""Command-line options over SEARCHSVC_* variables over searchsvc.toml over defaults."""

import difflib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from searchsvc.errors import SettingsError
from searchsvc.settings.checks import checked
from searchsvc.settings.settings import OPENSEARCH, Settings
from searchsvc.toml_file import read_toml

FILE = Path("searchsvc.toml")
PREFIX = "SEARCHSVC_"
FIELDS, FOOTER_LINKS = "fields", "footer_links"
_SWITCH = {"true": True, "false": False}
_JSON_LIST = re.compile(r"""\s*\[\s*["\]]""")  # not [::1], and not a pattern such as [Advertisement]
_KINDS = {int: "a whole number", str: "text in quotes", Path: "a path in quotes"}
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
    return checked(_without_last_slash(Settings(**values)))


def origins(
    flags: Mapping[str, Any], file: Path = FILE, environment: Mapping[str, str] = os.environ
) -> Sequence[Setting]:
    """Return each setting of `load` with its origin. Raises SettingsError."""
    chosen = load(flags, file, environment)
    origin = dict.fromkeys((each.name for each in fields(Settings)), "default")
    for where, values in _layers(flags, file, environment):
        origin.update(dict.fromkeys(values, where))
    return [Setting(name, getattr(chosen, name), where) for name, where in origin.items()]


def overridden(settings: Settings, flags: Mapping[str, Any]) -> Settings:
    """Return `settings` with the flags that are set. Raises SettingsError."""
    return checked(_without_last_slash(replace(settings, **_typed(_values_of(flags), "the command line"))))


def environment(settings: Settings) -> dict[str, str]:
    """Return environment variables from which `load` makes the same settings."""
    values = {each.name: getattr(settings, each.name) for each in fields(Settings)}
    return {
        PREFIX + name.upper(): json.dumps(value) if isinstance(value, tuple) else "" if value is None else str(value)
        for name, value in values.items()
    }


def _layers(
    flags: Mapping[str, Any], file: Path, environment: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Origins and values of settings, the strongest last."""
    yield str(file), _typed(_from_file(file), str(file))
    yield "the environment", _typed(_from_environment(environment), "the environment")
    yield "the command line", _typed(_values_of(flags), "the command line")


def _values_of(flags: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value is not None}


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


def _typed(values: Mapping[str, Any], where: str) -> dict[str, Any]:
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
