"""The real server in a process of its own, as an operator would start it."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

START_SECONDS = 120


@contextmanager
def real_server(*flags: str) -> Iterator[str]:
    """The address of a server that is ready. Fails with what the server wrote where it does not start."""
    command = [sys.executable, "-m", "core20plus5_service", "--listen", "127.0.0.1:0", "--metrics-listen", "", *flags]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        giving_up = threading.Timer(START_SECONDS, process.kill)
        giving_up.start()
        try:
            address = _address(process)
            giving_up.cancel()  # what a test takes is not the start
            yield address
        finally:
            giving_up.cancel()
            process.terminate()
            try:
                process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    written = []
    for line in process.stderr:
        written.append(line)
        if found := re.search(r"serving listen=(\S+)", line):
            return found.group(1)
    raise AssertionError(f"the server did not start:\n{''.join(written)}")
