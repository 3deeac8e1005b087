"""A process that compiles nothing, for ten minutes; it says that it has begun by making a file."""

import os
import time
from pathlib import Path

from core20plus5.engine.beside import run_beside


def _sleep() -> None:
    Path(os.environ["CORE20PLUS5_SLEEPER"]).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(600)


if __name__ == "__main__":
    run_beside(_sleep)
