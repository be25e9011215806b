"""Reasons of removals and of skipped files, and warnings about the index: made in English, translated on pages.

Several reasons may be joined by commas or semicolons. A placeholder `detail` is a single reason itself. A test
compares the messages with the code that makes them.
"""

import re
from functools import lru_cache
from itertools import islice
from operator import itemgetter

from markupsafe import Markup

from searchsvc.web.known_messages import in_english, is_known, translated
from searchsvc.web.translations import N_, Translations, translations

_JOINED = {"; ": N_("%(first)s; %(second)s"), ", ": N_("%(first)s, %(second)s")}
_SEPARATOR = re.compile("[;,] ")
_MOST_SEPARATORS = 6  # of a text that is split; the time grows with the square
_LONGEST = 500  # characters of a reason that is translated

# Number of unknown reasons, and all reasons with the separators behind them
_Split = tuple[int, list[tuple[str, str]]]

REMOVALS = (
    N_("reads like clutter"),
    # Rules
    N_("asks to share, print or follow"),
    N_("part of the comment form"),
    N_("menu entry"),
    N_("asks to subscribe"),
    N_("legal notice"),
    N_("heading of a list of other articles"),
    N_("advertisement or player button"),
    N_("repeats the title"),
    N_("caption of the image under the title"),
    N_("link to another article"),
    N_("image credit"),
    N_("names the author after the article"),
    N_("introduces the author"),
    N_("names the source after the article"),
    N_("link to a section of the site"),
    N_("asks to follow, subscribe or visit, after the article"),
    N_("short list entry after the article"),
    N_("repeated by the next line, like the text of an image by its caption"),
    N_("repeats the line above, like the caption of an image"),
    N_("repeats on other pages of this source"),
    N_("byline or date, stored separately"),
    N_("matches the setting drop_lines = %(line)s"),
    # Recurring lines
    N_("on at least half of this source's pages"),
    N_("on at least %(percent)s of this source's pages"),
    N_("below a line that heads recurring lines of this source"),
    N_("in at least %(num)s documents of the corpus"),
    # Wording of the line
    N_("worded like a reader's comment"),
    N_("about sharing or following"),
    N_("about subscribing"),
    N_("about comments"),
    N_("comment header"),
    N_("worded like a legal notice"),
    N_("reads like a menu"),
    N_("worded like a link to other articles"),
    N_("worded like a note on the author"),
    N_("worded like a caption or credit"),
    N_("worded like a byline"),
    N_("mostly a date or time"),
    N_("web address"),
    N_("worded like an advertisement"),
    N_("worded like a list of tags"),
    N_("worded like a player, poll or rating"),
    N_("worded like a heading of notes"),
    # Form and place of the line
    N_("few words"),
    N_("little punctuation"),
    N_("does not end like a sentence"),
    N_("does not begin like a sentence"),
    N_("many symbols for its length"),
    N_("capitalised like a heading"),
    N_("mostly numbers"),
    N_("few function words"),
    N_("words that are rare in articles"),
    N_("list entry"),
    N_("sits where menus and footers usually sit"),
    N_("isolated short line"),
    N_("on a page that is mostly clutter"),
    N_("outside the longest stretch of prose"),
    N_("next to other clutter"),
    N_("repeats other lines of the page"),
    N_("shares few words with the article"),
    N_("far from the title and its article"),
    N_("same form as other lines of the page"),
    N_("has a date and time"),
    # Neighbours of the line
    N_("after %(detail)s"),
    N_("before %(detail)s"),
    N_("a share bar"),
    N_("a call to subscribe"),
    N_("a comments heading"),
    N_("a comment header"),
    N_("a legal notice"),
    N_("menu entries"),
    N_("a list of related articles"),
    N_("a note on the author"),
    N_("a caption"),
    N_("a byline"),
    N_("a line of dates"),
    N_("an advertisement"),
    N_("a list of tags"),
    N_("lines with a date and time"),
    N_("lines of the same form"),
)
SEED_PROBLEMS = (
    # Folders and files
    N_("hidden"),
    N_("ignored by %(name)s"),
    N_("a link; links are not followed"),
    N_("in a folder that became a link; links are not followed"),
    N_("a folder, not a text file; the files inside it are read"),
    N_("folders deeper than %(num)s levels are not read"),
    N_("not a regular file"),
    N_("folder can't be listed: %(detail)s"),
    N_("can't be read: %(detail)s"),
    N_("pattern skipped: more than %(num)s runs of stars in a path component, or ** components"),
    N_("pattern skipped: invalid gitignore syntax"),
    N_("larger than %(num)s bytes; it has no effect"),
    N_("not a text file (supported: %(suffixes)s, each also with %(suffix)s)"),
    N_("%(suffix)s is not read: %(detail)s"),
    N_("convert to text first (pdftotext)"),
    N_("convert to Markdown first (pandoc)"),
    N_("convert to text first (LibreOffice)"),
    N_("export it as CSV or JSON Lines"),
    N_("convert its articles to JSON Lines"),
    N_("unpack it"),
    N_("unpack it, or pack it with gzip"),
    N_("convert to .warc or .html"),
    N_("export as Markdown or HTML"),
    N_("a saved page needs the suffix .html"),
    N_("save it as .eml"),
    # Limits
    N_("more than %(num)s bytes of text (setting max_document_bytes)"),
    N_("more than %(num)s lines, the limit for one document"),
    N_("larger than %(num)s bytes (setting max_file_bytes)"),
    N_("unpacks to more than %(num)s bytes (setting max_file_bytes)"),
    N_("unpacks to more than %(num)s times its size"),
    N_("larger than %(num)s bytes, the limit for one document"),
    N_("larger than %(num)s bytes, the limit for HTML"),
    N_("more than %(num)s tags, the limit for HTML"),
    N_("more than %(num)s attributes in a tag, the limit for HTML"),
    N_("larger than %(num)s bytes, or more than %(parts)s parts"),
    N_("more than %(num)s documents; the records below are skipped"),
    N_("more than %(num)s messages; the messages below are skipped"),
    N_("%(num)s more unreadable records"),
    N_("line longer than %(num)s bytes"),
    N_("line longer than %(num)s bytes; the rows below are skipped"),
    N_("a record longer than %(num)s bytes; this and the records below are skipped"),
    N_("a record larger than %(num)s bytes"),
    N_("an object larger than %(num)s bytes; write its articles as JSON Lines or as an array"),
    N_("a message larger than %(num)s bytes"),
    N_("a message of more than %(num)s parts"),
    N_("took more than %(num)s s of CPU"),
    N_("its process was killed, perhaps for lack of memory"),
    # Contents
    N_("empty"),
    N_("holds no text"),
    N_("looks like binary data, not text"),
    N_("a tar archive; unpack it"),
    N_("gzip in gzip; only one layer is unpacked"),
    N_("damaged gzip data: %(detail)s"),
    N_("no column for a text or title in the first line (see the setting `fields`)"),
    N_("no text or title: a record needs a field such as text, body, content or title (see the setting `fields`)"),
    N_("unreadable CSV: %(detail)s; the rows below are skipped"),
    N_("unreadable HTML (%(detail)s)"),
    N_("unreadable message (%(detail)s)"),
    N_("unreadable record (%(detail)s)"),
    N_("unreadable saved page (%(detail)s)"),
    N_("damaged archive (%(detail)s); the records below are skipped"),
    N_("no message: a mailbox begins with a line `From `"),
    N_("no web page in it"),
    N_("no web page or text in it"),
    N_("not a JSON object"),
    N_("invalid JSON: %(detail)s"),
    N_("nested too deep"),
    N_("a closing bracket without an opening one"),
    N_("the JSON array has no end; the file may be cut off"),
    N_("line %(num)s: invalid front matter (%(detail)s)"),
    N_("line %(num)s: %(name)s is not read (%(detail)s)"),
    N_("anchors and aliases are not accepted"),
    N_("tags are not accepted"),
    N_("nested deeper than %(num)s levels"),
    N_("invalid YAML"),
    N_("invalid TOML"),
    N_("invalid JSON"),
    N_("%(detail)s needs the extra `%(name)s`: %(command)s"),
    N_(
        "%(detail)s needs %(name)s, which is installed but cannot be imported: %(error)s. Repair the extra "
        "`%(extra)s`: %(command)s"
    ),
    N_("reading HTML"),
    N_("reading WARC"),
    # Ids, and lines of an export
    N_("same id by coincidence as %(path)s; rename one of the files"),
    N_("same id as line %(num)s"),
    N_("same id as %(path)s; change one of them"),
    N_("not a line of an export: %(detail)s"),
    N_("no field %(name)s"),
    N_("unknown field %(name)s"),
    N_("its id is not 16 hexadecimal digits"),
    N_("a removed block has invalid line numbers"),
    N_("url is not an http or https address"),
    # Encodings
    N_("damaged %(name)s; unreadable parts were replaced"),
    N_("not valid UTF-8: decoded as %(name)s, a guess"),
    N_("not valid UTF-8: %(num)s unreadable parts were replaced"),
    N_("not valid UTF-8: bytes of Windows-1252 among UTF-8 were repaired"),
    # Suspicious documents
    N_("has a title and no text, like the shell of an app"),
    N_("has a title and no text, but long text in %(name)s (see the setting `fields`)"),
    N_("looks like the shell of an app, which shows its text with JavaScript only"),
    N_("looks like an error page"),
    N_("looks like a request to accept cookies"),
    N_("looks like a list of links"),
    N_("looks like nothing but clutter"),
    N_("indexed whole"),
    # Errors of the operating system
    N_("Permission denied"),
    N_("No such file or directory"),
    N_("Input/output error"),
    N_("Too many open files"),
    N_("File name too long"),
    N_("Stale file handle"),
)
WARNINGS = (
    N_("The index has a problem. The log has the details, and `searchsvc check` shows them."),
    N_("the index has no vectors of the sentence embedding model; run `searchsvc rebuild`"),
    N_("generation %(name)s: %(file)s is truncated or altered"),
    N_("generation %(name)s: %(file)s can't be read (%(detail)s)"),
    N_("generation %(name)s can't be opened: %(detail)s"),
    N_("generation %(name)s has another format; run `searchsvc rebuild`"),
    N_("generation %(name)s was built with other fields or another analysis; run `searchsvc rebuild`"),
)
_MESSAGES = (*REMOVALS, *SEED_PROBLEMS, *WARNINGS)


