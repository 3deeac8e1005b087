"""Every count of a stratum that one reply can hold, and how they are linked."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure.events import ANSWERS, Relation, containments, find_events, sums, unions
from core20plus5.disclosure.imagined import ImaginedPeople, Setting

_ROUNDS = 8

Indexes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Links:
    """The counts of one stratum as variables, each once however often it is shown, and the relations between them.

    groups: cohort and number of the answer (in yes, no, unknown) of each group; indicators: names; both have "everyone", and so
    does what is released, shown or not, since all else adds up to it.
    cells: int32 (groups, indicators, 4), the variable of yes, no, unknown and not applicable, -1 where nobody can answer that.
    pairs: int32 (variables, 2), the two events whose people a variable counts; members: uint64 (events, words), the imagined
    people of each event.
    together: bool (variables,), whether anybody can be counted there at all.
    starts, terms, weights: the relations, one after the other: sum of weight x variable is 0, or at least 0 where `at_least`.
    use_starts, uses, use_weights: the same, from each variable to the relations that it is in.
    """

    groups: tuple[tuple[str, int], ...]
    indicators: tuple[str, ...]
    people: ImaginedPeople
    cells: Indexes
    pairs: Indexes
    members: npt.NDArray[np.uint64]
    together: npt.NDArray[np.bool_]
    starts: npt.NDArray[np.int64]
    terms: Indexes
    weights: npt.NDArray[np.int64]
    at_least: npt.NDArray[np.bool_]
    use_starts: npt.NDArray[np.int64]
    uses: Indexes
    use_weights: npt.NDArray[np.int64]

    @property
    def variables(self) -> int:
        """How many different counts a stratum has."""
        return len(self.together)

    @property
    def linked(self) -> tuple[npt.NDArray[Any], ...]:
        """What `kernels.protection.protect` takes as links."""
        return (
            self.cells, self.together, self.starts, self.terms, self.weights, self.at_least, self.use_starts, self.uses,
            self.use_weights,
        )  # fmt: skip

    def impossible(self, stratum: str, label: str) -> npt.NDArray[np.bool_]:
        """Per variable: whether nobody in a stratum with this label can be counted there."""
        inside = self.people.having(stratum, label)
        if inside is None or not inside.any():
            return np.zeros(self.variables, np.bool_)
        words = np.packbits(inside).view(np.uint64)
        people = np.bitwise_count(self.members & words).sum(axis=1)
        return np.asarray((people[self.pairs] == 0).any(axis=1))


def find_links(setting: Setting, cohorts: Sequence[str], indicators: Sequence[str]) -> Links:
    """The links between the counts of these indicators within these cohorts. Kept for the requests that ask the same again."""
    key = repr((setting.reference_date, [(i.name, i.texts) for i in setting.indicators], sorted(setting.parameters.items())))
    key += repr((setting.plus_groups, sorted(setting.absent), tuple(cohorts), tuple(indicators)))
    with _lock:
        if key not in _kept:
            _kept[key] = _find(setting, tuple(cohorts), tuple(indicators))
        _kept.move_to_end(key)
        while len(_kept) > _ROUNDS:
            _kept.popitem(last=False)
        return _kept[key]


_kept: OrderedDict[str, Links] = OrderedDict()
_lock = Lock()


def _find(setting: Setting, cohorts: tuple[str, ...], indicators: tuple[str, ...]) -> Links:
    people = ImaginedPeople(setting)
    names = tuple(dict.fromkeys(("everyone", *cohorts, *indicators)))
    events = find_events(people, names)
    groups = [(cohort, answer) for cohort in dict.fromkeys(("everyone", *cohorts)) for answer in range(3)]
    # A cohort answer that nobody can give is a group without people; it shares the variables of nobody.
    number = {group: int(events.number[names.index(group[0]), group[1]]) for group in groups}
    groups = [group for group in groups if number[group] >= 0]
    across = np.unique([number[group] for group in groups])
    columns = tuple(dict.fromkeys(("everyone", *indicators)))
    down = np.unique(events.number[[names.index(name) for name in columns]])
    down = down[down >= 0]
    table, pairs = _variables(across, down, len(events.members))
    together = events.together[pairs[:, 0], pairs[:, 1]] > 0

    cells = np.full((len(groups), len(columns), len(ANSWERS)), -1, np.int32)
    for place, name in enumerate(columns):
        told = events.number[names.index(name)]
        for row, group in enumerate(groups):
            cells[row, place] = np.where(told >= 0, table[number[group], told], -1)

    rules: list[tuple[bool, bool, list[Relation]]] = []
    for is_column, chosen in ((True, down), (False, across)):
        rules.append((is_column, False, sums(events, chosen)))
        rules.append((is_column, True, [*containments(events, chosen), *unions(people, events, chosen)]))
    return Links(
        tuple(groups),
        columns,
        people,
        cells,
        pairs,
        events.members,
        together,
        *_spread(rules, across, down, table, len(pairs)),
    )


def _variables(across: npt.NDArray[np.int64], down: npt.NDArray[np.int64], events: int) -> tuple[Indexes, Indexes]:
    """Number every pair of events; those of A within B and of B within A are the same people. Returns numbers and pairs."""
    table = np.full((events, events), -1, np.int32)
    first, second = (side.ravel() for side in np.meshgrid(across, down, indexing="ij"))
    symmetric = np.isin(first, down) & np.isin(second, across)
    low, high = np.where(symmetric, np.minimum(first, second), first), np.where(symmetric, np.maximum(first, second), second)
    pairs, numbers = np.unique(np.stack([low, high], axis=1), axis=0, return_inverse=True)
    table[first, second] = numbers.ravel()
    return table, pairs.astype(np.int32)


def _spread(
    rules: list[tuple[bool, bool, list[Relation]]],
    across: npt.NDArray[np.int64],
    down: npt.NDArray[np.int64],
    table: Indexes,
    variables: int,
) -> tuple[
    npt.NDArray[np.int64],
    Indexes,
    npt.NDArray[np.int64],
    npt.NDArray[np.bool_],
    npt.NDArray[np.int64],
    Indexes,
    npt.NDArray[np.int64],
]:
    """Each relation between events holds within every other event; as starts, terms, weights, at_least, and the way back."""
    seen: set[bytes] = set()
    terms, weights, lengths, at_least = [], [], [], []
    for is_column, unequal, relations in rules:
        for relation in relations:
            told, weight = np.array(relation, np.int64).T
            within = across if is_column else down
            lines = table[np.ix_(within, told)] if is_column else table[np.ix_(told, within)].T
            for line in lines:
                order = np.argsort(line, kind="stable")
                key = line[order].tobytes() + weight[order].tobytes() + bytes([unequal])
                if key not in seen:
                    seen.add(key)
                    terms.append(line)
                    weights.append(weight)
                    lengths.append(len(line))
                    at_least.append(unequal)
    if not terms:
        terms, weights = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
    flat, flat_weights = np.concatenate(terms).astype(np.int32), np.concatenate(weights).astype(np.int64)
    owner = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    order = np.argsort(flat, kind="stable")
    use_starts = np.searchsorted(flat[order], np.arange(variables + 1)).astype(np.int64)
    return starts, flat, flat_weights, np.array(at_least, np.bool_), use_starts, owner[order], flat_weights[order]
