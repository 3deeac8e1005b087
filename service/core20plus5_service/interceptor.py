"""Around every call: let in who may, measure it, keep account of it, and let no exception out but as fixed words."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc

from core20plus5_service.access import Access
from core20plus5_service.audit import CURRENT, CallRecord
from core20plus5_service.errors import Failure, failure_of
from core20plus5_service.handlers import SERVICE
from core20plus5_service.labels import TYPES, Method, code_name
from core20plus5_service.logs import SERVICE as LOG
from core20plus5_service.logs import fields
from core20plus5_service.metrics import Metrics

log = logging.getLogger(LOG)

#: Answered for everybody: orchestrators and load balancers ask it, and it tells nothing but whether the server is ready.
_OPEN = "grpc.health.v1.Health"


def _code_of(code: object) -> grpc.StatusCode:
    """The status that an aborted call was given; grpc.aio has its number."""
    number = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return next((known for known in grpc.StatusCode if known.value[0] == number), grpc.StatusCode.UNKNOWN)


#: Seconds by which a call may be ended before its deadline, by clocks that differ.
_DEADLINE_SLACK = 0.05


class Guard(grpc.aio.ServerInterceptor):
    """The outermost interceptor. grpcio would send an exception's text, which may hold a value of a record, to the caller."""

    def __init__(self, metrics: Metrics, access: Access) -> None:
        self.metrics, self._access = metrics, access
        self._handlers: dict[str, Any] = {}

    async def _let_in(self, labels: Method, context: Any, record: CallRecord) -> None:
        CURRENT.set(record)
        if labels[1] != _OPEN:
            await self._access.let_in(record, context)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        method = str(handler_call_details.method)
        if method not in self._handlers:
            handler = await continuation(handler_call_details)
            if handler is None:
                return None
            self._handlers[method] = self._wrapped(handler, method)  # of those that the server has, and no others
        return self._handlers[method]

    def _wrapped(self, handler: Any, name: str) -> Any:
        kind = TYPES[bool(handler.request_streaming), bool(handler.response_streaming)]
        _, service, method = name.split("/")
        labels = (kind, service, method)
        make = {
            "unary": grpc.unary_unary_rpc_method_handler,
            "server_stream": grpc.unary_stream_rpc_method_handler,
            "client_stream": grpc.stream_unary_rpc_method_handler,
            "bidi_stream": grpc.stream_stream_rpc_method_handler,
        }[kind]
        inner = handler.stream_stream or handler.stream_unary or handler.unary_stream or handler.unary_unary
        # A single request is read in here: grpcio would send a library's words about one that cannot be.
        read = (lambda messages: messages) if handler.request_streaming else handler.request_deserializer
        wrapped = self._stream(inner, labels, read) if handler.response_streaming else self._unary(inner, labels, read)
        return make(wrapped, handler.request_deserializer if handler.request_streaming else None, handler.response_serializer)

    def _unary(self, inner: Any, labels: Method, read: Any) -> Any:
        async def call(request: Any, context: Any) -> Any:
            watch = _Watch(self.metrics, labels)
            self.metrics.received.labels(*labels).inc()
            try:
                await self._let_in(labels, context, watch.record)
                response = await inner(read(request), context)
            except BaseException as error:
                await watch.failed(error, context)
                raise
            self.metrics.sent.labels(*labels).inc()
            watch.ended(grpc.StatusCode.OK)
            return response

        return call

    def _stream(self, inner: Any, labels: Method, read: Any) -> Any:
        sent = self.metrics.sent.labels(*labels)

        async def call(request: Any, context: Any) -> AsyncIterator[Any]:
            watch = _Watch(self.metrics, labels)
            if labels[0] == "server_stream":  # a stream of requests is counted by who reads it
                self.metrics.received.labels(*labels).inc()
            try:
                await self._let_in(labels, context, watch.record)
                async for response in inner(read(request), context):
                    sent.inc()
                    yield response
            except BaseException as error:
                await watch.failed(error, context)
                raise
            watch.ended(grpc.StatusCode.OK)

        return call


class _Watch:
    """One call from its start to its end."""

    def __init__(self, metrics: Metrics, labels: Method) -> None:
        self.metrics, self.labels, self.start = metrics, labels, time.perf_counter()
        self.record = CallRecord(labels[2])
        metrics.started.labels(*labels).inc()

    def ended(self, code: grpc.StatusCode) -> None:
        self.metrics.handled.labels(*self.labels, code_name(code)).inc()
        self.metrics.seconds.labels(*self.labels).observe(time.perf_counter() - self.start)
        if self.labels[1] == SERVICE:
            self.record.write(code)

    async def failed(self, error: BaseException, context: Any) -> None:
        """Abort the call with fixed words. Cancellation, and an abort of the health service, pass as they are."""
        left = context.time_remaining()
        late = left is not None and left < _DEADLINE_SLACK
        if self.record.given_up is not None:  # the client has been told already
            self.ended(self.record.given_up.code)
            self.metrics.refuse(self.record.given_up.reason)
            raise asyncio.CancelledError from None  # whatever it ended with, gRPC is not to tell it
        if not isinstance(error, Exception):
            self.ended(grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED)
            return
        if isinstance(error, grpc.aio.AbortError):
            self.ended(_code_of(context.code()))
            return
        error_id = secrets.token_hex(8)
        failure: Failure = failure_of(error, error_id)
        # At the deadline the stream of requests just ends, which looks like a broken one.
        self.ended(grpc.StatusCode.DEADLINE_EXCEEDED if late else failure.code)
        self.metrics.refuse(failure.reason)
        if failure.code is grpc.StatusCode.INTERNAL:
            # The type alone: texts and tracebacks of libraries can quote the values that they could not use.
            log.error("internal error", extra=fields(id=error_id, type=type(error).__name__, method=self.labels[2]))
        await context.abort(failure.code, failure.text, failure.trailer())
