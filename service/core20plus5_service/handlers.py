"""The methods of core20plus5.v1.CohortService for gRPC. Records pass through without being copied into messages."""

from typing import Any

import grpc

from core20plus5_proto.large import reader, to_bytes
from core20plus5_proto.v1 import service_pb2

_SERVICE = service_pb2.DESCRIPTOR.services_by_name["CohortService"]

#: Its name on the wire.
SERVICE = _SERVICE.full_name


def handlers(servicer: Any) -> grpc.GenericRpcHandler:
    """A handler for each method that the service declares, which the servicer has under the same name."""
    return grpc.method_handlers_generic_handler(SERVICE, {method.name: _handler(method, servicer) for method in _SERVICE.methods})


def _handler(method: Any, servicer: Any) -> Any:
    request = getattr(service_pb2, method.input_type.name)
    if method.client_streaming:
        return grpc.stream_stream_rpc_method_handler(getattr(servicer, method.name), reader(request), to_bytes)
    return grpc.unary_unary_rpc_method_handler(getattr(servicer, method.name), request.FromString, to_bytes)
