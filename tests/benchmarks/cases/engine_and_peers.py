"""Case 1: the engine in memory, against DuckDB, Polars and DataFusion."""

from functools import partial

from tests.benchmarks.bench import Bench, children, compare
from tests.benchmarks.child import Make
from tests.benchmarks.contestants.memory_floor import MemoryFloor
from tests.benchmarks.contestants.ways import engine, peers
from tests.benchmarks.data import Data
from tests.benchmarks.measure import interleaved, of_each
from tests.benchmarks.question import COARSE
from tests.benchmarks.result import Claim, Result

TITLE = "Engine in memory: counts by ICB x quintile x ethnic group, every cohort, answer and indicator"


def run(bench: Bench) -> Result:
    """Equal answers first, on a small population and on this one; then counts and flags, interleaved."""
    result = Result("engine", TITLE)
    with children(_makes(bench.small, "all")) as contestants:
        compare(contestants)
    with children(_makes(bench.data, bench.ways)) as contestants:
        result.facts["rows_out"] = compare(contestants)
        counts = interleaved(of_each(contestants, "count"), bench.repetitions)
        with children({"floor": partial(MemoryFloor, bench.data, COARSE)}) as floor:
            reads = interleaved(of_each(floor, "count"), bench.repetitions)["floor"]
        flags = interleaved(of_each(contestants, "flag"), bench.repetitions)
        for child in contestants:
            result.rows += counts[child.name].rows(child.name, bench.people) + flags[child.name].rows(child.name, bench.people)
            result.facts[f"memory of {child.name}"] = child.memory()
    result.rows += reads.rows("memory floor: the same columns only read", bench.people)
    own, *others = counts
    best = min(others, key=lambda name: counts[name].median("total"))
    ratio = counts[best].median("total") / counts[own].median("total")
    result.claims.append(Claim(f"engine over the best peer, {best}", ratio, 10))
    fastest = min(others, key=lambda name: flags[name].median("flags"))
    flag_ratio = flags[fastest].median("flags") / flags[own].median("flags")
    result.remarks.append(f"flags alone: the engine is {flag_ratio:.1f} x as fast as the best peer, {fastest}")
    share = reads.median("reads") / counts[own].median("counts")
    result.remarks.append(f"reading the same columns and nothing else takes {share:.0%} of the time of the engine's counts")
    result.remarks.append(f"{result.facts['rows_out']:,} rows out, asserted equal for all, as for {bench.small.people:,} people")
    return result


def _makes(data: Data, ways: str) -> dict[str, Make]:
    return {"core20plus5 engine": engine(data, COARSE)} | peers(data, COARSE, ways)
