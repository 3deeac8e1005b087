"""`core20plus5 report`, and `count --report`: write the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core20plus5_cli.errors import CliError
from core20plus5_cli.readable import reason
from core20plus5_cli.report.releases import Picture, Release, read_release
from core20plus5_cli.saving import check_target, renamed_at_the_end
from core20plus5_cli.terminal import out

#: What a page is counted by, one after the other: all together, then one table for each.
VIEWS = ((), ("imd_quintile",), ("ethnic_group",), ("age_band_5y",))


def check_page(target: Path, source: Path, option: str) -> None:
    """Before any work. Raises CliError for a name that is no page, and where what draws charts is not installed."""
    check_target(target, source, option, (".html", ".htm"))
    try:
        import altair  # noqa: F401, PLC0415 - to ask whether it is there
        import jinja2  # noqa: F401, PLC0415
        import numpy as np  # noqa: F401, PLC0415
        import vl_convert  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        raise CliError(f"a report needs {error.name}: pip install 'core20plus5[report]'") from None


def run(files: Sequence[Path], target: Path) -> None:
    """Write the page of counts that were saved."""
    for file in files:
        check_page(target, file, "--out")
    write_page(Picture([read_release(file) for file in files]), target)


def write_page(picture: Picture, target: Path) -> None:
    """Write the page, whole or not at all."""
    from core20plus5_cli.report.page import make_page  # noqa: PLC0415 - after the check that its libraries are there

    page = make_page(picture)
    try:
        with renamed_at_the_end(target) as unfinished:
            unfinished.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CliError(f"{target} cannot be written: {reason(error) or type(error).__name__}") from None
    out().print(f"Wrote {target}, {len(page.encode()) / 1e6:.1f} MB: it opens without a network", markup=False, soft_wrap=True)


def count_page(count: Callable[[tuple[str, ...]], Release], organisations: tuple[str, ...], target: Path) -> None:
    """Count all that a page shows, one view after another, and write it. organisations: those to tell the completeness of."""
    views = [*VIEWS, organisations] if organisations else VIEWS
    write_page(Picture([count(view) for view in views]), target)
