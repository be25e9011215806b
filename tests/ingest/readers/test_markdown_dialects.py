"""Dialects of Markdown: text stays, syntax goes, and code stays as it is."""

import time

import pytest

from searchsvc.ingest.readers.markdown import plain, read_markdown
from searchsvc.models.documents import CODE, LIST, PARAGRAPH, POEM, TABLE

SENTENCE = "The harbour council met on Tuesday evening."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("in [[Harbour of Ada|the harbour]]", "in the harbour", id="alias of a wiki link"),
        pytest.param("in [[Harbour of Ada]].", "in Harbour of Ada.", id="wiki link"),
        pytest.param("see [[Quay#Depth]] and [[#Width]]", "see Quay Depth and Width", id="wiki link to a heading"),
        pytest.param("see [[Quay#^abc123]]", "see Quay", id="wiki link to a block"),
        pytest.param("a\n\n![[Lobster photo.png]]\n\nb", "a\n\nb", id="embedded file"),
        pytest.param("a\n\n![[boat.png|300x200]]\n\nb", "a\n\nb", id="embedded file with a size"),
        pytest.param("![[boat.png|Boats at low tide]]", "Boats at low tide", id="embedded file with a caption"),
        pytest.param("![[Other note#Part]]", "Other note Part", id="embedded note"),
        pytest.param("|a|[[b\\|c]]|\n|-|-|\n|1|2|", "a | c\n\n1 | 2", id="wiki link in a table"),
        pytest.param("> [!NOTE] Title\n> Keep this.", "Title\n\nKeep this.", id="callout with a title"),
        pytest.param("> [!warning]-\n> Keep this.", "Keep this.", id="folded callout"),
        pytest.param("> [!quote|right] Ada\n> > [!tip] In\n> > it", "Ada\n\nIn\n\nit", id="callout in a callout"),
        pytest.param("keep ==this== and a == b == c", "keep this and a == b == c", id="mark"),
        pytest.param("keep %%not this%% this", "keep this", id="comment"),
        pytest.param("a\n\n%%\nhidden\n\nmore\n%%\n\nb", "a\n\nb", id="comment over lines"),
        pytest.param("- [x] mend nets ^block1\n- [ ] sail", "- mend nets\n\n- sail", id="tasks and block id"),
        pytest.param(f"{SENTENCE} ^37066d", SENTENCE, id="block id"),
        pytest.param(
            '!!! note "Ferry times"\n\n    Take it.\n\n    More.\n\nafter',
            "Ferry times\n\nTake it.\n\nMore.\n\nafter",
            id="admonition of MkDocs",
        ),
        pytest.param("???+ tip\n    Take it.\nafter", "Take it. after", id="admonition without a blank line"),
        pytest.param('=== "C"\n\n    Take it.\n\n=== "D"\n\n    Or not.', "C\n\nTake it.\n\nD\n\nOr not.", id="tabs"),
        pytest.param(":::note[Title]\nTake *it*.\n:::", "Title\n\nTake it.", id="admonition of Docusaurus"),
        pytest.param(":::tip Title here\n\nTake it.\n\n:::", "Title here\n\nTake it.", id="with a plain title"),
        pytest.param('::: {.callout-tip title="Title"}\nTake it.\n:::', "Title\n\nTake it.", id="div of Pandoc"),
        pytest.param(":::: {#a .b}\n::: c\nTake it.\n:::\n::::", "Take it.", id="div in a div"),
        pytest.param("/// note | Title\nTake it.\n///", "Title\n\nTake it.", id="block of PyMdown"),
        pytest.param("```{note} Title\nTake *it*.\n```", "Title\n\nTake it.", id="directive of MyST"),
        pytest.param("```ad-note\ntitle: T\nTake it.\n```", "title: T Take it.", id="admonition of a plug-in"),
        pytest.param('{{< figure src="/a.jpg" title="Boats" >}}', "Boats", id="shortcode with a title"),
        pytest.param('{{<figure src="/a.jpg" caption="Boats">}}', "Boats", id="shortcode without spaces"),
        pytest.param("{{% notice tip %}}\nTake it.\n{{% /notice %}}", "Take it.", id="paired shortcode"),
        pytest.param('See [map]({{< ref "map.md" >}}).', "See map.", id="shortcode as an address"),
        pytest.param("See [the map]({{ site.baseurl }}/map).", "See the map.", id="Liquid as an address"),
        pytest.param("a {{ page.title }} {% if x %}b{% endif %}", "a  b", id="Liquid"),
        pytest.param('a\n{% include f.html src="/a.jpg" caption="Boats" %}\nb', "a\n\nBoats\n\nb", id="include"),
        pytest.param("{% comment %}no\n\nno{% endcomment %}\n\na", "a", id="comment of Liquid"),
        pytest.param("a {% raw %}{{ b }}{% endraw %}", "a {{ b }}", id="raw text of Liquid"),
        pytest.param("{{ youtube(id=\"x\", class='y') }}\n\na", "a", id="shortcode of Zola"),
        pytest.param("# Quay {#quay .big}\n\na", "Quay\n\na", id="heading with attributes"),
        pytest.param("a\n{: .class #id}\n\nb{: .c}", "a\n\nb", id="attributes of kramdown"),
        pytest.param("* TOC\n{:toc}\n\na", "a", id="table of contents of kramdown"),
        pytest.param("[TOC]\n\na", "a", id="table of contents"),
        pytest.param("[small]{.smallcaps} a", "small a", id="span of Pandoc"),
        pytest.param("![Boats at low tide](a.png){width=50%}", "Boats at low tide", id="image with attributes"),
        pytest.param("a[^1] b[^n].\n\n[^1]: One *note*.\n[^n]: Two.", "a b.\n\nOne note.\n\nTwo.", id="footnotes"),
        pytest.param("[^1]: One\n    line.\n\n    Two.", "One line.\n\nTwo.", id="long footnote"),
        pytest.param("a^[a note] b", "a (a note) b", id="inline footnote"),
        pytest.param("a\n\n<!-- more -->\n\nb <!-- c --> d", "a\n\nb  d", id="comments of HTML"),
        pytest.param("a\n[b][c]\n[c]: http://x", "a b", id="address below a paragraph"),
        pytest.param("[b][no] and [d][]", "b and d", id="links without an address"),
        pytest.param("Quay\n:   A wall.", "Quay\n\nA wall.", id="definition"),
        pytest.param("a :rocket: 10:30:45 std::vec::x :material-account:", "a 🚀 10:30:45 std::vec::x", id="emoji"),
        pytest.param("$a_b \\\\ c_d$ costs $5 and $6", "$a_b \\\\ c_d$ costs $5 and $6", id="formula"),
        pytest.param("$$\na \\\\ {{b}}_c_\n$$", "$$\na \\\\ {{b}}_c_\n$$", id="formula over lines"),
        pytest.param("a<br>b", "a\nb", id="line break of HTML"),
        pytest.param('<div class="x" markdown="1">\n*a*\n</div>', "a", id="Markdown inside HTML"),
        pytest.param("<details>\n<summary>More</summary>\n\n*a*\n</details>", "More\n\na", id="details"),
        pytest.param("<div>\nx &amp; <i>y</i><script>z</script>\n</div>", "x & y", id="HTML"),
        pytest.param("import T from '@t';\nimport U from '@u';\n\na", "a", id="imports of MDX"),
        pytest.param("export const x = {\n  a: 1,\n};\n\na", "a", id="export of MDX"),
        pytest.param("{/* no */}\n\n<Tabs><T v={{a: 1}} label='Npm'>\n\na\n\n</T></Tabs>", "Npm\n\na", id="components"),
        pytest.param("港町の会議は\n火曜日に開かれた。", "港町の会議は火曜日に開かれた。", id="wrapped Japanese"),
        pytest.param("他说**“好”**的", "他说“好”的", id="strong Chinese"),
        pytest.param("++ctrl+c++ H~2~O x^2^ ~old~ ~/a and ~/b", "ctrl+c H2O x2 old ~/a and ~/b", id="keys and indexes"),
        pytest.param("see ((64a1b2c3-1111-2222-3333-444455556666)).", "see.", id="reference of Logseq"),
        pytest.param("- a\n  id:: 64a1b2c3\n- b #[[c d]]", "- a\n\n- b c d", id="properties of Logseq"),
        pytest.param("{% asset_img q.jpg 300 'A quay' %}\n\na", "A quay\n\na", id="image of Hexo"),
        pytest.param("| Roses are red\n| Violets are blue", "Roses are red\nViolets are blue", id="verse of Pandoc"),
        pytest.param("(@) One\n(@b) Two\n\n\\newpage", "- One\n\n- Two", id="examples of Pandoc"),
        pytest.param("\\begin{a}\nx_1_ \\\\\n\\end{a}", "\\begin{a}\nx_1_ \\\\\n\\end{a}", id="formula of LaTeX"),
        pytest.param('a\n\n--8<-- "b.md"', "a", id="snippet"),
        pytest.param("a {::comment}no{:/comment} b", "a  b", id="comment of kramdown"),
        pytest.param('{{< details "More" >}}\na\n{{< /details >}}', "More\n\na", id="shortcode with a bare title"),
        pytest.param("{++new++} {--old--} {~~a~>b~~}", "new  b", id="marks of an editor"),
    ],
)
def test_text_stays_and_syntax_goes(text: str, expected: str) -> None:
    assert plain(text) == expected


