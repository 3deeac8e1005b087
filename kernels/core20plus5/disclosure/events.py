"""Which answers exclude, imply or add up to which others, found among imagined people."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core20plus5.disclosure.imagined import NO, NOT_APPLICABLE, UNKNOWN, YES, ImaginedPeople
from core20plus5.expressions import Node
from core20plus5.expressions import nodes as n

#: The order of the answers of an indicator; the last one is never in a table, but what adds up often needs it.
ANSWERS = (YES, NO, UNKNOWN, NOT_APPLICABLE)

#: Relations are found by elimination in whole numbers modulo this prime, where nothing is ever rounded.
_PRIME = 2_147_483_647
_LARGEST = 8

#: A relation between events: sum of coefficient x people = 0, or >= 0 where it is an inequality.
Relation = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Events:
    """The answers of some indicators as sets of people.

    number: int64 (indicators, 4), the event of each answer, -1 where nobody can give it; two answers that always go together
    are one event. together: int64 (events, events), how many imagined people are in both.
    """

    names: tuple[str, ...]
    number: npt.NDArray[np.int64]
    members: npt.NDArray[np.uint64]
    together: npt.NDArray[np.int64]

    def place(self, name: str, answer: int) -> int:
        """The event of an answer (NO, UNKNOWN, YES or NOT_APPLICABLE), or -1."""
        return int(self.number[self.names.index(name), ANSWERS.index(answer)])


def find_events(people: ImaginedPeople, names: tuple[str, ...]) -> Events:
    """The events of some indicators, each once."""
    rows = np.stack([people.answers[name] == answer for name in names for answer in ANSWERS])
    words = np.packbits(rows, axis=1).view(np.uint64)
    seen: dict[bytes, int] = {}
    number = np.full(len(words), -1, np.int64)
    for place, row in enumerate(words):
        if row.any():
            number[place] = seen.setdefault(row.tobytes(), len(seen))
    members = np.frombuffer(b"".join(seen), np.uint64).reshape(len(seen), -1)
    together = np.array([np.bitwise_count(members & row).sum(axis=1, dtype=np.int64) for row in members])
    return Events(names, number.reshape(len(names), 4), members, together)


def sums(events: Events, chosen: npt.NDArray[np.int64]) -> list[Relation]:
    """Every relation "these add up to nothing" among some events: all others follow from them.

    chosen: events in an order in which later ones are told by earlier ones.
    """
    matrix = events.together[np.ix_(chosen, chosen)] % _PRIME
    pivots: list[int] = []
    for column in range(len(chosen)):
        row = len(pivots)
        nonzero = np.flatnonzero(matrix[row:, column])
        if not len(nonzero):
            continue
        matrix[[row, row + nonzero[0]]] = matrix[[row + nonzero[0], row]]
        matrix[row] = matrix[row] * pow(int(matrix[row, column]), -1, _PRIME) % _PRIME
        others = np.flatnonzero(matrix[:, column])
        others = others[others != row]
        matrix[others] = (matrix[others] - matrix[others, column][:, None] * matrix[row]) % _PRIME
        pivots.append(column)
    free = sorted(set(range(len(chosen))) - set(pivots))
    signed = np.where(matrix > _PRIME // 2, matrix - _PRIME, matrix)
    relations = [_relation(chosen, pivots, signed[: len(pivots), column], column) for column in free]
    return [relation for relation in relations if max(abs(weight) for _, weight in relation) <= _LARGEST]


def _relation(chosen: npt.NDArray[np.int64], pivots: list[int], weights: npt.NDArray[np.int64], column: int) -> Relation:
    terms = [(int(chosen[pivot]), int(weight)) for pivot, weight in zip(pivots, weights, strict=True) if weight]
    return (*terms, (int(chosen[column]), -1))


def containments(events: Events, chosen: npt.NDArray[np.int64]) -> list[Relation]:
    """Each "nobody is in the first without being in the second" that does not follow from another one or from a sum."""
    together = events.together[np.ix_(chosen, chosen)]
    size = np.diag(together)
    inside = (together == size[:, None]) & (size[:, None] < size[None, :])
    steps = inside & ~((inside.astype(np.int64) @ inside.astype(np.int64)) > 0)
    found: list[Relation] = []
    for small, large in zip(*np.nonzero(steps), strict=True):
        rest = events.members[chosen[large]] & ~events.members[chosen[small]]
        if not _adds_up(events, rest):
            found.append(((int(chosen[large]), 1), (int(chosen[small]), -1)))
    return found


def _adds_up(events: Events, rest: npt.NDArray[np.uint64]) -> bool:
    """Whether some answers of one indicator are just these people: then a sum says all there is to say about them."""
    inside = np.logical_not((events.members & ~rest).any(axis=1))
    for answers in events.number:
        parts = [event for event in set(answers.tolist()) if event >= 0 and inside[event]]
        if parts and (np.bitwise_or.reduce(events.members[parts]) == rest).all():
            return True
    return False


def unions(people: ImaginedPeople, events: Events, chosen: npt.NDArray[np.int64]) -> list[Relation]:
    """Of indicators that are "this or that": no more people than the sum of their parts; of "this and that": the same of no."""
    allowed = set(chosen.tolist())
    found = []
    for indicator in people.setting.indicators:
        for kind, told in ((n.Either, ((YES,), (YES, UNKNOWN))), (n.Both, ((NO,), (NO, UNKNOWN)))):
            parts = list(_parts(indicator.where, kind, people.setting.plus_groups))
            if indicator.name not in events.names or len(parts) < 2 or not set(parts) <= set(events.names):
                continue
            for answers in told:
                terms = [(events.place(part, answer), 1) for part in parts for answer in answers]
                terms += [(events.place(indicator.name, answer), -1) for answer in answers]
                relation = tuple(term for term in terms if term[0] >= 0)
                if {event for event, _ in relation} <= allowed and _holds(events, relation):
                    found.append(relation)
    return found


def _parts(node: Node, kind: type[Node], plus_groups: tuple[str, ...]) -> Iterator[str]:
    """The indicators that a sentence joins by nothing but "or", or nothing but "and"; none where it reads anything else."""
    names: list[str] = []
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, kind) and isinstance(part, (n.Either, n.Both)):
            waiting += [part.right, part.left]
        elif isinstance(part, n.AnyPlusGroup) and kind is n.Either:
            names += plus_groups
        elif isinstance(part, n.IndicatorAnswer):
            names.append(part.name)
        else:
            return
    yield from dict.fromkeys(names)


def _holds(events: Events, relation: Relation) -> bool:
    """Whether an inequality holds for every imagined person."""
    total = np.zeros(events.members.shape[1] * 64, np.int64)
    for event, weight in relation:
        total += weight * np.unpackbits(events.members[event].view(np.uint8)).astype(np.int64)
    return bool((total >= 0).all())
