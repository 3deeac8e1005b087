"""Arrow's errors about a file, in our words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from core20plus5_cli.errors import CliError


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turns the errors of reading a file into CliError: Arrow's own messages may quote what could not be read."""
    try:
        yield
    except pa.ArrowException:
        raise CliError(f"{name} cannot be read: it is corrupt or truncated") from None
    except OSError as error:
        raise CliError(f"{name} cannot be read: {reason(error) or 'it is corrupt or truncated'}") from None


def reason(error: OSError) -> str | None:
    """What the system says is wrong; None where the error is Arrow's own, whose text is not safe to print."""
    return os.strerror(error.errno) if error.errno else None
