"""The service does what its OpenAPI document says, whatever is asked: held by schemathesis."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema

from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.web.hostile import hostile_service

pytestmark = pytest.mark.slow

TOKEN = "a-token-for-tests-only"
CONFIG = {
    "seed": 1,
    "generation": {"max-examples": 15, "database": "none"},
    "phases": {"stateful": {"enabled": False}},
    "auth": {"openapi": {"token": {"bearer": TOKEN}}},
}
# What OpenAPI has no words for: pages or offsets, not both, their depth together, the order of days, and which
# generations of the index still exist.
BETWEEN_PARAMETERS = (
    "use offset and limit, or page and hitsPerPage, not both",
    "refine the query to see other documents",
    "swap them",
    "the index has been updated since; search again without cursor",
)


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> list[events.EngineEvent]:
    """What schemathesis found out about every operation for programs."""
    app = create_app(hostile_service(tmp_path_factory.mktemp("hostile")), Settings(metrics_token=TOKEN))
    config = SchemathesisConfig.from_dict(CONFIG)
    described = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, config=config)
    return list(from_schema(described.exclude(tag="pages")).execute())


def test_every_operation_does_what_is_written(happened: list[events.EngineEvent]) -> None:
    assert list(failures(happened)) == []


def test_every_operation_was_asked(happened: list[events.EngineEvent]) -> None:
    asked = {each.recorder.label for each in happened if isinstance(each, events.ScenarioFinished)}
    assert {"POST /api/v1/search", "GET /api/v1/facets/{field}", "GET /metrics"} <= asked


def failures(happened: list[events.EngineEvent]) -> Iterator[str]:
    """What went otherwise than written."""
    for event in happened:
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield str(event)
        if isinstance(event, events.ScenarioFinished):
            for name, checks in event.recorder.checks.items():
                answer = event.recorder.interactions[name].response
                case = event.recorder.cases[name].value
                for check in checks:
                    failed = check.failure_info
                    if failed is not None and not (answer and excused(check.name, answer)):
                        yield f"{check.name}: {failed.failure.message} {case.as_curl_command()}"


def excused(check: str, answer: Response) -> bool:
    """Whether what was done is what the document has no words for; an empty parameter has its default,
    because that is what a form sends; an address over the limit is refused before it is read."""
    if check == "positive_data_acceptance":
        return answer.status_code == 400 and json.loads(answer.content)["detail"].endswith(BETWEEN_PARAMETERS)
    if answer.status_code == 414:
        return check == "negative_data_rejection"
    typed = urlsplit(answer.request.url or "").query
    return check == "negative_data_rejection" and "" in (value for _, value in parse_qsl(typed, keep_blank_values=True))
