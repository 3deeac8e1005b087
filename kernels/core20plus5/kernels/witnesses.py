"""Other tables that would be released just the same: the proof that a hidden count cannot be narrowed down.

A table is a vector of counts; relations are sums of them that are 0, or at least 0. From the exact table, one count is moved by 1,
and other counts after it, each to set right a relation that the last one broke, until all hold again. As long as every count stays
within what is known of it, nobody who sees the release can tell the new table from the exact one.
"""

import numpy as np

from core20plus5.kernels._jit import kernel

#: More than any count: no limit is known.
FREE = np.int64(1) << 60

SEEN_FROM = 8  # the bit of the exact value, among those that have been found
_FAR = 8  # a value further than this from the exact one is not noted
_STEPS = 3  # a count is moved by so much at most
_EFFECT = 4  # a relation is worth so much
_NO_WAY = 1_000
_NEEDED = 3  # values that a protected count must be able to have
_TRIES, _NEAR_SIGHTED = 8, 4  # attempts to find them, and how many of these look only one move ahead
_DEAR_TRIES = 4  # the same where further counts may be hidden
_TOO_FEW = 20  # people of a stratum: with less, all of it is hidden


@kernel
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


@kernel
def _forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued):
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


@kernel
def _noise(state):
    """A small number from 0 to 7 (xorshift): the same ones in every run."""
    word = state[0]
    word ^= word << np.uint64(13)
    word ^= word >> np.uint64(7)
    word ^= word << np.uint64(17)
    state[0] = word
    return np.int64(word & np.uint64(7))


@kernel
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


@kernel
def _cost(variable, step, may_hide, exact, low, high, price, moved):
    """What a move costs: nothing within what is known of the count, its price beyond, -1 where it cannot be made."""
    if moved[variable] * step < 0 or abs(moved[variable]) >= _STEPS:
        return np.int64(-1)  # never back, so that it ends
    reached = exact[variable] + moved[variable] + step
    if low[variable] <= reached <= high[variable]:
        return np.int64(0)
    if not may_hide or price[variable] < 0 or reached < min(exact[variable], 1):
        return np.int64(-1)
    return price[variable]


@kernel
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


@kernel
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


@kernel
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


@kernel
def _search(
    first, first_step, may_hide, far_seeing, wild, exact, low, high, price, moved, touched, counters, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
):  # fmt: skip
    """Move one count, and others until all relations hold again. Returns whether they do."""
    reached = exact[first] + first_step
    if reached < low[first] or reached > high[first]:
        return False
    way = 1 if first_step > 0 else -1
    _shift(first, way, moved, touched, counters, values, use_starts, uses, use_weights, queue, queued)
    moves = 0
    while True:
        relation = _hardest(may_hide, exact, low, high, price, moved, counters, values, at_least, starts, terms, weights, queue, queued)
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
        counters[2] -= 1
        if variable < 0 or moves > counters[4 if may_hide else 3] or counters[2] < 0:
            return False
        _shift(variable, step, moved, touched, counters, values, use_starts, uses, use_weights, queue, queued)


@kernel
def _price_of(times, exact, low, high, price, moved, touched, counters, values, initial, at_least, use_starts, uses):
    """What must be hidden, by its price, for the found moves to be made so many times over; -1 where that cannot be."""
    total = np.int64(0)
    for k in range(counters[0]):
        variable = touched[k]
        reached = exact[variable] + times * moved[variable]
        if abs(times * moved[variable]) > _FAR:
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


@kernel
def _hide(variable, exact, low, high, price, hidden):
    """A count that is hidden to protect another may be anything, but for a 0 where a row says that there is somebody."""
    hidden[variable] = True
    low[variable] = min(exact[variable], 1)
    high[variable] = FREE
    price[variable] = -1


@kernel
def _hide_for(times, exact, low, high, price, hidden, moved, touched, counters):
    """Hide what the moves, made so many times over, would be seen by."""
    for k in range(counters[0]):
        variable = touched[k]
        reached = exact[variable] + times * moved[variable]
        if reached < low[variable] or reached > high[variable]:
            _hide(variable, exact, low, high, price, hidden)


