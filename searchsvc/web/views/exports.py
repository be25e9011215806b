"""Views that return files: all hits of a search, and citations."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from searchsvc.models.documents import Document
from searchsvc.models.parameters import NoParams
from searchsvc.service import SearchService
from searchsvc.web.addresses import Addresses
from searchsvc.web.citation import bibtex, ris
from searchsvc.web.middleware.request_guard import EXTEND_DEADLINE
from searchsvc.web.operations import BIBTEX, CSV, NDJSON, RIS
from searchsvc.web.schema import query_params
from searchsvc.web.search_export import Exported, csv_lines, json_lines

MOST_EXPORTS = 4  # at once
_CHUNK = 64 << 10  # bytes that are sent together
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it, Excel reads UTF-8 as the encoding of its country


@dataclass(slots=True)
class Exports:
    """Views that return files."""

    service: SearchService
    addresses: Addresses
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_EXPORTS))

    async def csv(self, request: Request) -> Response:
        return await self._export(request, csv_lines, CSV, "csv", _BYTE_ORDER_MARK)

    async def ndjson(self, request: Request) -> Response:
        return await self._export(request, json_lines, NDJSON, "ndjson", b"")

    def bibtex(self, request: Request) -> Response:
        document = self._document(request)
        return _file(bibtex(document, self.addresses), BIBTEX, f"{document.id}.bib")

    def ris(self, request: Request) -> Response:
        document = self._document(request)
        return _file(ris(document, self.addresses), RIS, f"{document.id}.ris")

    def _document(self, request: Request) -> Document:
        query_params.read_as(NoParams, request.query_params)
        return self.service.run(lambda snapshot: snapshot.engine.document(request.path_params["id"]))

    async def _export(
        self, request: Request, exported: Exported, media_type: str, ending: str, begin: bytes
    ) -> Response:
        search = query_params.read_address(request.scope["query_string"]).valid()
        if self._places.locked():
            raise HTTPException(503, "Too many exports. Try again in a moment.")
        stream = await run_in_threadpool(self.service.stream, search)
        headers = {
            "Content-Disposition": f'attachment; filename="search.{ending}"',
            "Cache-Control": "no-store",
            "X-Total-Count": str(stream.total),
        }
        if request.method == "HEAD":
            return Response(None, headers=headers, media_type=media_type)
        lines = chain((begin,) if begin else (), exported(stream.documents, search, self.addresses))
        extend_deadline = request.scope.get(EXTEND_DEADLINE, lambda: None)
        return StreamingResponse(self._sent(lines, extend_deadline), headers=headers, media_type=media_type)

    async def _sent(self, lines: Iterator[bytes], extend_deadline: Callable[[], None]) -> AsyncIterator[bytes]:
        """Yield the lines in larger chunks, each read in a thread; nothing is read ahead of the client."""
        async with self._places:
            while chunk := await run_in_threadpool(_chunk, lines):
                yield chunk
                extend_deadline()


def _chunk(lines: Iterator[bytes]) -> bytes:
    """Return the next lines, of _CHUNK bytes or a little more together; empty at the end."""
    chunk = bytearray()
    for line in lines:
        chunk += line
        if len(chunk) >= _CHUNK:
            break
    return bytes(chunk)


def _file(text: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), headers=headers, media_type=f"{media_type}; charset=utf-8")
