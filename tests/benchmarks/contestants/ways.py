"""The ways in which peers were tried, by name; the first of each peer is its best."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from tests.benchmarks.child import Make
from tests.benchmarks.contestants.engine import Engine
from tests.benchmarks.data import Data
from tests.benchmarks.question import Question


def _peer(module: str, kind: str, data: Data, question: Question, **more: Any) -> Make:
    """Imported when it is wanted: a peer that is not installed is in nobody's way."""
    return partial(getattr(import_module(f"tests.benchmarks.contestants.{module}"), kind), data, question, **more)


_duckdb = partial(_peer, "duckdb_peer", "DuckDb")
_polars = partial(_peer, "polars_peer", "Polars")
_datafusion = partial(_peer, "datafusion_peer", "DataFusion")

PEERS: dict[str, dict[str, Callable[..., Make]]] = {
    "DuckDB": {
        "sums": partial(_duckdb, way="sums"),
        "patterns": partial(_duckdb, way="patterns"),
        "sums, expanded by SQL": partial(_peer, "duckdb_peer", "DuckDbAlone"),
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
    return partial(Engine, data, question)
