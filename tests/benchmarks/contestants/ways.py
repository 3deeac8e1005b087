"""The ways in which peers were tried, by name; the first of each peer is its best."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.benchmarks.child import Make
from tests.benchmarks.data import Data
from tests.benchmarks.question import Question


def _duckdb(data: Data, question: Question, **more: Any) -> Make:
    from tests.benchmarks.contestants.duckdb_peer import DuckDb

    return partial(DuckDb, data, question, **more)


def _polars(data: Data, question: Question, **more: Any) -> Make:
    from tests.benchmarks.contestants.polars_peer import Polars

    return partial(Polars, data, question, **more)


def _datafusion(data: Data, question: Question, **more: Any) -> Make:
    from tests.benchmarks.contestants.datafusion_peer import DataFusion

    return partial(DataFusion, data, question, **more)


PEERS: dict[str, dict[str, Callable[..., Make]]] = {
    "DuckDB": {
        "sums": partial(_duckdb, way="sums"),
        "patterns": partial(_duckdb, way="patterns"),
        "sums, scanning Arrow": partial(_duckdb, way="sums", own=False),
    },
    "Polars": {"sums": partial(_polars, way="sums"), "patterns": partial(_polars, way="patterns")},
    "DataFusion": {"sums": partial(_datafusion, way="sums"), "patterns": partial(_datafusion, way="patterns")},
}


def peers(data: Data, question: Question, ways: str) -> dict[str, Make]:
    """What makes each peer, by its name and way. ways: `best` or `all`."""
    found: dict[str, Make] = {}
    for peer, tried in PEERS.items():
        for way, make in list(tried.items())[: None if ways == "all" else 1]:
            found[f"{peer} ({way})"] = make(data, question)
    return found


def engine(data: Data, question: Question) -> Make:
    """What makes the engine."""
    from tests.benchmarks.contestants.engine import Engine

    return partial(Engine, data, question)
