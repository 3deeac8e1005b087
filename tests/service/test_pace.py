"""Several streams with large messages read on one after the other, so that the event loop has time for others in between."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any, cast

import pytest

from core20plus5_service.admission import Admission
from core20plus5_service.callers import Caller
from core20plus5_service.incoming import IncomingStream
from core20plus5_service.metrics import Metrics
from tests.service.in_process import settings

CALLER = Caller("tests", frozenset(), "tests")

#: Bytes that take a twentieth of a second.
LARGE = (4 << 30) // 20


class Stream:
    """As much of a stream as is looked at: what it read last, and that nothing waits."""

    bytes_waiting = 0

    def __init__(self, last_bytes: int) -> None:
        self.last_bytes = last_bytes


async def admitted(opened: ExitStack, *last_bytes: int) -> list[Coroutine[Any, Any, None]]:
    """Streams that are about to read on."""
    admission = Admission(settings(max_calls=8), Metrics())
    streams = [cast(IncomingStream, Stream(size)) for size in last_bytes]
    for stream in streams:
        opened.enter_context(admission.admitted(stream, CALLER))
    return [admission.room_for(stream) for stream in streams]


def waits(reading: Coroutine[Any, Any, None]) -> bool:
    """Whether it does not go on at once."""
    try:
        reading.send(None)
    except StopIteration:
        return False
    reading.close()
    return True


@pytest.mark.parametrize(
    ("last_bytes", "expected"),
    [([LARGE], [False]), ([1 << 19, 1 << 19], [False, False]), ([1 << 19, LARGE], [False, True]), ([0, 0, 0], [False] * 3)],
    ids=["one alone", "small ones", "one of each", "before the first"],
)
def test_only_large_messages_of_several_streams_wait(last_bytes: list[int], expected: list[bool]) -> None:
    async def play() -> list[bool]:
        with ExitStack() as opened:
            return [waits(reading) for reading in await admitted(opened, *last_bytes)]

    assert asyncio.run(play()) == expected


def test_one_after_the_other() -> None:
    async def play() -> float:
        with ExitStack() as opened:
            start = time.perf_counter()
            await asyncio.gather(*await admitted(opened, LARGE, LARGE, LARGE))
            return time.perf_counter() - start

    assert asyncio.run(play()) >= 0.15


def test_who_is_cancelled_holds_up_nobody() -> None:
    async def play() -> None:
        with ExitStack() as opened:
            first, second = map(asyncio.ensure_future, await admitted(opened, 100 * LARGE, LARGE))
            await asyncio.sleep(0.01)
            first.cancel()
            await asyncio.wait_for(second, 5)

    asyncio.run(play())
