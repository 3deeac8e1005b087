"""The command as it is run: its start, its exit codes and its streams."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner

from core20plus5_cli import progress
from core20plus5_cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PATHS = os.pathsep.join(str(ROOT / folder) for folder in ("kernels", "service", "clients/python", "clients/cli", "proto/gen"))
ASKED = ["--reference-date", "2026-03-31", "--imd-version", "2025"]
COMMANDS = ["demo", "sample", "count", "flag", "check", "rulesets", "serve"]


def run(*arguments: str, code: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, from this checkout; or a piece of Python there."""
    start = ["-m", "core20plus5_cli"] if code is None else ["-c", code]
    return subprocess.run(
        [sys.executable, *start, *arguments],
        env={**os.environ, "PYTHONPATH": PATHS, **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_a_sample_is_made_checked_counted_and_flagged(tmp_path: Path) -> None:
    people, counts, flags = (str(tmp_path / name) for name in ("people.parquet", "counts.csv", "flags.parquet"))
    for arguments in (
        ["sample", "--people", "2000", "--seed", "1", people],
        ["check", people],
        ["count", people, *ASKED, "--by", "imd_quintile", "--out", counts],
        ["flag", people, *ASKED, "--out", flags],
    ):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
    assert pq.read_table(flags).num_rows == 2_000
    assert Path(counts).read_text().count("\n") > 500


def test_an_error_is_one_line_on_stderr_and_exit_code_2(tmp_path: Path) -> None:
    done = run("count", str(tmp_path / "nothing.parquet"), *ASKED)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"core20plus5: there is no file {tmp_path / 'nothing.parquet'}\n"


@pytest.mark.parametrize("arguments", [["count", "--nonesuch"], ["nonesuch"], ["count"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: " in result.stderr


def test_help_loads_neither_arrow_nor_the_engine() -> None:
    heavy = "[name for name in ('pyarrow', 'numpy', 'numba', 'core20plus5', 'rich.progress') if name in sys.modules]"
    code = f"import sys; from core20plus5_cli.__main__ import main\ntry: main()\nexcept SystemExit: print('loaded:', {heavy})"
    for arguments in (["--help"], ["count", "--help"]):
        assert run(*arguments, code=code).stdout.endswith("loaded: []\n")


def test_help_names_every_command() -> None:
    words = CliRunner().invoke(app, ["--help"]).stdout.split()
    assert set(COMMANDS) <= set(words)
    for command in COMMANDS:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


def test_the_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("core20plus5")


def test_an_engine_that_is_not_installed_is_said_plainly(tmp_path: Path) -> None:
    pq.write_table(pa.table({"sex": ["1"]}), tmp_path / "people.parquet")
    code = "import sys; sys.modules['numba'] = None; from core20plus5_cli.__main__ import main; main()"
    done = run("count", str(tmp_path / "people.parquet"), *ASKED, code=code)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "core20plus5: numba is not installed; this command needs: pip install 'core20plus5[kernels]'\n"


def test_a_terminal_that_knows_no_bars_gets_plain_characters() -> None:
    done = run("demo", PYTHONIOENCODING="ascii", COLUMNS="80")
    assert done.returncode == 0, done.stderr
    assert "####" in done.stdout
    assert done.stdout.isascii()
    assert "?" not in done.stdout.replace("CSV)?", "")


def test_no_progress_without_a_terminal_and_none_for_quick_work() -> None:
    piped = StringIO()
    with progress.Ticker(Console(file=piped), "Counting", 10) as ticker:
        ticker.add(10)
    quick = StringIO()
    with progress.Ticker(Console(file=quick, force_terminal=True), "Counting", 10) as ticker:
        ticker.add(10)
    assert piped.getvalue() == ""
    assert "Counting" not in quick.getvalue()


def test_progress_of_long_work_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SHOW_AFTER_SECONDS", 0.0)
    shown = StringIO()
    with progress.Ticker(Console(file=shown, force_terminal=True, width=100), "Counting", None) as ticker:
        ticker.add(1_234_567)
        ticker._timer.join()  # type: ignore[union-attr]
    assert "Counting" in shown.getvalue()
    assert "1,234,567 rows" in shown.getvalue()


@pytest.mark.parametrize(("rows", "words"), [(2_340_000.0, "2.3 million rows/s"), (45_600.4, "45,600 rows/s")])
def test_rows_a_second(rows: float, words: str) -> None:
    assert progress.per_second(rows) == words
