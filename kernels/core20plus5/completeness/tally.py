"""People by the state of their values and by the organisations among the strata."""

from collections import Counter

import numpy as np
import numpy.typing as npt

from core20plus5.completeness.states import NOWHERE, SLOTS, States
from core20plus5.records import ORGANISATIONS
from core20plus5.strata import StratumIndex, StratumReaders


class CompletenessTally:
    """Of a call, block by block. By numbers: to add up labels and texts takes twenty times as long as the counts do. Not safe for
    several threads."""

    def __init__(self, strata: StratumReaders) -> None:
        self._columns = [place for place, name in enumerate(strata.names) if name in ORGANISATIONS]
        self._labels = [strata.labels[place] for place in self._columns]
        self._index = StratumIndex(len(self._columns))
        self._people = np.zeros((0, NOWHERE + 1), np.int64)

    def add(self, codes: npt.NDArray[np.int32], states: list[States]) -> None:
        """Add a block. codes: int32 (strata, n or more), the label of each person in each stratum; states: see `states_of`."""
        numbers = np.empty(len(states[0]), np.int32)
        self._index.numbers(codes[self._columns], [len(labels) for labels in self._labels], numbers)
        first = numbers * np.int64(NOWHERE + 1)
        size = len(self._index) * (NOWHERE + 1)
        people = np.bincount(np.concatenate([first + each for each in states]), minlength=size).reshape(-1, NOWHERE + 1)
        people[: len(self._people)] += self._people
        self._people = people

    def found(self) -> Counter[tuple[str, str, tuple[str, ...]]]:
        """People by column, state and labels of organisations: see `Ledger.completeness`."""
        names = [labels.names for labels in self._labels]
        members = [tuple(label[code] for label, code in zip(names, codes, strict=True)) for codes in self._index.members.tolist()]
        places = np.nonzero(self._people[:, :NOWHERE])
        numbers = zip(*(each.tolist() for each in places), self._people[places].tolist(), strict=True)
        return Counter({(*SLOTS[slot], members[number]): people for number, slot, people in numbers})
