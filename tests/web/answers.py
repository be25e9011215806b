"""What is asked of every answer: the shape of a problem, the headers, the elements of a page."""

from html.parser import HTMLParser

from httpx2 import Response

Attributes = dict[str, str | None]
OURS: Attributes = {"type": "module", "src": "/static/page.js"}  # the only script of a page


def assert_problem(response: Response, status: int, parameter: str | None = None) -> None:
    """`response` is problem+json (RFC 9457) with this status, naming this parameter if any."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    of_parameter = {"parameter", "errors"} if parameter else set()
    assert set(body) == {"type", "title", "status", "detail", "requestId"} | of_parameter
    assert (body["status"], body.get("parameter")) == (status, parameter)
    assert body["type"].startswith("/problems/")
    assert body["title"] and body["detail"]
    assert body["requestId"] == response.headers["X-Request-Id"]
    if parameter:
        assert body["type"] == "/problems/invalid-parameter"
        assert body["errors"][0] == {"name": parameter, "detail": body["detail"]}
    assert_safe(response)


def assert_safe(response: Response) -> None:
    """`response` carries the headers that keep a browser from running or guessing anything."""
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["X-Request-Id"]


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Attributes]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def elements(html: str, *tags: str) -> list[Attributes]:
    """The attributes of every element of `html` that is one of `tags`."""
    parser = _Elements()
    parser.feed(html)
    return [attributes for tag, attributes in parser.found if tag in tags]


def shown(html: str) -> str:
    """The text of a page."""
    parser = _Elements()
    parser.feed(html)
    return "".join(parser.text)


def assert_harmless(html: str) -> None:
    """Nothing in `html` runs a script or loads from elsewhere, whatever the corpus says."""
    parser = _Elements()
    parser.feed(html)
    assert not {tag for tag, _ in parser.found} & {"img", "iframe", "object", "svg", "style", "base", "b"}
    assert [attributes for tag, attributes in parser.found if tag == "script"] == [OURS]
    names = {name for tag, attributes in parser.found if tag != "script" for name in attributes}
    assert not {name for name in names if name.startswith("on") or name in ("style", "srcdoc", "src")}
    addresses = [
        value for _, attributes in parser.found for name, value in attributes.items() if name in ("href", "action")
    ]
    assert addresses
    assert all(address and address[0] in "/#" and not address.startswith("//") for address in addresses)
