"""Cues next to names of authors: dates, jobs, pictures, portraits, and where comments and related articles begin."""

import re

PICTURE = re.compile(
    r"(?:(?:picture|photo|image|headshot|avatar|portrait|profile (?:picture|photo|image)) (?:of|for)"
    r"|(?:\w*bild|porträt|foto) (?:von|av|af)|(?:foto|photo|imagen|portrait) d[ei]) ",
    re.I,
)
DATE = re.compile(
    r"\b\d{1,2}[.:]\d\d\s?uhr\b|\b\d{1,2}:\d\d\b|\b\d{1,2}\.? (?:januar|februar|märz|april|mai|juni|juli|august"
    r"|september|oktober|november|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre"
    r"|décembre|de [a-z]{4,10}"
    r"|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|dicembre)\b|\blesezeit\b|\bstand:|"
    r"\b\d{1,2} min\b|\bpublié\b|\bpublicado\b|\bactualizado\b|\baggiornato\b|"
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d{1,2}\b|\b\d{1,2} (?:jan|feb|mar|apr|"
    r"may|jun|jul|aug|sep|oct|nov|dec)|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\bmin(?:ute)?s?\.? read|"
    r"\b(?:minutes?|hours?|days?|weeks?|months?|years?) ago\b|\bread time\b|\bupdated\b|\bpublished\b",
    re.I,
)
ROLE = re.compile(
    r"\b(?:writer|editor|author|contributor|reporter|correspondent|journalist|staff|ceo|founder|manager|"
    r"director|specialist|analyst|columnist|strategist|blogger|\w*redakteur(?:in)?|korrespondent(?:in)?"
    r"|autor(?:in|a)?|redactora?|periodista|corresponsal|journaliste|rédacteur|rédactrice|giornalista"
    r"|corrispondente)\b",
    re.I,
)
COMMENTS = re.compile(
    r"(?:\d+\s)?(?:comments?|responses|replies|leave a (?:reply|comment)|discussion|thoughts on)\b", re.I
)
RELATED = re.compile(r"related|recommended|you (?:may|might)|more (?:from|stories|news)|read next|popular|latest", re.I)
PORTRAIT_VERBS = frozenset({
    "is", "was", "has", "teaches", "writes", "works", "covers", "covered", "lives", "holds", "loves", "wrote",
    "joined", "serves", "runs", "leads", "reports", "edits", "studied", "graduated", "ist", "schreibt", "arbeitet",
    "est", "es", "è",
})  # fmt: skip
