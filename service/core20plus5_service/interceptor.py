"""Around every call: measure it, and let no exception out but as fixed words."""

import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc

from core20plus5_service.errors import Failure, failure_of
from core20plus5_service.metrics import Metrics

log = logging.getLogger("core20plus5.service")

_TYPES = {(False, False): "unary", (True, False): "client_stream", (False, True): "server_stream", (True, True): "bidi_stream"}


def code_name(code: grpc.StatusCode) -> str:
    """RESOURCE_EXHAUSTED as ResourceExhausted, the way metrics write it."""
    return "OK" if code is grpc.StatusCode.OK else code.name.title().replace("_", "")


def _code_of(code: object) -> grpc.StatusCode:
    """The status that an aborted call was given; grpc.aio has its number."""
    number = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return next((known for known in grpc.StatusCode if known.value[0] == number), grpc.StatusCode.UNKNOWN)


class Guard(grpc.aio.ServerInterceptor):
    """The outermost interceptor. grpcio would send an exception's text, which may hold a value of a record, to the caller."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        kind = _TYPES[bool(handler.request_streaming), bool(handler.response_streaming)]
        _, service, method = str(handler_call_details.method).split("/")
        labels = (kind, service, method)
        make = {
            "unary": grpc.unary_unary_rpc_method_handler,
            "server_stream": grpc.unary_stream_rpc_method_handler,
            "client_stream": grpc.stream_unary_rpc_method_handler,
            "bidi_stream": grpc.stream_stream_rpc_method_handler,
        }[kind]
        inner = handler.stream_stream or handler.stream_unary or handler.unary_stream or handler.unary_unary
        wrapped = self._stream(inner, labels) if handler.response_streaming else self._unary(inner, labels)
        return make(wrapped, handler.request_deserializer, handler.response_serializer)

    def _unary(self, inner: Any, labels: tuple[str, str, str]) -> Any:
        async def call(request: Any, context: Any) -> Any:
            watch = _Watch(self.metrics, labels)
            try:
                response = await inner(request, context)
            except BaseException as error:
                await watch.failed(error, context)
                raise
            watch.ended(grpc.StatusCode.OK)
            return response

        return call

    def _stream(self, inner: Any, labels: tuple[str, str, str]) -> Any:
        async def call(request: Any, context: Any) -> AsyncIterator[Any]:
            watch = _Watch(self.metrics, labels)
            try:
                async for response in inner(request, context):
                    self.metrics.sent.labels(*labels).inc()
                    yield response
            except BaseException as error:
                await watch.failed(error, context)
                raise
            watch.ended(grpc.StatusCode.OK)

        return call


class _Watch:
    """One call from its start to its end."""

    def __init__(self, metrics: Metrics, labels: tuple[str, str, str]) -> None:
        self.metrics, self.labels, self.start = metrics, labels, time.perf_counter()
        metrics.started.labels(*labels).inc()

    def ended(self, code: grpc.StatusCode) -> None:
        self.metrics.handled.labels(*self.labels, code_name(code)).inc()
        self.metrics.seconds.labels(*self.labels).observe(time.perf_counter() - self.start)

    async def failed(self, error: BaseException, context: Any) -> None:
        """Abort the call with fixed words. Cancellation, and an abort of the health service, pass as they are."""
        if not isinstance(error, Exception):
            self.ended(grpc.StatusCode.CANCELLED)
            return
        if isinstance(error, grpc.aio.AbortError):
            self.ended(_code_of(context.code()))
            return
        error_id = secrets.token_hex(8)
        failure: Failure = failure_of(error, error_id)
        self.ended(failure.code)
        if failure.code is grpc.StatusCode.INTERNAL:
            # The type alone: texts and tracebacks of libraries can quote the values that they could not use.
            log.error("internal error id=%s type=%s method=%s", error_id, type(error).__name__, self.labels[2])
        await context.abort(failure.code, failure.text, (("grpc-status-details-bin", failure.details()),))
