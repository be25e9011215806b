"""What several test files share: a service over the real seeds, built once, and a cluster of OpenSearch."""

import os
import random
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

import pytest
from hypothesis import settings as hypothesis_settings
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.engine.opensearch import ClusterAccess, ClusterLayout, OpenSearchEngine
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.cluster import Cluster, Missing, Unfetched

SEEDS = Path(__file__).parent.parent / "seeds"

# A slow machine fails no test. Under CI, hypothesis does the same.
hypothesis_settings.register_profile("untimed", deadline=None)
if "CI" not in os.environ:
    hypothesis_settings.load_profile("untimed")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for the real seeds with an index that was built from them."""
    chosen = Settings(seeds=SEEDS, index=tmp_path_factory.mktemp("seeds") / "index")
    SearchService(EmbeddedEngine(chosen.index, chosen.language), chosen).rebuild(lambda _: None)
    return chosen


@pytest.fixture(scope="session")
def service(settings: Settings) -> SearchService:
    """A service over the real seeds; for reading only."""
    return SearchService(EmbeddedEngine(settings.index, settings.language), settings)


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[TestClient]:
    """A client of the application over the real seeds."""
    served = SearchService(EmbeddedEngine(settings.index, settings.language), settings)
    with TestClient(create_app(served), follow_redirects=False) as opened:
        yield opened


@pytest.hookimpl(tryfirst=True)  # before pytest and pytest-xdist read the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, the installed command, or the cluster.

    One of several processes has the cluster (pytest-xdist's loadgroup).
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "browser" in fixtures or item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)
        if "searchsvc" in fixtures:
            item.add_marker(pytest.mark.slow)
        if "cluster" in fixtures:
            item.add_marker(pytest.mark.cluster)
            item.add_marker(pytest.mark.xdist_group("opensearch"))


def _free_port() -> int:
    """A port behind which those that a cluster takes are free."""
    while True:
        port = random.randrange(20_000, 32_000, 20)  # below those that the system gives to clients
        if all(_is_free(port + each) for each in (1, 2, 3, 11, 12, 13)):
            return port


def _is_free(port: int) -> bool:
    with socket(AF_INET, SOCK_STREAM) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Three nodes. What a machine lacks skips the test; what ought to work and does not fails in CI."""
    try:
        made = Cluster(_free_port())
    except Missing as error:
        pytest.skip(str(error))
    except Unfetched as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    with made:
        yield made


@pytest.fixture(scope="session")
def new_opensearch(cluster: Cluster) -> Callable[..., OpenSearchEngine]:
    """Makes an engine with nothing in it, apart from all others in the cluster."""

    def made(
        copies: int = 0, jobs: int = 1
    ) -> OpenSearchEngine:  # copies take time, and only who stops nodes needs one
        layout = ClusterLayout(shards=2, replicas=copies, seconds=30.0)  # a busy machine is no failure
        return OpenSearchEngine(ClusterAccess(cluster.urls), f"test-{secrets.token_hex(4)}", "en", layout, jobs=jobs)

    return made
