"""Enough values for a hidden count: found within what is known of all others, or paid for by hiding more of them."""

import numpy as np

from core20plus5.kernels._jit import kernel_part
from core20plus5.kernels.witnesses import FAR, FREE, forget, hide, hide_for, note, price_of, search

# Numbers that are arguments are NumPy's: Numba may compile a function once more for each of Python's constants.
_MAY_HIDE, _HIDE_NOTHING, _FAR_SEEING = np.bool_(True), np.bool_(False), np.bool_(True)
_ONCE = np.int64(1)

NEEDED = 3  # values that a protected count must be able to have
TRIES, NEAR_SIGHTED = 8, 4  # attempts to find them, and how many of these look only one move ahead
DEAR_TRIES = np.int64(4)  # the same where further counts may be hidden


@kernel_part
def values_of(seen):
    count = 0
    while seen:
        seen &= seen - np.uint64(1)
        count += 1
    return count


@kernel_part
def _way(attempt):
    """Which way a protected count is tried to move, attempt by attempt: 1, -1, 2, -2 and again."""
    return (1 - 2 * (attempt % 2)) * (1 + attempt // 2 % 2)


@kernel_part
def _wildness(attempt):
    """How far a search may stray from the best next move: the further the more attempts have failed."""
    return 1 if attempt < 4 else min(attempt, 32)


@kernel_part
def look(
    variable, tries, near_sighted, exact, low, high, price, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, room,
):  # fmt: skip
    """Find other values of a count, and of all that move with it, within what is known. Returns whether they are enough."""
    initial, moved, touched, queue, queued, seen, counters, state, path, lengths = room
    for attempt in range(tries):
        step = _way(attempt)
        if seen[variable] >> np.uint64(step + FAR) & np.uint64(1):
            continue
        found = search(
            variable, step, _HIDE_NOTHING, attempt >= near_sighted, _wildness(attempt), exact, low, high, price,
            moved, touched, counters, values, at_least,
            starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
        )  # fmt: skip
        if found:
            for times in (1, 2, -1, -2):
                if price_of(
                    times, exact, low, high, price, moved, touched, counters, values, initial, at_least, use_starts, uses
                ) == 0:  # fmt: skip
                    note(times, moved, touched, counters, seen)
        forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued)
        if values_of(seen[variable]) >= NEEDED:
            return True
    return False


@kernel_part
def pay(
    variable, tries, exact, low, high, price, hidden, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, room,
):  # fmt: skip
    """Find the cheapest of some ways to give a count one more value, and hide what it takes. Returns whether there is any."""
    initial, moved, touched, queue, queued, seen, counters, state, path, lengths = room
    best_cost, best_state, best_attempt = FREE, state[0], -1
    for number in range(tries + 1):
        attempt, again = number, number == tries
        if again:  # once more, the best of them
            if best_attempt < 0:
                return False
            attempt, state[0] = best_attempt, best_state
        step, before = _way(attempt), state[0]
        if not again and seen[variable] >> np.uint64(step + FAR) & np.uint64(1):
            continue
        found = search(
            variable, step, _MAY_HIDE, attempt >= counters[7], _wildness(attempt), exact, low, high, price,
            moved, touched, counters, values, at_least,
            starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
        )  # fmt: skip
        if found and again:
            hide_for(_ONCE, exact, low, high, price, hidden, moved, touched, counters)
            best_times, least = 0, FREE
            for times in (1, 2, -1, -2):
                cost = price_of(
                    times, exact, low, high, price, moved, touched, counters, values, initial, at_least, use_starts, uses
                )
                if cost == 0:
                    note(times, moved, touched, counters, seen)
                elif 0 < cost < least:
                    best_times, least = times, cost
            if best_times != 0 and values_of(seen[variable]) < NEEDED:
                hide_for(best_times, exact, low, high, price, hidden, moved, touched, counters)
                note(best_times, moved, touched, counters, seen)
        elif found:
            cost = price_of(_ONCE, exact, low, high, price, moved, touched, counters, values, initial, at_least, use_starts, uses)
            if 0 <= cost < best_cost:
                best_cost, best_state, best_attempt = cost, before, attempt
        forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued)
    return True


@kernel_part
def go_further(
    variable, tries, exact, low, high, price, hidden, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, room,
):  # fmt: skip
    """Give a count a value two away, by one more search from a table where it is one away. Returns whether that was found."""
    initial, moved, touched, queue, queued, seen, counters, state, path, lengths = room
    for attempt in range(tries):
        way = 1 - 2 * (attempt % 2)
        if seen[variable] >> np.uint64(2 * way + FAR) & np.uint64(1):
            continue
        wild = _wildness(attempt)
        found = search(
            variable, way, _HIDE_NOTHING, _FAR_SEEING, wild, exact, low, high, price, moved, touched, counters, values, at_least,
            starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
        )  # fmt: skip
        if not found:
            forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued)
            continue
        steps = counters[0]
        for k in range(steps):
            other = touched[k]
            path[k], lengths[k] = other, moved[other]
            exact[other] += moved[other]
            moved[other] = 0
            for use in range(use_starts[other], use_starts[other + 1]):
                initial[uses[use]] = values[uses[use]]
        counters[0] = 0
        found = search(
            variable, way, _MAY_HIDE, _FAR_SEEING, wild, exact, low, high, price, moved, touched, counters, values, at_least,
            starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
        )  # fmt: skip
        if found:
            for k in range(counters[0]):
                other = touched[k]
                if not low[other] <= exact[other] + moved[other] <= high[other]:
                    hidden[other] = True
        forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued)
        for k in range(steps):
            exact[path[k]] -= lengths[k]
            for use in range(use_starts[path[k]], use_starts[path[k] + 1]):
                values[uses[use]] -= use_weights[use] * lengths[k]
                initial[uses[use]] = values[uses[use]]
        if found:
            for other in range(exact.size):
                if hidden[other] and price[other] >= 0:
                    hide(other, exact, low, high, price, hidden)
            seen[variable] |= np.uint64(1) << np.uint64(2 * way + FAR)
            return True
    return False
