"""Recognition of names of people and agencies at the beginning of a text."""

import re

LONGEST = 80  # characters
_MOST_WORDS = 5  # of one name
_MOST_NAMES = 12

_ENDS = re.compile(
    r"\s*(?:[|•·⋅●–—/\[\]{}<>;:@©\"“”#(]|\s-\s|\d|\.\s*$"
    r"|\b(?:(?:on|in|at|for|from|is|was|has|have|who|via|updated?|published|posted|"
    r"last|reviewed|edited|contributor|photos?|share|read|illustrations?|et al|fact[- ]checked|medically|follow|"
    r"minutes?|(?:mon|tues?|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?)\b"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)?\.?\s\d)"
    r"|(?-i:(?<=[a-z])(?=(?:Updated|Published|Posted|Last|Share|Reviewed)\b|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?(?:\s\d|$))))",
    re.I,
)
_GLUED_BY = re.compile(r"(?<=[a-z])By\b")  # "Ada ExampleBy 20 Mins Read"
_JOINTS = re.compile(r"\s*(,)\s*(?:and\s+|&\s*)?|\s+(?:and|with)\s+|\s*&\s*", re.I)
_LETTERS = re.compile(r"(?:[^\W\d_]|[.'’ʼ‘`-])+")
_PARTICLES = frozenset({
    "de", "van", "der", "den", "von", "la", "le", "du", "da", "di", "do", "dos", "das", "del", "della", "bin",
    "binti", "ibn", "al", "el", "ten", "ter", "y", "e", "o", "st", "zu", "af", "av", "the", "of",
})  # fmt: skip
_TEAMS = frozenset({
    "team", "staff", "desk", "editors", "editorial", "board", "newsroom", "bureau", "correspondent",
    "correspondents", "reporter", "writers", "contributors", "agency", "news", "press", "reuters",
})  # fmt: skip
_PLACES = frozenset({
    "park", "stadium", "arena", "ground", "road", "street", "lane", "avenue", "square", "court", "hall", "house",
    "bridge", "beach",
    "island", "islands", "lake", "river", "mountain", "valley", "county", "city", "town", "village", "airport",
    "station", "centre", "center", "church", "hospital", "market", "research", "institute", "university", "college",
    "school", "club", "hotel", "museum", "theatre", "theater", "library", "blog", "essentials", "takeaways", "bio",
    "united", "rovers", "wanderers", "athletic", "albion", "kingdom", "states", "republic", "zealand", "africa",
    "korea", "america",
    "arabia", "lanka", "rico", "york", "angeles", "francisco", "kong", "delhi", "bank", "bay", "forest",
})  # fmt: skip
_TITLES = frozenset({
    "dr", "dr.", "prof", "prof.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "sir", "lady", "rev", "rev.",
})  # fmt: skip
# A part with one of these words is a role, an employer or a degree, not another name.
_ROLES = frozenset({
    "editor", "writer", "reporter", "analyst", "director", "manager", "contributor", "correspondent", "founder",
    "co-founder", "cofounder", "ceo", "cto", "cmo", "coo", "cfo", "head", "officer", "senior", "staff",
    "specialist", "professor", "expert", "president", "producer", "columnist", "consultant", "associate",
    "engineer", "marketing", "content", "news", "press", "post", "times", "media", "university", "magazine",
    "journal", "network", "daily", "global", "chief", "executive", "assistant", "lead", "strategist", "vice", "vp",
    "partner", "author", "blogger", "guest", "journalist", "freelance", "team", "group", "inc", "llc", "ltd",
    "company", "college", "school", "institute", "desk", "md", "m.d.", "phd", "ph.d.", "dvm", "rn", "rd", "rdn",
    "mba", "cpa", "cfp", "esq", "jd", "j.d.", "facs", "facp", "faap", "ms", "mph", "do", "cnn", "bbc", "npr", "ap",
    "afp", "reuters", "tribune", "herald", "chronicle", "gazette", "post-dispatch", "observer", "express",
    "guardian", "economist", "today", "usa", "online", "editorial", "advisor", "adviser", "planner", "technical",
    "product", "software", "design", "designer", "developer", "owner", "physician", "dietitian", "nutritionist",
    "coach", "attorney", "lawyer",
})  # fmt: skip
_NOT_LAST, _NOT_ALONE = _PARTICLES - {"o"}, _ROLES | _PARTICLES  # words of a name
_NO_NAMES = frozenset({
    "this", "that", "these", "those", "our", "your", "their", "his", "her", "its", "my", "it", "we", "you", "they",
    "he", "she", "i", "using", "clicking", "submitting", "signing", "checking", "continuing", "how", "what", "why",
    "when", "where", "category", "industry", "state", "style", "manufacturer", "numbers", "number", "email", "mail",
    "phone", "default", "law", "popular", "request", "design", "product", "products", "topic", "topics", "date",
    "price", "name", "brand", "type", "size", "color", "location", "company", "business", "solution", "solutions",
    "role", "use", "case", "department", "entering", "subscribing", "following", "by", "all", "every", "each",
    "any", "some", "no", "not", "more", "most", "many", "and", "or", "but", "if", "so", "to", "as", "then", "than",
    "an", "a", "learn", "read", "view", "see", "get", "buy", "shop", "sign", "log", "search", "home", "about",
    "contact", "privacy", "terms", "policy", "cookie", "cookies", "rights", "reserved", "copyright", "powered",
    "posted", "written", "published", "updated", "comments", "comment", "categories", "tags", "tag", "share",
    "step", "way", "end", "time", "year", "month", "week", "day", "january", "february", "march", "april", "may",
    "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday", "wednesday",
    "thursday", "friday", "saturday", "sunday", "table", "contents", "menu", "newsletter", "subscribe",
    "introduction", "overview", "sponsored", "advertisement", "image", "photo", "picture", "video", "getty",
    "shutterstock", "images", "guide", "best", "top", "review", "reviews", "article", "articles", "disclaimer",
    "disclosure", "note", "minutes", "minute", "min", "popularity", "relevance", "rating", "audience", "platform",
    "feature", "team's", "visiting", "providing", "accessing", "agreeing", "registering", "joining", "being",
    "doing", "having", "making", "taking", "getting", "creating", "building", "working", "meet", "frequently",
    "asked", "questions", "suggested", "searches", "modified", "healthy", "complete", "ultimate", "climate",
    "change", "one", "recent", "latest", "related", "trending", "previous", "next", "new", "free", "join", "start",
    "try", "download", "essentials", "takeaways", "bio", "cc", "shopping", "opensource.com", "faq", "faqs", "summary",
    "conclusion", "background", "find", "logo", "client", "perfect", "tool", "tools", "bild", "foto", "son",
    "güncelleme", "ai", "details", "highlights", "gallery", "credit", "courtesy", "screenshot", "opinion",
})  # fmt: skip
_MAY = frozenset(  # words of _NO_NAMES that a name of several words may have
    {
        "may",
        "april",
        "june",
        "august",
        "case",
        "day",
        "price",
        "best",
        "law",
        "rose",
        "mark",
        "bill",
        "will",
        "start",
        "new",
    }
)
_NEVER = _NO_NAMES - _MAY  # words that no name has


