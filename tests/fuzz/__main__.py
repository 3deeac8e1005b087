"""Run for long: `python -m tests.fuzz door`, `python -m tests.fuzz server`, and `python -m tests.fuzz replay` for one message."""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.door import Door, message
from tests.fuzz.watch import Report, watch


def _said(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _door(base: int, first: int, count: int, each: int) -> int:
    """Messages in children of `each`; a line for each child. Returns the number of findings."""
    report, start = Report(), time.monotonic()
    for begin in range(first, first + count, each):
        watch(base, begin, min(each, first + count - begin), report)
        rate = report.messages / (time.monotonic() - start)
        _said(
            f"base {base}: {report.messages} messages, {rate:.0f}/s, peak {report.peak >> 20} MiB,"
            f" grown {report.grown >> 20} MiB, findings {len(report.findings)}"
        )
        for finding in report.findings:
            _said(f"  {finding}")
    _said(json.dumps(dict(report.outcomes.most_common()), indent=1))
    return len(report.findings)


def _replay(base: int, number: int, out: str) -> int:
    """One message, in this process. out: a file to keep it in."""
    found = message(base, number)
    if out:
        Path(out).write_bytes(found.content)
    _said(f"{len(found.content)} bytes, rows {found.rows}, {'counting' if found.counting else 'flags'}, strata {found.strata}")
    with tempfile.TemporaryDirectory() as folder:
        _said(Door(Path(folder)).answer(found))
    return 0


def main() -> int:
    """Returns the exit code: 0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("what", choices=["door", "server", "replay"])
    parser.add_argument("--base", type=int, default=time.time_ns() // 1_000_000_000, help="of the numbers; printed")
    parser.add_argument("--first", type=int, default=0, help="number of the first message")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=50_000, help="messages of one child")
    parser.add_argument("--out", default="", help="replay: keep the message in this file")
    told = parser.parse_args()
    if told.what == "replay":
        return _replay(told.base, told.first, told.out)
    if told.what == "server":
        from tests.fuzz.server import run  # noqa: PLC0415 - starts a server

        return run(told.base, told.messages)
    return _door(told.base, told.first, told.messages, told.each)


if __name__ == "__main__":
    sys.exit(min(1, main()))
