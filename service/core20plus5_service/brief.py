"""Work that the event loop does itself, as long as it is brief."""

import time
from collections.abc import Callable

#: Bytes of records that are brief work, most of the time.
_FEW_BYTES = 1 << 16

#: Seconds that work may take, a few times as long as it does; and for how long the loop rests from it after it took longer.
_BRIEF, _REST = 0.004, 0.1


class BriefWork:
    """Work of a call that comes in one message and goes out in one: about one person, or a few.

    It takes a millisecond or so. A thread, most of whose work would be Python's, would keep the event loop waiting as well, and
    to change threads takes a third as long again. What makes it longer is a question asked for the first time, or one about
    columns that may not be remembered: if many ask so, answers about health would wait for all of them.
    """

    def __init__(self) -> None:
        self._rests_until = 0.0

    def may_be(self, content_bytes: int) -> bool:
        """Whether the loop may work on so many bytes of records now."""
        return content_bytes <= _FEW_BYTES and time.perf_counter() >= self._rests_until

    def do(self, work: Callable[[], None]) -> None:
        """Do it here and now."""
        start = time.perf_counter()
        try:
            work()
        finally:
            end = time.perf_counter()
            if end - start > _BRIEF:
                self._rests_until = end + _REST
