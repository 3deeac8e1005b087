"""What this process may use of the machine: in a container or a unit, what its control group says."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

from core20plus5.parallel import available_cpus

_GROUPS, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def usable_cpus(groups: Path = _GROUPS, own: Path = _OWN) -> int:
    """Processors that this process may use at once, 1 at least: the smallest of its affinity and the quotas above it."""
    return max(1, math.ceil(min(available_cpus(), *map(_quota, _folders(groups, own)))))


def usable_memory(groups: Path = _GROUPS, own: Path = _OWN) -> int:
    """Bytes of memory that this process may use: the smallest of what the machine has and the limits above it."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(machine, *map(_limit, _folders(groups, own)))


def _folders(groups: Path, own: Path) -> Iterator[Path]:
    """The control group of this process and those above it. In a container its own is the root."""
    yield groups
    line = next((line for line in _text(own).splitlines() if line.startswith("0::/")), "0::/")
    folder = groups
    for part in Path(line.removeprefix("0::/")).parts:
        folder /= part
        yield folder


def _quota(folder: Path) -> float:
    """Processors by the quota of a control group, version 2 or 1; infinite where there is none."""
    quota, period = (_text(folder / "cpu.max") or "max 1").split()
    if quota == "max":
        quota, period = _text(folder / "cpu/cpu.cfs_quota_us") or "-1", _text(folder / "cpu/cpu.cfs_period_us") or "1"
    return float(quota) / float(period) if float(quota) > 0 else math.inf


def _limit(folder: Path) -> int:
    """Bytes by the limit of a control group, version 2 or 1; more than any machine has where there is none."""
    limit = _text(folder / "memory.max") or _text(folder / "memory/memory.limit_in_bytes") or "max"
    return 1 << 62 if limit == "max" else int(limit)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
