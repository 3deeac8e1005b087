"""Thousands of replies that went wrong somewhere, without sockets, against a model: exactly right, or an error.

To see one again: SEEDS = [seed].
"""

import random
from types import SimpleNamespace
from typing import Any

import google_crc32c
import pyarrow as pa

from core20plus5_client import IncompleteReplyError, ServerFaultError
from core20plus5_client.reply import Reply, check_people
from core20plus5_proto.large import reader
from core20plus5_proto.v1 import answers_pb2 as answers
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service

Response = service.CountCohortsResponse

SEEDS = range(4_000)

TABLES = ("batch", "inequality", "completeness")

#: Rows that the client sent.
SENT = 40


def piece(rows: int, people: int) -> bytes:
    """Counts of everyone, so many in the first row, as an Arrow stream."""
    numbers = pa.array([people] + [0] * (rows - 1) if rows else [], pa.int64())
    everyone = pa.array(["everyone"] * rows, pa.string())
    columns: dict[str, Any] = dict.fromkeys(("cohort", "cohort_answer", "indicator"), everyone) | {"yes": numbers}
    found = pa.record_batch(columns | dict.fromkeys(("no", "unknown"), pa.array([0] * rows, pa.int64())))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, found.schema) as writer:
        writer.write_batch(found)
    content: bytes = sink.getvalue().to_pybytes()
    return content


_CONTENTS = {(rows, people): piece(rows, people) for rows in range(4) for people in (0, 9, 30)}


def message(name: str, rows: int, start: int, people: int = 0) -> Any:
    content = _CONTENTS[rows, people]
    found = records.ArrowBatch(row_count=rows, start_offset=start, crc32c=google_crc32c.value(content), ipc_stream=content)
    return Response(**{name: found})


def reply(seed: int) -> list[Any]:
    """A right reply in which up to three things were made wrong, or were not."""
    dice = random.Random(seed)
    provenance = answers.Provenance(disclosure="none", cohorts=["everyone"], indicators=["everyone"])
    messages = [Response(header=service.CountHeader(provenance=provenance))]
    sent = {}
    for name in TABLES[: dice.randint(1, 3)]:
        rows = [dice.randint(1, 3) for _ in range(dice.randint(1, 3))]
        for place, some in enumerate(rows):
            messages.append(message(name, some, sum(rows[:place]), 30 if name == "batch" and place == 0 else 0))
        sent[name] = records.End(total_rows=sum(rows), total_batches=len(rows))
    ledger = answers.Ledger(rows_received=SENT, rows_counted=30, excluded=[answers.ExcludedRows(reason="died", rows=10)])
    end = service.CountEnd(sent=sent["batch"], ledger=ledger)
    for name in sent.keys() - {"batch"}:
        getattr(end, f"{name}_sent").CopyFrom(sent[name])
    messages.append(Response(end=end))
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
        spoil(messages, dice)
    return messages


def spoil(messages: list[Any], dice: random.Random) -> None:
    """Lose, repeat, move or change one message."""
    place = dice.randrange(len(messages)) if messages else 0
    match dice.randrange(9) if messages else 8:
        case 0:
            del messages[place]
        case 1:
            twin = Response()
            twin.CopyFrom(messages[place])
            messages.insert(dice.randrange(len(messages) + 1), twin)
        case 2:
            messages.insert(dice.randrange(len(messages)), messages.pop(place))
        case 3:
            del messages[place:]
        case 4:
            messages.insert(place, dice.choice((Response(), message("batch", 1, 0), message("completeness", 0, 0))))
        case 5:
            ends = [found.end for found in messages if found.HasField("end")]
            change_end(dice.choice(ends), dice) if ends else None
        case _:
            batches = [getattr(found, name) for found in messages for name in TABLES if found.HasField(name)]
            change_batch(dice.choice(batches), dice) if batches else None


def change_end(end: Any, dice: random.Random) -> None:
    step = dice.choice((-1, 1, 7))
    match dice.randrange(5):
        case 0:
            end.ledger.rows_received += step
        case 1:
            end.ledger.rows_counted += step
        case 2:
            end.ledger.excluded[0].rows += step
        case 3:
            end.sent.total_rows += step
        case _:
            end.completeness_sent.total_batches += step


