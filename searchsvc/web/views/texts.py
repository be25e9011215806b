"""Views of plain texts for programs: robots.txt and llms.txt."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from searchsvc.branding import Branding
from searchsvc.web.addresses import Addresses
from searchsvc.web.page_language import LANGUAGES
from searchsvc.web.schema.openapi import DESCRIBED
from searchsvc.web.static_files import ANY_SITE
from searchsvc.web.translations import script_messages

_FORMAT = "Every response is JSON unless noted; errors are problem details (RFC 9457)."


@dataclass(frozen=True, slots=True)
class Texts:
    """Views of plain texts for programs."""

    addresses: Addresses
    branding: Branding

    async def robots(self, request: Request) -> Response:
        """Return the rules for robots, which may read nothing: the articles belong to other sites."""
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    async def messages(self, request: Request) -> Response:
        """Return the messages of the script in a language, for a search box on another site."""
        code = request.path_params["language"]
        if code not in LANGUAGES or code == "en":
            raise HTTPException(404, "There are no messages in this language.")
        return JSONResponse(script_messages(code), headers=ANY_SITE)

    async def llms(self, request: Request) -> Response:
        """Return a description of the API for language models, in the form of llmstxt.org."""
        groups: dict[str, list[str]] = {}
        for each in DESCRIBED:
            line = f"- [{each.method.upper()} {each.path}]({self.addresses.absolute(each.path)}): {each.summary}"
            groups.setdefault(each.tag, []).append(line)
        sections = [f"## {tag.capitalize()}\n\n" + "\n".join(lines) for tag, lines in groups.items()]
        name, about = self.branding.name, self.branding.about or "Search over a collection of articles."
        introduction = f"# {name}\n\n> {about} {_FORMAT}"
        return PlainTextResponse("\n\n".join([introduction, *sections]) + "\n")
