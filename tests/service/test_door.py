"""The door: what is refused by its metadata alone, before Arrow decodes anything, each limit by its name, and what passes."""

import struct
from collections.abc import Callable
from typing import Any

import grpc
import pyarrow as pa
import pytest

from core20plus5.errors import SchemaError
from core20plus5_service import batches
from core20plus5_service.batches import read_batch
from core20plus5_service.errors import LimitExceededError, UnreadableBatchError
from core20plus5_service.settings import Settings
from tests.service.wire import PEOPLE, ask, assert_answers, batch, begin, end, ipc

LIMITS = Settings(max_columns=20, max_metadata_bytes=4_096, max_batch_rows=1_000)
ONE = [1, 2, 3]


def column(array: Any, **field: Any) -> bytes:
    """A stream of one batch of three rows, with one column `ward`."""
    schema = pa.schema([pa.field("ward", array.type, **field)])
    return ipc(pa.RecordBatch.from_arrays([array], schema=schema))


def encoded(values: Any) -> bytes:
    return column(pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), values))


def big_endian() -> bytes:
    """The field `endianness` of the schema, which is left out of little-endian data, made to lie where `fields` does."""
    content = bytearray(column(pa.array(ONE)))
    message = 8 + struct.unpack_from("<I", content, 8)[0]
    place = message - struct.unpack_from("<i", content, message)[0] + 8
    header = message + struct.unpack_from("<H", content, place)[0]
    schema = header + struct.unpack_from("<I", content, header)[0]
    fields = schema - struct.unpack_from("<i", content, schema)[0]
    assert struct.unpack_from("<H", content, fields + 4)[0] == 0
    content[fields + 4 : fields + 6] = content[fields + 6 : fields + 8]
    return bytes(content)


def many_columns() -> bytes:
    return ipc(pa.table({f"c{number}": ONE for number in range(21)}))


NESTED: dict[str, Any] = {
    "list": pa.array([[1], [2], [3]]),
    "large list": pa.array([[1], [2], [3]], pa.large_list(pa.int8())),
    "list view": pa.array([[1], [2], [3]], pa.list_view(pa.int8())),
    "large list view": pa.array([[1], [2], [3]], pa.large_list_view(pa.int8())),
    "list of fixed size": pa.array([[1], [2], [3]], pa.list_(pa.int8(), 1)),
    "struct": pa.array([{"a": 1}] * 3),
    "map": pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int8())),
}
UNIONS = {
    "sparse": pa.UnionArray.from_sparse(pa.array([0, 0, 0], pa.int8()), [pa.array(ONE)]),
    "dense": pa.UnionArray.from_dense(pa.array([0] * 3, pa.int8()), pa.array([0, 1, 2], pa.int32()), [pa.array(ONE)]),
}
RUNS = pa.RunEndEncodedArray.from_arrays(pa.array([3], pa.int32()), pa.array([1]))

TYPES: dict[str, tuple[bytes, str]] = {
    **{name: (column(array), "nested") for name, array in NESTED.items()},
    **{f"{name} union": (column(array), "union") for name, array in UNIONS.items()},
    "run ends": (column(RUNS), "run-end encoded"),
    "dictionary of lists": (encoded(NESTED["list"]), "nested"),
    "extension that Arrow knows": (column(pa.array([b"0" * 16] * 3, pa.uuid())), "extension"),
    "extension that Arrow does not know": (column(pa.array(ONE), metadata={"ARROW:extension:name": "x"}), "extension"),
}

ZONED = column(pa.array(ONE, pa.timestamp("s", "Etc/UTC")))

LIMITED: dict[str, tuple[Callable[[], bytes], str]] = {
    "columns": (many_columns, "max_columns is 20"),
    "metadata of a schema": (
        lambda: ipc(PEOPLE.replace_schema_metadata({"a": "x" * 5_000})),
        "max_metadata_bytes is 4096",
    ),
    "metadata of a column": (lambda: column(pa.array(ONE), metadata={"a": "x" * 5_000}), "max_metadata_bytes is 4096"),
    "a name": (lambda: ipc(pa.table({"x" * 5_000: ONE})), "max_metadata_bytes is 4096"),
    "values of a dictionary": (
        lambda: encoded(pa.nulls(1_001)),
        "max_batch_rows is 1000, for the values of a dictionary as well",
    ),
}


