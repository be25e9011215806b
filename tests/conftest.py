"""What several test files share: a service over the real seeds, built once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app

SEEDS = Path(__file__).parent.parent / "seeds"


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
