"""Messages in a process of their own, where a crash, a hang or a bomb ends nothing else: `python -m tests.fuzz.child`."""

import faulthandler
import json
import mmap
import resource
import struct
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

from tests.fuzz.door import Door, message

#: Bytes of address space that messages may take beyond what the process has once everything is loaded.
ROOM = 2 << 30


def taken(field: int) -> int:
    """Bytes of this process: 0 of its address space, 1 that are resident."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[field]) * resource.getpagesize()


def run(base: int, first: int, count: int, progress: mmap.mmap) -> dict[str, object]:
    """Answer the messages of these numbers. progress: where the number under way is written, for whoever watches."""
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        door = Door(Path(folder))
        for number in range(30):
            door.answer(message(-1, number))
        resource.setrlimit(resource.RLIMIT_AS, (taken(0) + ROOM, taken(0) + ROOM))
        settled = 0
        for done, number in enumerate(range(first, first + count)):
            struct.pack_into("<q", progress, 0, number)
            outcomes[door.answer(message(base, number))] += 1
            if done == count // 5:
                settled = taken(1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    return {"outcomes": dict(outcomes), "peak": peak, "grown": taken(1) - settled if settled else 0}


def main() -> None:
    """Arguments: base, first number, how many, file for the progress. Writes what came of it to stdout, as JSON."""
    base, first, count, path = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("error")
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 8) as progress:
        sys.stdout.write(json.dumps(run(base, first, count, progress)))


if __name__ == "__main__":
    main()
