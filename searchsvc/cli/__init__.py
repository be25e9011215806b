"""The command line."""

import sys

try:
    from searchsvc.cli.main import main
except KeyboardInterrupt:  # Ctrl-C in the first tenth of a second
    print("searchsvc: interrupted", file=sys.stderr)
    sys.exit(130)  # exit_codes.INTERRUPTED, which may not be imported yet

__all__ = ["main"]
