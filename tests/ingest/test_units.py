"""Units in a folder: code, lists and verse keep all their lines, and certain clutter goes as a whole."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill

import pytest

from searchsvc.ingest import find_seeds, ingest, read_first_pass
from searchsvc.ingest.boilerplate.whole_units import with_whole_units
from searchsvc.ingest.ingested_document import IngestedDocument
from searchsvc.ingest.source import Source
from searchsvc.models.clean_document import Verdict
from searchsvc.models.documents import CODE, LIST, PARAGRAPH, Document, Unit

P1 = "The harbour council met on Tuesday evening and agreed to widen the northern quay before the winter storms arrive."
P2 = "Fishermen had asked for the change for years, because two boats cannot pass each other there at low tide."
P3 = "The work will cost about four million and is to be finished by the end of next year, the engineer said."


def documents(folder: Path, files: Mapping[str, str]) -> dict[str, Document]:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    source = Source(folder, 1_000_000, "en")
    seeds = list(find_seeds(folder))
    recurring = read_first_pass(source, seeds).lines.recurring()
    outcomes = list(ingest(source, seeds, recurring))
    return {each.document.path: each.document for each in outcomes if isinstance(each, IngestedDocument)}


CODE_BLOCK = "import quay\n\ndef main():\n    unsafe = quay.widen({0})\n    return unsafe"
RELEASE = (
    "---\ntitle: Release {0}\n---\nVersion {0} of the quay tool is out today, with a fix for harbour number {0}.\n\n"
    "```\nrustup update stable\n```\n\nIf you have not got it yet, install it first:\n\n"
    f"```python\n{CODE_BLOCK}\n```\n\n## Contributors\n\nMany people helped with number {{0}}.\n\n"
    "- Ada Example\n- Ben Specimen\n- Cyd Sample{0}\n"
)


@pytest.mark.parametrize("form", ["md", "html"])
def test_release_notes_keep_every_line_of_code_and_every_contributor(tmp_path: Path, form: str) -> None:
    files = {f"p{number:02}.md": RELEASE.format(number) for number in range(12)}
    if form == "html":
        files = {name.replace(".md", ".html"): _as_html(text) for name, text in files.items()}
    for number, document in enumerate(documents(tmp_path, files).values()):
        assert f"\n{CODE_BLOCK.format(number)}\n" in document.body
        assert "\nrustup update stable\n" in document.body
    if form == "md":
        contributors = "- Ada Example\n- Ben Specimen\n- Cyd Sample11"
        assert document.body.endswith(f"Contributors\nMany people helped with number 11.\n{contributors}")


def _as_html(text: str) -> str:
    _, head, body = text.split("---\n")
    blocks = body.replace("```python\n", "```\n").split("```")
    parts = [f"<pre>{part.strip()}</pre>" if number % 2 else f"<p>{part}</p>" for number, part in enumerate(blocks)]
    return f"<html><title>{head[7:]}</title><body><article><h1>{head[7:]}</h1>{''.join(parts)}</article></body></html>"


def test_wrapped_text_has_its_headline_as_title_and_whole_sentences(tmp_path: Path) -> None:
    text = f"Quay to be widened\n\n{fill(f'{P1} {P2}', 60)}\n\n{fill(f'{P3} {P1}', 60)}\n"
    document = documents(tmp_path, {"a.txt": text})["a.txt"]
    assert (document.title, document.body) == ("Quay to be widened", f"{P1} {P2}\n{P3} {P1}")


NOTE = f"""Lobsters live in [[Harbour of Ada|the harbour]] and eat what falls from boats. #seafood

![[Lobster photo.png]]

> [!NOTE] Title
> Keep ==this== and %%a comment%%.

- [x] mend nets ^block1

