"""No response names a path of the server's disk, whatever is wrong with the index."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.storage.manifest import read_manifest, write_manifest
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.operations import OPERATIONS
from tests.web.hostile import DOCUMENTS, hostile_service

TOKEN = "a-token-of-32-characters-or-more"
Break = Callable[[Path], object]


def generations(index: Path) -> list[Path]:
    return sorted(path for path in index.iterdir() if path.name[0].isdigit() and path.is_dir())


def truncate_all(index: Path) -> None:
    for generation in generations(index):
        for path in generation.iterdir():
            path.write_bytes(path.read_bytes()[:-1])


def damage_the_newest(index: Path) -> None:
    for path in generations(index)[-1].iterdir():
        path.unlink()  # a mapped file that shrinks would end the process
        path.write_bytes(b"\0")


def change_the_schema(index: Path) -> None:
    for generation in generations(index):
        write_manifest(generation, replace(read_manifest(generation), fingerprint="other"))


def make_a_file(index: Path) -> None:
    shutil.rmtree(index)
    index.write_text("x")


def empty(index: Path) -> None:
    shutil.rmtree(index)
    index.mkdir(0o700)


def make_current_a_folder(index: Path) -> None:
    (index / "CURRENT").unlink()
    (index / "CURRENT").mkdir()


def lock(index: Path) -> None:
    fcntl.flock(os.open(index / "LOCK", os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX)


def make_links_of_generations(index: Path) -> None:
    for generation in generations(index):
        shutil.rmtree(generation)
        generation.symlink_to("/nowhere")


BREAKS: dict[str, Break] = {
    "missing": shutil.rmtree,
    "a file": make_a_file,
    "empty": empty,
    "truncated": truncate_all,
    "newest damaged": damage_the_newest,
    "another schema": change_the_schema,
    "CURRENT missing": lambda index: (index / "CURRENT").unlink(),
    "CURRENT altered": lambda index: (index / "CURRENT").write_bytes(b"\0/etc\xff"),
    "CURRENT a folder": make_current_a_folder,
    "locked": lock,
    "links": make_links_of_generations,
    "writable by everybody": lambda index: index.chmod(0o777),
    "writable by its group": lambda index: index.chmod(0o770),
    "of a stranger": lambda index: os.chown(index, 12345, -1),
}


@pytest.mark.parametrize("opened_before", [False, True])
@pytest.mark.parametrize("name", BREAKS)
def test_no_response_names_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, opened_before: bool
) -> None:
    if name == "of a stranger" and os.geteuid():
        pytest.skip("only root can give a folder away")
    monkeypatch.setattr(EmbeddedEngine, "REFRESH_SECONDS", 0)
    index, seeds = tmp_path / "the-index", tmp_path / "the-seeds"
    for _ in range(2):
        hostile_service(index)
    (tmp_path / "synonyms.txt").write_text('[alike]\nsea = ["ocean"]\n')
    chosen = Settings(
        seeds, index, synonyms=tmp_path / "synonyms.txt", public_url="https://a.example", metrics_token=TOKEN
    )
    service = SearchService(EmbeddedEngine(index, "en"), chosen)
    with TestClient(create_app(service, chosen), raise_server_exceptions=False) as client:
        if opened_before:
            assert client.get("/readyz").status_code == 200
        BREAKS[name](index)
        (tmp_path / "synonyms.txt").write_bytes(b"\xff => \xff\n")
        for path, response in (
            (each, client.get(each, headers={"Authorization": f"Bearer {TOKEN}"})) for each in addresses()
        ):
            for secret in (
                "the-index",
                "the-seeds",
                "synonyms.txt",
                str(tmp_path),
                tempfile.gettempdir(),
                str(Path.cwd()),
            ):
                assert secret not in response.text, path


def addresses() -> list[str]:
    """Every operation, with and without a query."""
    document = DOCUMENTS[0]
    paths = [
        each.path.replace("{id}", document.id).replace("{slug}", document.slug).replace("{field}", "author")
        for each in OPERATIONS
    ]
    return [f"{path}{query}" for path in dict.fromkeys(paths) for query in ("", "?q=zebra")]
