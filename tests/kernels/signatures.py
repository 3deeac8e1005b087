"""Which kernels compile again after warm-up, for people in every Arrow type: none may. Run as a process of its own."""

import sys
from typing import Any

import pyarrow as pa

from core20plus5 import warm_up
from core20plus5.kernels._jit import KERNELS
from core20plus5.records import Kind
from tests.ask import count, flags
from tests.kernels.test_encodings import STRATA, TABLE, cast


def signatures() -> dict[str, int]:
    """How many signatures each kernel has been compiled for."""
    return {f"{kernel.py_func.__module__}.{kernel.__name__}": len(kernel.signatures) for kernel in KERNELS}


def tables() -> list[pa.Table]:
    """The same people in other types."""
    numbers, texts = (Kind.INTEGER, Kind.NUMBER), (Kind.CODE, Kind.ORGANISATION, Kind.LSOA)
    indices: list[Any] = [pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()]
    kinds: list[Any] = [pa.uint16(), *indices[4:], pa.float32(), pa.float64()]  # the rest is too narrow for a rank
    return [
        TABLE,
        TABLE.slice(1, 3),
        *(cast(numbers, kind) for kind in kinds),
        *(cast(texts, pa.dictionary(index, pa.string())) for index in indices),
        *(cast(texts, kind) for kind in (pa.string(), pa.large_string(), pa.string_view())),
        *(cast((Kind.DATE,), kind) for kind in (pa.date64(), pa.timestamp("us"))),
        *(cast((Kind.BOOL,), kind) for kind in kinds),
    ]


def changed() -> list[str]:
    """The kernels that are compiled after warm-up."""
    before = signatures()
    assert before["core20plus5.kernels.counting.count_records"] == 1, "no stratum was left to records"
    assert before["core20plus5.kernels.counting.count_strata"] == 1, "no stratum has a table"
    for table in tables():
        count(table, strata=STRATA, plus_groups="all")
        count(table, strata=["age_band_broad", "core20plus_segment"], plus_groups="all")
        flags(table, plus_groups="all")
    after = signatures()
    return sorted(name for name in after if after[name] != before[name])


def main() -> None:
    """Print the kernels that were compiled after warm-up."""
    warm_up()
    sys.stdout.write(" ".join(changed()))


if __name__ == "__main__":
    main()
