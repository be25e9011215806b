"""Documents by the path of their seed, for people who know the file and not the id."""

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from searchsvc.engine.interface import Engine
from searchsvc.errors import DocumentNotFound, SeveralDocuments
from searchsvc.ingest import document_id, shown_path
from searchsvc.previous_build import CannotUpdate, seed_manifest

_LINE = re.compile(r":[0-9]+\Z")
_LISTED = 5  # documents of a file in a message


def find_document(engine: Engine, folder: Path, given: str) -> str:
    """Return the id of the document of a seed, given the path of the seed.

    A path is relative to the current folder or to the seed folder `folder`; the current folder comes first. With a
    line number (`list.jsonl:3`), it is the document of that line. Raises DocumentNotFound for a file that is not
    indexed, SeveralDocuments, and StoreError. Any other text is returned as it is.
    """
    paths = list(_seed_paths(given, folder))
    for path in paths:
        ids = _ids(engine, path)
        if len(ids) > 1:
            raise SeveralDocuments(_choice(engine, path, ids))
        if ids:
            return ids[0]
        if (line := _LINE.search(path)) and (at_line := _at_line(engine, path[: line.start()], path)):
            return at_line
    if "/" in given or "." in given:
        raise DocumentNotFound(f"{shown_path(given)} is not in the index{_reason(engine, folder, paths)}")
    return given


def _seed_paths(given: str, folder: Path) -> Iterator[str]:
    """Yield the paths below the seed folder that `given` may mean, in the order of preference."""
    if not given or "\0" in given:
        return
    for base in (Path.cwd(), folder.absolute()):
        path, root = os.path.normpath(base / given), os.path.normpath(folder.absolute())
        for file, top in ((path, root), (os.path.realpath(path), os.path.realpath(root))):
            if file != top and Path(file).is_relative_to(top):
                yield Path(file).relative_to(top).as_posix()
                break


def _ids(engine: Engine, path: str) -> list[str]:
    """Return the ids of the documents of a seed. Raises StoreError."""
    try:
        manifest = seed_manifest(engine)
    except CannotUpdate:  # built from an export
        return _if_indexed(engine, document_id(path))
    row = manifest.rows.get(path)
    return [] if row is None else [f"{number:016x}" for number in manifest.documents(np.array([row])).tolist()]


def _if_indexed(engine: Engine, document: str) -> list[str]:
    try:
        return [engine.snapshot().document(document).id]
    except DocumentNotFound:
        return []


def _at_line(engine: Engine, seed: str, path: str) -> str | None:
    """Return the id of the document at `path`, one of several documents of `seed`; None if there is none."""
    snapshot = engine.snapshot()
    return next((each for each in _ids(engine, seed) if snapshot.document(each).path == shown_path(path)), None)


def _choice(engine: Engine, path: str, ids: list[str]) -> str:
    snapshot = engine.snapshot()
    documents = [snapshot.document(each) for each in islice(ids, _LISTED)]
    lines = [f"  {each.id}  {each.path}  {each.title}" for each in documents]
    rest = [f"  and {len(ids) - _LISTED:,} more"] if len(ids) > _LISTED else []
    return "\n".join([f"{shown_path(path)} holds {len(ids):,} documents; give the id of one:", *lines, *rest])


def _reason(engine: Engine, folder: Path, paths: list[str]) -> str:
    """Return why no document comes from the files at `paths`, as the end of a sentence."""
    shown = {shown_path(path) for path in paths}
    for problem in engine.snapshot().problems():
        if problem.path in shown and not problem.indexed:
            return f": {problem.reason}"
    if any(os.path.lexists(folder / path) for path in paths):
        return " yet; run `searchsvc update`"
    return "; give the id of a document, or the path of a file in the seed folder"
