"""From the distinct answer patterns of each stratum, with the number of people who have them, to the tidy table.

Every peer that groups first ends here: an expansion in NumPy, by matrix products, faster than any of them does it in a query.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tests.benchmarks.definitions.query import CODES, COUNTER_BITS, IN_A_WORD, Query
from tests.benchmarks.definitions.translate import LABELS

ANSWERS = ("yes", "no", "unknown")

#: A sum of float64 is exact to 53 bits: room for three counters of 17, or for one.
_PACKED_BITS = 17

#: Patterns that are expanded at once: their matrices stay in cache.
_BLOCK = 1 << 13

Numbers = npt.NDArray[np.int64]
Sums = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grouped:
    """keys: the populated strata, text by column; starts: where the groups of each begin, and the end; people: in each group.

    answers: uint8 (groups, some indicators), two-bit codes of what all of a group answer; counters: int64 (groups, the other
    indicators), how many of a group answer what, packed. names: of the indicators, in this order.
    """

    keys: list[pa.Array]
    starts: Numbers
    people: Numbers
    answers: npt.NDArray[np.uint8]
    counters: Numbers
    names: tuple[str, ...]


def group(found: pa.Table, query: Query) -> Grouped:
    """The groups of a query's result, by stratum. found: columns k, c, and w or s, and the number of people in `n`."""
    keys = [_places(found[f"k{place}"], name) for place, name in enumerate(query.question.strata)]
    stratum = np.zeros(found.num_rows, np.int64)
    for places, labels in keys:
        stratum = stratum * len(labels) + places
    order = np.argsort(stratum, kind="stable")
    first = np.flatnonzero(np.diff(stratum[order], prepend=-1))
    members = [labels.take(pa.array(places[order[first]])) for places, labels in keys]
    people = found["n"].to_numpy().astype(np.int64)[order]
    answers = [np.full((len(order), 1), CODES[0], np.uint8), _codes(found, "c", len(query.cohorts), order)]
    counters = np.empty((len(order), 0), np.int64)
    if "w0" in found.column_names:
        answers.append(_codes(found, "w", len(query.others), order))
    elif query.others:
        counters = np.stack([found[name].to_numpy()[order].astype(np.int64) for name in query.counters], axis=1)
    starts = np.append(first, len(order))
    return Grouped(members, starts, people, np.hstack(answers), counters, ("everyone", *query.cohorts, *query.others))


def _codes(found: pa.Table, letter: str, names: int, order: Numbers) -> npt.NDArray[np.uint8]:
    """Two-bit codes, unpacked from words."""
    codes = np.empty((len(order), names), np.uint8)
    for start in range(0, names, IN_A_WORD):
        word = found[f"{letter}{start // IN_A_WORD}"].to_numpy()[order].astype("<i8")
        two_bits = (word.view(np.uint8).reshape(-1, 8)[:, :, None] >> np.array([0, 2, 4, 6], np.uint8)) & 3
        width = min(IN_A_WORD, names - start)
        codes[:, start : start + width] = two_bits.reshape(-1, 32)[:, :width]
    return codes


def _places(column: pa.ChunkedArray, name: str) -> tuple[Numbers, pa.Array]:
    if name in LABELS:
        return column.to_numpy().astype(np.int64), pa.array(LABELS[name])
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary


def tidy(grouped: Grouped, query: Query) -> pa.Table:
    """The table of counts, in the schema of the engine's."""
    reported = query.rules.reported
    groups = [(cohort, answer) for cohort in query.rules.cohorts for answer in (range(1) if cohort == "everyone" else range(3))]
    expand = partial(_expand, grouped, groups, reported, _weights(grouped))
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        pieces = list(pool.map(expand, _blocks(grouped.starts)))
    where, counts = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    where, indicator = np.divmod(where, len(reported))
    strata, place = np.divmod(where, len(groups))
    columns = {name: grouped.keys[column].take(pa.array(strata)) for column, name in enumerate(query.question.strata)}
    columns["cohort"] = _text([cohort for cohort, _ in groups], place)
    columns["cohort_answer"] = _text([ANSWERS[answer] for _, answer in groups], place)
    columns["indicator"] = _text(list(reported), indicator)
    columns |= {answer: pa.array(counts[:, number].copy()) for number, answer in enumerate(ANSWERS)}
    columns["suppressed"] = pa.array(np.zeros(len(strata), np.bool_))
    columns["status"] = _text(["ok"], np.zeros(len(strata), np.int64))
    return pa.table(columns)


def _text(labels: list[str], places: Numbers) -> pa.Array:
    return pa.array(labels).take(pa.array(places))


def _expand(
    grouped: Grouped, groups: list[tuple[str, int]], reported: tuple[str, ...], weights: list[Sums], block: tuple[int, int]
) -> tuple[Numbers, Numbers]:
    """Of some strata, the rows that there are, as places in (strata, cohort answers, indicators), and their three counts.

    Of each stratum the product of two matrices: which patterns are of which cohort answer, times people, and what they answer.
    """
    first, last = block
    place = {name: number for number, name in enumerate(grouped.names)}
    codes = np.array([CODES[answer] for _, answer in groups], np.uint8)
    rows = slice(grouped.starts[first], grouped.starts[last])
    members = (grouped.answers[rows][:, [place[cohort] for cohort, _ in groups]] == codes).astype(np.float64)
    starts = grouped.starts[first : last + 1] - grouped.starts[first]
    wanted = [place[name] for name in reported]
    sums = [_products(members, _asked(grouped, rows, weight)[:, wanted], starts).ravel() for weight in weights]
    where = np.flatnonzero(np.logical_or.reduce(sums))
    counts = [packed[where].astype(np.int64) for packed in sums]
    if len(counts) == 1:
        mask = (1 << _PACKED_BITS) - 1
        counts = [(counts[0] >> (_PACKED_BITS * number)) & mask for number in range(3)]
    return where + first * len(groups) * len(reported), np.stack(counts, axis=-1)


def _asked(grouped: Grouped, rows: slice, weight: Sums) -> Sums:
    """What each group adds to the sum of each indicator."""
    alike = weight[grouped.answers[rows]] * grouped.people[rows, None]
    if not grouped.counters.shape[1]:
        return alike
    mask = (1 << COUNTER_BITS) - 1
    counters = grouped.counters[rows]
    parts = [weight[code] * ((counters >> (COUNTER_BITS * number)) & mask) for number, code in enumerate(CODES) if weight[code]]
    return np.hstack([alike, sum(parts[1:], parts[0])])


def _weights(grouped: Grouped) -> list[Sums]:
    """What each code adds to a packed sum: all three counters in one where they fit, else each in its own."""
    counters = np.zeros((3, 4))
    for place, code in enumerate(CODES):
        counters[place, code] = 1
    if np.add.reduceat(grouped.people, grouped.starts[:-1]).max(initial=0) < 1 << _PACKED_BITS:
        return [counters[0] + counters[1] * 2.0**_PACKED_BITS + counters[2] * 2.0 ** (2 * _PACKED_BITS)]
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
