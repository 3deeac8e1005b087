"""From the distinct answer patterns of each stratum, with the number of people who have them, to the tidy table.

Every peer that groups first ends here: an expansion in NumPy, by matrix products, faster than any of them does it in a query.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tests.benchmarks.definitions.query import IN_A_WORD, Query
from tests.benchmarks.definitions.translate import LABELS

ANSWERS = ("yes", "no", "unknown")

#: Two-bit codes of the answers, in their order.
_CODES = (3, 1, 2)

#: A sum of float64 is exact to 53 bits: room for three counters of 17, or for one.
_COUNTER_BITS = 17

#: Patterns that are expanded at once: their matrices stay in cache.
_BLOCK = 1 << 13

Numbers = npt.NDArray[np.int64]
Sums = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grouped:
    """keys: the populated strata, text by column; starts: where the patterns of each begin, and the end; answers: uint8
    (patterns, indicators), two-bit codes of the names; people: how many have each pattern."""

    keys: list[pa.Array]
    starts: Numbers
    answers: npt.NDArray[np.uint8]
    people: Numbers
    names: tuple[str, ...]


def group(found: pa.Table, query: Query) -> Grouped:
    """The groups of a query's result, by stratum. found: columns k, c and w, and the number of people in `n`."""
    keys = [_places(found[f"k{place}"], name) for place, name in enumerate(query.question.strata)]
    stratum = np.zeros(found.num_rows, np.int64)
    for places, labels in keys:
        stratum = stratum * len(labels) + places
    order = np.argsort(stratum, kind="stable")
    stratum = stratum[order]
    first = np.flatnonzero(np.diff(stratum, prepend=-1))
    members = [labels.take(pa.array(places[order[first]])) for places, labels in keys]
    names = ("everyone", *query.cohorts, *query.others)
    answers = np.empty((found.num_rows, len(names)), np.uint8)
    answers[:, 0] = _CODES[0]
    for offset, letter, packed in ((1, "c", query.cohorts), (1 + len(query.cohorts), "w", query.others)):
        for start in range(0, len(packed), IN_A_WORD):
            word = found[f"{letter}{start // IN_A_WORD}"].to_numpy()[order].astype("<i8")
            two_bits = (word.view(np.uint8).reshape(-1, 8)[:, :, None] >> np.array([0, 2, 4, 6], np.uint8)) & 3
            width = min(IN_A_WORD, len(packed) - start)
            answers[:, offset + start : offset + start + width] = two_bits.reshape(-1, 32)[:, :width]
    people = found["n"].to_numpy().astype(np.int64)[order]
    return Grouped(members, np.append(first, found.num_rows), answers, people, names)


def _places(column: pa.ChunkedArray, name: str) -> tuple[Numbers, pa.Array]:
    if name in LABELS:
        return column.to_numpy().astype(np.int64), pa.array(LABELS[name])
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary


def tidy(grouped: Grouped, query: Query) -> pa.Table:
    """The table of counts, in the schema of the engine's."""
    reported = query.rules.reported
    groups = [(cohort, answer) for cohort in query.rules.cohorts for answer in (range(1) if cohort == "everyone" else range(3))]
    pieces = []
    for first, counts in _counts(grouped, groups, reported):
        where = np.flatnonzero(counts.any(axis=-1))
        pieces.append((where + first * len(groups) * len(reported), counts.reshape(-1, 3)[where]))
    where, counts = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    where, indicator = np.divmod(where, len(reported))
    strata, place = np.divmod(where, len(groups))
    columns = {name: grouped.keys[column].take(pa.array(strata)) for column, name in enumerate(query.question.strata)}
    columns["cohort"] = _text([cohort for cohort, _ in groups], place)
    columns["cohort_answer"] = _text([ANSWERS[answer] for _, answer in groups], place)
    columns["indicator"] = _text(list(reported), indicator)
    columns |= {answer: pa.array(np.ascontiguousarray(counts[:, place])) for place, answer in enumerate(ANSWERS)}
    columns["suppressed"] = pa.array(np.zeros(len(strata), np.bool_))
    columns["status"] = _text(["ok"], np.zeros(len(strata), np.int64))
    return pa.table(columns)


def _text(labels: list[str], places: Numbers) -> pa.Array:
    return pa.array(labels).take(pa.array(places))


def _counts(grouped: Grouped, groups: list[tuple[str, int]], reported: tuple[str, ...]) -> Iterator[tuple[int, Numbers]]:
    """Counts by stratum, cohort answer, indicator and answer, some strata at a time, with the number of the first.

    Of each stratum the product of two matrices: which patterns are of which cohort answer, times people, and what they answer.
    """
    place = {name: number for number, name in enumerate(grouped.names)}
    cohorts = [place[cohort] for cohort, _ in groups]
    codes = np.array([_CODES[answer] for _, answer in groups], np.uint8)
    indicators = [place[name] for name in reported]
    most = np.add.reduceat(grouped.people, grouped.starts[:-1]).max(initial=0)
    passes = _weights(int(most))
    for first, last in _blocks(grouped.starts):
        rows = slice(grouped.starts[first], grouped.starts[last])
        answers = grouped.answers[rows]
        members = (answers[:, cohorts] == codes) * grouped.people[rows, None].astype(np.float64)
        starts = grouped.starts[first : last + 1] - grouped.starts[first]
        asked = answers[:, indicators]
        sums = [_products(members, weights[asked], starts) for weights in passes]
        yield first, _unpacked(sums)


def _weights(most: int) -> list[Sums]:
    """What each code adds to a packed sum: all three counters in one where they fit, else each in its own."""
    counters = np.zeros((3, 4))
    for place, code in enumerate(_CODES):
        counters[place, code] = 1
    if most < 1 << _COUNTER_BITS:
        return [counters[0] + counters[1] * 2.0**_COUNTER_BITS + counters[2] * 2.0 ** (2 * _COUNTER_BITS)]
    return list(counters)


def _blocks(starts: Numbers) -> Iterator[tuple[int, int]]:
    first, strata = 0, len(starts) - 1
    while first < strata:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + _BLOCK, "right")) - 1)
        yield first, last
        first = last


def _products(members: Sums, asked: Sums, starts: Numbers) -> Sums:
    found = np.empty((len(starts) - 1, members.shape[1], asked.shape[1]))
    for number in range(len(found)):
        part = slice(starts[number], starts[number + 1])
        np.matmul(members[part].T, asked[part], out=found[number])
    return found


def _unpacked(sums: list[Sums]) -> Numbers:
    whole = [packed.astype(np.int64) for packed in sums]
    if len(whole) == 1:
        mask = (1 << _COUNTER_BITS) - 1
        whole = [(whole[0] >> (_COUNTER_BITS * place)) & mask for place in range(3)]
    return np.stack(whole, axis=-1)
