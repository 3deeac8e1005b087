"""How much memory the settings ask for. Measured: see deploy/sizing.md, and `python -m tests.deploy.measure`."""

from core20plus5_service.machine import usable_memory

_MIB = 1 << 20

#: The process once it is ready: interpreter, libraries, compiled kernels, an IMD table, what malloc keeps.
BASE = 336 * _MIB
#: A working thread: the columns and bit planes of one block.
THREAD = 16 * _MIB
#: A call: its buffer of answers, blocks on their way, what gRPC holds of its stream, its reply, and what lies idle between them.
CALL = 160 * _MIB
#: Messages of a call that are held at once: two that wait, one that is read, one that comes in.
MESSAGES = 4
#: A populated cell of a count: the count itself, the table while it grows, and its rows while they are released.
CELL = 56

#: Memory from which on two processes compile at a start; together they take 712 MiB.
TWO_COMPILE = 1 << 30

_MOST_CALLS, _MOST_CELLS = 16, 1 << 25
_MESSAGE = 12 * _MIB


#: Of these, the ones that a call may hold whatever waits of others: one that waits, one that is read, one that comes in.
OWN_MESSAGES = 3


def memory_needed(threads: int, calls: int, message_bytes: int, cells: int, buffered_bytes: int = 0) -> int:
    """Bytes for so many calls at once, one of which asks for the finest strata that are allowed.

    buffered_bytes: a limit of what waits in all calls together; 0 is none.
    """
    held = calls * MESSAGES * message_bytes
    if buffered_bytes:
        held = min(held, calls * OWN_MESSAGES * message_bytes + buffered_bytes)
    return BASE + threads * THREAD + calls * CALL + held + cells * CELL


def memory_of_call(message_bytes: int) -> int:
    """Bytes for one more call."""
    return CALL + MESSAGES * message_bytes


def default_cells(memory: int | None = None) -> int:
    """Cells in one count: as many as a quarter of the memory holds, but no more than anyone should ask for."""
    return max(1 << 20, min(_MOST_CELLS, (memory or usable_memory()) // 4 // CELL))


def default_calls(memory: int | None = None) -> int:
    """Calls at once: as many as the memory bears beside all else, but no more than sixteen."""
    memory = memory or usable_memory()
    left = memory - memory_needed(threads=8, calls=0, message_bytes=0, cells=default_cells(memory))
    return max(1, min(_MOST_CALLS, left // memory_of_call(_MESSAGE)))
