"""Modules that are imported on first use."""

import subprocess
import sys

import pytest

from searchsvc.deferred import deferred


def test_a_deferred_module_is_imported_when_a_name_of_it_is_used() -> None:
    program = """import sys
from searchsvc.deferred import deferred
colorsys = deferred("colorsys")
before = "colorsys" in sys.modules
print(before, colorsys.rgb_to_hsv(0, 0, 1)[2], "colorsys" in sys.modules)"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout == "False 1 True\n"


def test_an_import_that_fails_fails_on_first_use() -> None:
    missing = deferred("searchsvc.no_such_module")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        _ = missing.name
