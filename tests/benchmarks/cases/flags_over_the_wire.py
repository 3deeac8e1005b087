"""Case 3: flags for every person back over the wire, against counting."""

from functools import partial

from tests.benchmarks.bench import Bench, children
from tests.benchmarks.contestants.service import Service
from tests.benchmarks.measure import Turn, interleaved
from tests.benchmarks.question import COARSE
from tests.benchmarks.result import Claim, Result

TITLE = "Flags of every person back over the wire"


def run(bench: Bench) -> Result:
    """Flags and counts of the same people by the same service, interleaved."""
    result = Result("flags", TITLE)
    with children({"service": partial(Service, bench.data, COARSE)}) as (service,):
        found = interleaved([Turn("counts", service, "count"), Turn("flags", service, "flag")], bench.repetitions)
        result.facts["server_mib"] = service.memory()
    result.rows = found["counts"].rows("core20plus5 service", bench.people) + found["flags"].rows(
        "core20plus5 service", bench.people
    )
    ratio = found["counts"].median("total") / found["flags"].median("flags")
    result.claims.append(Claim("rate of flags over the rate of counting", ratio, 0.5))
    return result
