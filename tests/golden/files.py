"""Frozen messages, one after another as gRPC frames them: a byte 0 (not compressed), four bytes of length, the message."""

from pathlib import Path
from typing import Any

import grpc

from core20plus5_proto.v1 import service_pb2 as service

FOLDER = Path(__file__).parent / "v1"

REQUESTS: dict[str, Any] = {"CountCohorts": service.CountCohortsRequest, "FlagPatients": service.FlagPatientsRequest}
REPLIES: dict[str, Any] = {"CountCohorts": service.CountCohortsResponse, "FlagPatients": service.FlagPatientsResponse}


def names() -> list[str]:
    """A case is two files: METHOD.NAME.requests.binpb and METHOD.NAME.replies.binpb."""
    return sorted(path.name.removesuffix(".requests.binpb") for path in FOLDER.glob("*.requests.binpb"))


def read(name: str) -> tuple[str, list[bytes], list[bytes]]:
    """The method, the requests and the replies."""
    requests, replies = ((FOLDER / f"{name}.{side}.binpb").read_bytes() for side in ("requests", "replies"))
    return name.partition(".")[0], _unframed(requests), _unframed(replies)


def write(name: str, requests: list[bytes], replies: list[bytes]) -> None:
    for side, messages in (("requests", requests), ("replies", replies)):
        framed = b"".join(b"\0" + len(content).to_bytes(4, "big") + content for content in messages)
        (FOLDER / f"{name}.{side}.binpb").write_bytes(framed)


def _unframed(content: bytes) -> list[bytes]:
    messages = []
    while content:
        end = 5 + int.from_bytes(content[1:5], "big")
        assert content[0] == 0
        assert end <= len(content)
        messages.append(content[5:end])
        content = content[end:]
    return messages


def replay(channel: grpc.Channel, method: str, requests: list[bytes]) -> list[bytes]:
    """Bytes out, bytes back: no generated code has a part in it."""
    call = channel.stream_stream(
        f"/core20plus5.v1.CohortService/{method}", request_serializer=_as_it_is, response_deserializer=_as_it_is
    )
    return list(call(iter(requests), timeout=60))


def _as_it_is(content: bytes) -> bytes:
    return content
