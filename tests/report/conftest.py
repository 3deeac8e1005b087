"""A page from 100,000 made-up people, and a browser to open it in."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core20plus5_cli.app import app
from core20plus5_cli.population import write_sample

ASK = ["--reference-date", "2026-03-31", "--imd-version", "2025", "--plus", "learning_disability,autism,multimorbidity"]

_ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def core20plus5(*arguments: str | Path) -> str:
    """Run the command; its output."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "people.parquet"
    write_sample(path, 100_000, 1)
    return path


@pytest.fixture(scope="session")
def page(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    core20plus5("count", people, *ASK, "--report", path)
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium, driven by Playwright; the test is skipped without it, or fails with CORE20PLUS5_REQUIRE_ALL=1.

    Of one module: its event loop is in the way of others for as long as it is open.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CORE20PLUS5_REQUIRE_ALL") == "1":
            pytest.fail("needs Chromium: apt-get install chromium")
        pytest.skip("needs Chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow to import

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        yield browser
        browser.close()