@kernel
def _hide_group(variable, exact, low, high, price, hidden, pairs, is_group):
    """Hide all that can be hidden of the group that a count belongs to; of two groups, of the smaller one."""
    group, smallest = -1, FREE
    for side in range(2):
        event = pairs[variable, side]
        if is_group[event]:
            largest = np.int64(0)
            for other in range(exact.size):
                if pairs[other, 0] == event or pairs[other, 1] == event:
                    largest = max(largest, exact[other])
            if largest < smallest:
                group, smallest = event, largest
    for other in range(exact.size):
        if price[other] >= 0 and (pairs[other, 0] == group or pairs[other, 1] == group):
            _hide(other, exact, low, high, price, hidden)


@kernel
def _note(times, moved, touched, counters, seen):
    """Remember the value that each moved count has in the new table, as a bit."""
    for k in range(counters[0]):
        distance = times * moved[touched[k]]
        if abs(distance) <= _FAR:
            seen[touched[k]] |= np.uint64(1) << np.uint64(distance + _FAR)


@kernel
def _values_of(seen):
    count = 0
    while seen:
        seen &= seen - np.uint64(1)
        count += 1
    return count


@kernel
def _way(attempt):
    """Which way a protected count is tried to move, attempt by attempt: 1, -1, 2, -2 and again."""
    return (1 - 2 * (attempt % 2)) * (1 + attempt // 2 % 2)


@kernel
def _wildness(attempt):
    """How far a search may stray from the best next move: the further the more attempts have failed."""
    return 1 if attempt < 4 else min(attempt, 32)


@kernel
def _look(
    variable, tries, near_sighted, exact, low, high, price, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, room,
):  # fmt: skip
    """Find other values of a count, and of all that move with it, within what is known. Returns whether they are enough."""
    initial, moved, touched, queue, queued, seen, counters, state, path, lengths = room
    for attempt in range(tries):
        step = _way(attempt)
        if seen[variable] >> np.uint64(step + _FAR) & np.uint64(1):
            continue
        found = _search(
            variable, step, False, attempt >= near_sighted, _wildness(attempt), exact, low, high, price, moved, touched, counters, values, at_least,
            starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
        )  # fmt: skip
        if found:
            for times in (1, 2, -1, -2):
                if _price_of(
                    times, exact, low, high, price, moved, touched, counters, values, initial, at_least, use_starts, uses
                ) == 0:  # fmt: skip
                    _note(times, moved, touched, counters, seen)
        _forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued)
        if _values_of(seen[variable]) >= _NEEDED:
            return True
    return False


@kernel
def _pay(
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
        if not again and seen[variable] >> np.uint64(step + _FAR) & np.uint64(1):
            continue
        found = _search(
            variable, step, True, attempt >= counters[7], _wildness(attempt), exact, low, high, price, moved, touched, counters, values, at_least,
            starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
        )  # fmt: skip
        if found and again:
            _hide_for(1, exact, low, high, price, hidden, moved, touched, counters)
            best_times, least = 0, FREE
            for times in (1, 2, -1, -2):
                cost = _price_of(
                    times, exact, low, high, price, moved, touched, counters, values, initial, at_least, use_starts, uses
                )
                if cost == 0:
                    _note(times, moved, touched, counters, seen)
                elif 0 < cost < least:
                    best_times, least = times, cost
            if best_times != 0 and _values_of(seen[variable]) < _NEEDED:
                _hide_for(best_times, exact, low, high, price, hidden, moved, touched, counters)
                _note(best_times, moved, touched, counters, seen)
        elif found:
            cost = _price_of(1, exact, low, high, price, moved, touched, counters, values, initial, at_least, use_starts, uses)
            if 0 <= cost < best_cost:
                best_cost, best_state, best_attempt = cost, before, attempt
        _forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued)
    return True


