"""What `warm_up` leaves to a process beside it: people who all answer yes to everything are counted and released."""

import numpy as np
import pyarrow as pa

from core20plus5.cohorts import MAX_CELLS
from core20plus5.engine.beside import run_beside
from core20plus5.engine.call import open_call
from core20plus5.engine.count import DEFAULT_RULESET, open_counter, release_counts
from core20plus5.engine.warm import ARGUMENTS, FEW_CELLS, MANY, people
from core20plus5.ingest import Ledger
from core20plus5.parallel import own_workers

#: Those whose labels are known before anybody is read.
_STRATA = ["core20plus_segment", "sex", "homeless"]


def warm_up_exit() -> None:
    """With room for all cells, and with less."""
    table = people(pa.int64(), pa.string())
    call = open_call(table, True, None, DEFAULT_RULESET, imd_from="imd_rank", strata=_STRATA, **ARGUMENTS)
    codes = np.tile(np.arange(MANY * table.num_rows, dtype=np.int32) % 3, (len(_STRATA), 1))
    with own_workers(None) as workers:
        for max_cells in (MAX_CELLS, FEW_CELLS):
            counter = open_counter(call, workers, max_cells)
            answers = np.full((codes.shape[1], -(-len(counter.indicators) // 32)), ~np.uint64(0))
            counter.add(answers, codes, Ledger())
            counts = counter.result()
            both = counts + counts
            release_counts(call, both)
            both.everyone()


if __name__ == "__main__":
    run_beside(warm_up_exit)
