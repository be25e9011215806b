"""The indices of a cluster that are ours: one a generation, an alias for the one that serves, a lock."""

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from searchsvc.engine.opensearch.client.transport import Reply, Transport
from searchsvc.engine.opensearch.data.mapping import FORMAT, IndexManifest, index_body
from searchsvc.errors import (
    EngineUnavailable,
    IndexMissing,
    SettingsError,
    StoreError,
)
from searchsvc.models.index import GenerationInfo

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_GENERATION = re.compile(r"\d{8}t\d{12}z-[0-9a-f]{6}")
_WAIT_FOR_COPIES = 120  # seconds
_CHANGE = 60.0  # seconds for a change of the cluster's state


def encode(body: Any) -> bytes:
    """JSON in UTF-8; a lone surrogate, which UTF-8 does not have, becomes a question mark."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class PublishedIndex:
    """The generation that the alias named when it was looked at."""

    name: str
    index: str
    manifest: IndexManifest


class Indices:
    """Generations by name; the alias, and the beginning of every index, is `prefix`."""

    def __init__(self, transport: Transport, prefix: str, seconds: float) -> None:
        """`seconds`: how long an answer may take that somebody waits for."""
        if not _NAME.fullmatch(prefix):
            raise SettingsError(f"opensearch.index must be small letters, digits, - and _, not {prefix!r}")
        self.prefix = prefix
        self._transport = transport
        self._seconds = seconds

    def index(self, name: str) -> str:
        """The index of the generation `name`."""
        return f"{self.prefix}-{name}"

    def ask(self, method: str, path: str, body: Any = None, *, seconds: float | None = None) -> Reply:
        """`body`: what is to be JSON, or bytes that are. Raises EngineUnavailable; what a status means is
        for the caller to say."""
        data = body if body is None or isinstance(body, bytes) else encode(body)
        return self._transport.ask(method, path, data, seconds=seconds or self._seconds)

    def serving(self) -> PublishedIndex:
        """What the alias names. Raises IndexMissing, EngineUnavailable."""
        reply = self.ask("GET", f"/{self.prefix}/_mapping?filter_path=*.mappings._meta")
        found = done(reply) if reply.status != 404 else {}
        for index, said in found.items():
            manifest = _manifest(said)
            if manifest and self._generation(index):
                return PublishedIndex(self._generation(index), index, manifest)
        raise IndexMissing(f"no generation serves as {self.prefix} in OpenSearch; run `searchsvc rebuild`")

    def infos(self) -> list[GenerationInfo]:
        """Every published generation, newest first."""
        found = self._all()
        sizes = self._sizes() if found else {}
        infos = [
            GenerationInfo(name, manifest.created, manifest.documents, sizes.get(self.index(name), 0), current)
            for name, (manifest, current) in found.items()
            if manifest
        ]
        return sorted(infos, key=lambda info: info.name, reverse=True)

    def create(self, shards: int) -> str:
        """Make an empty index; the name of its generation."""
        name = f"{datetime.now(UTC):%Y%m%dt%H%M%S%fz}-{secrets.token_hex(3)}"
        done(self.ask("PUT", f"/{self.index(name)}", index_body(shards), seconds=_CHANGE))
        return name

    def complete(self, name: str, manifest: IndexManifest, copies: int) -> None:
        """Make a loaded index what it will stay: copied, its manifest written."""
        index = self.index(name)
        settings = {"refresh_interval": "1s", "translog.durability": "request"}
        settings["auto_expand_replicas"] = f"0-{copies}"
        done(self.ask("PUT", f"/{index}/_settings", {"index": settings}, seconds=_CHANGE))
        wait = f"wait_for_status=green&wait_for_no_initializing_shards=true&timeout={_WAIT_FOR_COPIES}s"
        state = self.ask("GET", f"/_cluster/health/{index}?{wait}", seconds=_WAIT_FOR_COPIES + 10).json()
        if state.get("status") not in ("green", "yellow"):
            raise StoreError(f"a part of index {index} was lost in loading; the previous index is still in use")
        meta = {"_meta": {"format": FORMAT, "manifest": asdict(manifest)}}
        done(self.ask("PUT", f"/{index}/_mapping", meta, seconds=_CHANGE))

    def published(self, name: str) -> PublishedIndex:
        """The generation `name`. Raises StoreError if it is not there."""
        manifest = self._all().get(name, (None, False))[0] if _GENERATION.fullmatch(name) else None
        if manifest is None:
            raise StoreError(f"no generation is called {name}; `searchsvc index list` shows them")
        return PublishedIndex(name, self.index(name), manifest)

    def activate(self, name: str) -> None:
        """Let `name` serve from now on, in one step. Raises StoreError if it is not there."""
        self.published(name)
        actions = [
            {"remove": {"index": f"{self.prefix}-*", "alias": self.prefix}},
            {"add": {"index": self.index(name), "alias": self.prefix}},
        ]
        done(self.ask("POST", "/_aliases", {"actions": actions}, seconds=_CHANGE))

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            reply = self.ask("DELETE", f"/{self.index(name)}", seconds=_CHANGE)
            if reply.status != 404:
                done(reply)

    def sweep(self) -> None:
        """Delete what killed builders left; only the holder of the lock may."""
        self.delete([name for name, (manifest, _) in self._all().items() if manifest is None])

    def _all(self) -> dict[str, tuple[IndexManifest | None, bool]]:
        """Each generation's manifest, None if it was never finished, and whether it serves."""
        path = f"/{self.prefix}-*?expand_wildcards=open&filter_path=*.aliases,*.mappings._meta"
        found = done(self.ask("GET", path))
        return {
            self._generation(index): (_manifest(said), self.prefix in said.get("aliases", {}))
            for index, said in found.items()
            if self._generation(index)
        }

    def _sizes(self) -> dict[str, int]:
        path = f"/{self.prefix}-*/_stats/store?filter_path=indices.*.total.store.size_in_bytes"
        found = done(self.ask("GET", path)).get("indices", {})
        return {index: said["total"]["store"]["size_in_bytes"] for index, said in found.items()}

    def _generation(self, index: str) -> str:
        """The generation that an index is; empty if it is none of ours."""
        name = index.removeprefix(f"{self.prefix}-")
        return name if name != index and _GENERATION.fullmatch(name) else ""


def done(reply: Reply) -> Any:
    """The JSON of a reply that must be a success. Raises StoreError, EngineUnavailable."""
    if reply.status < 400:
        return reply.json()
    if reply.status >= 500:
        raise EngineUnavailable(f"OpenSearch failed: {reply.reason()}")
    raise StoreError(f"OpenSearch refuses: {reply.reason()}")


def _manifest(said: Any) -> IndexManifest | None:
    meta = said.get("mappings", {}).get("_meta", {})
    if "manifest" not in meta:
        return None
    try:
        return msgspec.convert(meta["manifest"], IndexManifest)
    except msgspec.ValidationError:
        return IndexManifest("of another format", "", 0)
