"""Compile on two processors: Numba compiles one kernel at a time in a process, so a second process takes its share.

Most of the time goes to Numba, not to LLVM: less optimisation (`NUMBA_OPT=1`, no vectors from loops) takes as long, and so does
one large kernel in place of those that it calls. A collector of garbage that is switched off saves a twentieth, for half as much
memory again.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread, Timer
from types import TracebackType

from core20plus5.kernels import carried

#: It would be of no use any more.
_SECONDS = 120


class Beside:
    """A process of its own that compiles, and ends when this one does; `with` waits for what it has compiled, if anything.

    It is started anew, not forked: a fork would have the locks of threads that it has not.
    """

    def __init__(self, module: str) -> None:
        """module: what to run there; it calls `run_beside`."""
        program = f"import runpy, sys; sys.path[:] = {sys.path!r}; runpy.run_module({module!r}, run_name='__main__')"
        self._process: subprocess.Popen[bytes] | None = None
        with suppress(OSError):  # no room for a process more: then there is no second one
            self._process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # the signals of a terminal are for this process
            )

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Whatever has not come by now is compiled here when it is called."""
        if self._process is None:
            return
        late = Timer(0 if error else _SECONDS, self._process.kill)
        late.start()
        try:
            with self._process, suppress(Exception):  # Numba keeps no promise about what a compiled kernel looks like
                assert self._process.stdout is not None
                carried.give(pickle.load(self._process.stdout))
        finally:
            late.cancel()


def run_beside(compile_all: Callable[[], None]) -> None:
    """The other end: compile, write what has been compiled to standard output, and end."""
    Thread(target=_end_with_parent, daemon=True).start()
    compile_all()
    pickle.dump(carried.take(), sys.stdout.buffer)
    sys.stdout.flush()


def _end_with_parent() -> None:
    """Standard input ends when whoever holds the other end does, however it ends."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)
