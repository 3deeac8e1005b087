"""Case 5: cost per row, and the server's memory, as rows grow. Batches are sent again and again: nobody holds them all."""

from collections.abc import Iterator
from time import perf_counter

import pyarrow as pa

from core20plus5_client import Client
from tests.benchmarks.bench import Bench
from tests.benchmarks.contestants.server import benchmark_server
from tests.benchmarks.machine import peak_memory
from tests.benchmarks.measure import Samples
from tests.benchmarks.question import BY_ICB_AND_QUINTILE
from tests.benchmarks.result import Claim, Result

TITLE = "By ICB x quintile, from few rows to many, by the service"
_SHARES = (50, 10, 5, 2, 1)


def run(bench: Bench) -> Result:
    """Peaks first, from the fewest rows to the most; then times, interleaved."""
    result = Result("rows", TITLE)
    sizes = [bench.most_rows // share for share in _SHARES]
    batches = bench.data.table().to_batches()
    found = {size: Samples() for size in sizes}
    peaks: dict[int, float] = {}
    with benchmark_server(bench.data) as server, Client(server.listen, deadline=None) as client:

        def count(size: int) -> float:
            start = perf_counter()
            answer = client.count_cohorts(_repeated(batches, size), **BY_ICB_AND_QUINTILE.arguments())
            assert answer.provenance["rows_received"] == size
            return perf_counter() - start

        for size in sizes:
            count(size)
            peaks[size] = peak_memory(server.process.pid)["peak"]
        for _ in range(bench.repetitions):
            for size in sizes:
                found[size].add({"total": count(size)})
    for size in sizes:
        result.rows += found[size].rows(f"{size:,} rows, server at most {peaks[size]:.0f} MiB", size)
    costs = [found[size].median("total") / size for size in sizes]
    result.claims.append(Claim("dearest row over cheapest row", max(costs) / min(costs), 1.1, most=True))
    result.claims.append(Claim("server's peak, most rows over fewest", peaks[sizes[-1]] / peaks[sizes[0]], 1.1, most=True))
    result.claims.append(Claim("server's peak", max(peaks.values()), 600, "MiB", most=True))
    result.facts["peaks_mib"] = peaks
    return result


def _repeated(batches: list[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    while rows > 0:
        for batch in batches:
            if rows <= 0:
                return
            yield batch.slice(0, rows)
            rows -= batch.num_rows
