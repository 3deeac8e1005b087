"""The server with an engine that does wrong when it is told to, to see that operators are told.

`python -m tests.deploy.faulty_server FAULTS ...` is `core20plus5 serve ...`. FAULTS is a file of words, read anew for each
block: `lose` leaves a row out of the tallies, `slow` takes two seconds longer. With `other-rules` at the start, the rulesets
have another hash.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from core20plus5.engine.call import Call
from core20plus5_service import server
from core20plus5_service.__main__ import main


def break_engine(faults: Path) -> None:
    """Replace what the faults concern."""
    answer, rulesets = Call.answer, server.list_rulesets

    def wrong(self: Call, batch: Any) -> Any:
        words = faults.read_text(encoding="ascii").split()
        columns, flags = answer(self, batch)
        columns.ledger.counted -= "lose" in words
        time.sleep(2 * ("slow" in words))
        return columns, flags

    Call.answer = wrong  # type: ignore[method-assign]
    if "other-rules" in faults.read_text(encoding="ascii"):
        server.list_rulesets = lambda: tuple(replace(found, sha256="0" * 64) for found in rulesets())


if __name__ == "__main__":
    break_engine(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
