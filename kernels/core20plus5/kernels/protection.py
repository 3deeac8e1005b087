"""From the rows of a table to the variables of each stratum, through the proofs of `witnesses`, and back."""

import numpy as np

from core20plus5.kernels._jit import kernel, kernel_part
from core20plus5.kernels.values import DEAR_TRIES, NEAR_SIGHTED, NEEDED, TRIES, go_further, look, pay, values_of
from core20plus5.kernels.witnesses import FAR, FREE, STEPS, hide

#: People of a stratum: with less, no search is made, for it would find nothing.
TOO_FEW = 20

#: What hiding one more count costs, in a row of shown ones and in one with a hidden one.
_WHOLE_ROW, _BROKEN_ROW = 6, 2


@kernel_part
def protect_stratum(
    exact, low, high, price, hidden, protected, values, at_least,
    starts, terms, weights, use_starts, uses, use_weights, effort, patience, room,
):  # fmt: skip
    """Hide as many further counts of a stratum as it takes; returns how many protected ones have not been proved safe by then.

    exact: int64 (variables,); low, high: int64, what is known of each; price: int64, what hiding it would cost, -1 where it
    cannot be; hidden, protected: bool; values: int64, the value of each relation (all of them hold); at_least and what follows:
    see `disclosure.links.Links`; effort: searches are given up after so many moves; patience: int64 (attempts, 5), see
    `disclosure.release`; room: scratch, see `make_room`. low, high, price and hidden are changed.

    First it is assumed that an attacker is told which of the hidden counts are small ones. Where that is too much to protect
    from, it is assumed that nobody tells: then a hidden count may be anything from 1, since others are hidden as well.
    """
    initial, moved, touched, queue, queued, seen, counters, state, path, lengths = room
    state[0] = np.uint64(88172645463325252)
    for variable in range(seen.size):
        seen[variable] = np.uint64(1) << np.uint64(FAR)
    for relation in range(values.size):
        initial[relation] = values[relation]
    counters[2] = effort
    unsafe = 0
    for attempt in range(patience.shape[0]):
        for place in range(patience.shape[1]):
            counters[3 + place] = patience[attempt, place]
        if attempt == patience.shape[0] - 1:
            counters[2] = max(counters[2], effort // 2)
            _nobody_tells(exact, low, high, hidden, protected)
        unsafe = 0
        for variable in range(exact.size):
            if not protected[variable] or values_of(seen[variable]) >= NEEDED:
                continue
            safe = look(
                variable, TRIES, NEAR_SIGHTED, exact, low, high, price, values, at_least,
                starts, terms, weights, use_starts, uses, use_weights, room,
            )  # fmt: skip
            tries = DEAR_TRIES
            while not safe and tries <= counters[6]:
                paid = pay(
                    variable, tries, exact, low, high, price, hidden, values, at_least,
                    starts, terms, weights, use_starts, uses, use_weights, room,
                )  # fmt: skip
                if not paid:
                    tries *= 4
                safe = values_of(seen[variable]) >= NEEDED
            if not safe and attempt > 0:
                go_further(
                    variable, counters[6], exact, low, high, price, hidden, values, at_least,
                    starts, terms, weights, use_starts, uses, use_weights, room,
                )  # fmt: skip
                safe = values_of(seen[variable]) >= NEEDED
            unsafe += not safe
            if counters[2] < 0:  # the others are not safe either, as far as is known
                unsafe += 1
                break
        if unsafe == 0:
            break
    return unsafe


@kernel_part
def leave_room(exact, low, high, price, hidden):
    """Hide every count but those that could be 2 more and be shown just the same; a 0 stays.

    No search is needed then. Somebody who is counted in a hidden cell could be there once more, or twice: a copy of a person
    changes no 0, what is shown has room for two, and every other count is hidden without a limit. All relations hold of any
    people, those that nobody has thought of included.
    """
    for variable in range(exact.size):
        if price[variable] >= 0 and exact[variable] > 0 and exact[variable] + NEEDED - 1 > high[variable]:
            hide(variable, exact, low, high, price, hidden)


@kernel_part
def _nobody_tells(exact, low, high, hidden, protected):
    """From here on the attacker is not told which of the hidden counts are small ones: they may be anything from 1."""
    for variable in range(exact.size):
        if protected[variable] and hidden[variable]:
            low[variable], high[variable] = 1, FREE


@kernel
def protect(first, last, table, links, effort, patience, room, desk):
    """Protect the strata from first to last.

    table: row_starts, int64, where the rows of each stratum begin; where, int32 (rows, 2), group and indicator; counts, low,
    high: int64 (rows, 3), exact, and what is known of each; hidden, protected: bool (rows, 3), hidden is changed; shown_as: int64
    (variables,), in how many cells of a full table each is shown; ruled_out: bool (sets, variables), ruled_out_by: int32
    (strata, k), the sets of each stratum; unsafe: int64 (strata,), gets how many protected counts have not been proved safe, and
    nothing is hidden for them; -1 where only counts with room are shown.
    links: see `disclosure.links.Links.linked`; effort: moves for each row of a stratum, or 0: no search, but `leave_room` for
    strata that are marked unsafe; patience: int64 (attempts, 5), see `disclosure.release`; room, desk: scratch, see `make_room`
    and `make_desk`; desk has the last stratum's variables afterwards.
    """
    row_starts, where, counts, known_low, known_high, hidden, protected, shown_as, ruled_out, ruled_out_by, unsafe = table
    cells, together, starts, terms, weights, at_least, use_starts, uses, use_weights = links
    exact, low, high, price, there, is_hidden, is_protected, values, loose, few = desk
    few_starts, few_terms, few_weights, few_use_starts, few_uses, few_use_weights = few
    for stratum in range(first, last):
        begin, end = row_starts[stratum], row_starts[stratum + 1]
        if not _any_of(protected, begin, end) or (effort == 0 and unsafe[stratum] <= 0):
            continue
        _read_stratum(
            begin, end, where, counts, known_low, known_high, hidden, protected, cells, shown_as,
            _impossible(together, ruled_out, ruled_out_by[stratum]), exact, low, high, price, there, is_hidden, is_protected,
        )  # fmt: skip
        if exact[cells[0, 0, 0]] < TOO_FEW or effort == 0:
            leave_room(exact, low, high, price, is_hidden)
            unsafe[stratum] = -1
        else:
            relations = _pick(
                exact, low, high, price, starts, terms, weights, at_least, values, loose,
                few_starts, few_terms, few_weights, few_use_starts, few_uses, few_use_weights,
            )  # fmt: skip
            unsafe[stratum] = protect_stratum(
                exact, low, high, price, is_hidden, is_protected, values[:relations], loose[:relations],
                few_starts, few_terms, few_weights, few_use_starts, few_uses, few_use_weights,
                effort * (end - begin), patience, room,
            )  # fmt: skip
            room[6][2] = relations
        if unsafe[stratum] <= 0:
            _write_back(begin, end, where, cells, is_hidden, hidden)


@kernel_part
def _any_of(protected, begin, end):
    """Whether there is a protected count in these rows."""
    found = False
    for row in range(begin, end):
        found |= protected[row, 0] | protected[row, 1] | protected[row, 2]
    return found


@kernel_part
def _impossible(together, ruled_out, sets):
    """Per variable, whether nobody can be counted there: at all, or in a stratum with these labels."""
    found = np.empty(together.size, np.bool_)
    for variable in range(found.size):
        found[variable] = not together[variable]
        for number in sets:
            found[variable] |= ruled_out[number, variable]
    return found


@kernel_part
def _write_back(begin, end, where, cells, is_hidden, hidden):
    """From the variables of a stratum back to its rows."""
    for row in range(begin, end):
        for answer in range(3):
            variable = cells[where[row, 0], where[row, 1], answer]
            if variable >= 0 and is_hidden[variable]:
                hidden[row, answer] = True


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


@kernel_part
def _read_stratum(
    begin, end, where, counts, known_low, known_high, hidden, protected, cells, shown_as, impossible,
    exact, low, high, price, there, is_hidden, is_protected,
):  # fmt: skip
    """From the rows of a stratum to its variables; a row that is not there is 0, 0, 0."""
    # One by one: for each assignment to a slice Numba compiles a good deal about shapes.
    for variable in range(exact.size):
        exact[variable], low[variable], high[variable], price[variable], there[variable] = 0, 0, 0, 0, 0
        is_hidden[variable], is_protected[variable] = False, False
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
        if impossible[variable] and exact[variable] == 0:
            low[variable], high[variable], price[variable] = 0, 0, -1


@kernel_part
def _pick(
    exact, low, high, price, starts, terms, weights, at_least, values, loose,
    few_starts, few_terms, few_weights, few_use_starts, few_uses, few_use_weights,
):  # fmt: skip
    """The relations that moves can break in this stratum, with the counts that can move in it; returns how many.

    A relation that does not hold is none: it was found by chance, and is left out of account.
    """
    relations, size = 0, np.int64(0)
    for variable in range(few_use_starts.size):
        few_use_starts[variable] = 0
    few_starts[0] = 0
    for relation in range(at_least.size):
        value, room, begin = np.int64(0), np.int64(0), size
        for k in range(starts[relation], starts[relation + 1]):
            variable = terms[k]
            value += weights[k] * exact[variable]
            if low[variable] < high[variable] or price[variable] >= 0:
                few_terms[size], few_weights[size] = variable, weights[k]
                room += abs(weights[k]) * 2 * STEPS
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
