"""Damaged batches through the door and the engine, in this process: the way of a call, without sockets."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import google_crc32c
import grpc
import pyarrow as pa

from core20plus5.deprivation import read_imd_table
from core20plus5.engine.call import open_call
from core20plus5.engine.count import count_exactly, release_counts
from core20plus5.engine.flag import FlagStream
from core20plus5.errors import Core20Plus5Error
from core20plus5.parallel import Workers
from core20plus5_proto.large import BatchWriter
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service.account import imbalance, people_in
from core20plus5_service.batches import cut_table, read_batch
from core20plus5_service.errors import ServiceError, failure_of
from core20plus5_service.settings import Settings
from core20plus5_service.stream import StreamOrder
from tests.ask import REFERENCE_DATE
from tests.fuzz.mutate import damaged, lie
from tests.fuzz.seeds import Seed, seeds

CORPUS = Path(__file__).parent / "corpus"

#: What a caller may be told about any bytes at all.
ALLOWED = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED}

_LIES = (0, 1, 5, 7, 1_000, 100_000, 1_000_000, 1_000_001, 1 << 40)


@dataclass(frozen=True)
class Message:
    """The bytes of one batch, the rows that it is said to have, and what is asked about it."""

    content: bytes
    rows: int
    counting: bool = True
    strata: tuple[str, ...] = ()


@cache
def corpus() -> list[Seed]:
    """The seeds, and the messages that are kept because something went wrong with them once."""
    kept = [Seed(path.name, path.read_bytes(), 6, ("ward", "sex")) for path in sorted(CORPUS.glob("*.arrows"))]
    return [*seeds(), *kept]


def message(base: int, number: int) -> Message:
    """The message of a number: always the same one for the same base."""
    dice = Random(f"{base}/{number}")
    known = corpus()
    seed = dice.choice(known)
    content = damaged(seed.content, [other.content for other in known], dice)
    rows = seed.rows
    if dice.random() < 0.08:
        rows = dice.choice(_LIES)
        if dice.random() < 0.7:
            forged = bytearray(content)
            lie(forged, rows)
            content = bytes(forged)
    return Message(content, rows, dice.random() < 0.75, seed.strata if dice.random() < 0.6 else ())


class Door:
    """What answers messages. It has an IMD table, so that LSOA codes are looked up."""

    def __init__(self, folder: Path) -> None:
        path = folder / "imd.csv"
        path.write_text("lsoa_code,imd_rank\n" + "".join(f"E010{number:05},{number}\n" for number in range(1, 33_756)), "ascii")
        self._table = read_imd_table(path, "2025")
        self._settings = Settings(memory_bytes=1 << 33, max_calls=1, max_cells=1 << 20)
        self._workers = Workers(ThreadPoolExecutor(1), 1)

    def answer(self, message: Message) -> str:
        """The status and reason of a refusal, or OK. Raises whatever else goes wrong: that is what is looked for."""
        try:
            self._work(message)
        except (ServiceError, Core20Plus5Error) as error:
            failure = failure_of(error, "")
            assert failure.code in ALLOWED, failure
            assert failure.details()
            return f"{failure.code.name} {failure.reason}"
        return "OK"

    def _work(self, message: Message) -> None:
        content = pa.py_buffer(message.content)
        order = StreamOrder(self._settings)
        order.begin()
        order.batch(records.ArrowBatch(row_count=message.rows, crc32c=google_crc32c.value(message.content)), content).check()
        batch = read_batch(content, message.rows, self._settings)
        asked: dict[str, Any] = {"reference_date": REFERENCE_DATE, "imd_version": "2025", "imd_table": self._table}
        strata = {"strata": [name for name in message.strata if name in batch.schema.names]} if message.counting else {}
        call = open_call([batch], message.counting, ruleset="core20plus5-adults", allow_later_facts=True, **strata, **asked)
        if message.counting:
            counts = count_exactly(call, self._workers, self._settings.max_cells)
            release_counts(call, counts, self._workers)
            assert imbalance(message.rows, counts.ledger, people_in(counts)) == 0
        else:
            self._flags(FlagStream(call, self._workers), message.rows)

    @staticmethod
    def _flags(flags: FlagStream, rows: int) -> None:
        sent = 0
        for batch in flags:
            for piece in cut_table(pa.Table.from_batches([batch]), 2 << 20):
                assert BatchWriter().message(piece, sent, service.FlagPatientsResponse)
                sent += piece.num_rows
        assert sent == rows
