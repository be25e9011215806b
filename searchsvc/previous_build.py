"""State that the previous build left in the current generation."""

from collections.abc import Callable
from typing import TypeVar

from searchsvc import reranker
from searchsvc.document_digests import NO_DOCUMENT_DIGESTS, DocumentDigests
from searchsvc.engine.interface import Engine, Snapshot
from searchsvc.errors import IndexMissing, SchemaChanged, StoreError
from searchsvc.ingest import NO_SEED_MANIFEST, SeedManifest
from searchsvc.running_build import DOCUMENT_DIGESTS, SEED_MANIFEST

State = TypeVar("State")


class CannotUpdate(Exception):
    """The current generation cannot be updated incrementally; the message says why."""


def seed_manifest(engine: Engine) -> SeedManifest:
    """Return the manifest of the current generation. Raises CannotUpdate."""
    return _read(engine, SEED_MANIFEST, SeedManifest.from_bytes)


def document_digests(engine: Engine) -> DocumentDigests:
    """Return the document digests of the current generation. Raises CannotUpdate."""
    return _read(engine, DOCUMENT_DIGESTS, DocumentDigests.from_bytes)


def model_key(engine: Engine) -> str:
    """Return the key of the model that made the vectors of the current generation; empty if it has none."""
    try:
        return reranker.model_key(engine.snapshot())
    except StoreError:
        return ""


def seed_manifest_or_empty(engine: Engine) -> SeedManifest:
    """Return the manifest of the current generation, an empty one if there is none."""
    try:
        return seed_manifest(engine)
    except CannotUpdate:
        return NO_SEED_MANIFEST


def document_digests_or_empty(engine: Engine) -> DocumentDigests:
    """Return the document digests of the current generation, none if there are none."""
    try:
        return document_digests(engine)
    except CannotUpdate:
        return NO_DOCUMENT_DIGESTS


def _read(engine: Engine, name: str, decode: Callable[[bytes], State]) -> State:
    try:
        return decode(_stored(engine.snapshot(), name))
    except IndexMissing as error:
        raise CannotUpdate("there was no index") from error
    except SchemaChanged as error:
        raise CannotUpdate("language, fields or analysis changed since the last build") from error
    except (StoreError, KeyError, ValueError) as error:
        raise CannotUpdate("the index is damaged") from error


def _stored(snapshot: Snapshot, name: str) -> bytes:
    try:
        return snapshot.user_data(name)
    except KeyError as error:  # only an import stores no seed manifest
        raise CannotUpdate("the index was imported; documents of the folder replace the imported ones") from error
