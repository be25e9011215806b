"""Names follow the glossary, and sentences are plain English."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "searchsvc"
MODULES = sorted(PACKAGE.rglob("*.py"))
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
BANNED_NAMES = frozenset({"found", "told", "kept", "gone", "again", "anew", "said", "wanted", "met", "heard", "beside"})
BANNED_PHRASES = re.compile(
    r"\b(tell|tells|told|telling|anew|beside|gone on|goes on|go on|so many|put right|is held to be|looked for"
    r"|made of|given again|passed over|taken out|debris|stands)\b",
    re.I,
)
WHAT_PER_WORD = 0.5 / 1000


@cache
def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text("utf-8"))) for path in MODULES]


def words_of(name: str) -> list[str]:
    """Lower-case words of a snake_case or CamelCase name, in the singular."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|[0-9]+", name.replace("BM25F", "Bm25f"))
    return [_singular(part.lower()) for part in parts]


def _singular(word: str) -> str:
    """The word without a plural ending; only the same way for names and glossary matters."""
    return word.rstrip("es")


def glossary_words() -> set[str]:
    rows = re.findall(r"^\| ([^|]+) \|", GLOSSARY, re.M)
    return {
        _singular(word) for row in rows for word in re.findall(r"[a-z0-9]+", row.lower().replace("bm25f", "bm 25 f"))
    }


def test_module_names_are_in_the_glossary() -> None:
    known = glossary_words()
    unknown = {path.stem for path in MODULES if path.stem != "__init__" and not known.issuperset(words_of(path.stem))}
    assert unknown == set()


def test_class_names_are_in_the_glossary() -> None:
    known = glossary_words()
    names = {node.name for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    assert {name for name in names if not known.issuperset(words_of(name.strip("_")))} == set()


def test_no_class_name_exists_twice() -> None:
    counts = Counter(node.name for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert [name for name, count in counts.items() if count > 1] == []


def test_names_say_what_a_variable_contains() -> None:
    banned = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        for name in _bound_names(node)
        if name.strip("_") in BANNED_NAMES
    }
    assert banned == set()


def _bound_names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name


def docstrings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def strings(tree: ast.Module) -> Iterator[str]:
    """Messages and other texts of more than three words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.split()) > 3:
            yield node.value


def test_docstrings_hardly_ever_say_what() -> None:
    text = " ".join(text for _, tree in trees() for text in docstrings(tree))
    assert len(re.findall(r"\bwhat\b", text, re.I)) <= WHAT_PER_WORD * len(text.split())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_and_messages_have_no_banned_phrase(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [text[:100] for text in (*docstrings(tree), *strings(tree)) if BANNED_PHRASES.search(text)] == []


@pytest.mark.parametrize(
    "path",
    sorted([*PACKAGE.rglob("*.html"), *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_pages_have_no_banned_phrase(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert [line[:120] for line in lines if BANNED_PHRASES.search(line)] == []
