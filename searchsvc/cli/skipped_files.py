"""Skipped files of a build in a few lines: counted by ending, each with what would read it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from posixpath import splitext

from searchsvc.models.documents import SeedProblem
from searchsvc.plurals import counted

_CONVERTED = " is not read: "
_UNKNOWN = "not a text file"
_MOST_ENDINGS = 12
# Files that belong to a site or a vault and hold no articles.
_MEDIA = frozenset(
    (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".avif", ".bmp", ".mp3", ".mp4", ".webm", ".wav", ".mov",
    ".css", ".scss", ".sass", ".less", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".map", ".woff", ".woff2", ".ttf", ".otf",
    ".eot")
)  # fmt: skip


def skipped_lines(problems: Iterable[SeedProblem]) -> Iterator[str]:
    """Yield a line for each ending of skipped files, the most frequent first, and one for all other skipped files."""
    skipped = [problem for problem in problems if problem.skipped]
    endings = Counter(filter(None, map(_ending, skipped)))
    media = sum(1 for problem in skipped if _is_media(problem))
    for (ending, advice), count in endings.most_common(_MOST_ENDINGS):
        yield f"{count:,} {ending}: {advice}"
    if media:
        yield f"{counted(media, 'file')} skipped that belong to pages (images, styles, scripts)"
    others = len(skipped) - media - sum(count for _, count in endings.most_common(_MOST_ENDINGS))
    if others:
        yield f"{counted(others, 'file')} skipped (hidden, links, ignored); rebuild --json lists them"


def _ending(problem: SeedProblem) -> tuple[str, str] | None:
    """Return the ending of an unsupported file with the advice, None for other files."""
    ending, separator, advice = problem.reason.partition(_CONVERTED)
    if separator:
        return ending, advice
    if not problem.reason.startswith(_UNKNOWN) or _is_media(problem):
        return None
    name = problem.path.rsplit("/", 1)[-1].lower()
    suffix = splitext(name.removesuffix(".gz"))[1]
    return (suffix, "not a supported format") if suffix else ("without an ending", "name them .txt if they hold text")


def _is_media(problem: SeedProblem) -> bool:
    return problem.reason.startswith(_UNKNOWN) and splitext(problem.path.lower())[1] in _MEDIA
