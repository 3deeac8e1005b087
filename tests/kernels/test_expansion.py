"""Batches of a few megabytes that would be gigabytes once spelled out: refused, in a process that may not take gigabytes."""

import resource
import struct
import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core20plus5.engine.call import open_call
from core20plus5.engine.count import DEFAULT_RULESET, count_exactly
from core20plus5.errors import DataError, RequestError, TooManyCellsError
from core20plus5.ingest.sources import _MOST_WAITING, open_source
from tests.ask import REFERENCE_DATE, count, flags
from tests.e2e.process import environment

ROWS, LONG = 60_000, 8 << 20


def views(rows: int, length: int) -> Any:
    """One text, that every row shows."""
    text = b"x" * length
    seen = struct.pack("<i4sii", length, text[:4], 0, 0) * rows
    return pa.Array.from_buffers(pa.string_view(), rows, [None, pa.py_buffer(seen), pa.py_buffer(text)])


def encoded(rows: int, dictionary: Any) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int8()), dictionary)


BOMBS = [
    lambda: views(ROWS, LONG),
    lambda: encoded(ROWS, pa.array(["x" * LONG])),
    lambda: encoded(ROWS, pa.array(["x" * LONG], pa.large_string())),
    lambda: encoded(10, views(ROWS, LONG)),
]


def ask() -> None:
    """In the child: each bomb as a stratum, as pseudonyms and as a column that nobody reads."""
    count(pa.table({"ward": ["a"], "person_id": ["b"]}), strata=["ward"])  # so that libraries are loaded before the limit
    allowed = 1 << 30
    with open("/proc/self/statm", encoding="ascii") as statm:
        taken = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + allowed, taken + allowed))
    for make in BOMBS:
        bomb = make()
        with pytest.raises(DataError, match="column 'ward' has texts of more than 256 bytes a row"):
            count(pa.record_batch([bomb], names=["ward"]), strata=["ward"])
        with pytest.raises(DataError, match="column 'person_id'"):
            flags(pa.record_batch([bomb], names=["person_id"]))
        assert count(pa.record_batch([bomb], names=["notes"])).provenance["rows_received"] == len(bomb)


def test_one_text_in_every_row() -> None:
    code = "from tests.kernels.test_expansion import ask; ask()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]


def test_texts_that_are_as_long_as_they_take() -> None:
    """Plain text takes what it shows, and is no bomb, however long; nor are short texts in many rows."""
    assert count(pa.table({"ethnic_category": ["x" * (17 << 20), "A"]})).quality.to_pylist()[0]["rows"] == 1
    for short in (views(ROWS, 200), encoded(ROWS, pa.array(["x" * 200]))):
        counts = count(pa.record_batch([short], names=["ward"]), strata=["ward"], indicators=["everyone"]).counts
        assert counts.select(["ward", "yes"]).to_pylist() == [{"ward": "x" * 200, "yes": ROWS}]


def test_forged_indices_and_lengths_do_no_harm_to_who_measures() -> None:
    negative = struct.pack("<i12x", -(2**31)) + struct.pack("<i12x", 2**31 - 1)
    forged = pa.Array.from_buffers(pa.string_view(), 2, [None, pa.py_buffer(negative)])
    with pytest.raises(DataError):
        count(pa.record_batch([forged], names=["ward"]), strata=["ward"])
    places = pa.Array.from_buffers(pa.int32(), 2, [None, pa.py_buffer(struct.pack("<ii", -7, 2**31 - 1))])
    texts = pa.array(["x" * (17 << 20), "F"])
    dictionary = pa.DictionaryArray.from_arrays(places, texts, safe=False)
    with pytest.raises(DataError):
        count(pa.record_batch([dictionary], names=["ward"]), strata=["ward"])


def test_a_text_that_is_too_long_for_a_stratum() -> None:
    assert count(pa.table({"ward": ["é" * 256]}), strata=["ward"]).counts["ward"][0].as_py() == "é" * 256
    with pytest.raises(RequestError, match="'ward' cannot be one: it has texts of more than 256 characters"):
        count(pa.table({"ward": ["F", "é" * 257]}), strata=["ward"])


def test_long_labels_take_more_of_what_a_count_may_hold() -> None:
    """They are in every row of the answer."""

    def counted(letters: int) -> int:
        words = [f"{number:0{letters}}" for number in range(400)]
        table = pa.table(dict.fromkeys("abcdefgh", words))
        call = open_call(
            table, True, None, DEFAULT_RULESET, reference_date=REFERENCE_DATE, imd_version="2025", strata=[*"abcdefgh"]
        )
        return len(count_exactly(call, max_cells=500_000).members)

    assert counted(8) == 400
    with pytest.raises(TooManyCellsError, match="400 populated strata"):
        counted(250)


def test_few_rows_that_keep_much_in_memory() -> None:
    """A row of a message keeps the whole message: blocks are made before they wait for many."""
    message = np.zeros(_MOST_WAITING // 4, np.uint8)
    alive: list[int] = []

    def batches() -> Any:
        for number in range(40):
            buffer = pa.py_buffer(message.copy())
            alive.append(buffer.address)
            yield pa.RecordBatch.from_arrays([pa.Array.from_buffers(pa.int8(), 1, [None, buffer.slice(number, 1)])], names=["a"])

    blocks = open_source(batches()).blocks(["a"], lambda batch: None, lambda batch: None)
    assert [block.num_rows for block in blocks] == [4] * 10
    assert len(alive) == 40


@pytest.mark.parametrize("in_file", [False, True])
def test_slices_of_much_memory_wait_for_each_other(in_file: bool) -> None:
    """They hold no more than one of them does; each by itself, people in slices of 100 took four times as long to count."""
    table = pa.table({"a": np.zeros(_MOST_WAITING, np.int8)})
    if in_file:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        table = pa.ipc.open_file(sink.getvalue()).read_all()
    few = table.slice(0, 1_000).to_batches(max_chunksize=100)
    blocks = open_source(few).blocks(["a"], lambda batch: None, lambda batch: None)
    assert [block.num_rows for block in blocks] == [1_000]