def names(text: str, *, alone: bool = True) -> str | None:
    """Return the names that `text` begins with, joined by ", ", or None.

    Roles, employers, dates and other text after the names are cut off. A name of a single word counts only if
    `alone`.
    """
    text = text[:200].strip(" ,:.-–—|•·\t")
    if not text[:1].isupper() and not text.startswith("the"):  # "the News Desk"
        return None
    if text.split(None, 1)[0].lower() in _NEVER:  # so the first name has it, wherever that name ends
        return None
    text = _GLUED_BY.sub("", text) if "By" in text else text
    ends = _ENDS.search(text)
    parts = _JOINTS.split(text[: ends.start()] if ends else text)
    persons: list[str] = []
    listed = len(parts) > 1
    for place in range(0, len(parts), 2):
        name = _name(parts[place].strip(" ."))
        if name is None or (place and not _adds(name, parts[place - 1], listed)):
            break
        persons.append(name)
    if not persons or len(persons) > _MOST_NAMES or (not alone and len(persons) == 1 and " " not in persons[0]):
        return None
    joined = ", ".join(dict.fromkeys(persons))
    return joined if len(joined) <= LONGEST else None


def _adds(name: str, joint: str | None, listed: bool) -> bool:
    """Return whether a part after the first is another name: after a comma, if it looks like a person's name."""
    words = name.lower().split()
    if not _ROLES.isdisjoint(words) or not _TEAMS.isdisjoint(words):
        return False
    return listed and (2 <= len(words) <= 4 or joint is None)


def _name(text: str) -> str | None:
    words = text.split()
    if not 1 <= len(words) <= _MOST_WORDS or len(text) > LONGEST:
        return None
    lower = [word.lower().strip(".") for word in words]
    single, team = len(words) == 1, lower[-1] in _TEAMS
    if not _LETTERS.fullmatch("".join(words)) or not (words[0][0].isupper() or (team and words[0] == "the")):
        return None
    if any(not word[0].isupper() and word not in _PARTICLES and word not in _TEAMS for word in words):
        return None
    if not team and not _ROLES.isdisjoint(lower):
        return None
    if any(word in _NO_NAMES and (single or word not in _MAY) for word in lower) or lower[-1] in _NOT_LAST:
        return None
    if single and (len(text) < 3 or lower[0] in _NOT_ALONE or text.isupper()):
        return None
    if not text.isupper():
        return " ".join(words)
    return " ".join(word if "." in word else word.title() for word in words)


def is_person(text: str) -> bool:
    """Return whether `text` is a person's name: two to four capitalised words, none of them a role."""
    words = text.lower().split()
    if not 2 <= len(words) <= 4 or text.isupper() or not (_ROLES.isdisjoint(words) and _NEVER.isdisjoint(words)):
        return False
    return "," not in text and names(text) == text


def is_place(text: str) -> bool:
    """Return whether `text` ends like the name of a place or an institution, such as "Ewood Park"."""
    return text.lower().split()[-1] in _PLACES


def is_team(text: str) -> bool:
    """Return whether `text` names authors by their office, like "The Upwork Team"."""
    words = text.lower().split()
    return 2 <= len(words) <= 4 and words[-1] in _TEAMS and names(text) == text