@kernel
def _go_further(
    variable, tries, exact, low, high, price, hidden, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, room,
):  # fmt: skip
    """Give a count a value two away, by one more search from a table where it is one away. Returns whether that was found."""
    initial, moved, touched, queue, queued, seen, counters, state, path, lengths = room
    for attempt in range(tries):
        way = 1 - 2 * (attempt % 2)
        if seen[variable] >> np.uint64(2 * way + _FAR) & np.uint64(1):
            continue
        wild = _wildness(attempt)
        found = _search(
            variable, way, False, True, wild, exact, low, high, price, moved, touched, counters, values, at_least,
            starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
        )  # fmt: skip
        if not found:
            _forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued)
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
        found = _search(
            variable, way, True, True, wild, exact, low, high, price, moved, touched, counters, values, at_least,
            starts, terms, weights, use_starts, uses, use_weights, queue, queued, state,
        )  # fmt: skip
        if found:
            for k in range(counters[0]):
                other = touched[k]
                if not low[other] <= exact[other] + moved[other] <= high[other]:
                    hidden[other] = True
        _forget(moved, touched, counters, values, initial, use_starts, uses, queue, queued)
        for k in range(steps):
            exact[path[k]] -= lengths[k]
            for use in range(use_starts[path[k]], use_starts[path[k] + 1]):
                values[uses[use]] -= use_weights[use] * lengths[k]
                initial[uses[use]] = values[uses[use]]
        if found:
            for other in range(exact.size):
                if hidden[other] and price[other] >= 0:
                    _hide(other, exact, low, high, price, hidden)
            seen[variable] |= np.uint64(1) << np.uint64(2 * way + _FAR)
            return True
    return False


@kernel
def protect_stratum(
    exact, low, high, price, hidden, protected, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, pairs, is_group, effort, patience, room,
):  # fmt: skip
    """Hide as many further counts of a stratum as it takes; returns how many protected ones have not been proved safe by then.

    exact: int64 (variables,); low, high: int64, what is known of each; price: int64, what hiding it would cost, -1 where it
    cannot be; hidden, protected: bool; values: int64, the value of each relation (all of them hold); at_least and what follows:
    see `disclosure.links.Links`; is_group: bool (events,); effort: searches are given up after so many moves; patience: int64
    (attempts, 6), see `disclosure.release`; room: scratch, see `make_room`. low, high, price and hidden are changed.

    First it is assumed that an attacker is told which of the hidden counts are small ones. Where that is too much to protect from, it
    is assumed that nobody tells: then a hidden count may be anything from 1, since others are hidden as well.
    """
    initial, moved, touched, queue, queued, seen, counters, state, path, lengths = room
    state[0] = np.uint64(88172645463325252)
    seen[:] = np.uint64(1) << np.uint64(_FAR)
    initial[: values.size] = values
    counters[2] = effort
    unsafe = 0
    for attempt in range(patience.shape[0]):
        counters[3:8] = patience[attempt, 1:]
        if attempt == patience.shape[0] - 2:
            counters[2] = max(counters[2], effort)
            for other in range(exact.size):
                if protected[other] and hidden[other]:
                    low[other], high[other] = 1, FREE
        unsafe = 0
        for variable in range(exact.size):
            if not protected[variable] or _values_of(seen[variable]) >= _NEEDED:
                continue
            if attempt == patience.shape[0] - 1:
                _hide_group(variable, exact, low, high, price, hidden, pairs, is_group)
            safe = _look(
                variable, _TRIES, _NEAR_SIGHTED, exact, low, high, price, values, at_least,
                starts, terms, weights, use_starts, uses, use_weights, room,
            )  # fmt: skip
            tries = _DEAR_TRIES
            while not safe and tries <= counters[6]:
                paid = _pay(
                    variable, tries, exact, low, high, price, hidden, values, at_least,
                    starts, terms, weights, use_starts, uses, use_weights, room,
                )  # fmt: skip
                if not paid:
                    tries *= 4
                safe = _values_of(seen[variable]) >= _NEEDED
            if not safe and attempt > 0:
                _go_further(
                    variable, counters[6], exact, low, high, price, hidden, values, at_least,
                    starts, terms, weights, use_starts, uses, use_weights, room,
                )  # fmt: skip
                safe = _values_of(seen[variable]) >= _NEEDED
            unsafe += not safe
        if unsafe == 0:
            break
    return unsafe


