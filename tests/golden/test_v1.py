"""Version 1 of the wire is frozen: what was sent and answered once is so for ever, whatever is added."""

from collections.abc import Iterator
from typing import Any

import grpc
import pyarrow as pa
import pytest

from core20plus5_service.batches import read_batch
from core20plus5_service.settings import Settings
from tests.golden import files
from tests.golden.asked import cases
from tests.service.in_process import local_server


@pytest.fixture(scope="module", name="channel")
def _channel() -> Iterator[grpc.Channel]:
    with local_server(allow_exact=True) as local, local.channel() as channel:
        yield channel


def parsed(method: str, replies: list[bytes], known: frozenset[str]) -> list[Any]:
    """The replies without what may differ between releases.

    That is the engine's version, the bytes of the ruleset file, the words for what a policy protects from, fields that replies
    have got since, how Arrow lays out a table, and columns that the record has got since.
    """
    found = [files.REPLIES[method].FromString(content) for content in replies]
    for reply in found:
        if reply.WhichOneof("message") == "header":
            assert reply.header.provenance.engine_version
            reply.header.provenance.engine_version = ""
            for field in ("ruleset_sha256", "disclosure_protection", "request_fingerprint"):
                reply.header.provenance.ClearField(field)
            absent = [name for name in reply.header.provenance.columns_absent if name in known]
            reply.header.provenance.columns_absent[:] = absent
        if reply.WhichOneof("message") == "batch":
            reply.batch.ipc_stream = b""
            reply.batch.ClearField("crc32c")
            reply.batch.ClearField("padding")
    return found


def tables(method: str, replies: list[bytes]) -> list[pa.RecordBatch]:
    found = [files.REPLIES[method].FromString(content) for content in replies]
    return [read_batch(reply.batch.ipc_stream, reply.batch.row_count, Settings()) for reply in found if reply.HasField("batch")]


def test_every_case_has_its_file() -> None:
    assert files.names() == sorted(cases())
    assert sum(path.stat().st_size for path in files.FOLDER.iterdir()) < 40_000


@pytest.mark.parametrize("name", files.names())
def test_the_same_bytes_get_the_same_answer(channel: grpc.Channel, name: str) -> None:
    method, requests, replies = files.read(name)
    found = files.replay(channel, method, requests)
    known = frozenset(files.REPLIES[method].FromString(replies[0]).header.provenance.columns_absent)
    assert parsed(method, found, known) == parsed(method, replies, known)
    assert [batch.schema for batch in tables(method, found)] == [batch.schema for batch in tables(method, replies)]
    assert [batch.to_pylist() for batch in tables(method, found)] == [batch.to_pylist() for batch in tables(method, replies)]


@pytest.mark.parametrize("name", files.names())
def test_the_bytes_mean_what_they_meant(name: str) -> None:
    """A number or a type of a field that changes shows here, even where both sides were changed alike."""
    method, requests, _ = files.read(name)
    asked, messages = cases()[name]
    found = [files.REQUESTS[method].FromString(content) for content in requests]
    assert method == asked
    for one, other in zip(found, messages, strict=True):
        if one.HasField("batch"):
            assert (one.batch.row_count, one.batch.start_offset) == (other.batch.row_count, other.batch.start_offset)
            batches = [read_batch(message.batch.ipc_stream, message.batch.row_count, Settings()) for message in (one, other)]
            assert batches[0].equals(batches[1])
        else:
            assert one == other


@pytest.mark.parametrize("name", files.names())
def test_the_bytes_are_written_as_they_were(name: str) -> None:
    """A field that is gone, or has another number, would be unknown."""
    method, requests, replies = files.read(name)
    for kinds, messages in ((files.REQUESTS, requests), (files.REPLIES, replies)):
        for content in messages:
            message = kinds[method].FromString(content)
            message.DiscardUnknownFields()
            assert message.SerializeToString(deterministic=True) == content
