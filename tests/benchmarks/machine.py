"""What the figures were measured on."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("core20plus5", "numba", "numpy", "pyarrow", "grpcio", "protobuf", "duckdb", "polars", "datafusion")


def machine() -> dict[str, object]:
    """Processor, cores in use, memory, system and versions."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in _PACKAGES},
        "load_before": round(os.getloadavg()[0], 2),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    name = facts.get("model name", platform.machine())
    return f"{name} (family {facts.get('cpu family', '?')}, model {facts.get('model', '?')})"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def use_cores(cores: int) -> None:
    """Keep this process, and those that it starts, on so many processors: each side then has as many threads."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    for name in ("POLARS_MAX_THREADS", "TOKIO_WORKER_THREADS"):
        os.environ[name] = str(cores)
    os.environ["OPENBLAS_NUM_THREADS"] = (
        "1"  # the expansion has threads of its own; for its small matrices BLAS's only get in the way
    )


def keep_memory() -> None:
    """Have malloc keep what the processes started from here give back to it, all of them alike, as the server does anyway. On a
    virtual machine new memory can cost more than what is done with it: 15 µs a page, where a page of texts is made in less.

    One arena, because of any other malloc gives what is free at its end back, whatever the thresholds are.
    """
    os.environ |= {"MALLOC_TRIM_THRESHOLD_": str(1 << 30), "MALLOC_MMAP_THRESHOLD_": str(256 << 20), "MALLOC_ARENA_MAX": "1"}


def peak_memory(process: int | str = "self") -> dict[str, float]:
    """MiB that a process has held at most (`peak`), and what of its present memory is files that it maps (`mapped`)."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    facts = {key: value.split()[0] for key, _, value in (line.partition(":") for line in lines) if value.strip()}
    return {"peak": int(facts["VmHWM"]) / 1024, "mapped": int(facts["RssFile"]) / 1024}
