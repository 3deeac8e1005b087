"""A second process that compiles, and what becomes of it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core20plus5.engine.beside import Beside
from tests.e2e.process import environment

#: Where Numba may look for a place on disk: only there.
_NO_DISK = {"NUMBA_CACHE_DIR": "/dev/null/nowhere", "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}

_COLD = """
from core20plus5 import warm_up
from core20plus5.kernels._jit import KERNELS
warm_up(2)
here = {kernel.__name__ for kernel in KERNELS if kernel.stats.cache_misses}
from tests.kernels.signatures import changed
print(*sorted(kernel.__name__ for kernel in KERNELS if kernel.signatures and kernel.__name__ not in here), "|", *changed())
"""

_PARENT = """
import time
from core20plus5.engine.beside import Beside
with Beside("tests.kernels.sleeper"):
    time.sleep(600)
"""


@pytest.mark.parametrize("disk", [True, False])
def test_two_processes_compile_everything(disk: bool, tmp_path: Path) -> None:
    """What comes after the flags has been compiled elsewhere, and there is nothing left to compile."""
    where = {"NUMBA_CACHE_DIR": str(tmp_path)} if disk else _NO_DISK
    command = [sys.executable, "-c", _COLD]
    done = subprocess.run(command, env=environment(**where), capture_output=True, text=True, timeout=300, check=True)
    carried, changed = (part.split() for part in done.stdout.split("|"))
    assert {"protect", "count_strata", "count_records", "find_rows", "write_runs"} <= set(carried)
    assert changed == []
    on_disk = {found.name.partition(".")[2].partition("-")[0] for found in tmp_path.rglob("*.nbi")}
    assert ({"protect", "run_steps"} <= on_disk) == disk


def test_a_process_that_fails_is_done_without() -> None:
    with Beside("tests.kernels.no_such_module"):
        pass


def test_no_room_for_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/dev/null")
    with Beside("tests.kernels.sleeper"):
        pass


def _wait_for(path: Path) -> int:
    """The process that has made a file."""
    end = time.monotonic() + 60
    while time.monotonic() < end and not (path.exists() and path.read_text(encoding="ascii")):
        time.sleep(0.05)
    return int(path.read_text(encoding="ascii"))


def _is_gone(process: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        status = Path(f"/proc/{process}/stat")
        if not status.exists() or status.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    """However that ends."""
    made = tmp_path / "made"
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, env=environment(CORE20PLUS5_SLEEPER=str(made))) as parent:
        process = _wait_for(made)
        os.kill(process, 0)  # it is there
        parent.kill()
    assert _is_gone(process)


def test_it_ends_where_the_parent_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made"
    monkeypatch.setenv("CORE20PLUS5_SLEEPER", str(made))
    with pytest.raises(ZeroDivisionError), Beside("tests.kernels.sleeper"):
        _fail(made)
    assert _is_gone(_wait_for(made))


def _fail(made: Path) -> None:
    _wait_for(made)
    raise ZeroDivisionError
