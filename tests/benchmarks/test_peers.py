"""The peers of the benchmarks answer as the engine does, on records as dirty as they come: or their times would mean nothing."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from tests.benchmarks.contestants.contestant import Contestant, Times, in_order
from tests.benchmarks.contestants.engine import Engine
from tests.benchmarks.data import Data
from tests.benchmarks.question import BY_PRACTICE, COARSE, FINE, REFERENCE_DATE, Question

PEOPLE = 2_000
SPOILED = ["", " ", "?", "I", "QQ", "99", "5", "1A2B", "E01999999", "W01000001", "V81997", " v81998", "u"]
DAYS = [0, 1, 180, 181, 182, 183, 364, 365, 366, 1825, 1826, 1827, 211, 212, 213]
MEASURED = {"bp_systolic": [49, 50, 134, 135, 139, 140, 145, 150, 151], "bp_diastolic": [19, 20, 84, 85, 86, 90, 91]}
CONTESTANTS = {"duckdb": "duckdb_peer.DuckDb", "polars": "polars_peer.Polars", "datafusion": "datafusion_peer.DataFusion"}

WITH_OTHERS = CONTESTANTS | {"duckdb, SQL alone": "duckdb_peer.DuckDbAlone"}


@pytest.fixture(scope="module", name="clean")
def _clean(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """As the benchmark makes them."""
    data = Data(PEOPLE, "plain", tmp_path_factory.mktemp("clean"))
    data.make()
    return data


@pytest.fixture(scope="module", name="dirty", params=["plain", "dictionary"])
def _dirty(request: pytest.FixtureRequest, clean: Data, tmp_path_factory: pytest.TempPathFactory) -> Data:
    """Spelled in every way, at every boundary, with codes that nobody knows."""
    data = Data(PEOPLE, str(request.param), tmp_path_factory.mktemp(str(request.param)))
    table = _spoiled(clean.table(), request.param == "dictionary")
    data.imd_file.write_bytes(clean.imd_file.read_bytes())
    with pa.ipc.new_file(str(data.file), table.schema) as writer:
        writer.write_table(table, max_chunksize=700)
    return data


def _spoiled(table: pa.Table, encode: bool) -> pa.Table:
    chance = Random(1)
    columns = {}
    for field in table.schema:
        values = table[field.name].to_pylist()
        change = _change_of(field, sum(value is not None for value in values))
        columns[field.name] = pa.array([change(value, chance) for value in values], field.type)
        if encode and pa.types.is_string(field.type):
            columns[field.name] = columns[field.name].dictionary_encode()
    return pa.table(columns)


def _change_of(field: Any, known: int) -> Callable[[Any, Random], Any]:
    if pa.types.is_string(field.type):
        return _respelled
    if field.name in MEASURED:
        return lambda value, chance: chance.choice(MEASURED[field.name]) if value and chance.random() < 0.5 else value
    if field.name == "birth_date":
        return _birthday
    if pa.types.is_date(field.type):
        # Few enough after the reference date that the records can still be of that day.
        return lambda value, chance: _moved(value, chance, 0.004 if known > 500 else 0)
    return lambda value, chance: value


def _respelled(text: str | None, chance: Random) -> str | None:
    kind = chance.random()
    if kind < 0.03:
        return chance.choice(SPOILED)
    if text is None or kind < 0.6:
        return text
    return chance.choice(["", " "]) + chance.choice([text.lower(), text.upper(), text]) + chance.choice(["", "  "])


def _birthday(day: date | None, chance: Random) -> date | None:
    """A day either side of the birthdays that matter."""
    if day is None or chance.random() < 0.5:
        return day
    years = chance.choice([0, 10, 18, 45, 65, 80, 90, 120])
    return REFERENCE_DATE.replace(year=REFERENCE_DATE.year - years) + timedelta(days=chance.choice([-1, 0, 1]))


def _moved(day: date | None, chance: Random, later: float) -> date | None:
    if day is None or chance.random() < 0.5:
        return day
    if chance.random() < later:
        return REFERENCE_DATE + timedelta(days=chance.choice([1, 40]))
    return REFERENCE_DATE - timedelta(days=chance.choice(DAYS))


def _make(name: str, data: Data, question: Question, **more: Any) -> Contestant:
    package = name.partition(",")[0]
    if find_spec(package) is None and os.environ.get("CORE20PLUS5_REQUIRE_ALL") != "1":
        pytest.skip(f"needs {package}: pip install 'core20plus5[bench]'")
    module, _, kind = WITH_OTHERS[name].partition(".")
    contestant: Contestant = getattr(import_module(f"tests.benchmarks.contestants.{module}"), kind)(data, question, **more)
    return contestant


@lru_cache
def _expected(data: Data, question: Question) -> pa.Table:
    return in_order(Engine(data, question).count(Times()))


@pytest.mark.parametrize("name", CONTESTANTS)
@pytest.mark.parametrize("way", ["sums", "patterns"])
def test_counts_of_dirty_records(name: str, way: str, dirty: Data) -> None:
    expected = _expected(dirty, COARSE)
    assert expected.num_rows > 100_000
    contestant = _make(name, dirty, COARSE, way=way, thorough=True)
    assert in_order(contestant.count(Times())).equals(expected)


@pytest.mark.parametrize("name", WITH_OTHERS)
@pytest.mark.parametrize("question", [BY_PRACTICE, FINE], ids=["practice", "fine"])
def test_other_questions(name: str, question: Question, clean: Data) -> None:
    """And without the cleaning that changes no answer here."""
    contestant = _make(name, clean, question)
    assert in_order(contestant.count(Times())).equals(_expected(clean, question))
