"""Makes the index that queries, requests and load ask, if it is not there.

python -m benchmarks.torture.corpus FOLDER --documents 50000
"""

import argparse
from pathlib import Path

from benchmarks.http.run import index


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--documents", type=int, default=50_000)
    chosen = options.parse_args()
    if not (chosen.folder / "CURRENT").exists():
        index(chosen.folder, chosen.documents)


if __name__ == "__main__":
    main()
