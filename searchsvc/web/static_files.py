"""Static files, which scripts of any site may import."""

from os import PathLike, stat_result

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from searchsvc.web.templating import STATIC

MAX_AGE = 300  # seconds until a browser asks whether a file has changed; it does so by ETag
# Browsers fetch modules with CORS always; access to the API is a separate setting.
ANY_SITE = {"Access-Control-Allow-Origin": "*", "Cache-Control": f"max-age={MAX_AGE}"}


class PublicFiles(StaticFiles):
    """Static files with a CORS header for all sites."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(ANY_SITE)
        return response


def embed_script(request: Request) -> Response:
    """Return the script of the search box that other sites embed."""
    return FileResponse(STATIC / "embed.js", headers=ANY_SITE)
