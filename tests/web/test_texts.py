"""Plain texts for programs, and responses that a client need not fetch again."""

import pytest
from starlette.testclient import TestClient


def test_robots_may_read_nothing(client: TestClient) -> None:
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_llms_txt_lists_the_operations(client: TestClient) -> None:
    text = client.get("/llms.txt").text
    assert text.startswith("# searchsvc\n")
    assert "- [GET /api/v1/search](/api/v1/search): Search documents.\n" in text


@pytest.mark.parametrize("path", ["/api/v1/suggest?q=na", "/api/v1/documents/{id}"])
def test_unchanged_responses_are_not_sent_again(client: TestClient, path: str) -> None:
    path = path.format(id=client.get("/api/v1/search").json()["hits"][0]["id"])
    first = client.get(path)
    assert first.headers["Cache-Control"] == "max-age=5"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_static_files_are_kept_for_five_minutes(client: TestClient) -> None:
    response = client.get("/static/style.css")
    assert response.headers["Cache-Control"] == "max-age=300"
    assert client.get("/static/style.css", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