@kernel
def close_stratum(exact, low, high, price, hidden):
    """Hide all that can be hidden."""
    for other in range(exact.size):
        if price[other] >= 0:
            _hide(other, exact, low, high, price, hidden)


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


_WHOLE_ROW, _BROKEN_ROW = 6, 2  # what hiding one more count costs, in a row of shown ones and in one with a hidden one


@kernel
def protect(
    first, last, row_starts, where, counts, known_low, known_high, hidden, protected, unsafe, cells, shown_as, together,
    ruled_out, ruled_out_by, starts, terms, weights, at_least, use_starts, uses, use_weights, pairs, is_group, patience, room, desk,
):  # fmt: skip
    """Protect the strata from first to last.

    row_starts: int64, where the rows of each stratum begin; where: int32 (rows, 2), group and indicator; counts, known_low,
    known_high: int64 (rows, 3), exact, and what is known of each; hidden, protected: bool (rows, 3); hidden is changed; unsafe:
    int64 (strata,), gets how many protected counts have not been proved safe, -1 where a stratum is hidden altogether.
    cells, together and what follows `ruled_out_by`: see `disclosure.links.Links`; shown_as: int64 (variables,), in how many cells
    of a full table each is shown; ruled_out: bool (sets, variables), ruled_out_by: int32 (strata, k), the sets of each stratum;
    patience: int64 (attempts, 6), see `disclosure.release`; room, desk: scratch, see `make_room` and `make_desk`; desk has the last
    stratum's variables afterwards.
    """
    exact, low, high, price, there, is_hidden, is_protected, values, loose, few = desk
    few_starts, few_terms, few_weights, few_use_starts, few_uses, few_use_weights = few
    for stratum in range(first, last):
        begin, end = row_starts[stratum], row_starts[stratum + 1]
        if not np.any(protected[begin:end]):
            continue
        _read_stratum(
            begin, end, where, counts, known_low, known_high, hidden, protected, cells, shown_as,
            exact, low, high, price, there, is_hidden, is_protected,
        )  # fmt: skip
        for variable in range(shown_as.size):
            impossible = not together[variable]
            for k in range(ruled_out_by.shape[1]):
                impossible = impossible or ruled_out[ruled_out_by[stratum, k], variable]
            if impossible and exact[variable] == 0:
                low[variable], high[variable], price[variable] = 0, 0, -1
        if exact[cells[0, 0, 0]] < _TOO_FEW:
            close_stratum(exact, low, high, price, is_hidden)
            unsafe[stratum] = -1
        else:
            relations = _pick(
                exact, low, high, price, starts, terms, weights, at_least, values, loose,
                few_starts, few_terms, few_weights, few_use_starts, few_uses, few_use_weights,
            )  # fmt: skip
            unsafe[stratum] = protect_stratum(
                exact, low, high, price, is_hidden, is_protected, values[:relations], loose[:relations],
                few_starts, few_terms, few_weights, few_use_starts, few_uses, few_use_weights,
                pairs, is_group, patience[0, 0] * (end - begin), patience, room,
            )  # fmt: skip
            room[6][2] = relations
        write_back(begin, end, where, cells, is_hidden, low, high, hidden, known_low, known_high)


@kernel
def write_back(begin, end, where, cells, is_hidden, low, high, hidden, known_low, known_high):
    """From the variables of a stratum back to its rows."""
    for row in range(begin, end):
        for answer in range(3):
            variable = cells[where[row, 0], where[row, 1], answer]
            if variable >= 0 and is_hidden[variable]:
                hidden[row, answer] = True
                known_low[row, answer], known_high[row, answer] = low[variable], high[variable]


