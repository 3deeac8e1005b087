"""A few thousand damaged messages in every run; for millions see README.md. What crashes ends a child, and the test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.process import environment, running_server
from tests.fuzz import watch as watching
from tests.fuzz.door import CORPUS, corpus, message
from tests.fuzz.mutate import parts
from tests.fuzz.server import ask_all, memory
from tests.fuzz.watch import Report, watch

FOLDER = Path(__file__).parent


def test_thousands_through_the_door() -> None:
    report = Report()
    watch(base=1, first=0, count=3_000, report=report)
    assert report.findings == []
    assert report.messages == 3_000
    told = {
        outcome: report.outcomes[outcome]
        for outcome in ("OK", "INVALID_ARGUMENT INVALID_DATA", "INVALID_ARGUMENT INVALID_SCHEMA")
    }
    assert all(number > 10 for number in told.values()), report.outcomes  # some get all the way, others are stopped on it
    assert report.outcomes["RESOURCE_EXHAUSTED LIMIT_EXCEEDED"] > 10


#: Faults that are made on purpose, by the number of the message that they befall, and what is to be said of each.
FAULTS = {
    2: ("os.kill(os.getpid(), 11)", "exit code -11"),
    4: ("time.sleep(600)", "no answer in 4 s"),
    6: ("{}['9434765919']", "exit code 1: KeyError"),
}


def test_a_crash_a_hang_and_an_unknown_exception_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """In children like those that look for others. Each goes on behind what ended the one before."""
    lines = ["import os, time", "from tests.fuzz import child", "real = child.Door.answer", "def answer(door, found):"]
    lines += [f"    if found == child.message(1, {number}): {fault}" for number, (fault, _) in FAULTS.items()]
    code = "\n".join([*lines, "    return real(door, found)", "child.Door.answer = answer", "child.main()"])
    monkeypatch.setattr(watching, "COMMAND", (sys.executable, "-c", code))
    monkeypatch.setattr(watching, "MOST_SECONDS", 4.0)
    report = Report()
    watch(base=1, first=0, count=10, report=report)
    assert report.messages == 10
    for finding, (number, (_, told)) in zip(report.findings, FAULTS.items(), strict=True):
        assert finding.startswith(f"message {number} of base 1: {told}")


def test_hundreds_of_calls_to_a_server() -> None:
    with running_server("--threads", "2") as server:
        outcomes, findings = ask_all(server, 1, range(300))
        assert findings == [], "".join(server.lines[-5:])
        assert memory(server) < 1 << 30
    assert {"OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "OUT_OF_RANGE", "DATA_LOSS"} <= set(outcomes), outcomes


def test_examples_of_hypothesis() -> None:
    """Hypothesis chooses the damage, and would shrink it; in a child as well."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", str(FOLDER / "examples.py")],
        env=environment() | {"HYPOTHESIS_STORAGE_DIRECTORY": os.devnull},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:]


def test_messages_are_the_same_in_every_run() -> None:
    assert [message(7, number) for number in range(50)] == [message(7, number) for number in range(50)]
    assert len({message(7, number).content for number in range(50)}) > 40
    for seed in corpus()[:20]:
        assert parts(seed.content)[0][0] == 8


def test_the_corpus_is_small() -> None:
    kept = list(CORPUS.glob("*.arrows"))
    assert len(kept) >= 5
    assert sum(path.stat().st_size for path in kept) < 200_000
