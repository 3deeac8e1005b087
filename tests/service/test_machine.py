"""What a container may use is in its control group."""

from pathlib import Path

import pytest

from core20plus5.parallel import available_cpus
from core20plus5_service.machine import usable_cpus, usable_memory

GIB = 1 << 30


def groups(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_MAX", ".max")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="ascii")
    return folder


@pytest.mark.parametrize(
    ("text", "cpus"),
    [("max 100000", available_cpus()), ("100000 100000", 1), ("50000 100000", 1), ("9900000 100000", available_cpus())],
)
def test_cpus_of_version_2(tmp_path: Path, text: str, cpus: int) -> None:
    assert usable_cpus(groups(tmp_path, cpu_MAX=text)) == cpus


@pytest.mark.parametrize(("quota", "cpus"), [("-1", available_cpus()), ("100000", 1)])
def test_cpus_of_version_1(tmp_path: Path, quota: str, cpus: int) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota, encoding="ascii")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000", encoding="ascii")
    assert usable_cpus(tmp_path) == cpus


def test_no_control_group(tmp_path: Path) -> None:
    assert usable_cpus(tmp_path) == available_cpus()
    assert usable_memory(tmp_path) > GIB // 2


def test_memory(tmp_path: Path) -> None:
    assert usable_memory(groups(tmp_path, memory_MAX=str(GIB // 4))) == GIB // 4
    assert usable_memory(groups(tmp_path, memory_MAX="max")) > GIB // 4
    assert usable_memory(groups(tmp_path, memory_MAX=str(1 << 60))) < 1 << 60


def test_memory_of_version_1(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text(str(GIB // 8), encoding="ascii")
    assert usable_memory(tmp_path) == GIB // 8


def test_a_unit_is_below_the_root(tmp_path: Path) -> None:
    """Outside of a container the limits are those of the process' own group, and of every one above it."""
    own = tmp_path / "own"
    own.write_text("0::/system.slice/core20plus5.service\n", encoding="ascii")
    unit = tmp_path / "system.slice" / "core20plus5.service"
    unit.mkdir(parents=True)
    (unit / "memory.max").write_text("max", encoding="ascii")
    (unit / "cpu.max").write_text("100000 100000", encoding="ascii")
    (unit.parent / "memory.max").write_text(str(GIB // 2), encoding="ascii")
    assert usable_memory(tmp_path, own) == GIB // 2
    assert usable_cpus(tmp_path, own) == 1
