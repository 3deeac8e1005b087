"""Damaged calls to a whole server, over a socket: batches, the messages around them, and bytes that are no message at all."""

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import google_crc32c
import grpc

from core20plus5_proto.v1 import records_pb2 as records
from tests.e2e.process import ServerProcess, running_server
from tests.fuzz.door import message
from tests.fuzz.mutate import damaged
from tests.service.wire import Request, assert_answers, begin, begin_flags, end, whole_call

#: What the protocol has a caller told. INTERNAL, UNKNOWN, UNAVAILABLE and DEADLINE_EXCEEDED are findings.
ALLOWED = {"OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "OUT_OF_RANGE", "DATA_LOSS", "NOT_FOUND", "PERMISSION_DENIED"}

#: Seconds for one call, and calls at once.
_SECONDS, _AT_ONCE = 60, 8

_SERVICE = "/core20plus5.v1.CohortService/"
_DESCRIBE = ("GetServerInfo", "ListRulesets", "GetRuleset", "DescribeRecord")
_WHOLE = [each.SerializeToString() for each in whole_call(strata=["sex"])]
_FEW = b"".join([begin_flags().SerializeToString(), *_WHOLE[1:]])


def call_of(base: int, number: int) -> tuple[str, list[bytes]]:
    """A method and the messages for it: always the same for the same numbers."""
    dice = Random(f"server/{base}/{number}")
    way = dice.random()
    if way < 0.1:
        return dice.choice(_DESCRIBE), [damaged(b"\x0a\x13core20plus5-adults@1", _WHOLE, dice) if way < 0.05 else _noise(dice)]
    if way < 0.5:
        found = message(base, number)
        batch = records.ArrowBatch(row_count=found.rows, crc32c=google_crc32c.value(found.content), ipc_stream=found.content)
        first = begin(strata=found.strata) if found.counting else begin_flags()
        told = [each.SerializeToString() for each in (first, Request(batch=batch), end(found.rows))]
        if found.counting:
            return "CountCohorts", told
        return ("FlagFew", [b"".join(told)]) if dice.random() < 0.5 else ("FlagPatients", told)
    if dice.random() < 0.2:
        return "FlagFew", [damaged(_FEW, _WHOLE, dice)]
    messages = list(_WHOLE)
    place = dice.randrange(3)
    messages[place] = _noise(dice) if way < 0.6 else damaged(messages[place], _WHOLE, dice)
    if way > 0.95:
        dice.shuffle(messages)
    return "CountCohorts", messages


def _noise(dice: Random) -> bytes:
    return dice.randbytes(dice.choice((0, 1, 2, 9, 40, 300)))


def answer(channel: grpc.Channel, base: int, number: int) -> str:
    """The status of a call."""
    method, messages = call_of(base, number)
    try:
        if len(messages) == 1:
            channel.unary_unary(_SERVICE + method, bytes, bytes)(messages[0], timeout=_SECONDS)
        else:
            for _ in channel.stream_stream(_SERVICE + method, bytes, bytes)(iter(messages), timeout=_SECONDS):
                pass
    except grpc.RpcError as error:
        code: Any = error
        return str(code.code().name)
    return "OK"


def ask_all(server: ServerProcess, base: int, numbers: Iterable[int]) -> tuple[Counter[str], list[str]]:
    """The calls of these numbers, some at once. Returns the statuses, and what must not be."""
    outcomes: Counter[str] = Counter()
    findings: list[str] = []
    with server.channel() as channel, ThreadPoolExecutor(_AT_ONCE) as pool:
        for number, code in pool.map(lambda number: (number, answer(channel, base, number)), numbers):
            outcomes[code] += 1
            if code not in ALLOWED:
                findings.append(f"call {number} of base {base}: {code}")
        assert_answers(channel)
    return outcomes, findings


def memory(server: ServerProcess) -> int:
    """Bytes of memory that the server has."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) << 10


def run(base: int, count: int) -> int:
    """Calls by thousands, a line for each; returns the number of findings."""
    outcomes: Counter[str] = Counter()
    findings: list[str] = []
    start = time.monotonic()
    with running_server("--threads", "2") as server:
        for first in range(0, count, 1_000):
            more, found = ask_all(server, base, range(first, min(count, first + 1_000)))
            outcomes += more
            findings += found
            rate = outcomes.total() / (time.monotonic() - start)
            line = f"base {base}: {outcomes.total()} calls, {rate:.0f}/s, {memory(server) >> 20} MiB, findings {len(findings)}"
            sys.stdout.write("\n  ".join([line, *found]) + "\n")
            sys.stdout.flush()
    sys.stdout.write(json.dumps(dict(outcomes.most_common()), indent=1) + "\n")
    return len(findings)
