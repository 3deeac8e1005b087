"""Other tables that would be released just the same: the proof that a hidden count cannot be narrowed down.

A table is a vector of counts; relations are sums of them that are 0, or at least 0. From the exact table, one count is moved by
1, and other counts after it, each to set right a relation that the last one broke, until all hold again. As long as every count
stays within what is known of it, nobody who sees the release can tell the new table from the exact one.
"""

import numpy as np

from core20plus5.kernels._jit import kernel_part

#: More than any count: no limit is known.
FREE = np.int64(1) << 60

FAR = 8  # a value further than this from the exact one is not noted
STEPS = 3  # a count is moved by so much at most
_EFFECT = 4  # a relation is worth so much
_NO_WAY = 1_000
_FAR_SEEING = 5  # a move that is looked past costs as much as so many others


@kernel_part
def _shift(variable, step, moved, touched, counters, values, use_starts, uses, use_weights, queue, queued):
    """Move a count, and queue the relations it is in. counters: how many are touched and queued, and moves left."""
    if moved[variable] == 0:
        touched[counters[0]] = variable
        counters[0] += 1
    moved[variable] += step
    for k in range(use_starts[variable], use_starts[variable + 1]):
        relation = uses[k]
        values[relation] += use_weights[k] * step
        if not queued[relation]:
            queued[relation] = True
            queue[counters[1]] = relation
            counters[1] += 1


@kernel_part
def forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued):
    """Back to the exact table."""
    for k in range(counters[0]):
        variable = touched[k]
        moved[variable] = 0
        for use in range(use_starts[variable], use_starts[variable + 1]):
            values[uses[use]] = initial[uses[use]]
    for k in range(counters[1]):
        queued[queue[k]] = False
    counters[0] = 0
    counters[1] = 0


@kernel_part
def _noise(state):
    """A small number from 0 to 7 (xorshift): the same ones in every run."""
    word = state[0]
    word ^= word << np.uint64(13)
    word ^= word >> np.uint64(7)
    word ^= word << np.uint64(17)
    state[0] = word
    return np.int64(word & np.uint64(7))


@kernel_part
def _effect(variable, step, values, at_least, use_starts, uses, use_weights):
    """By how much a move breaks relations, less by how much it sets others right."""
    effect = np.int64(0)
    for use in range(use_starts[variable], use_starts[variable + 1]):
        before = values[uses[use]]
        after = before + use_weights[use] * step
        if at_least[uses[use]]:
            effect += max(-after, 0) - max(-before, 0)
        else:
            effect += abs(after) - abs(before)
    return effect


@kernel_part
def _cost(variable, step, may_hide, exact, low, high, price, moved):
    """What a move costs: nothing within what is known of the count, its price beyond, -1 where it cannot be made."""
    if moved[variable] * step < 0 or abs(moved[variable]) >= STEPS:
        return np.int64(-1)  # never back, so that it ends
    reached = exact[variable] + moved[variable] + step
    if low[variable] <= reached <= high[variable]:
        return np.int64(0)
    if not may_hide or price[variable] < 0 or reached < min(exact[variable], 1):
        return np.int64(-1)
    return price[variable]


@kernel_part
def _outlook(
    variable, step, may_hide, exact, low, high, price, moved, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights,
):  # fmt: skip
    """What it takes, at best, to set right what a move breaks: one move further than `_effect` sees."""
    for use in range(use_starts[variable], use_starts[variable + 1]):
        values[uses[use]] += use_weights[use] * step
    moved[variable] += step
    total = np.int64(0)
    for use in range(use_starts[variable], use_starts[variable + 1]):
        relation = uses[use]
        value = values[relation]
        if value == 0 or (at_least[relation] and value > 0):
            continue
        least = np.int64(_NO_WAY)
        for k in range(starts[relation], starts[relation + 1]):
            other, way = np.int64(terms[k]), -1 if value * weights[k] > 0 else 1
            cost = _cost(other, way, may_hide, exact, low, high, price, moved)
            if cost >= 0:
                least = min(least, cost + _EFFECT * _effect(other, way, values, at_least, use_starts, uses, use_weights))
        total += least
    moved[variable] -= step
    for use in range(use_starts[variable], use_starts[variable + 1]):
        values[uses[use]] -= use_weights[use] * step
    return total


@kernel_part
def _repair(
    relation, may_hide, far_seeing, wild, exact, low, high, price, moved, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, state,
):  # fmt: skip
    """Which count of a broken relation to move next, and whether up or down: (-1, 0) where none can be."""
    broken = values[relation]
    best, best_step, best_score = np.int64(-1), 0, FREE
    for k in range(starts[relation], starts[relation + 1]):
        variable, step = np.int64(terms[k]), -1 if broken * weights[k] > 0 else 1
        cost = _cost(variable, step, may_hide, exact, low, high, price, moved)
        if cost < 0:
            continue
        score = cost + _EFFECT * _effect(variable, step, values, at_least, use_starts, uses, use_weights)
        if far_seeing:
            score += _outlook(
                variable, step, may_hide, exact, low, high, price, moved, values, at_least,
                starts, terms, weights, use_starts, uses, use_weights,
            )  # fmt: skip
        score = 8 * score + wild * _noise(state)
        if score < best_score:
            best, best_step, best_score = variable, step, score
    return best, best_step


