"""The papers say what is there: every test that they name is collected, every limit is in the table, every defect has a test."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service.callers import Right
from core20plus5_service.describe import server_info
from tests.deploy.limits import LIMITS, PAPER, numbers, with_limits
from tests.e2e.process import environment
from tests.service.in_process import settings

ROOT = Path(__file__).parents[2]
PAPERS = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "deploy" / "assurance").glob("*.md"))}
_TEST = re.compile(r"tests/[\w/]+\.py(?:::\w+)?")


def rows(paper: str, first: str) -> list[list[str]]:
    """The rows of the tables of a paper whose first cell matches."""
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in PAPERS[paper].splitlines() if line.startswith("|")
    ]
    return [row for row in cells if re.fullmatch(first, row[0].strip("| "))]


def test_the_index_has_every_paper() -> None:
    assert {name for name in PAPERS if name != "README.md"} == set(re.findall(r"\]\(([\w-]+\.md)\)", PAPERS["README.md"]))


def test_every_test_that_is_named_is_collected() -> None:
    named = {found for text in PAPERS.values() for found in _TEST.findall(text)}
    files = sorted({name.partition("::")[0] for name in named})
    assert len(files) > 15
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2_000:]
    collected = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}
    assert {name for name in named if "::" in name} - collected == set()


@pytest.mark.parametrize(("paper", "first", "control"), [("hazard-log.md", r"H\d+", 5), ("threat-model.md", r"[STRIDE]\d", 3)])
def test_every_hazard_and_threat_has_controls(paper: str, first: str, control: int) -> None:
    found = rows(paper, first)
    assert len(found) >= 12
    names = [row[0].strip("| ") for row in found]
    assert len(names) == len(set(names))
    for row in found:
        assert _TEST.search(row[control]) or row[control].startswith("none in the service"), row


def test_every_defect_has_a_test() -> None:
    found = rows("defects.md", r"(?!what was seen|---).+")
    assert len(found) >= 15
    for row in found:
        assert len(row) == 3, row
        assert _TEST.search(row[2]), row


def test_the_table_of_limits_is_the_code() -> None:
    assert set(LIMITS) == numbers(), "say of each new setting what it limits, and which test goes beyond it"
    text = PAPER.read_text(encoding="utf-8")
    assert with_limits(text) == text


def test_clients_learn_the_limits() -> None:
    chosen = settings()
    told = server_info(chosen, {}, frozenset(Right))
    for name, limit in LIMITS.items():
        assert (name in service.GetServerInfoResponse.DESCRIPTOR.fields_by_name) == limit.advertised, name
        if limit.advertised:
            assert getattr(told, name) == (getattr(chosen, name) or chosen.max_calls), name  # 0 of one caller: those of all
