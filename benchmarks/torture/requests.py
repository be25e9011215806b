"""Makes up requests and looks for one that the service has no answer to.

    python -m benchmarks.torture.requests --index FOLDER --count 100000

Hypothesis makes the requests up: addresses, parameters, headers and bodies, from what is right to what
is nonsense. They go through the whole application in this process, without a network. Exits with 1 at
the first that is answered with 5xx, or not at all, after finding a small one like it.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from searchsvc.engine.embedded import EmbeddedEngine
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app

PATHS = (
    "/", "/search", "/search.json", "/search.atom", "/api/v1/search", "/api/v1/suggest", "/suggest", "/api/v1/stats",
    "/livez", "/readyz", "/version", "/metrics", "/api/v1/openapi.json", "/opensearch.xml", "/help/search", "/embed.js",
)  # fmt: skip
FOLDERS = ("/doc/", "/api/v1/documents/", "/api/v1/facets/", "/static/", "/api/v1/", "/")
NAMES = (
    "q", "page", "hitsPerPage", "filter", "from", "to", "sort", "facets", "facetLimit", "matchingStrategy", "syntax",
    "typo", "offset", "limit", "view", "facetQuery", "highlight", "cropLength", "snippets", "explain",
    "attributesToRetrieve", "Q", "q[]", "__class__",
)  # fmt: skip
WORDS = (
    "the", "alliance", "time", "AND", "OR", "NOT", "-", "+", "|", "(", ")", '"', "*", "~2", "title:", "source:",
    "date:", "2024-01..2024-06", "..", "yesterday", "after:", "covid-19", "U.S.", "^", "世界", "wor*", "\u0301",
    "\u202e", "\0", "\ud800", "%00", "<script>",
)  # fmt: skip
VALUES = (
    "", "0", "1", "-1", "1e9", "99999999999999999999", "NaN", "٣", "on", "off", "auto", "all", "any", "literal",
    "relevance", "published:desc", "author:Ann", "-topics:x", "source:", "author,topics", ",", "2024-02-30",
    "2024-03-31", "original", "removed",
)  # fmt: skip

typed = st.one_of(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.text(max_size=60))
values = st.one_of(st.sampled_from(VALUES), typed)
parameters = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=5)
paths = st.one_of(
    st.sampled_from(PATHS), st.tuples(st.sampled_from(FOLDERS), st.text(max_size=20)).map("".join), st.just("/doc/0/x")
)
headers = st.dictionaries(
    st.sampled_from(["Accept-Encoding", "If-None-Match", "X-Request-Id", "Origin", "Host", "Content-Type", "Range"]),
    st.one_of(
        st.sampled_from(["*", "gzip", "application/json", "localhost", "bytes=0-1,0-2", 'W/"x"']),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    ),
    max_size=2,
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), typed), lambda inner: st.lists(inner, max_size=3)
)
bodies = st.one_of(st.none(), st.dictionaries(st.sampled_from(NAMES), json_values, max_size=4))
methods = st.sampled_from(["GET", "GET", "GET", "GET", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE"])


def ask(client: TestClient, method: str, path: str, asked: list[tuple[str, str]], more: dict[str, str]) -> int:
    """The status of an answer to a request without a body."""
    address = f"{_sent(path)}?{urlencode(asked, errors='surrogatepass')}"
    return client.request(method, address, headers=more).status_code


def post(client: TestClient, path: str, body: object, more: dict[str, str]) -> int:
    """The status of an answer to a body of JSON."""
    sent = {"Content-Type": "application/json"} | more
    return client.post(_sent(path), content=json.dumps(body).encode(), headers=sent).status_code


def _sent(path: str) -> str:
    return "/" + quote(path[1:], errors="surrogatepass").lstrip("/")  # two of them would begin a host's name


def look_for_a_fault(client: TestClient, count: int) -> Counter[int]:
    """How many answers of which status there were. Raises AssertionError at one that is 5xx."""
    statuses: Counter[int] = Counter()

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(methods, paths, parameters, headers, bodies)
    def every_request_has_an_answer(
        method: str, path: str, asked: list[tuple[str, str]], more: dict[str, str], body: object
    ) -> None:
        if method == "POST" and body is not None:
            status = post(client, path, body, more)
        else:
            status = ask(client, method, path, asked, more)
        statuses[status] += 1
        assert status < 500, (method, path, asked, more, body)

    every_request_has_an_answer()
    return statuses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100_000)
    options = parser.parse_args()
    service = SearchService(EmbeddedEngine(options.index, "en"), Settings(index=options.index))
    with TestClient(create_app(service), raise_server_exceptions=False, follow_redirects=False) as client:
        statuses = look_for_a_fault(client, options.count)
    print(
        f"{sum(statuses.values())} requests:", ", ".join(f"{each} {count}" for each, count in sorted(statuses.items()))
    )


if __name__ == "__main__":
    main()
