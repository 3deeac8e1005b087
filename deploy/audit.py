"""What the image is made of, and whether that is fit to run: python -m deploy.audit SBOM.json.

Writes a software bill of materials (CycloneDX) of what image.lock pins, holds the licences against a list, and asks for known
vulnerabilities. The licences need nothing but the packages; the vulnerabilities are a service's to know, and where it does not
answer this says so: unknown is not none.
"""

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent / "image.lock"

#: Licences that ask for no more than to be named. Nothing else may come into the image without a decision.
_FIT = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|CC0|Unlicense|0BSD", re.IGNORECASE)
_UNFIT = re.compile(r"\bA?L?GPL|Affero|General Public|Commercial|Proprietary", re.IGNORECASE)

#: Only for other systems than the image's.
_ELSEWHERE = {"colorama"}


def packages(lock: str) -> dict[str, set[str]]:
    """The versions of each package that the lock pins."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", lock, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def licence(name: str) -> str:
    """The licence of an installed package, by its expression, else its classifiers, else its text's first line."""
    found: Any = metadata(name)
    classifiers = [text.rpartition(" :: ")[2] for text in found.get_all("Classifier", []) if text.startswith("License ::")]
    told = found.get("License-Expression") or ", ".join(classifiers) or (found.get("License") or "").strip().partition("\n")[0]
    return str(told)


def unfit(names: set[str]) -> list[str]:
    """Packages that are not here, or whose licence is not on the list."""
    problems = []
    for name in sorted(names - _ELSEWHERE):
        try:
            told = licence(name)
        except PackageNotFoundError:
            problems.append(f"{name}: not installed, so nothing is known of it")
            continue
        if _UNFIT.search(told) or not _FIT.search(told):
            problems.append(f"{name}: licence {told or 'not told'}")
    return problems


def write_sbom(target: Path) -> int:
    """Write the bill of materials; how many components it has."""
    _run("cyclonedx-py", "requirements", str(LOCK), "--output-file", str(target), "--output-reproducible")
    return len(json.loads(target.read_text(encoding="utf-8"))["components"])


def vulnerabilities() -> tuple[list[str], int, int]:
    """What is known of, and of how many packages something could be asked, and of how many not."""
    said = _run("pip-audit", "--require-hashes", "--disable-pip", "--format", "json", "--requirement", str(LOCK), check=False)
    try:
        found = json.loads(said)["dependencies"]
    except (ValueError, KeyError):  # the service cannot be reached at all
        return [], 0, len(packages(LOCK.read_text(encoding="utf-8")))
    asked = [one for one in found if "skip_reason" not in one]
    known = [f"{one['name']} {one['version']}: {flaw['id']}" for one in asked for flaw in one["vulns"]]
    return known, len(asked), len(found) - len(asked)


def _run(program: str, *arguments: str, check: bool = True) -> str:
    path = Path(sys.executable).parent / program
    done = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=300, check=False)
    if check and done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def main(target: Path) -> int:
    """1 where something is unfit or known to be vulnerable."""
    components = write_sbom(target)
    problems = unfit(set(packages(LOCK.read_text(encoding="utf-8"))))
    known, asked, unasked = vulnerabilities()
    lines = [f"{components} components in {target}", *problems, *known]
    lines.append(f"vulnerabilities: {len(known)} known of {asked} packages; {unasked} could not be asked for")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if problems or known else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