def change_batch(batch: Any, dice: random.Random) -> None:
    match dice.randrange(5):
        case 0:
            batch.row_count += dice.choice((-1, 1))
        case 1:
            batch.start_offset += dice.choice((-1, 1))
        case 2:
            batch.crc32c ^= 1 << dice.randrange(32)
        case 3:
            batch.ipc_stream = batch.ipc_stream[: dice.randrange(len(batch.ipc_stream))]
        case _:  # a number that another server might have counted, with a checksum that is right
            batch.ipc_stream = _CONTENTS[batch.row_count if batch.row_count in range(4) else 1, 9]
            batch.crc32c = google_crc32c.value(batch.ipc_stream)


def is_right(messages: list[Any]) -> bool:
    """As the rules are told: Header, the tables in their order, each whole, and an End whose every number adds up."""
    kinds = [found.WhichOneof("message") for found in messages]
    inside = kinds[1:-1]
    ordered = inside == sorted(inside, key=(*TABLES, "header", "end", None).index)
    if (
        not kinds
        or (kinds[0], kinds[-1]) != ("header", "end")
        or not ordered
        or set(inside) - set(TABLES)
        or "batch" not in inside
    ):
        return False
    end = messages[-1].end
    for name in TABLES:
        batches = [getattr(found, name) for found in messages[1:-1] if found.HasField(name)]
        sent = end.sent if name == "batch" else getattr(end, f"{name}_sent")
        rows = [rows_in(batch) for batch in batches]
        places = [sum(rows[:place]) for place in range(len(rows))]
        follows = [(batch.row_count, batch.start_offset) for batch in batches] == list(zip(rows, places, strict=True))
        if not follows or None in rows or (sent.total_rows, sent.total_batches) != (sum(filter(None, rows)), len(rows)):
            return False
    people = sum(people_in(found.batch) for found in messages[1:-1] if found.HasField("batch"))
    ledger = end.ledger
    return (ledger.rows_received, ledger.rows_counted) == (SENT, people) and ledger.excluded[0].rows == SENT - people


def rows_in(batch: Any) -> int:
    """-1 where it is damaged."""
    whole = batch.ipc_stream in _CONTENTS.values() and google_crc32c.value(batch.ipc_stream) == batch.crc32c
    return next(rows for (rows, _), content in _CONTENTS.items() if content == batch.ipc_stream) if whole else -1


def people_in(batch: Any) -> int:
    return next(people if rows else 0 for (rows, people), content in _CONTENTS.items() if content == batch.ipc_stream)


def is_taken(messages: list[Any]) -> bool:
    """By the client, from the bytes of the messages."""
    read, taken = reader(Response), Reply()
    sender: Any = SimpleNamespace(ended=True, rows=SENT)
    try:
        found = [taken.take(read(one.SerializeToString())) for one in messages]
        taken.check(sender)
        check_people(pa.Table.from_batches([batch for batch in found if batch is not None]), taken)
    except (IncompleteReplyError, ServerFaultError):
        return False
    return True


def test_a_reply_is_a_result_if_it_is_exactly_right() -> None:
    right = 0
    for seed in SEEDS:
        messages = reply(seed)
        expected = is_right(messages)
        assert is_taken(messages) is expected, f"seed {seed}"
        right += expected
    assert 0.15 * len(SEEDS) < right < 0.8 * len(SEEDS)  # neither is rare


def test_a_reply_to_half_of_the_records_is_none() -> None:
    messages = next(found for found in map(reply, SEEDS) if is_right(found))
    read = reader(Response)
    for sender in (SimpleNamespace(ended=False, rows=SENT), SimpleNamespace(ended=True, rows=SENT - 1)):
        taken = Reply()
        for one in messages:
            taken.take(read(one.SerializeToString()))
        who: Any = sender
        try:
            taken.check(who)
        except IncompleteReplyError:
            continue
        raise AssertionError(sender)
