"""End a call from outside when its time is up, wherever it stands: also where gRPC waits for a client that takes no answers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import grpc

from core20plus5_service.audit import CallRecord
from core20plus5_service.errors import Failure, ServiceError, failure_of


class Patience:
    """Of the call that this task serves."""

    def __init__(self, record: CallRecord, context: Any) -> None:
        self._record, self._context = record, context
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        self._aborting: asyncio.Task[None] | None = None

    @contextmanager
    def within(self, seconds: float, error: ServiceError) -> Iterator[None]:
        """What takes longer than so many seconds ends the call with this error."""
        timer = self._loop.call_later(seconds, self._give_up, error)
        try:
            yield
        finally:
            timer.cancel()

    def _give_up(self, error: ServiceError) -> None:
        """The status waits behind answers that the client has not taken yet; the task, and all that it holds, does not."""
        if self._task is None or self._task.done() or self._record.given_up is not None:
            return
        self._record.given_up = failure_of(error, "")
        self._aborting = self._loop.create_task(self._abort(self._record.given_up))
        self._loop.call_soon(self._task.cancel)

    async def _abort(self, failure: Failure) -> None:
        with suppress(grpc.aio.BaseError, asyncio.CancelledError):
            await self._context.abort(failure.code, failure.text, failure.trailer())