{P2}
"""


def test_note_of_obsidian_is_read_as_it_is_shown(tmp_path: Path) -> None:
    document = documents(tmp_path, {"Vault note about lobster.md": NOTE})["Vault note about lobster.md"]
    assert (document.title, document.topics) == ("Vault note about lobster", ("seafood",))
    lead = "Lobsters live in the harbour and eat what falls from boats. #seafood"
    assert document.body.split("\n") == [lead, "Title", "Keep this and.", "- mend nets", P2]


def test_post_of_hugo_is_read_as_it_is_shown(tmp_path: Path) -> None:
    figure, notice = '{{< figure src="/a.jpg" title="Boats" >}}', "{{% notice tip %}}\nTake the ferry.\n{{% /notice %}}"
    text = f"{P1}\n\n{figure}\n\n{notice}\n\n" + 'See [map]({{< ref "map.md" >}}).' + f"\n\n{P2}"
    document = documents(tmp_path, {"hugo.md": text})["hugo.md"]
    assert document.body.split("\n") == [P1, "Boats", "Take the ferry.", "See map.", P2]


def test_post_of_jekyll_is_read_as_it_is_shown(tmp_path: Path) -> None:
    code = "{% highlight python %}\nquay = widen(9)\n{% endhighlight %}"
    link = 'See [the map]({{ site.baseurl }}/map).\n\n{% include figure.html src="/a.jpg" %}'
    document = documents(tmp_path, {"jekyll.md": f"{P1}\n\n{code}\n\n{link}\n\n{P2}"})["jekyll.md"]
    assert document.body.split("\n") == [P1, "quay = widen(9)", "See the map.", P2]


def test_code_is_no_title_and_no_heading(tmp_path: Path) -> None:
    document = documents(tmp_path, {"a.txt": f"```\nMain Entry Point\n```\n\n{P1}\n\n{P2}\n"})["a.txt"]
    assert document.headings == ()
    assert document.body.startswith("Main Entry Point\n")


def test_line_ups_and_figures_of_a_match_stay(tmp_path: Path) -> None:
    names = "Smith, Jones (Brown 46), Example, Specimen, Sample, Doe (Roe 71), Miles, Stiles, Giles, Niles, Byron."
    figures = [
        f"Saltmarsh: {names}",
        "Subs Not Used: Poe, Coe.",
        f"Quayside: {names[::-1]}",
        "Att: 26,242",
        "Ref: M Dean",
    ]
    text = "\n\n".join(["Saltmarsh hold Quayside", P1, P2, P3, *figures])
    body = documents(tmp_path, {"a.txt": text})["a.txt"].body
    assert [line for line in figures if line not in body] == []


def test_sentence_that_begins_like_a_pointer_stays(tmp_path: Path) -> None:
    sentence = "Read more: this phrase became a joke among editors."
    pointer = "Read more: Council Agrees To Widen Quay"
    body = documents(tmp_path, {"a.txt": f"Quay news\n\n{P1}\n\n{sentence}\n\n{P2}\n\n{pointer}\n"})["a.txt"].body
    assert (sentence in body, pointer in body) == (True, False)


def verdicts(rule: str, *numbers: int) -> dict[int, Verdict]:
    return {number: Verdict(number, rule, "reason", 0.9) for number in numbers}


@pytest.mark.parametrize(
    ("removed", "unit", "expected"),
    [
        (verdicts("recurs-in-source", 3, 4), Unit(CODE, 2, 5), set()),
        (verdicts("classifier", 2, 3, 4, 5), Unit(LIST, 2, 5), set()),
        (verdicts("navigation", 2, 3, 4), Unit(LIST, 2, 5), {2, 3, 4, 5}),
        (verdicts("navigation", 2), Unit(LIST, 2, 5), set()),
        (verdicts("classifier", 2), Unit(PARAGRAPH, 2, 2), set()),
        (verdicts("subscribe", 2), Unit(PARAGRAPH, 2, 2), {2}),
        (verdicts("classifier", 7), Unit(LIST, 2, 5), {7}),
    ],
)
def test_unit_is_kept_or_removed_whole(removed: dict[int, Verdict], unit: Unit, expected: set[int]) -> None:
    assert set(with_whole_units(removed, [unit], range(1, 9))) == expected
