"""The conservation law of a call: every row that was sent is counted or excluded, and everyone counted is in the table, once."""

import time
from typing import Any

from core20plus5.cohorts import CohortCounts
from core20plus5.ingest import Ledger
from core20plus5_service.errors import LedgerImbalanceError
from core20plus5_service.feed import Coming, Going
from core20plus5_service.incoming import Incoming
from core20plus5_service.metrics import CallWatcher, Metrics


def people_in(counts: CohortCounts) -> int:
    """Everyone in the count table, added up over its strata."""
    place = 3 * counts.indicators.index("everyone")
    return int(counts.everyone()[:, place : place + 3].sum())


class BlockAccount(CallWatcher):
    """The same law for each block: the blocks of a call may not make up for each other."""

    def block(self, ledger: Ledger) -> None:
        """What was found in one block. Raises LedgerImbalanceError where a row of it is neither counted nor excluded, or both."""
        difference = imbalance(ledger.received, ledger, ledger.counted)
        if difference:
            self.metrics.imbalance.inc(difference)
            raise LedgerImbalanceError
        super().block(ledger)


def imbalance(rows_sent: int, ledger: Ledger, people: int) -> int:
    """Rows by which the two sides differ. rows_sent: as the stream's own messages say; people: as the answer says."""
    accounted = ledger.counted + sum(ledger.excluded.values())
    return abs(rows_sent - accounted) + abs(ledger.counted - people)


class Account:
    """What a call is measured by when it is answered. It begins with the work of the call."""

    def __init__(self, metrics: Metrics, stream: Incoming, feed: Coming[Any], outbox: Going) -> None:
        self._metrics, self._stream, self._feed, self._outbox = metrics, stream, feed, outbox
        self._start = time.perf_counter()

    def settle(self, ledger: Ledger, people: int) -> None:
        """Before the answer ends. Raises LedgerImbalanceError where rows were lost: then there must be no answer."""
        difference = imbalance(self._stream.rows, ledger, people)
        seconds = time.perf_counter() - self._start - self._feed.waited - self._outbox.waited
        self._metrics.observe_answer(ledger, difference, seconds)
        if difference:
            raise LedgerImbalanceError
