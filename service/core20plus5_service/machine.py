"""What this process may use of the machine. A container's limits are in its control group, not in the number of processors."""

import math
import os
from pathlib import Path

from core20plus5.engine.parallel import available_cpus

_GROUPS = Path("/sys/fs/cgroup")


def usable_cpus(groups: Path = _GROUPS) -> int:
    """Processors that this process may use at once, 1 at least: the smaller of its affinity and its quota."""
    return max(1, math.ceil(min(available_cpus(), _quota(groups))))


def _quota(groups: Path) -> float:
    """Processors by the quota of the control group, version 2 or 1; infinite where there is none."""
    quota, period = (_text(groups / "cpu.max") or "max 1").split()
    if quota == "max":
        quota, period = _text(groups / "cpu/cpu.cfs_quota_us") or "-1", _text(groups / "cpu/cpu.cfs_period_us") or "1"
    return float(quota) / float(period) if float(quota) > 0 else math.inf


def usable_memory(groups: Path = _GROUPS) -> int:
    """Bytes of memory that this process may use: the smaller of its control group's limit and what the machine has."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _text(groups / "memory.max") or _text(groups / "memory/memory.limit_in_bytes") or "max"
    return machine if limit == "max" else min(machine, int(limit))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
