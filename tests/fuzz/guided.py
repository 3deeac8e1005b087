"""The door and the engine under atheris, guided by coverage: `python -m tests.fuzz.guided FOLDER [options of libFuzzer]`.

FOLDER gets what reaches new code. A message is a byte, of its rows and of what is asked, and then an Arrow stream.
"""

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

from core20plus5 import kernels
from tests.fuzz.mutate import damaged

# The kernels first, as they are: Numba compiles their bytecode, which must be as it was written.
for _kernels in pkgutil.iter_modules(kernels.__path__):
    importlib.import_module(f"{kernels.__name__}.{_kernels.name}")

with atheris.instrument_imports(include=["core20plus5", "core20plus5_service"]):
    from tests.fuzz.door import Door, Message, corpus

_COUNTING, _STRATA = 64, 128


def as_bytes(message: Message) -> bytes:
    """A message as atheris keeps it."""
    return bytes([message.rows % 64 | _COUNTING * message.counting | _STRATA * bool(message.strata)]) + message.content


def as_message(data: bytes) -> Message:
    """The message of these bytes."""
    first = data[0] if data else 0
    return Message(data[1:], first % 64, bool(first & _COUNTING), ("ward", "sex", "practice_code") if first & _STRATA else ())


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Damage of our own half of the time, of libFuzzer's the other half."""
    dice = Random(seed)
    if dice.random() < 0.5 or len(data) < 2:
        return bytes(atheris.Mutate(data, max_size))
    others = [found.content for found in corpus()]
    return (data[:1] + damaged(data[1:], others, dice))[:max_size]


def main() -> None:
    """Runs until it is stopped, or until something goes wrong."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for seed in corpus():
        (folder / seed.name.replace(" ", "-")).write_bytes(as_bytes(Message(seed.content, seed.rows, strata=seed.strata)))
    door = Door(Path(tempfile.mkdtemp()))
    atheris.Setup(sys.argv, lambda data: door.answer(as_message(data)) and None, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
