"""Files that may change while the server runs: certificates, callers, keys. A bad new one leaves in place what was there."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from core20plus5_service.errors import SetupError
from core20plus5_service.logs import SERVICE, fields

log = logging.getLogger(SERVICE)

Value = TypeVar("Value")

#: Told of each new content: what it is, and whether it could be used.
Told = Callable[[str, bool], None]


class Reloaded(Generic[Value]):
    """What is read from some files together, and read anew when their bytes have changed. Raises SetupError at first."""

    def __init__(self, what: str, paths: Sequence[Path], read: Callable[..., Value], told: Told) -> None:
        """read: from the bytes of each file, in order; raises SetupError. told: of each change."""
        self._what, self._paths, self._read, self._told = what, paths, read, told
        self._seen = self._contents()
        self.value = read(*self._seen)

    def _contents(self) -> tuple[bytes, ...]:
        try:
            return tuple(path.read_bytes() for path in self._paths)
        except OSError as error:
            raise SetupError(f"{error.filename}: {error.strerror}") from None

    def look(self) -> bool:
        """Read the files if they have changed. Returns whether there is a new value."""
        try:
            contents = self._contents()
        except SetupError as error:
            contents, problem = (), str(error)
        else:
            problem = ""
        if contents == self._seen:
            return False
        self._seen = contents
        try:
            if problem:
                raise SetupError(problem)
            self.value = self._read(*contents)
        except Exception as error:  # whatever is in the file, the next content must be looked at too
            told = str(error) if isinstance(error, SetupError) else type(error).__name__
            log.error("not reloaded", extra=fields(what=self._what, problem=told))
            self._told(self._what, False)
            return False
        log.info("reloaded", extra=fields(what=self._what))
        self._told(self._what, True)
        return True