SYNTAX = "[[a|b]] {{ c }} {% d %} ==e== %%f%% [^1] ![[g]] {: .h} :rocket: > [!NOTE] i ^block1 &amp;"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("```\n", "\n```"),
        ("~~~ {.py #x}\n", "\n~~~"),
        ("- a\n\n  ```js\n  ", "\n  ```"),
        ("> ```\n> ", "\n> ```"),
        ("    ", ""),
        ("\t", ""),
        ('!!! note "T"\n\n    ```\n    ', "\n    ```"),
        ("{% highlight python %}\n", "\n{% endhighlight %}"),
        ("{{< highlight go >}}\n", "\n{{< /highlight >}}"),
        ("<pre><code>\n", "\n</code></pre>"),
        ("a `", "` b"),
        ("a `` ` ", "`` b"),
    ],
)
def test_code_stays_as_it_is(before: str, after: str) -> None:
    expected = SYNTAX.replace("&amp;", "&") if "<pre>" in before else SYNTAX
    assert expected in plain(f"{before}{SYNTAX}{after}")


def test_blank_lines_and_indentation_of_code_stay() -> None:
    code = "def f():\n\n    return 1\n\n\nf()"
    assert plain(f"a\n\n```\n{code}\n```\n\nb") == f"a\n\n{code}\n\nb"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("![](a.png)", ""),
        ("![boat](a.png)", ""),
        ("![IMG_2034.JPG](a.png)", ""),
        ("![Screenshot 12](a.png)", ""),
        ("[![Build Status](https://x.org/badge.svg)](https://x.org)", ""),
        ("![Two boats at the quay](a.png)", "Two boats at the quay"),
        ('![boat](a.png "Two boats at the quay")', "Two boats at the quay"),
        ("![一艘船](a.png)", "一艘船"),
    ],
)
def test_caption_of_an_image_is_a_line_if_it_says_something(image: str, expected: str) -> None:
    assert plain(image) == expected


