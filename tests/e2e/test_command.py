"""The command line with a server, and the command that is one."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core20plus5_client import Client
from tests.e2e.asking import ASK
from tests.e2e.process import ServerProcess, environment, running_server

CLI = (sys.executable, "-m", "core20plus5_cli")
ASKED = ("--reference-date", "2026-03-31", "--imd-version", "2025", "--plus", "all")


def command(*arguments: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*CLI, *map(str, arguments)], env=environment(**variables), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(name="file")
def _file(few: pa.Table, tmp_path: Path) -> Path:
    pq.write_table(few, tmp_path / "people.parquet")
    return tmp_path / "people.parquet"


@pytest.mark.parametrize("suffix", ["csv", "parquet", "arrow"])
def test_counts_are_the_same_files(server: ServerProcess, file: Path, tmp_path: Path, suffix: str) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder, more in ((here, []), (there, ["--server", server.listen])):
        folder.mkdir()
        done = command("count", file, *ASKED, "--by", "imd_quintile,ward", "--out", folder / f"counts.{suffix}", *more)
        assert done.returncode == 0, done.stderr
    assert_same_files(here, there)


def test_flags_are_the_same_files(server: ServerProcess, file: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder, more in ((here, []), (there, ["--server", server.listen])):
        folder.mkdir()
        done = command("flag", file, *ASKED, "--out", folder / "flags.csv", *more)
        assert done.returncode == 0, done.stderr
    assert_same_files(here, there)


def assert_same_files(here: Path, there: Path) -> None:
    names = sorted(path.name for path in here.iterdir())
    assert names
    assert names == sorted(path.name for path in there.iterdir())
    for name in names:
        assert (here / name).read_bytes() == (there / name).read_bytes(), name


def test_counts_on_the_terminal_are_the_same(server: ServerProcess, file: Path) -> None:
    embedded, served = (command("count", file, *ASKED, *more) for more in ((), ("--server", server.listen)))
    assert (embedded.returncode, served.returncode) == (0, 0), served.stderr
    assert embedded.stdout == served.stdout


@pytest.mark.parametrize("more", [["--by", "no_such_column"], ["--plus", "no_such_group"], ["--set", "no_such=1"]])
def test_errors_are_the_same(server: ServerProcess, file: Path, more: list[str]) -> None:
    asked: list[str | Path] = ["count", file, "--reference-date", "2026-03-31", "--imd-version", "2025", *more]
    embedded, served = command(*asked), command(*asked, "--server", server.listen)
    assert (embedded.returncode, served.returncode) == (2, 2)
    assert embedded.stderr == served.stderr != ""


def test_no_server(file: Path) -> None:
    done = command("count", file, *ASKED, "--server", "127.0.0.1:1")
    assert done.returncode == 2
    assert done.stderr.startswith("core20plus5: no core20plus5 server answers at 127.0.0.1:1 ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_serves_and_stops(few: pa.Table, number: signal.Signals) -> None:
    with running_server("--allow-exact", command=(*CLI, "serve"), CORE20PLUS5_MAX_STRATA="5") as server:
        with Client(server.listen) as client:
            assert client.count_cohorts(few, **ASK, disclosure="none").counts.num_rows > 0
            assert client.server_info().max_strata == 5
        server.process.send_signal(number)
        assert server.process.wait(60) == 0
        assert "Traceback" not in "".join(server.lines)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--threads", "0"], "--threads: "),
        (["--listen", "nowhere"], "--listen: must be HOST:PORT"),
        (["--metrics-listen", "localhost:99999"], "--metrics-listen: must be HOST:PORT"),
        (["--imd-table", "2030=x.csv"], "--imd-table: versions are 2019 and 2025"),
        (["--imd-table", "x.csv"], "--imd-table: each is VERSION=FILE, such as 2025=imd2025.csv"),
        (["--max-message-bytes", "100000"], "--recommended-message-bytes: must be at most three quarters"),
        (["--max-calls", "many"], "--max-calls: "),
        (["--imd-table", "2025=no-such-file.csv"], "no-such-file.csv"),
    ],
)
def test_settings_that_cannot_work(flags: list[str], words: str) -> None:
    done = command("serve", *flags)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_from_the_environment_that_cannot_work() -> None:
    done = command("serve", CORE20PLUS5_IDLE_SECONDS="0")
    assert (done.returncode, done.stderr.partition(":")[0]) == (2, "--idle-seconds")


@pytest.mark.parametrize("flag", ["--listen", "--metrics-listen"])
def test_a_port_that_is_taken(flag: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        other = "--metrics-listen" if flag == "--listen" else "--listen"
        done = command("serve", flag, f"127.0.0.1:{taken.getsockname()[1]}", other, "127.0.0.1:0")
    assert done.returncode == 2
    assert "cannot listen" in done.stderr
    assert "Traceback" not in done.stderr
