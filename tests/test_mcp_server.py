"""The MCP server, asked by the SDK's own client over both transports."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from searchsvc.engines import engine_of
from searchsvc.errors import ExtraMissing
from searchsvc.mcp_server import MAX_TEXT, mcp_server
from searchsvc.service import SearchService
from searchsvc.settings import Settings

COMMAND = Path(sys.executable).with_name("searchsvc")
TOOLS = {"search", "get_document", "facets", "similar_documents"}


def asked(server: Any, questions: Callable[[Client], Awaitable[Any]]) -> Any:
    """Return what a client learns from a server."""

    async def connected() -> Any:
        async with Client(server) as client:
            return await questions(client)

    return asyncio.run(connected())


def call(service: SearchService, tool: str, **arguments: Any) -> Any:
    """Return the content of a tool's result."""
    result = asked(mcp_server(service), lambda client: client.call_tool(tool, arguments))
    assert not result.is_error, result
    return result.structured_content


def message(service: SearchService, tool: str, **arguments: Any) -> str:
    """Return the message of a tool's error."""
    result = asked(mcp_server(service), lambda client: client.call_tool(tool, arguments))
    assert result.is_error, result
    return str(result.content[0].text)


def test_tools_are_listed_as_read_only_with_descriptions(service: SearchService) -> None:
    tools = asked(mcp_server(service), lambda client: client.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS
    assert all(tool.annotations.read_only_hint and len(tool.description) > 40 for tool in tools)


def test_search_returns_the_hits_of_a_page(service: SearchService) -> None:
    first = call(service, "search", query="the", limit=2)
    second = call(service, "search", query="the", limit=2, page=2)
    assert first["total"] == second["total"] >= 4
    ids = [hit["id"] for hit in (*first["hits"], *second["hits"])]
    assert len(set(ids)) == 4
    assert all(hit["snippets"] for hit in first["hits"])


def test_search_filters_and_sorts(service: SearchService) -> None:
    everything = call(service, "search", query="", limit=20, sort="published:asc")
    days = [hit["published"] for hit in everything["hits"] if hit["published"]]
    assert days == sorted(days)
    languages = call(service, "facets", field="language")["values"]
    for language, count in languages.items():
        assert call(service, "search", query="", filters=[f"language:{language}"])["total"] == count


def test_document_has_its_whole_text_in_parts(service: SearchService, monkeypatch: pytest.MonkeyPatch) -> None:
    hit = call(service, "search", query="", limit=1)["hits"][0]
    whole = call(service, "get_document", id=hit["id"])
    assert whole["next"] is None
    assert len(whole["text"]) < MAX_TEXT
    monkeypatch.setattr("searchsvc.mcp_server.MAX_TEXT", 100)
    parts, start = [], 0
    while start is not None:
        part = call(service, "get_document", id=hit["id"], start=start)
        parts.append(part["text"])
        start = part["next"]
    assert "".join(parts) == whole["text"]


def test_similar_documents_are_other_documents(service: SearchService) -> None:
    for hit in call(service, "search", query="", limit=5)["hits"]:
        similar = call(service, "similar_documents", id=hit["id"], limit=3)["hits"]
        assert hit["id"] not in [each["id"] for each in similar]


@pytest.mark.parametrize(("tool", "arguments", "said"), [
    ("search", {"query": "x", "limit": 1000}, "100"),
    ("search", {"query": "x", "filters": ["colour:red"]}, "FIELD:VALUE"),
    ("search", {"query": "x", "sort": "length"}, "published"),
    ("get_document", {"id": "../../etc"}, "no document"),
    ("facets", {"field": "colour"}, "a list of author"),
    ("similar_documents", {"id": "0"}, "no document"),
])  # fmt: skip
def test_errors_say_what_is_wrong(service: SearchService, tool: str, arguments: dict[str, Any], said: str) -> None:
    assert said in message(service, tool, **arguments)


def test_missing_index_is_an_error_with_the_next_step(tmp_path: Path) -> None:
    chosen = Settings(seeds=tmp_path, index=tmp_path / "index")
    from_nothing = SearchService(engine_of(chosen), chosen)
    assert "searchsvc rebuild" in message(from_nothing, "search", query="x")


def test_missing_extra_says_what_to_install(service: SearchService, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'mcp'", name="mcp")

    monkeypatch.setattr("searchsvc.mcp_server.importlib.import_module", missing)
    with pytest.raises(ExtraMissing, match=r"searchsvc\[mcp\]"):
        mcp_server(service)


@pytest.mark.slow
def test_client_starts_the_command_and_talks_over_its_streams(settings: Settings) -> None:
    command = StdioServerParameters(command=str(COMMAND), args=["mcp", "--index", str(settings.index)])

    async def questions(client: Client) -> tuple[set[str], Any]:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        return tools, await client.call_tool("search", {"query": "nato"})

    tools, result = asked(command, questions)
    assert tools == TOOLS
    assert result.structured_content["total"] > 0


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """Address of a server over HTTP."""
    with socket(AF_INET, SOCK_STREAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words: list[str | Path] = [COMMAND, "mcp", "--http", "--port", str(port), "--index", settings.index]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as serving:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            with socket(AF_INET, SOCK_STREAM) as knocking:
                if not knocking.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
        serving.terminate()


@pytest.mark.slow
def test_client_talks_over_http(address: str) -> None:
    result = asked(address, lambda client: client.call_tool("search", {"query": "nato"}))
    assert result.structured_content["total"] > 0


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_foreign_host_names_are_rejected(address: str) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
    headers = ["Content-Type: application/json", "Accept: application/json, text/event-stream"]
    words = ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", "-d", body, address]
    words += [word for header in headers for word in ("-H", header)]
    assert subprocess.run([*words, "-H", "Host: evil.example"], capture_output=True, check=True).stdout == b"421"