def test_units_of_a_text() -> None:
    text = "a\n\n- b\n- c\n\n1. d\n\n|e|f|\n|-|-|\n|g|h|\n\n```\ni\n\nj\n```\n\nk  \nl  \nm\n\nn"
    content = read_markdown(text).in_units()
    kinds = [(unit.kind, unit.first_line, unit.last_line) for unit in content.units]
    assert kinds == [
        (PARAGRAPH, 1, 1), (LIST, 3, 5), (LIST, 7, 7), (TABLE, 9, 11), (CODE, 13, 15), (POEM, 17, 19),
        (PARAGRAPH, 21, 21),
    ]  # fmt: skip


def test_list_of_a_page_of_links_is_no_unit() -> None:
    menu = "\n".join(f"- [Part {number}](/{number})" for number in range(9))
    assert read_markdown(f"{menu}\n\n{SENTENCE}").in_units().units == ()


def test_verse_keeps_its_lines() -> None:
    verse = "Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal hand or eye,\nCould frame it?"
    assert plain(f"a\n\n{verse}\n\nb") == f"a\n\n{verse}\n\nb"


@pytest.mark.parametrize(
    ("text", "tags", "tag_lines"),
    [
        ("a #seafood. #2 and #", ("seafood",), ()),
        ("#sea/food #boat\n\na #net", ("sea/food", "boat", "net"), ("sea/food", "boat")),
        ("# Heading\n\n`#code` [a](#b) C#", (), ()),
    ],
)
def test_tags_of_a_note(text: str, tags: tuple[str, ...], tag_lines: tuple[str, ...]) -> None:
    content = read_markdown(text)
    assert (content.tags, content.tag_lines) == (tags, tag_lines)


def test_long_text_is_parsed_in_pieces_with_the_addresses_of_all() -> None:
    text = f"{SENTENCE} [the *map*][m]\n\n" * 9_000 + "[m]: http://x\n"
    assert plain(text) == "\n\n".join([f"{SENTENCE} the map"] * 9_000)


PIECES = (
    '<a markdown="', "* a\n{:toc", "{::comment}", '{% img "', "\\begin{a}", "((", "~a", "::a", "++a", "| a\n",
    "[[", "[[a|", "{{", "{{<", "{%", "{% raw %}", "{/*", "{:", "{.a ", "$", "$a", "%%", "==a", ":::\n", "!!! a\n    ",
    "[^1]: a\n", "^[", " ^", " ", "```\n", "<A ", "<A{", '<A "', "import 'a'\n\n", "\x02", "> [!", ":a:", "#a ",
    "[a]: b\n",
)  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    plain("x{ [ <\n" + piece * (20_000 // len(piece)))
    assert time.process_time() - started < 4
