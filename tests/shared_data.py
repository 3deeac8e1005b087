"""Data made by others, which tests read and the project does not ship: the folder `shared/data` beside the checkout."""

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_file(name: str) -> Path:
    """The file, or the test is skipped; with CORE20PLUS5_REQUIRE_ALL=1 it fails instead."""
    path = FOLDER / name
    if not path.is_file():
        reason = f"needs {name} in {FOLDER}"
        if os.environ.get("CORE20PLUS5_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
