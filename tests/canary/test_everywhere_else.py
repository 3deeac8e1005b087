"""The same sentinels where there is no server, and on the other side of one: the engine, the Python client, the command line."""

import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import core20plus5
from core20plus5 import errors as engine
from core20plus5_cli.app import app
from core20plus5_client import Client
from core20plus5_client import errors as client
from tests.canary import birds
from tests.canary.birds import ASKED, NAME, NHS_NUMBER, ROWS, TEXT, records
from tests.service.in_process import LocalServer, local_server

#: The kind of error by its name, the records, and what is asked of them besides.
CASES: list[tuple[str, Callable[[], pa.Table], dict[str, Any]]] = [
    ("RequestError", records, {"strata": [ASKED]}),
    ("RequestError", records, {"plus_groups": [ASKED]}),
    ("RequestError", lambda: records(ward=[TEXT * 40] * ROWS), {"strata": ["ward"]}),
    ("RequestError", records, {"imd_from": "lsoa_code"}),
    ("SchemaError", lambda: records(birth_date=[TEXT] * ROWS), {}),
    ("NhsNumberError", lambda: records(**{NAME: [NHS_NUMBER] * ROWS}), {"strata": [NAME]}),
    ("LaterThanReferenceDateError", records, {"reference_date": date(1911, 11, 10)}),
    ("RulesetError", records, {"ruleset": ASKED}),
]

#: Only where there is no server, or only with one: its limits are its own, and its IMD table is loaded when it starts.
EMBEDDED: list[tuple[str, Callable[[], pa.Table], dict[str, Any]]] = [
    ("DataError", lambda: records(**{NAME: pa.array([TEXT * 20_000] * ROWS).dictionary_encode()}), {"strata": [NAME]}),
    ("ImdTableError", records, {"imd_table": f"{ASKED}.csv"}),
    ("LsoaVintageError", lambda: records(lsoa_code=[f"E010{row:05}" for row in range(ROWS)]), {"imd_table": "IMD"}),
]
SERVED = [("TooManyCellsError", records, {"strata": [NAME, "practice_code", "pcn_code"]})]


@pytest.fixture(scope="module", name="imd")
def _imd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("imd") / "imd.csv"
    path.write_text("lsoa_code,imd_rank\n" + "".join(f"E011{rank:05},{rank}\n" for rank in range(1, 33_756)), "ascii")
    return path


@pytest.fixture(scope="module", name="local")
def _local() -> Iterator[LocalServer]:
    with local_server(max_cells=20_000) as server:
        yield server


def assert_silent(error: BaseException, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    """With the traceback of a program that does not expect the error, where the caller's own words may be."""
    told = capfd.readouterr()
    birds.silent("".join(traceback.format_exception(error)) + repr(error) + repr(error.args), words=False)
    birds.silent(told.out + told.err + caplog.text)


@pytest.mark.parametrize(("name", "make", "asked"), [*CASES, *EMBEDDED])
def test_embedded(
    name: str,
    make: Callable[[], pa.Table],
    asked: dict[str, Any],
    imd: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = {"reference_date": date(2026, 3, 31), "imd_version": "2025", "imd_from": "imd_decile"} | asked
    if asked.get("imd_table") == "IMD":
        asked |= {"imd_table": imd, "imd_from": "lsoa_code"}
    with pytest.raises(getattr(engine, name)) as caught:
        core20plus5.count_cohorts(make(), **asked)
    assert type(caught.value) is getattr(engine, name)
    assert_silent(caught.value, caplog, capfd)


@pytest.mark.parametrize(("name", "make", "asked"), [*CASES, *SERVED])
def test_client(
    name: str,
    make: Callable[[], pa.Table],
    asked: dict[str, Any],
    local: LocalServer,
    caplog: pytest.LogCaptureFixture,
    capfd: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = {"reference_date": date(2026, 3, 31), "imd_version": "2025", "imd_from": "imd_decile"} | asked
    with Client(local.address) as service, pytest.raises(getattr(client, name)) as caught:
        service.count_cohorts(make(), **asked)
    assert_silent(caught.value, caplog, capfd)


def test_every_error_of_the_engine_is_here() -> None:
    known = {kind.__name__ for kind in birds.all_below([engine.Core20Plus5Error]) if kind.__module__ == "core20plus5.errors"}
    assert {name for name, _, _ in (*CASES, *EMBEDDED, *SERVED)} == known - {"Core20Plus5Error"}


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({}, ["--by", ASKED]),
        ({"birth_date": [TEXT] * ROWS}, []),
        ({NAME: [NHS_NUMBER] * ROWS}, ["--by", NAME]),
        ({}, ["--reference-date", "1911-11-10"]),
        ({}, ["--imd-table", f"{ASKED}.csv"]),
    ],
)
def test_command_line(changes: dict[str, Any], options: list[str], tmp_path: Path) -> None:
    """Every column is in the file, and one line of plain words comes out."""
    table = records(**changes)
    plain = pa.table(
        {
            name: column.cast(pa.string()) if pa.types.is_string_view(column.type) else column
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )
    pq.write_table(plain, tmp_path / "people.parquet")
    asked = ["--reference-date", "2026-03-31", "--imd-version", "2025", "--imd-from", "imd_decile", *options]
    for command in ("count", "flag"):
        more = [] if command == "count" else ["--out", str(tmp_path / "flags.parquet")]
        if command == "flag" and "--by" in options:
            continue
        result = CliRunner().invoke(app, [command, str(tmp_path / "people.parquet"), *asked, *more])
        assert result.exit_code == 2, result.output
        birds.silent(result.output + repr(result.exception), words=False)
        assert "Traceback" not in result.output


def test_check_names_columns_and_tells_no_value(tmp_path: Path) -> None:
    """The report on a file is the caller's own: it has names of columns and how many rows, and no value."""
    table = records()
    texts = {name: pa.array(column.to_pylist()) for name, column in zip(table.column_names, table.columns, strict=True)}
    pq.write_table(pa.table(texts), tmp_path / "people.parquet")
    result = CliRunner().invoke(app, ["check", str(tmp_path / "people.parquet")])
    assert NAME in result.output
    birds.silent(result.output, words=False)
