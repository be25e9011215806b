"""Indices of a cluster: one per generation, an alias for the current one, and a lock."""

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
from searchsvc.errors import EngineUnavailable, IndexMissing, SettingsError, StoreError
from searchsvc.models.index import GenerationInfo

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_GENERATION = re.compile(r"\d{8}t\d{12}z-[0-9a-f]{6}")
_REPLICA_SECONDS = 120
_UPDATE_SECONDS = 60.0  # time limit of a change of the cluster state


def encode_json(body: Any) -> bytes:
    """Encode JSON in UTF-8; lone surrogates, which UTF-8 cannot encode, become question marks."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class PublishedIndex:
    """A published generation, as the alias named it when last read."""

    name: str
    index: str
    manifest: IndexManifest


class Indices:
    """Generations by name; `prefix` is the alias and the start of every index name."""

    def __init__(self, transport: Transport, prefix: str, seconds: float) -> None:
        """`seconds`: time limit of interactive requests. Raises SettingsError."""
        if not _NAME.fullmatch(prefix):
            raise SettingsError(f"opensearch.index must consist of lowercase letters, digits, - and _, not {prefix!r}")
        self.prefix = prefix
        self._transport = transport
        self._seconds = seconds

    def index_name(self, name: str) -> str:
        """Return the index name of the generation `name`."""
        return f"{self.prefix}-{name}"

    def request(self, method: str, path: str, body: Any = None, *, seconds: float | None = None) -> Reply:
        """Send a request; `body`: an object to encode as JSON, or encoded bytes.

        Raises EngineUnavailable. The caller must check the status.
        """
        data = body if body is None or isinstance(body, bytes) else encode_json(body)
        return self._transport.request(method, path, data, seconds=seconds or self._seconds)

    def serving(self) -> PublishedIndex:
        """Return the current generation. Raises IndexMissing, EngineUnavailable."""
        reply = self.request("GET", f"/{self.prefix}/_mapping?filter_path=*.mappings._meta")
        indices = checked_json(reply) if reply.status != 404 else {}
        for index, index_info in indices.items():
            manifest = _manifest(index_info)
            if manifest and self._generation_name(index):
                return PublishedIndex(self._generation_name(index), index, manifest)
        raise IndexMissing(f"no index named {self.prefix} in OpenSearch yet; build it with `searchsvc rebuild`")

    def infos(self) -> list[GenerationInfo]:
        """Return every published generation, newest first."""
        generations = self._generations()
        sizes = self._sizes() if generations else {}
        infos = [
            GenerationInfo(name, manifest.created, manifest.documents, sizes.get(self.index_name(name), 0), current)
            for name, (manifest, current) in generations.items()
            if manifest
        ]
        return sorted(infos, key=lambda info: info.name, reverse=True)

    def create(self, shards: int) -> str:
        """Create an empty index; return the name of its generation."""
        name = f"{datetime.now(UTC):%Y%m%dt%H%M%S%fz}-{secrets.token_hex(3)}"
        checked_json(self.request("PUT", f"/{self.index_name(name)}", index_body(shards), seconds=_UPDATE_SECONDS))
        return name

    def complete(self, name: str, manifest: IndexManifest, replicas: int) -> None:
        """Replicate a loaded index and write its manifest. Raises StoreError if a shard was lost."""
        index = self.index_name(name)
        settings = {"refresh_interval": "1s", "translog.durability": "request"}
        settings["auto_expand_replicas"] = f"0-{replicas}"
        checked_json(self.request("PUT", f"/{index}/_settings", {"index": settings}, seconds=_UPDATE_SECONDS))
        wait = f"wait_for_status=green&wait_for_no_initializing_shards=true&timeout={_REPLICA_SECONDS}s"
        state = self.request("GET", f"/_cluster/health/{index}?{wait}", seconds=_REPLICA_SECONDS + 10).json()
        if state.get("status") not in ("green", "yellow"):
            raise StoreError(f"a shard of index {index} was lost during loading; the previous index is still in use")
        meta = {"_meta": {"format": FORMAT, "manifest": asdict(manifest)}}
        checked_json(self.request("PUT", f"/{index}/_mapping", meta, seconds=_UPDATE_SECONDS))

    def published(self, name: str) -> PublishedIndex:
        """Return the generation `name`. Raises StoreError if it does not exist."""
        manifest = self._generations().get(name, (None, False))[0] if _GENERATION.fullmatch(name) else None
        if manifest is None:
            raise StoreError(f"no generation is called {name}; `searchsvc index list` shows them")
        return PublishedIndex(name, self.index_name(name), manifest)

    def activate(self, name: str) -> None:
        """Make `name` the current generation, atomically. Raises StoreError if it does not exist."""
        self.published(name)
        actions = [
            {"remove": {"index": f"{self.prefix}-*", "alias": self.prefix}},
            {"add": {"index": self.index_name(name), "alias": self.prefix}},
        ]
        checked_json(self.request("POST", "/_aliases", {"actions": actions}, seconds=_UPDATE_SECONDS))

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            reply = self.request("DELETE", f"/{self.index_name(name)}", seconds=_UPDATE_SECONDS)
            if reply.status != 404:
                checked_json(reply)

    def sweep(self) -> None:
        """Delete leftovers of killed builders. Requires the build lock."""
        self.delete([name for name, (manifest, _) in self._generations().items() if manifest is None])

    def _generations(self) -> dict[str, tuple[IndexManifest | None, bool]]:
        """Return the manifest of each generation, None if unfinished, and whether it is current."""
        path = f"/{self.prefix}-*?expand_wildcards=open&filter_path=*.aliases,*.mappings._meta"
        indices = checked_json(self.request("GET", path))
        return {
            self._generation_name(index): (_manifest(index_info), self.prefix in index_info.get("aliases", {}))
            for index, index_info in indices.items()
            if self._generation_name(index)
        }

    def _sizes(self) -> dict[str, int]:
        path = f"/{self.prefix}-*/_stats/store?filter_path=indices.*.total.store.size_in_bytes"
        indices = checked_json(self.request("GET", path)).get("indices", {})
        return {index: stats["total"]["store"]["size_in_bytes"] for index, stats in indices.items()}

    def _generation_name(self, index: str) -> str:
        """Return the generation of an index; empty if the index is not ours."""
        name = index.removeprefix(f"{self.prefix}-")
        return name if name != index and _GENERATION.fullmatch(name) else ""


def checked_json(reply: Reply) -> Any:
    """Return the JSON of a successful reply. Raises StoreError, EngineUnavailable."""
    if reply.status < 400:
        return reply.json()
    if reply.status >= 500:
        raise EngineUnavailable(f"OpenSearch failed: {reply.reason()}")
    raise StoreError(f"OpenSearch rejected the request: {reply.reason()}")


def _manifest(index_info: Any) -> IndexManifest | None:
    meta = index_info.get("mappings", {}).get("_meta", {})
    if "manifest" not in meta:
        return None
    try:
        return msgspec.convert(meta["manifest"], IndexManifest)
    except msgspec.ValidationError:
        return IndexManifest("of another format", "", 0)
