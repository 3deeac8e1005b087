"""One schedule: what is asked, of how many people, how slowly, and what happens meanwhile; all of it from a seed."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyarrow as pa

import core20plus5
from core20plus5_client import Client, DeadlineError, ServerBusyError, ServerFaultError, ServerUnavailableError
from tests.faults.asking import ASK, EXACT, RELEASED, all_flags, assert_same_flags, assert_same_result, sample
from tests.faults.fleet import Fleet
from tests.faults.nemesis import Fate, nemesis

#: Errors that say clearly that there is no answer. Any other one, and any other answer, is a failure of the test.
CLEAR = (ServerUnavailableError, ServerBusyError, DeadlineError)

_DEADLINE = 12.0
_ROWS = (700, 9_000, 40_000)


@dataclass(frozen=True)
class Schedule:
    """seed: says everything else. ending: a signal that one server gets in mid-call, if any, and after how many seconds."""

    seed: int
    how: str
    rows: int
    shard_rows: int
    pause: float
    fates: tuple[tuple[Fate, ...], ...]
    ending: str = ""
    ends_after: float = 0.0

    @classmethod
    def of(cls, seed: int) -> "Schedule":
        dice = random.Random(seed)
        how = dice.choice(("parts", "parts", "whole", "flags", "once"))
        fates = tuple(tuple(Fate.draw(dice) for _ in range(dice.randint(0, 5))) for _ in range(2))
        ending, after = dice.choice(("", "", "KILL", "TERM")), dice.uniform(0.0, 0.5)
        pause = dice.choice((0.0, 0.0, 0.005))
        return cls(seed, how, dice.choice(_ROWS), dice.choice((1_000, 4_000, 15_000)), pause, fates, ending, after)

    def run(self, fleet: Fleet) -> str:
        """`exact`, or the name of the clear error. Raises AssertionError for anything else."""
        with ExitStack() as stack:
            fleet.heal()
            proxies = [
                stack.enter_context(nemesis(address, list(fates)))
                for address, fates in zip(fleet.addresses, self.fates, strict=True)
            ]
            ender = threading.Timer(self.ends_after, fleet.end, (0, self.ending))
            if self.ending:
                ender.start()
                stack.callback(ender.join)
            try:
                self._ask([proxy.address for proxy in proxies])
            except CLEAR as error:
                return type(error).__name__
            except ServerFaultError as error:
                if error.retryable:  # the connection broke, in gRPC's words
                    return type(error).__name__
                raise
            return "exact"

    def _ask(self, addresses: list[str]) -> None:
        people = _people(self.rows)
        with Client(addresses, deadline=_DEADLINE, tries=6, shard_rows=self.shard_rows) as client:
            if self.how == "flags":
                assert_same_flags(self._flags(client, people), _expected("flags", self.rows))
                return
            asked = EXACT if self.how == "parts" else RELEASED
            source: Any = self._slowly(people) if self.how == "once" or self.pause else people
            expected = _expected("parts" if self.how == "parts" else "whole", self.rows)
            found = client.count_cohorts(source, **asked)
            assert_same_result(found, expected)

    def _flags(self, client: Client, people: pa.Table) -> tuple[Any, ...]:
        if not self.pause:
            return all_flags(client, people)
        batches = []
        with client.flag_patients(people, **ASK) as flags:
            for batch in flags:
                batches.append(batch)
                time.sleep(self.pause)
            return pa.Table.from_batches(batches, flags.schema), flags.quality, flags.provenance

    def _slowly(self, people: pa.Table) -> Iterator[pa.RecordBatch]:
        for batch in people.to_batches(max_chunksize=2_000):
            yield batch
            time.sleep(self.pause)


@cache
def _people(rows: int) -> pa.Table:
    return sample(rows, 7)


@dataclass(frozen=True)
class _Embedded:
    """What the client gives of an undisturbed server, from the embedded engine."""

    counts: pa.Table
    indicators: pa.Table
    quality: pa.Table
    provenance: dict[str, Any]
    completeness: pa.Table | None
    measured: pa.Table | None = field(default=None)


@cache
def _expected(how: str, rows: int) -> Any:
    """From the embedded engine, which no network comes near."""
    people = _people(rows)
    if how == "flags":
        flags = core20plus5.flag_patients(people, **ASK)
        return pa.Table.from_batches(list(flags), flags.schema), flags.quality, flags.provenance
    asked = {key: value for key, value in (EXACT if how == "parts" else RELEASED).items() if key != "inequality"}
    result = core20plus5.count_cohorts(people, **asked)
    measured = None if how == "parts" else result.inequality
    return _Embedded(result.counts, result.indicators, result.quality, result.provenance, result.completeness, measured)
