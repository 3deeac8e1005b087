"""A server in another process, for as long as it is wanted."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from core20plus5_cli.errors import CliError

_SERVING = re.compile(r"serving listen=(\S+)")


@contextmanager
def local_server(*settings: str) -> Iterator[str]:
    """Start `python -m core20plus5_service` on a free port of this machine; gives its address, and stops it in the end."""
    command = [sys.executable, "-m", "core20plus5_service", "--listen", "127.0.0.1:0", "--metrics-listen", "", *settings]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.communicate()  # reads what is left, so that it can write its last lines and end


def _address(process: subprocess.Popen[str]) -> str:
    """Wait until it says that it is serving, and where."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        match = _SERVING.search(line)
        if match:
            return match.group(1)
    raise CliError(f"the server did not start: {said[-1].strip() if said else 'it said nothing'}")
