"""`core20plus5 sample`: made-up people in a file, to try the other commands on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core20plus5.deprivation import ImdTable, read_imd_table
from core20plus5_cli.errors import CliError
from core20plus5_cli.population import sample_schema, write_sample
from core20plus5_cli.progress import Ticker
from core20plus5_cli.readable import reason
from core20plus5_cli.terminal import err, out


def run(target: Path, people: int, seed: int, reference_date: date, imd_table: str | None, imd_version: str | None) -> None:
    """Write the sample, and say how to count it."""
    table = _table(imd_table, imd_version)
    with Ticker(err(), "Making people", people) as ticker:
        made = 0

        def show(rows: int) -> None:
            nonlocal made
            ticker.add(rows - made)
            made = rows

        try:
            write_sample(target, people, seed, reference_date=reference_date, imd_table=table, on_progress=show)
        except ValueError as error:
            raise CliError(str(error)) from None
        except OSError as error:
            raise CliError(f"{target} cannot be written: {reason(error) or type(error).__name__}") from None
    homes = "lsoa_code" if "lsoa_code" in sample_schema(imd_table=table).names else "imd_rank_2025"
    out().print(f"Wrote {people:,} made-up people to {target}: homes are in {homes}.", markup=False, soft_wrap=True)


def _table(text: str | None, version: str | None) -> ImdTable | None:
    """The IMD table of 2025=PATH, or of PATH and the version given beside it."""
    if text is None:
        if version is not None:
            raise CliError("--imd-version is that of --imd-table, which is missing; without a table, homes are ranks of IMD 2025")
        return None
    given, equals, path = text.partition("=")
    if not equals or given not in ("2019", "2025"):
        given, path = version or "", text
    if not given:
        raise CliError("--imd-table needs its version: 2025=PATH, or --imd-version 2025 beside it")
    if version not in (None, given):
        raise CliError(f"--imd-table says {given}, --imd-version says {version}")
    return read_imd_table(path, given)
