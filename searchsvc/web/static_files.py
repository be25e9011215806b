"""The files that pages load: the same for everybody, so that scripts of any site may import them."""

from os import PathLike, stat_result

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from searchsvc.web.templating import STATIC

# Modules are always fetched as CORS wants it; what the API gives to other sites is another question.
_ANY_SITE = {"Access-Control-Allow-Origin": "*"}


class PublicFiles(StaticFiles):
    """A folder of files that any site may use."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(_ANY_SITE)
        return response


def embed_script(request: Request) -> Response:
    """The search box for other sites; its address is what they write into their pages."""
    return FileResponse(STATIC / "embed.js", headers=_ANY_SITE)