@kernel_part
def _hardest(may_hide, exact, low, high, price, moved, counters, values, at_least, starts, terms, weights, queue, queued):
    """Of the last broken relations, the one that fewest moves could set right; -1 where none is broken."""
    hardest, fewest = np.int64(-1), 1 << 30
    place = counters[1] - 1
    looked = 0
    while place >= 0 and looked < counters[5]:
        relation = np.int64(queue[place])
        value = values[relation]
        if value == 0 or (at_least[relation] and value > 0):
            counters[1] -= 1  # it holds again: the last one takes its place
            queue[place] = queue[counters[1]]
            queued[relation] = False
        else:
            ways = 0
            for k in range(starts[relation], starts[relation + 1]):
                step = -1 if value * weights[k] > 0 else 1
                if _cost(np.int64(terms[k]), step, may_hide, exact, low, high, price, moved) >= 0:
                    ways += 1
            if ways < fewest:
                hardest, fewest = relation, ways
            if ways == 0:
                return relation
            looked += 1
        place -= 1
    return hardest


@kernel_part
def search(
    first, first_step, may_hide, far_seeing, wild, exact, low, high, price, moved, touched, counters, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
):  # fmt: skip
    """Move one count, and others until all relations hold again. Returns whether they do."""
    reached = exact[first] + first_step
    if reached < low[first] or reached > high[first] or counters[2] < 0:
        return False
    way = 1 if first_step > 0 else -1
    _shift(first, way, moved, touched, counters, values, use_starts, uses, use_weights, queue, queued)
    moves = 0
    while True:
        relation = _hardest(
            may_hide, exact, low, high, price, moved, counters, values, at_least, starts, terms, weights, queue, queued
        )
        if relation < 0:
            if moved[first] * way >= first_step * way:
                return True
            _shift(first, way, moved, touched, counters, values, use_starts, uses, use_weights, queue, queued)
            continue
        variable, step = _repair(
            relation, may_hide, far_seeing, wild, exact, low, high, price, moved, values, at_least,
            starts, terms, weights, use_starts, uses, use_weights, state,
        )  # fmt: skip
        moves += 1
        counters[2] -= _FAR_SEEING if far_seeing else 1
        if variable < 0 or moves > counters[4 if may_hide else 3] or counters[2] < 0:
            return False
        _shift(variable, step, moved, touched, counters, values, use_starts, uses, use_weights, queue, queued)


@kernel_part
def price_of(times, exact, low, high, price, moved, touched, counters, values, initial, at_least, use_starts, uses):
    """What must be hidden, by its price, for the found moves to be made so many times over; -1 where that cannot be."""
    total = np.int64(0)
    for k in range(counters[0]):
        variable = touched[k]
        reached = exact[variable] + times * moved[variable]
        if abs(times * moved[variable]) > FAR:
            return np.int64(-1)
        if reached < low[variable] or reached > high[variable]:
            if price[variable] < 0 or reached < min(exact[variable], 1):
                return np.int64(-1)
            total += price[variable]
        for use in range(use_starts[variable], use_starts[variable + 1]):
            relation = uses[use]
            if at_least[relation] and initial[relation] + times * (values[relation] - initial[relation]) < 0:
                return np.int64(-1)
    return total


@kernel_part
def hide(variable, exact, low, high, price, hidden):
    """A count that is hidden to protect another may be anything, but for a 0 where a row says that there is somebody."""
    hidden[variable] = True
    low[variable] = min(exact[variable], 1)
    high[variable] = FREE
    price[variable] = -1


@kernel_part
def hide_for(times, exact, low, high, price, hidden, moved, touched, counters):
    """Hide what the moves, made so many times over, would be seen by."""
    for k in range(counters[0]):
        variable = touched[k]
        reached = exact[variable] + times * moved[variable]
        if reached < low[variable] or reached > high[variable]:
            hide(variable, exact, low, high, price, hidden)


@kernel_part
def note(times, moved, touched, counters, seen):
    """Remember the value that each moved count has in the new table, as a bit."""
    for k in range(counters[0]):
        distance = times * moved[touched[k]]
        if abs(distance) <= FAR:
            seen[touched[k]] |= np.uint64(1) << np.uint64(distance + FAR)


def make_room(variables, relations):
    """Scratch for `protect_stratum`: one per thread."""
    return (
        np.zeros(relations, np.int64),
        np.zeros(variables, np.int64),
        np.zeros(variables, np.int32),
        np.zeros(relations, np.int32),
        np.zeros(relations, np.bool_),
        np.zeros(variables, np.uint64),
        np.zeros(8, np.int64),
        np.zeros(1, np.uint64),
        np.zeros(variables, np.int32),
        np.zeros(variables, np.int64),
    )
