"""A server as operators run it, in a process of its own."""

import sys
from contextlib import AbstractContextManager

from tests.benchmarks.data import Data
from tests.e2e.process import ServerProcess, running_server

#: With the method that only counts bytes beside the service.
_COMMAND = (sys.executable, "-m", "tests.benchmarks.contestants.floor")


def benchmark_server(data: Data, *flags: str) -> AbstractContextManager[ServerProcess]:
    """Exact counts, the IMD table of the data, and room for the finest question."""
    wanted = ("--allow-exact", "--imd-table", f"2025={data.imd_file}", *flags)
    return running_server(*wanted, command=_COMMAND)
