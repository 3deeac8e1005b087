"""What the README says is what happens: its commands and examples are run, its table of columns is the schema."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from core20plus5.records import COLUMNS
from core20plus5_cli.local_server import local_server
from tests import readme_settings
from tests.readme_columns import README, with_columns

ROOT = README.parent
TEXT = README.read_text(encoding="utf-8")
COMMANDS = dict(re.findall(r"<!-- command: (\w+) -->\n```sh\n(.*)\n```", TEXT))


def run(command: list[str], folder: Path) -> str:
    """Run a command with this checkout on the path; its output."""
    paths = os.pathsep.join(
        str(ROOT / part) for part in ("kernels", "service", "clients/python", "clients/cli", "clients/spark", "proto/gen")
    )
    environment = os.environ | {"PYTHONPATH": paths, "COLUMNS": "100"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def core20plus5(name: str, folder: Path) -> str:
    """Run a command of the README as the program of this checkout."""
    program, *arguments = shlex.split(COMMANDS[name])
    assert program == "core20plus5"
    return run([sys.executable, "-m", "core20plus5_cli", *arguments], folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample population that the README makes first."""
    folder = tmp_path_factory.mktemp("readme")
    core20plus5("sample", folder)
    return folder


def test_every_command_is_here() -> None:
    assert set(COMMANDS) == {"demo", "test", "sample", "check", "count", "report", "flag", "rulesets", "serve", "remote"}
    assert TEXT.count("```sh") == len(COMMANDS)


def test_demo() -> None:
    """The setting up is done by continuous integration, with the very line of the README."""
    assert COMMANDS["demo"].endswith(".venv/bin/core20plus5 demo")
    assert "Core20" in run([sys.executable, "-m", "core20plus5_cli", "demo"], ROOT)


def test_the_test_command_is_what_continuous_integration_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "readme_command test" in script
    assert "readme_command demo" in script


def test_check(folder: Path) -> None:
    assert "ethnic_category" in core20plus5("check", folder)


def test_count(folder: Path) -> None:
    core20plus5("count", folder)
    counts = pyarrow.csv.read_csv(folder / "counts.csv")
    assert {"imd_quintile", "ethnic_group", "core20plus"} <= {*counts.column_names, *counts["cohort"].to_pylist()}


def test_report(folder: Path) -> None:
    core20plus5("report", folder)
    assert "<h1>Where the gaps are</h1>" in (folder / "report.html").read_text(encoding="utf-8")


def test_flag(folder: Path) -> None:
    core20plus5("flag", folder)
    assert pq.read_table(folder / "flags.parquet").num_rows == 20_000


def test_rulesets(folder: Path) -> None:
    assert "hypertension_controlled" in core20plus5("rulesets", folder)


def test_python_example(folder: Path) -> None:
    match = re.search(r"<!-- example: python -->\n```python\n(.*?)```", TEXT, re.DOTALL)
    assert match is not None
    assert "20000 people received" in run([sys.executable, "-c", match.group(1)], folder)


def test_the_service(folder: Path) -> None:
    """The server of the README, on a free port instead of its own, asked by the README's command and program."""
    program, command, *_ = shlex.split(COMMANDS["serve"])
    assert (program, command) == ("core20plus5", "serve")
    match = re.search(r"<!-- example: client -->\n```python\n(.*?)```", TEXT, re.DOTALL)
    assert match is not None
    with local_server() as address:
        remote = COMMANDS["remote"].replace("127.0.0.1:50051", address)
        run([sys.executable, "-m", "core20plus5_cli", *shlex.split(remote)[1:]], folder)
        said = run([sys.executable, "-c", match.group(1).replace("127.0.0.1:50051", address)], folder)
    assert "from 20000 people" in said
    assert pyarrow.csv.read_csv(folder / "served.csv").num_rows == int(said.split()[0])


def test_the_table_of_columns_is_the_schema() -> None:
    assert with_columns(TEXT) == TEXT
    assert all(f"`{name}`" in TEXT for name in COLUMNS)


def test_the_table_of_settings_is_the_code() -> None:
    text = readme_settings.README.read_text(encoding="utf-8")
    assert readme_settings.with_settings(text) == text


def test_links_lead_somewhere() -> None:
    files = ("*/README.md", "kernels/*/*/README.md", "deploy/*/README.md", "deploy/*.md")
    for file in [README, *(found for pattern in files for found in ROOT.glob(pattern))]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file}: {target}"
