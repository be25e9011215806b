"""Optional dependencies, which may be missing or broken."""

from collections.abc import Iterator
from contextlib import contextmanager

from searchsvc.errors import ExtraBroken, ExtraMissing

# Errors that imports of broken packages raise: a missing dependency or symbol (ImportError), a changed interface, a
# shared library that does not load, arrays of another version, code for another Python.
_IMPORT_FAILURES = (ImportError, AttributeError, OSError, RuntimeError, SyntaxError, TypeError, ValueError)
_LONGEST = 300  # maximum length of an error in a message, in characters


@contextmanager
def importing(extra: str, library: str, purpose: str) -> Iterator[None]:
    """Guard the import of `library`, which the extra `extra` installs for `purpose`.

    Raises ExtraMissing if it is not installed, ExtraBroken with the error if it cannot be imported.
    """
    try:
        yield
    except _IMPORT_FAILURES as error:
        install = f"pip install 'searchsvc[{extra}]'"
        if isinstance(error, ModuleNotFoundError) and error.name == library:
            raise ExtraMissing(f"{purpose} needs the extra `{extra}`: {install}") from error
        raise ExtraBroken(
            f"{purpose} needs {library}, which is installed but cannot be imported: {_shown(error)}."
            f" Repair the extra `{extra}`: {install} --force-reinstall"
        ) from error


def _shown(error: BaseException) -> str:
    """Return the class and the first line of an error."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:_LONGEST].rstrip(' .')}"
