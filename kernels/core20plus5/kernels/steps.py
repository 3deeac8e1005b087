"""The steps of a plan, run one after the other over a piece of a block: few calls from Python, and what stays in cache: columns
that have just been read, and results.

A step is a row of int64: what to do, the place of its result, and up to five operands; and two float64 limits beside it. An
operand is a column, the place of a truth, or the place of numbers that were worked out. Columns are told by their addresses,
because they have different types, and an array of arrays has one.
"""

import numpy as np

from core20plus5.kernels import arithmetic, compare, dates, logic
from core20plus5.kernels._jit import kernel, kernel_part
from core20plus5.kernels.columns import read_piece
from core20plus5.kernels.memory import borrowed, codes_at, copy_words, days_at, longs_at, numbers_at, shorts_at, words_at

#: What a step can do. Of no truth, or of one:
CONSTANT, REAL_ROWS, NEGATE, IS_YES, IS_KNOWN, ANSWER_AS_TRUTH, KEEP = range(7)
#: Of several truths:
BOTH, EITHER, EXCEPT, ANSWER = range(10, 14)
#: Of columns to truths:
TRUTH_OF, CODE_IN, RECORDED, DATED_BETWEEN, ON_REGISTER, AT_LEAST, AT_MOST = range(20, 27)
#: Of numbers to truths:
NUMBERS_AT_LEAST, NUMBERS_AT_MOST, NUMBERS_AT_LEAST_EACH = range(30, 33)
#: To numbers:
FILL, LOAD, ADD, SELECT = range(40, 44)

#: Words of a piece: 2,048 people. Their columns and the results of some 300 steps fit into the second cache of a processor; with
#: half as many, to go from step to step takes longer, and with twice as many memory does.
PIECE_WORDS = 32

#: Number types of a column, by their places here.
TYPES = (np.int16, np.int32, np.int64, np.float64)


