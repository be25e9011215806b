"""What the tests of a cluster do where a machine lacks what it needs."""

import sys
from pathlib import Path

import pytest

from tests import cluster
from tests.cluster import Missing, Unfetched


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which commands are found; nothing is fetched yet."""
    monkeypatch.setattr(cluster, "BUILD", tmp_path / "build")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_maven_nothing_is_fetched_and_the_reason_said(bare: Path) -> None:
    with pytest.raises(Missing, match="no Maven"):
        cluster.jars()


def test_maven_that_fails_leaves_nothing_that_looks_fetched(bare: Path) -> None:
    (bare / "mvn").write_text(f"#!{sys.executable}\nimport sys\nsys.exit('no network')\n")
    (bare / "mvn").chmod(0o755)
    for _ in range(2):
        with pytest.raises(Unfetched, match="no network"):
            cluster.jars()


def test_an_old_java_is_passed_over(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_javas", lambda: iter([bare / "none", bare / "old", bare / "new"]))
    for name, version in [("old", "17.0.15"), ("new", "25.0.1")]:
        (bare / name).write_text(
            f"#!{sys.executable}\nimport sys\nprint('openjdk version \"{version}\"', file=sys.stderr)\n"
        )
        (bare / name).chmod(0o755)
    assert cluster.java() == bare / "new"
    (bare / "new").unlink()
    with pytest.raises(Missing, match="JAVA_HOME"):
        cluster.java()
