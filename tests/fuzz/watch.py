"""Children that are fed messages, and watched: a crash, a hang, an unknown exception or growth is a finding, with its number."""

import json
import mmap
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.e2e.process import environment

COMMAND = (sys.executable, "-m", "tests.fuzz.child")

#: Seconds that one message may take. The slowest take one second on a quiet machine: a million rows in a few bytes.
MOST_SECONDS = 60.0

#: Bytes by which the memory of a child may grow once it has settled.
MOST_GROWTH = 256 << 20


@dataclass
class Report:
    """What came of messages. findings: what must not be, each with the numbers to replay it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    peak: int = 0
    grown: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def messages(self) -> int:
        return sum(self.outcomes.values())


def watch(base: int, first: int, count: int, report: Report) -> None:
    """Answer these messages in a child, and go on behind each that ends it."""
    end = first + count
    while first < end:
        with tempfile.NamedTemporaryFile() as file:
            file.write(struct.pack("<q", -1))
            file.flush()
            first = _child(base, first, end, file.name, report)


def _child(base: int, first: int, end: int, path: str, report: Report) -> int:
    """The number to go on with."""
    command = [*COMMAND, str(base), str(first), str(end - first), path]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=errors, text=True) as child,
    ):
        hung = any(_stands_still(child, path))
        output = child.communicate()[0]
        errors.seek(0)
        told = errors.read()
    if child.returncode == 0:
        _add(report, json.loads(output), base, first, end)
        return end
    number = _progress(path)
    last = told.strip().splitlines()[-1:] or [""]
    what = f"no answer in {MOST_SECONDS:g} s" if hung else f"exit code {child.returncode}: {last[0][:200]}"
    report.findings.append(f"message {number} of base {base}: {what}")
    if number < 0:  # not even started
        return end
    report.outcomes["FINDING"] += 1
    report.outcomes["answered by children that ended early"] += number - first
    return number + 1


def _stands_still(child: "subprocess.Popen[str]", path: str) -> Iterator[bool]:
    """Wait for the end of a child; kills it and gives True where it is at the same message for too long."""
    seen, since = -2, time.monotonic()
    while child.poll() is None:
        time.sleep(0.05)
        number = _progress(path)
        if number != seen:
            seen, since = number, time.monotonic()
        elif time.monotonic() - since > MOST_SECONDS * (1 if number >= 0 else 10):
            child.kill()
            yield True


def _progress(path: str) -> int:
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ) as progress:
        number: int = struct.unpack("<q", progress[:8])[0]
        return number


def _add(report: Report, told: dict[str, object], base: int, first: int, end: int) -> None:
    report.outcomes.update(told["outcomes"])  # type: ignore[arg-type]
    report.peak, report.grown = max(report.peak, int(str(told["peak"]))), max(report.grown, int(str(told["grown"])))
    if int(str(told["grown"])) > MOST_GROWTH:
        report.findings.append(f"messages {first} to {end} of base {base}: memory grew by {int(str(told['grown'])) >> 20} MiB")
