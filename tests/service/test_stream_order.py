"""The order of a stream against a tiny oracle: the only streams accepted are Begin, batches that follow, End."""

from typing import Any

import google_crc32c
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_service.errors import BrokenStreamError, DamagedBatchError, LimitExceededError, ServiceError
from core20plus5_service.stream import Received, State, StreamOrder
from tests.service.in_process import settings

LIMITS = settings(max_batch_rows=5, max_stream_rows=12, max_stream_bytes=40)
CONTENT = pa.py_buffer(b"0123456789")

#: Names with their numbers: a batch's place and rows; an End's rows and batches.
Event = tuple[Any, ...]
EVENTS = st.one_of(
    st.just(("begin",)),
    st.just(("closed",)),
    st.tuples(st.just("batch"), st.integers(-1, 1), st.integers(-1, 6)),
    st.tuples(st.just("end"), st.sampled_from([0, 0, 0, 1, -1]), st.sampled_from([0, 0, 0, 1, -1])),
)


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """Right streams, with a few events put in or left out: most of purely random ones end at the first message."""
    sizes = draw(st.lists(st.integers(0, 4), max_size=5))
    events: list[Event] = [("begin",), *(("batch", 0, size) for size in sizes), ("end", 0, 0), ("closed",)]
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(events)))
        if draw(st.booleans()):
            events.insert(place, draw(EVENTS))
        else:
            del events[place : place + 1]
    return events


def oracle(events: list[Event]) -> tuple[int, type[ServiceError] | None]:
    """The number of the first event that is refused, and how; written as the rules are told."""
    for number, event in enumerate(events):
        before = [found[0] for found in events[:number]]
        sizes = [found[2] for found in events[:number] if found[0] == "batch"]
        if event[0] == "begin" and number > 0:
            return number, BrokenStreamError
        if event[0] == "closed" and "end" not in before:
            return number, BrokenStreamError
        if event[0] in ("batch", "end") and (not before or before[0] != "begin" or "end" in before):
            return number, BrokenStreamError
        if event[0] == "end" and (event[1], event[2]) != (0, 0):
            return number, BrokenStreamError
        if event[0] == "batch":
            _, shift, rows = event
            if shift != 0 or rows < 0:
                return number, BrokenStreamError
            if rows > 5 or sum(sizes) + rows > 12 or (len(sizes) + 1) * len(CONTENT) > 40:
                return number, LimitExceededError
    return len(events), None


def play(events: list[Event]) -> tuple[int, type[ServiceError] | None]:
    order, rows, batches = StreamOrder(LIMITS), 0, 0
    for number, event in enumerate(events):
        try:
            if event[0] == "batch":
                _, shift, size = event
                batch = records.ArrowBatch(row_count=size, start_offset=rows + shift)
                assert order.batch(batch, CONTENT) == (batches, CONTENT, size, None)
                rows, batches = rows + size, batches + 1
            elif event[0] == "end":
                order.end(records.End(total_rows=rows + event[1], total_batches=batches + event[2]))
            else:
                getattr(order, event[0])()
        except ServiceError as error:
            return number, type(error)
        assert (order.rows, order.batches, order.size) == (rows, batches, batches * len(CONTENT))
    return len(events), None


@given(streams())
@example([("begin",), ("end", 0, 0), ("closed",), ("closed",)])
@example([("begin",), *[("batch", 0, 3)] * 4, ("end", 0, 0)])
@example([("begin",), *[("batch", 0, 4)] * 4, ("end", 0, 0)])
@example([("begin",), *[("batch", 0, 0)] * 5, ("end", 0, 0)])
@example([("closed",)])
def test_as_the_rules_say(events: list[Event]) -> None:
    assert play(events) == oracle(events)


@given(st.lists(EVENTS, max_size=6))
def test_as_the_rules_say_of_anything(events: list[Event]) -> None:
    assert play(events) == oracle(events)


def test_states() -> None:
    order = StreamOrder(LIMITS)
    states = [order.state]
    order.begin()
    states.append(order.state)
    order.end(records.End())
    order.closed()
    assert [*states, order.state] == [State.BEFORE_BEGIN, State.IN_BATCHES, State.ENDED]


def received(checksum: int | None) -> Received:
    order = StreamOrder(LIMITS)
    order.begin()
    return order.batch(records.ArrowBatch(row_count=1, crc32c=checksum), CONTENT)


def test_a_checksum_is_checked_if_there_is_one() -> None:
    received(None).check()
    right = google_crc32c.value(CONTENT.to_pybytes())
    received(right).check()
    for bit in range(32):
        with pytest.raises(DamagedBatchError):
            received(right ^ 1 << bit).check()


def test_none_that_is_zero_passes_for_no_checksum() -> None:
    with pytest.raises(DamagedBatchError):
        received(0).check()


def test_texts_hold_no_content() -> None:
    with pytest.raises(DamagedBatchError) as raised:
        received(7).check()
    assert str(raised.value) == "crc32c of batch 0 does not match its content"