def reason(texts: Translations, text: str) -> str:
    """Return the translation of a reason or warning; parts that are not known are marked as English."""
    return text if texts.language.code == "en" else _reason(texts.language.code, text)


@lru_cache(maxsize=2_048)  # a page repeats few reasons often
def _reason(code: str, text: str) -> Markup:
    if len(text) > _LONGEST:
        return in_english(text)
    *others, (last, _) = _parts(text)
    shown = _single(code, last)
    for part, separator in reversed(others):
        shown = translations(code).gettext(_JOINED[separator], first=_single(code, part), second=shown)
    return shown


def _single(code: str, text: str) -> Markup:
    shown = translated(translations(code), _MESSAGES, text, lambda detail: _single(code, detail))
    return in_english(text) if shown is None else shown


def _parts(text: str) -> list[tuple[str, str]]:
    """Split joined reasons; return each with the separator behind it.

    A value may contain a separator. Of all splits, the one with the fewest unknown reasons is chosen, then the one with
    the shortest first reason.
    """
    separators = list(islice(_SEPARATOR.finditer(text), _MOST_SEPARATORS))
    starts = [0, *(each.end() for each in separators), len(text)]
    ends = [*(each.start() for each in separators), len(text)]
    best: list[_Split] = [(0, [])] * len(starts)  # of the text from each start
    for first in reversed(range(len(ends))):
        splits: list[_Split] = []
        for last in range(first, len(ends)):
            part, separator = text[starts[first] : ends[last]], text[ends[last] : starts[last + 1]]
            unknown, following = best[last + 1]
            splits.append((unknown + (not is_known(_MESSAGES, part)), [(part, separator), *following]))
        best[first] = min(splits, key=itemgetter(0))
    return best[0][1]