@pytest.fixture(name="nothing_decoded")
def _nothing_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decoding(content: Any) -> Any:
        pytest.fail("it is being decoded")

    monkeypatch.setattr(batches.pa.ipc, "open_stream", decoding)


def refusal(content: bytes, error: type[Exception], rows: int = 3) -> str:
    with pytest.raises(error) as caught:
        read_batch(pa.py_buffer(content), rows, LIMITS)
    return str(caught.value)


@pytest.mark.usefixtures("nothing_decoded")
@pytest.mark.parametrize("name", TYPES)
def test_types_that_no_record_has(name: str) -> None:
    content, word = TYPES[name]
    assert refusal(content, SchemaError) == f"column 'ward': {word} types are refused"


@pytest.mark.usefixtures("nothing_decoded")
def test_every_refused_column_is_named_at_once() -> None:
    table = pa.table({"a": NESTED["list"], "b": ONE, "c": NESTED["struct"]})
    assert refusal(ipc(table), SchemaError) == "column 'a': nested types are refused; column 'c': nested types are refused"


@pytest.mark.usefixtures("nothing_decoded")
@pytest.mark.parametrize("name", LIMITED)
def test_limits(name: str) -> None:
    make, text = LIMITED[name]
    assert refusal(make(), LimitExceededError) == text


@pytest.mark.usefixtures("nothing_decoded")
def test_foreign_byte_order() -> None:
    assert refusal(big_endian(), UnreadableBatchError) == "big-endian data is refused"


@pytest.mark.usefixtures("nothing_decoded")
@pytest.mark.parametrize(
    ("content", "text"),
    [
        (ipc(PEOPLE, compression="zstd"), "compressed buffers are refused: a small message can hold any amount of data"),
        (ipc(*PEOPLE.to_batches() * 2), "a message must hold exactly one record batch"),
        (ipc(PEOPLE.slice(0, 2)), "row_count is not the number of rows in its batch"),
        (ipc(PEOPLE)[:-8] + ipc(PEOPLE), "a message must hold exactly one record batch"),
        (ipc(pa.table({"é": ONE})).replace("é".encode(), b"\xff\xff"), "a batch has metadata that cannot be read"),
        (ZONED.replace(b"Etc/UTC", b"\xff" * 7), "a batch has metadata that cannot be read"),
        (ipc(PEOPLE.slice(0, 0))[:-8] + ipc(PEOPLE), "a message must begin with its one schema"),
    ],
)
def test_messages(content: bytes, text: str) -> None:
    assert refusal(content, UnreadableBatchError) == text


def test_what_was_refused_once_is_refused_again() -> None:
    """Schemas that have passed are remembered, by their digest; those that have not, are not."""
    content = column(NESTED["list"])
    assert refusal(content, SchemaError) == refusal(content, SchemaError)
    assert read_batch(pa.py_buffer(many_columns()), 3, Settings(max_columns=21)).num_columns == 21
    assert refusal(many_columns(), LimitExceededError) == "max_columns is 20"


def test_every_flat_type_passes() -> None:
    kinds = [
        *(pa.null(), pa.bool_(), pa.int8(), pa.uint64(), pa.float16(), pa.float64(), pa.decimal128(9, 2), pa.decimal256(40, 2)),
        *(pa.date32(), pa.date64(), pa.time32("s"), pa.time64("ns"), pa.timestamp("us", "Europe/London"), pa.duration("ms")),
        *(pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(4)),
        *(pa.month_day_nano_interval(), pa.dictionary(pa.int32(), pa.string())),
    ]
    names = [f"c{number}" for number in range(len(kinds))]
    sent = pa.RecordBatch.from_arrays([pa.nulls(2, kind) for kind in kinds], names=names)
    got = read_batch(pa.py_buffer(ipc(sent)), 2, Settings())
    assert got.schema == sent.schema
    assert got.to_pylist() == sent.to_pylist()


def test_over_the_wire(channel: grpc.Channel) -> None:
    """A column that would not even be read is refused as well, by name."""
    table = PEOPLE.append_column("notes", NESTED["list"])
    outcome = ask(channel, [begin(), batch(table), end()])
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_SCHEMA")
    assert outcome.violations == [("columns.notes", "column 'notes': nested types are refused")]
    assert_answers(channel)
