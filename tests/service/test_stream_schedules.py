"""Thousands of streams that went wrong somewhere, without sockets, against a model: exactly right or not counted.

To see one again: SEEDS = [seed].
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import google_crc32c
import pyarrow as pa

from core20plus5.parallel import Workers
from core20plus5_proto.large import reader
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service.audit import CURRENT, CallRecord
from core20plus5_service.callers import Caller, Right
from core20plus5_service.errors import ServiceError
from core20plus5_service.feed import Feed
from core20plus5_service.incoming import IncomingStream
from core20plus5_service.metrics import Metrics
from core20plus5_service.servicer import CohortServicer
from core20plus5_service.stream import Received
from core20plus5_service.turns import Turns
from tests.service.in_process import settings
from tests.service.wire import PEOPLE, begin, ipc

Request = service.CountCohortsRequest

SEEDS = range(4_000)
SERVED = range(10_000, 10_250)

_CONTENTS = {rows: ipc(pa.concat_tables([PEOPLE] * 2).slice(0, rows).combine_chunks().to_batches()[0]) for rows in range(1, 5)}
_SETTINGS = settings(allow_exact=True)
_METRICS = Metrics()


def batch(rows: int, start: int) -> Any:
    content = _CONTENTS[rows]
    return Request(
        batch=records.ArrowBatch(row_count=rows, start_offset=start, crc32c=google_crc32c.value(content), ipc_stream=content)
    )


def stream(seed: int) -> list[Any]:
    """A right stream in which up to three things were made wrong, or were not."""
    dice = random.Random(seed)
    rows = [dice.randint(1, 4) for _ in range(dice.randint(0, 5))]
    messages = [begin(), *(batch(some, sum(rows[:place])) for place, some in enumerate(rows))]
    messages.append(Request(end=records.End(total_rows=sum(rows), total_batches=len(rows))))
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
        spoil(messages, dice)
    return messages


def spoil(messages: list[Any], dice: random.Random) -> None:
    """Lose, repeat, move or change one message."""
    place = dice.randrange(len(messages)) if messages else 0
    match dice.randrange(8) if messages else 7:
        case 0:
            del messages[place]
        case 1:
            messages.insert(dice.randrange(len(messages) + 1), copy(messages[place]))
        case 2:
            messages.insert(dice.randrange(len(messages)), messages.pop(place))
        case 3:
            del messages[place:]  # the rest never came
        case 4:
            messages.insert(place, dice.choice((Request(), begin(), batch(2, 0), Request(end=records.End()))))
        case _:
            change(messages, dice)


def change(messages: list[Any], dice: random.Random) -> None:
    """One number or one bit of one message."""
    found = [message for message in messages if message.WhichOneof("message") in ("batch", "end")]
    if not found:
        return
    message = dice.choice(found)
    step = dice.choice((-4, -1, 1, 3, 1 << 40))
    if message.WhichOneof("message") == "end":
        name = dice.choice(("total_rows", "total_batches"))
        setattr(message.end, name, getattr(message.end, name) + step)
        return
    name = dice.choice(("row_count", "start_offset", "crc32c", "none", "content"))
    if name == "none":
        message.batch.ClearField("crc32c")
    elif name == "content":
        content = bytearray(message.batch.ipc_stream)
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        message.batch.ipc_stream = bytes(content)
    elif name == "crc32c":
        message.batch.crc32c ^= 1 << dice.randrange(32)
    else:
        setattr(message.batch, name, getattr(message.batch, name) + step)


def copy(message: Any) -> Any:
    found = Request()
    found.CopyFrom(message)
    return found


def is_right(messages: list[Any]) -> bool:
    """As the rules are told: Begin, batches that follow each other, an End that adds up, and nothing else."""
    kinds = [message.WhichOneof("message") for message in messages]
    if kinds != ["begin", *["batch"] * (len(kinds) - 2), "end"]:
        return False
    sent = [message.batch for message in messages[1:-1]]
    whole = all(one.start_offset == sum(two.row_count for two in sent[:place]) for place, one in enumerate(sent))
    sound = all(not one.HasField("crc32c") or one.crc32c == google_crc32c.value(one.ipc_stream) for one in sent)
    there = all(one.row_count >= 0 for one in sent)
    end = messages[-1].end
    return whole and sound and there and (end.total_rows, end.total_batches) == (sum(one.row_count for one in sent), len(sent))


async def coming(messages: list[Any]) -> AsyncIterator[Any]:
    """As gRPC gives them: read from their bytes, without copying records."""
    read = reader(Request)
    for message in messages:
        yield read(message.SerializeToString())


class Room:
    """As much as anyone wants."""

    async def room_for(self, stream: IncomingStream) -> None:
        pass

    def taken(self) -> None:
        pass


async def received(messages: list[Any]) -> list[tuple[bytes, int]] | None:
    """What the thread of a call would have counted; None where the stream was refused."""
    incoming = IncomingStream(coming(messages), _SETTINGS, _METRICS, Room(), "CountCohorts")
    feed: Feed[Received] = Feed(1_000, Turns(1, lambda _: None))
    try:
        await incoming.begin()
        await incoming.receive(feed)
        taken = list(feed)
        for batch in taken:
            batch.check()
    except ServiceError:
        return None
    return [(batch.content.to_pybytes(), batch.rows) for batch in taken]


def test_a_stream_is_taken_if_it_is_exactly_right() -> None:
    async def play() -> tuple[int, int]:
        right = 0
        for seed in SEEDS:
            messages = stream(seed)
            sent = [(message.batch.ipc_stream, message.batch.row_count) for message in messages[1:-1]]
            limits = sum(rows for _, rows in sent) <= _SETTINGS.max_batch_rows
            expected = sent if is_right(messages) and limits else None
            assert await received(messages) == expected, f"seed {seed}"
            right += expected is not None
        return right, len(SEEDS)

    right, all_ = asyncio.run(play())
    assert 0.2 * all_ < right < 0.8 * all_  # neither is rare


@contextmanager
def serving() -> Iterator[CohortServicer]:
    """What a server has behind its sockets, asked by somebody who may ask for everything. Within an event loop."""
    record = CallRecord("CountCohorts")
    record.is_from(Caller("tests", frozenset(Right), "tests"))
    CURRENT.set(record)
    with ThreadPoolExecutor(2) as calls, ThreadPoolExecutor(1) as work:
        yield CohortServicer(_SETTINGS, {}, _METRICS, calls, Workers(work, 1))


def test_and_counted_if_it_is_exactly_right() -> None:
    """The same with everything behind: an answer has an End, and everyone once; what is refused has no counts at all."""

    async def play() -> int:
        with serving() as servicer:
            return await ask_all(servicer)

    async def ask_all(servicer: CohortServicer) -> int:
        right = 0
        for seed in SERVED:
            messages = stream(seed)
            replies, refused = [], False
            try:
                async for reply in servicer.CountCohorts(coming(messages), None):
                    replies.append(reply)
            except ServiceError:
                refused = True
            sent = [message.batch for message in messages[1:-1] if message.HasField("batch")]
            honest = all(rows_in(batch) == batch.row_count for batch in sent)
            assert refused is not (is_right(messages) and honest), f"seed {seed}"
            if refused:
                assert replies == [], f"seed {seed}"
                continue
            rows = messages[-1].end.total_rows
            ledger = replies[-1].end.ledger
            assert (ledger.rows_received, ledger.rows_counted) == (rows, rows), f"seed {seed}"
            right += 1
        return right

    assert asyncio.run(play()) > len(SERVED) / 8
    assert _METRICS.registry.get_sample_value("core20plus5_ledger_imbalance_total") == 0


def rows_in(batch: Any) -> int:
    """-1 where it cannot be read: only without a checksum can that get so far."""
    try:
        with pa.ipc.open_stream(batch.ipc_stream) as found:
            return int(found.read_next_batch().num_rows)
    except (pa.ArrowException, OSError, StopIteration):
        return -1
