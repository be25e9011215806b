"""A server keeps the garbage collector from what stays."""

import subprocess
import sys


def test_what_a_server_has_read_is_not_looked_at_again() -> None:
    program = """import gc
from pathlib import Path
from searchsvc.web import server
from searchsvc.settings import Settings
application = server.application(Settings(index=Path("none")))
server.spare_the_collector()
print(len(gc.get_objects()) < 1_000 < gc.get_freeze_count(), gc.get_threshold()[2] >= 1_000)"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert told.stdout == "True True\n"
