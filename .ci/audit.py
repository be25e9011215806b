"""Looks the locked requirements up among known vulnerabilities, and lists them as an SBOM.

    python .ci/audit.py

Writes build/sbom.json (CycloneDX). Exits with 1 if a requirement has a known vulnerability or could not be
looked up. Where nothing at all can be looked up, because the advisories can't be reached, says that
it was skipped. pip-audit alone says "No known vulnerabilities found" then, and exits with 0.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK, SBOM = ROOT / "requirements.txt", ROOT / "build/sbom.json"
_AUDIT = ["-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement", str(LOCK), "--format", "json"]
_UNREACHABLE = re.compile("ConnectionError|Failed to connect|timed out|Max retries|NameResolution", re.I)


def write_sbom() -> None:
    SBOM.parent.mkdir(exist_ok=True)
    options = ["--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--output-file", str(SBOM)]
    subprocess.run([sys.executable, "-m", "cyclonedx_py", "requirements", *options, str(LOCK)], check=True)
    print(f"sbom: {len(json.loads(SBOM.read_text())['components'])} packages in {SBOM.relative_to(ROOT)}")


def audit(*more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *_AUDIT, *more], capture_output=True, text=True)


def looked_up(answer: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    """The requirements that could be looked up."""
    found = json.loads(answer.stdout)["dependencies"] if answer.stdout.strip() else []
    return [each for each in found if "skip_reason" not in each]


def main() -> int:
    write_sbom()
    locked = len(re.findall(r"^[A-Za-z0-9]", LOCK.read_text(), re.M))
    strict = audit("--strict")
    if strict.returncode == 0 and len(looked_up(strict)) == locked > 0:
        print(f"audit: {locked} requirements, no known vulnerability")
        return 0
    lenient = audit()
    nothing = not looked_up(lenient)
    if nothing and (lenient.returncode == 0 or _UNREACHABLE.search(lenient.stderr)):
        print("audit: SKIPPED, nothing was audited: the advisories can't be reached from here", file=sys.stderr)
        return 0
    print(f"audit: {len(looked_up(lenient))} of {locked} requirements were looked up", file=sys.stderr)
    print(lenient.stdout, strict.stderr, lenient.stderr, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
