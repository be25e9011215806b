"""What the service is compared with: the least that Starlette can be asked for."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

BODY = b'"' + b"x" * 19_998 + b'"'  # about as long as an answer to a search


async def small(_: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def long(_: Request) -> Response:
    return Response(BODY, media_type="application/json")


app = Starlette(routes=[Route("/small", small), Route("/long", long)])