def make_desk(variables, relations, terms):
    """Scratch for `protect`, one per thread: the variables of one stratum, and the relations that matter there."""
    numbers = [np.zeros(variables, np.int64) for _ in range(5)]
    marks = [np.zeros(variables, np.bool_) for _ in range(2)]
    few = (
        np.zeros(relations + 1, np.int64),
        np.zeros(terms, np.int32),
        np.zeros(terms, np.int64),
        np.zeros(variables + 1, np.int64),
        np.zeros(terms, np.int32),
        np.zeros(terms, np.int64),
    )
    return (*numbers, *marks, np.zeros(relations, np.int64), np.zeros(relations, np.bool_), few)


@kernel
def _read_stratum(
    begin, end, where, counts, known_low, known_high, hidden, protected, cells, shown_as,
    exact, low, high, price, there, is_hidden, is_protected,
):  # fmt: skip
    """From the rows of a stratum to its variables; a row that is not there is 0, 0, 0."""
    exact[:], low[:], high[:], price[:], there[:] = 0, 0, 0, 0, 0
    is_hidden[:], is_protected[:] = False, False
    sizes = np.zeros(cells.shape[0], np.int64)
    for row in range(begin, end):
        if where[row, 1] == 0:  # everyone
            sizes[where[row, 0]] = counts[row, 0]
    for group in range(cells.shape[0]):
        for place in range(cells.shape[1]):
            if cells[group, place, 3] >= 0:
                exact[cells[group, place, 3]] = sizes[group]
    for row in range(begin, end):
        group, place = where[row, 0], where[row, 1]
        broken = hidden[row, 0] or hidden[row, 1]
        for answer in range(3):
            variable = cells[group, place, answer]
            if variable < 0:
                continue
            exact[variable] = counts[row, answer]
            there[variable] += 1
            low[variable], high[variable] = known_low[row, answer], known_high[row, answer]
            price[variable] += _BROKEN_ROW if broken else _WHOLE_ROW
            is_hidden[variable] = is_hidden[variable] or hidden[row, answer]
            is_protected[variable] = is_protected[variable] or protected[row, answer]
        if cells[group, place, 3] >= 0:
            exact[cells[group, place, 3]] = sizes[group] - counts[row, 0] - counts[row, 1] - counts[row, 2]
    for variable in range(exact.size):
        if shown_as[variable] == 0:
            low[variable], high[variable], price[variable] = 0, FREE, -1
        elif there[variable] < shown_as[variable] or is_hidden[variable]:
            price[variable] = -1


@kernel
def _pick(
    exact, low, high, price, starts, terms, weights, at_least, values, loose,
    few_starts, few_terms, few_weights, few_use_starts, few_uses, few_use_weights,
):  # fmt: skip
    """The relations that moves can break in this stratum, with the counts that can move in it; returns how many.

    A relation that does not hold is none: it was found by chance, and is left out of account.
    """
    relations, size = 0, np.int64(0)
    few_use_starts[:] = 0
    few_starts[0] = 0
    for relation in range(at_least.size):
        value, room, begin = np.int64(0), np.int64(0), size
        for k in range(starts[relation], starts[relation + 1]):
            variable = terms[k]
            value += weights[k] * exact[variable]
            if low[variable] < high[variable] or price[variable] >= 0:
                few_terms[size], few_weights[size] = variable, weights[k]
                room += abs(weights[k]) * 2 * _STEPS
                size += 1
        holds = value == 0 or (at_least[relation] and value > 0)
        if not holds or (at_least[relation] and value >= room):
            size = begin
        if size > begin:
            values[relations], loose[relations] = value, at_least[relation]
            relations += 1
            few_starts[relations] = size
            for k in range(begin, size):
                few_use_starts[few_terms[k] + 1] += 1
    for variable in range(exact.size):
        few_use_starts[variable + 1] += few_use_starts[variable]
    for relation in range(relations):
        for k in range(few_starts[relation], few_starts[relation + 1]):
            place = few_use_starts[few_terms[k]]
            few_uses[place], few_use_weights[place] = relation, few_weights[k]
            few_use_starts[few_terms[k]] += 1
    for variable in range(exact.size - 1, -1, -1):
        few_use_starts[variable + 1] = few_use_starts[variable]
    few_use_starts[0] = 0
    return relations
