"""Tags of template languages inside text: Liquid, Hugo, Zola, Hexo, Nunjucks and MDX. Their captions stay."""

import re

from searchsvc.ingest.readers.placeholders import Placeholders

_LONGEST = 5_000  # characters of a tag
_RAW = re.compile(r"\{%-?[ \t]*(?P<name>raw|verbatim)[ \t]*-?%\}", re.I)
_COMMENT = re.compile(r"\{%-?[ \t]*comment[ \t]*-?%\}", re.I)
_KRAMDOWN_COMMENT = re.compile(r"\{::comment\}(?:[^{]|\{(?!:/)){0,5000}+\{:/(?:comment)?\}")
_CAPTION = re.compile(
    r"(?<![\w-])(?P<name>caption|title|alt|text|label|summary|attr)[ \t]*[=:][ \t]*"
    r"(?:\"(?P<double>[^\"]{1,1000})\"|'(?P<single>[^']{1,1000})')"
)
# Tags of Hexo and Octopress with a caption behind their other words.
_QUOTED = re.compile(
    r"\{(?:\{[<%]|%-?)[ \t]*(?:details|tab|expand|notice|hint|callout|admonition|alert|button"
    r"|asset_img|asset_link|img|image|figure|post_link|link)[ \t][^\"'\n]{0,1000}"
    r"(?:\"(?P<double>[^\"\n]{1,1000})\"|'(?P<single>[^'\n]{1,1000})')[^\n]{0,1000}[%>]\}"
)
_CAPTIONS = ("caption", "title", "label", "summary", "alt", "text", "attr")  # the first one is shown
_TAGS = (("{{<", ">}}"), ("{{%", "%}}"), ("{{/*", "*/}}"), ("{{", "}}"), ("{%", "%}"), ("{/*", "*/}"), ("{# ", "#}"))
_EXPRESSION = re.compile(r"[{}|]")
# A component of MDX, or another element whose attributes hold expressions.
_COMPONENT = re.compile(
    r"</?(?:[A-Z][\w.]*+(?=[\s/>])|[a-z][\w-]*+(?=\s[^<>]{0,500}=\{))(?P<rest>(?:[^<>{}\"']|\"[^\"]{0,2000}+\"|'[^']{0,2000}+'"
    r"|\{(?:[^{}]|\{[^{}]{0,2000}+\}){0,2000}+\})*+)>"
)
_MODULE = re.compile(
    r"^(?:import[ \t]+(?:['\"]|\{|[\w*][^\n]{0,500}[ \t]from[ \t]*['\"])"
    r"|export[ \t]+(?:const|let|default|function|class|\{|\*))"
    r"[^\n]*+(?:\n(?![ \t]*\n)[^\n]++)*+",
    re.M,
)


def without_templates(text: str, placeholders: Placeholders) -> str:
    """Return the text without template tags. A tag with a caption is replaced by it."""
    if "{" not in text:
        return text
    if "{%" in text:
        text = _without_sections(text, placeholders)
    if "{::comment}" in text:
        text = _KRAMDOWN_COMMENT.sub("", text)
    for opening, closing in _TAGS:
        if opening in text:
            text = _without_tags(text, opening, closing)
    return text


def _without_sections(text: str, placeholders: Placeholders) -> str:
    """Keep what is between the tags `raw` as it is, and remove comments."""
    for opening in (_RAW, _COMMENT):
        parts, at = list[str](), 0
        while match := opening.search(text, at):
            name = "comment" if opening is _COMMENT else match["name"]
            closing = re.compile(rf"\{{%-?[ \t]*end{name}[ \t]*-?%\}}", re.I).search(text, match.end())
            if closing is None:
                break
            inside = text[match.end() : closing.start()]
            parts += [text[at : match.start()], "" if opening is _COMMENT else placeholders.put(inside)]
            at = closing.end()
        text = "".join(parts) + text[at:]
    return text


def _without_tags(text: str, opening: str, closing: str) -> str:
    parts, at = list[str](), 0
    while (start := text.find(opening, at)) >= 0:
        end = text.find(closing, start + len(opening), start + _LONGEST)
        if end < 0 or text[start - 1 : start] == "$":  # `${{ }}` of workflows is no template of the text
            parts.append(text[at : start + len(opening)])
            at = start + len(opening)
            continue
        end += len(closing)
        before, tag = text[at:start], text[start:end]
        caption = _caption(tag)
        is_alone = not text[text.rfind("\n", 0, start) + 1 : start].strip(" \t>") and text[end : end + 1] in ("", "\n")
        parts += [before, f"\n\n{caption}\n\n" if caption and is_alone else caption]
        at = end
    return "".join(parts) + text[at:] if parts else text


def _caption(tag: str) -> str:
    """Return the caption that a tag shows: the value of an attribute such as `title`; empty without one."""
    if '"' not in tag and "'" not in tag:
        return ""
    values = {match["name"]: match["double"] or match["single"] for match in _CAPTION.finditer(tag)}
    caption = next((values[name] for name in _CAPTIONS if name in values), "").strip()
    quoted = None if caption else _QUOTED.match(tag)
    caption = quoted["double"] or quoted["single"] if quoted else caption
    return "" if _EXPRESSION.search(caption) or not any(map(str.isalpha, caption)) else caption


def without_modules(text: str) -> str:
    """Return MDX without imports, exports and tags of components. The titles of components stay."""
    if text.startswith(("import", "export")) or "\nimport" in text or "\nexport" in text:
        text = _MODULE.sub("", text)
    return _COMPONENT.sub(_component, text) if "<" in text else text


def _component(match: re.Match[str]) -> str:
    caption = _caption(match["rest"]) if "=" in match["rest"] else ""
    return f"\n\n{caption}\n\n" if caption else ""
