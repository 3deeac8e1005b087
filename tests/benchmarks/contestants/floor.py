"""The transport floor: the very messages of a count, to a method of the same server that only counts their bytes.

The method is the benchmark's own. It is added to the project's server as that server is made, so that port, event loop, options
and interceptors are those of the service; production code knows nothing of it.
"""

import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc

from core20plus5_service.__main__ import main as serve

METHOD = "/core20plus5.benchmarks.Floor/CountBytes"

_SERVICE, _NAME = METHOD.strip("/").split("/")


async def _count_bytes(_: Any, context: Any) -> AsyncIterator[bytes]:
    """Reading from the context is the cheapest way there is: cheaper than the iterator of requests."""
    size = 0
    while (message := await context.read()) is not grpc.aio.EOF:
        size += len(message)
    yield size.to_bytes(8, "little")


def _with_floor(make: Callable[..., Any]) -> Callable[..., Any]:
    def server(*arguments: Any, **options: Any) -> Any:
        made = make(*arguments, **options)
        method = grpc.stream_stream_rpc_method_handler(_count_bytes)
        made.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, {_NAME: method}),))
        return made

    return server


def main() -> int:
    """`python -m core20plus5_service`, with the floor beside the service."""
    grpc.aio.server = _with_floor(grpc.aio.server)
    return serve()


if __name__ == "__main__":
    sys.exit(main())
