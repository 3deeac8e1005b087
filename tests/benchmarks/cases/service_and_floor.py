"""Case 2: the service, client and server on the same processors, against peers in memory and against its transport."""

from functools import partial

from tests.benchmarks.bench import Bench, children, compare
from tests.benchmarks.child import Make
from tests.benchmarks.contestants.service import Service
from tests.benchmarks.contestants.ways import engine, peers
from tests.benchmarks.measure import Turn, interleaved, of_each
from tests.benchmarks.question import COARSE
from tests.benchmarks.result import Claim, Result

TITLE = "Service on the same two cores as its client: the same counts, and the same messages only received"
_SERVICE = "core20plus5 service"


def run(bench: Bench) -> Result:
    """Counts of the service and of each peer, and the two floors, interleaved."""
    result = Result("service", TITLE)
    with children({"engine": engine(bench.small, COARSE), _SERVICE: partial(Service, bench.small, COARSE)}) as both:
        compare(both)
    makes: dict[str, Make] = {_SERVICE: partial(Service, bench.data, COARSE)}
    with children(makes | peers(bench.data, COARSE, bench.ways)) as contestants:
        service = contestants[0]
        floors = {"floor, client encodes": "floor", "floor, encoded before": "floor_made"}
        turns = of_each(contestants, "count") + [Turn(name, service, method) for name, method in floors.items()]
        result.facts["rows_out"] = compare(contestants)
        found = interleaved(turns, bench.repetitions)
        result.facts["server_mib"] = service.memory()
    for name, samples in found.items():
        result.rows += samples.rows(name, bench.people)
    own = found[_SERVICE].median("total")
    best = min((child.name for child in contestants[1:]), key=lambda name: found[name].median("total"))
    result.claims.append(Claim(f"service over the best in-memory peer, {best}", found[best].median("total") / own, 4))
    for name in floors:
        result.claims.append(Claim(f"share of the {name}", found[name].median("total") / own, 0.6))
    result.remarks.append(f"the server held {result.facts['server_mib']['peak']:.0f} MiB at most")
    result.remarks.append(f"{result.facts['rows_out']:,} rows out, asserted equal to those of all peers")
    return result
