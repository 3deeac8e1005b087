"""Programs that some tests need, and that a bare machine does not have."""

import os
import shutil
import sys
from pathlib import Path

import pytest


def program(name: str, package: str) -> str:
    """The path of a program, or the test is skipped; with CORE20PLUS5_REQUIRE_ALL=1 it fails instead."""
    beside_python = str(Path(sys.executable).parent)  # where pip puts programs, whether the environment is active or not
    found = shutil.which(name) or shutil.which(name, path=beside_python)
    if found is None:
        missing(f"needs {name}, of {package}")
    assert found is not None
    return found


def missing(reason: str) -> None:
    """Skip for want of something; with CORE20PLUS5_REQUIRE_ALL=1 fail instead."""
    if os.environ.get("CORE20PLUS5_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
