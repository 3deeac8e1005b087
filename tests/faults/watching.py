"""Memory, files and threads of a process, as the kernel tells them."""

import threading
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.5


@dataclass(frozen=True)
class Watch:
    """At one moment, or the most of several. peak_mib: the most memory ever."""

    rss_mib: float
    peak_mib: float
    files: int
    threads: int


def look(pid: int) -> Watch:
    """At a process of this user."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    lines = dict(line.split(":", 1) for line in text.splitlines())
    mib = {name: round(int(lines[name].split()[0]) / 1024, 1) for name in ("VmRSS", "VmHWM")}
    files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Watch(mib["VmRSS"], mib["VmHWM"], files, int(lines["Threads"]))


class Watcher:
    """Looks twice a second, in a thread."""

    def __init__(self, pid: int) -> None:
        self.seen = [look(pid)]
        self._pid, self._stop = pid, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            self.seen.append(look(self._pid))

    def most(self) -> Watch:
        """Of each, the most that was seen."""
        return Watch(
            max(seen.rss_mib for seen in self.seen),
            max(seen.peak_mib for seen in self.seen),
            max(seen.files for seen in self.seen),
            max(seen.threads for seen in self.seen),
        )

    def fifths(self) -> list[float]:
        """The most memory in MiB of each fifth of the time. In the first one, it fills up."""
        step = max(1, len(self.seen) // 5)
        parts = [self.seen[place * step : (place + 1) * step] or self.seen[-1:] for place in range(5)]
        return [max(seen.rss_mib for seen in part) for part in parts]