@kernel
def run_steps(
    steps, limits, columns, real, truths, numbers, known, answers, kept, rows, wanted, accepted, latest, places, found
):  # fmt: skip
    """Run all steps over a block.

    steps: int64 (s, 7); limits: float64 (s, 2); columns: int64 (c, 3), the addresses of values and of their plane, and the place
    of the values' type in TYPES; they have whole words, as many as `real`: (words,) uint64, the rows that are there.
    truths: uint64, numbers: float64, known: uint64, flat: room for a piece of every truth, and of the numbers and their planes.
    answers: uint64 (indicators, 2, words) and kept: uint64 (k, words) get what the steps put there.
    What follows them is of columns that are read just before the steps are run: of `rows` people, see `read_piece`.
    """
    steps, limits, columns, real = borrowed(steps), borrowed(limits), borrowed(columns), borrowed(real)
    truths, numbers, known = borrowed(truths), borrowed(numbers), borrowed(known)
    answers, kept = borrowed(answers), borrowed(kept)
    wanted, accepted, places, found = borrowed(wanted), borrowed(accepted), borrowed(places), borrowed(found)
    for first in range(0, real.size, PIECE_WORDS):
        words = min(PIECE_WORDS, real.size - first)
        read_piece(wanted, accepted, latest, places, first, words, rows, found)
        piece = truths[: truths.size // (2 * PIECE_WORDS) * 2 * words].reshape(-1, 2, words)
        values = numbers[: numbers.size // PIECE_WORDS * words].reshape(-1, words * 64)
        planes = known[: known.size // PIECE_WORDS * words].reshape(-1, words)
        for number in range(steps.shape[0]):
            step = steps[number]
            code, limit = step[0], limits[number, 0]
            if code == FILL and first > 0 and words == PIECE_WORDS:
                continue  # as it was in the piece before
            if code == KEEP:
                copy_words(piece[step[2], 0], kept[step[1], first : first + words])
            elif code < BOTH:
                run_single(step, real[first : first + words], piece)
            elif code < TRUTH_OF:
                run_joint(step, piece)
                if code == ANSWER:
                    answer = answers[step[6] >> 1]
                    copy_words(piece[step[1], 0], answer[0, first : first + words])
                    copy_words(piece[step[1], 1], answer[1, first : first + words])
            elif code < AT_LEAST:
                run_column(step, limit, limits[number, 1], columns, first, real.size, piece)
            elif code < NUMBERS_AT_LEAST or code == LOAD:
                run_values(step, limit, columns, first, piece, values, planes)
            else:
                run_numbers(step, limit, piece, values, planes)


@kernel_part
def run_single(step, real, truths):
    """Steps to a truth from one, or from none. truths: uint64 (places, 2, words); real: uint64 (words,)."""
    code, out = step[0], step[1]
    if code == ANSWER_AS_TRUTH:
        logic.answer_as_truth(truths[step[2]], truths[out])
    elif code == NEGATE:
        logic.negate(truths[step[2]], truths[out])
    elif code == IS_YES:
        logic.is_yes(truths[step[2]], truths[out])
    elif code == IS_KNOWN:
        logic.is_known(truths[step[2]], truths[out])
    elif code == CONSTANT:
        truths[out] = np.uint64(0) - np.uint64(step[2])
    elif code == REAL_ROWS:
        compare.plane_as_truth(real, truths[out])


@kernel_part
def run_joint(step, truths):
    """Steps to a truth, or to an answer, from several truths."""
    code, out, one, two = step[0], step[1], step[2], step[3]
    if code == ANSWER:
        logic.answer(truths[one, 0], truths[two], truths[step[4]], truths[step[5]], step[6] & 1, truths[out])
    elif code == BOTH:
        logic.both(truths[one], truths[two], truths[out])
    elif code == EITHER:
        logic.either(truths[one], truths[two], truths[out])
    elif code == EXCEPT:
        logic.but_not(truths[one], truths[two], truths[out])


@kernel_part
def run_column(step, limit, other_limit, columns, first, rows, truths):
    """Steps from one column, or two, to a truth. rows: words of the columns; first: the word at which the piece begins."""
    code, out = step[0], truths[step[1]]
    words = out.shape[1]
    values, known, _ = columns[step[2]]
    plane = words_at(known, first, words)
    if code == TRUTH_OF:
        copy_words(words_at(values, first, words), out[0])
        copy_words(words_at(values, rows + first, words), out[1])
    elif code == CODE_IN:
        compare.code_in(codes_at(values, first, words), np.uint64(step[3]), out)
    elif code == RECORDED:
        compare.plane_as_truth(plane, out)
    elif code == DATED_BETWEEN:
        dates.dated_between(days_at(values, first, words), plane, np.int32(limit), np.int32(other_limit), out)
    elif code == ON_REGISTER:
        resolved, resolved_known, _ = columns[step[3]]
        other = words_at(resolved_known, first, words)
        dates.on_register(days_at(values, first, words), plane, days_at(resolved, first, words), other, out)


@kernel_part
def run_values(step, limit, columns, first, truths, numbers, known):
    """Steps that read the values of a column of any number type."""
    values, plane, column_type = columns[step[2]]
    words = truths.shape[2]
    bits = words_at(plane, first, words)
    if column_type == 0:
        run_typed(step, limit, shorts_at(values, first, words), bits, truths, numbers, known)
    elif column_type == 1:
        run_typed(step, limit, days_at(values, first, words), bits, truths, numbers, known)
    elif column_type == 2:
        run_typed(step, limit, longs_at(values, first, words), bits, truths, numbers, known)
    else:
        run_typed(step, limit, numbers_at(values, first, words), bits, truths, numbers, known)


@kernel_part
def run_typed(step, limit, values, plane, truths, numbers, known):
    """As `run_values`, the type being known."""
    if step[0] == AT_LEAST:
        compare.at_least(values, plane, limit, truths[step[1]])
    elif step[0] == AT_MOST:
        compare.at_most(values, plane, limit, truths[step[1]])
    elif step[0] == LOAD:
        arithmetic.as_numbers(values, plane, numbers[step[1]])
        copy_words(plane, known[step[1]])


@kernel_part
def run_numbers(step, limit, truths, numbers, known):
    """Steps from numbers to numbers or to a truth. numbers: float64 (places, rows); known: uint64 (places, words)."""
    code, out, one, two = step[0], step[1], step[2], step[3]
    if code == NUMBERS_AT_LEAST:
        compare.at_least(numbers[one], known[one], limit, truths[out])
    elif code == NUMBERS_AT_MOST:
        compare.at_most(numbers[one], known[one], limit, truths[out])
    elif code == NUMBERS_AT_LEAST_EACH:
        compare.at_least_each(numbers[one], known[one], numbers[two], known[two], truths[out])
    elif code == FILL:
        numbers[out] = limit
        known[out] = ~np.uint64(0)
    elif code == ADD:
        arithmetic.add(numbers[one], known[one], numbers[two], known[two], limit, numbers[out], known[out])
    elif code == SELECT:
        three = step[4]
        arithmetic.select(truths[one], numbers[two], known[two], numbers[three], known[three], numbers[out], known[out])
