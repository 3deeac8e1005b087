"""Sixty-four people at a time: tests of 64 neighbouring values, as the bits of one word.

They are LLVM vectors rather than loops over 64 bits: LLVM widens such a loop to lanes of 64 bits and shifts each into place,
which takes about five times as long. Every function reads values[start : start + 64], which must all be there: arrays are
padded to whole words.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

_LANES = 64

#: Numba's type for what it decorates knows the arguments of the builder, not those of the call.
intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = extending.intrinsic


def _vector(element: ir.Type) -> ir.VectorType:
    return ir.VectorType(element, _LANES)


def _load(context: Any, builder: ir.IRBuilder, kind: Any, array: Any, start: Any) -> Any:
    """values[start : start + 64] of a contiguous array. Of any other, neighbours in memory would be taken for its own."""
    assert kind.layout == "C", kind
    vector = _vector(context.get_value_type(kind.dtype))
    first = builder.gep(context.make_array(kind)(context, builder, array).data, [start])
    return builder.load(builder.bitcast(first, vector.as_pointer()), align=kind.dtype.bitwidth // 8)


def _splat(builder: ir.IRBuilder, value: Any) -> Any:
    empty = ir.Constant(_vector(value.type), ir.Undefined)
    one = builder.insert_element(empty, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, empty, ir.Constant(_vector(ir.IntType(32)), [0] * _LANES))


def _as_numbers(builder: ir.IRBuilder, kind: Any, vector: Any) -> Any:
    """Values as float64: exact for every integer up to 2**53."""
    if kind.dtype == types.float64:
        return vector
    convert = builder.sitofp if kind.dtype.signed else builder.uitofp
    return convert(vector, _vector(ir.DoubleType()))


def _word(builder: ir.IRBuilder, tests: Any) -> Any:
    return builder.bitcast(tests, ir.IntType(64))


def _against_limit(operator: str) -> Callable[..., Any]:
    """values[k] <operator> limit. A float64 limit compares as numbers, and NaN with false; any other as integers."""

    def typed(typing_context: Any, values: Any, start: Any, limit: Any) -> Any:
        as_numbers = limit == types.float64

        def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            vector = _load(context, builder, values, arguments[0], arguments[1])
            limits = _splat(builder, arguments[2])
            if as_numbers:
                return _word(builder, builder.fcmp_ordered(operator, _as_numbers(builder, values, vector), limits))
            return _word(builder, builder.icmp_signed(operator, vector, limits))

        return types.uint64(values, types.intp, limit if as_numbers else values.dtype), build

    return typed


greater = intrinsic(_against_limit(">"))
at_least = intrinsic(_against_limit(">="))
at_most = intrinsic(_against_limit("<="))
equal = intrinsic(_against_limit("=="))


@intrinsic
def counts_up(typing_context: Any, values: Any, start: Any) -> Any:
    """Whether values[start + k] is values[start] + k. values: integers."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        vector = _load(context, builder, values, arguments[0], arguments[1])
        first = builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))
        wanted = builder.add(_splat(builder, first), ir.Constant(vector.type, list(range(_LANES))))
        return _word(builder, builder.icmp_signed("==", vector, wanted))

    return types.uint64(values, types.intp), build


@intrinsic
def at_least_each(typing_context: Any, left: Any, right: Any, start: Any) -> Any:
    """left[k] >= right[k], two arrays of one type; false where either is NaN."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        one, two = (_load(context, builder, left, array, arguments[2]) for array in arguments[:2])
        compare = builder.fcmp_ordered if left.dtype == types.float64 else builder.icmp_signed
        return _word(builder, compare(">=", one, two))

    return types.uint64(left, left, types.intp), build


@intrinsic
def whole(typing_context: Any, values: Any, start: Any) -> Any:
    """Whether values[k] is a whole number; false for NaN."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        if values.dtype != types.float64:
            return ir.Constant(ir.IntType(64), 2**64 - 1)
        vector = _load(context, builder, values, arguments[0], arguments[1])
        kind = ir.FunctionType(vector.type, [vector.type])
        floor = cgutils.get_or_insert_function(builder.module, kind, "llvm.floor.v64f64")
        return _word(builder, builder.fcmp_ordered("==", vector, builder.call(floor, [vector])))

    return types.uint64(values, types.intp), build


@intrinsic
def in_set(typing_context: Any, codes: Any, start: Any, accepted: Any) -> Any:
    """Bit codes[k] of `accepted`. codes: int8, 0 to 63; anything for a code outside that range."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        wide = _vector(ir.IntType(64))
        vector = builder.zext(_load(context, builder, codes, arguments[0], arguments[1]), wide)
        places = builder.and_(vector, ir.Constant(wide, [63] * _LANES))  # a longer shift is undefined
        bits = builder.lshr(_splat(builder, arguments[2]), places)
        return _word(builder, builder.trunc(bits, _vector(ir.IntType(1))))

    return types.uint64(codes, types.intp, types.uint64), build


@intrinsic
def put_codes(typing_context: Any, out: Any, start: Any, low: Any, high: Any) -> Any:
    """out[start + k] = bit k of `low` + 2 * bit k of `high`, for 64 values. out: int8."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        bits, codes = _vector(ir.IntType(1)), _vector(ir.IntType(8))
        ones, twos = (builder.zext(builder.bitcast(word, bits), codes) for word in arguments[2:])
        first = builder.gep(context.make_array(out)(context, builder, arguments[0]).data, [arguments[1]])
        both = builder.or_(ones, builder.add(twos, twos))
        builder.store(both, builder.bitcast(first, codes.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(out, types.intp, types.uint64, types.uint64), build


def _store(context: Any, builder: ir.IRBuilder, kind: Any, array: Any, start: Any, vector: Any) -> Any:
    """array[start : start + 64] = vector, of a contiguous array."""
    assert kind.layout == "C", kind
    first = builder.gep(context.make_array(kind)(context, builder, array).data, [start])
    builder.store(vector, builder.bitcast(first, vector.type.as_pointer()), align=kind.dtype.bitwidth // 8)
    return context.get_dummy_value()


@intrinsic
def put_numbers(typing_context: Any, out: Any, start: Any, values: Any) -> Any:
    """out[start + k] = values[start + k], for 64 values of any number type. out: float64."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        numbers = _as_numbers(builder, values, _load(context, builder, values, arguments[2], arguments[1]))
        return _store(context, builder, out, arguments[0], arguments[1], numbers)

    return types.void(out, types.intp, values), build


@intrinsic
def put_sums(typing_context: Any, out: Any, start: Any, left: Any, right: Any, sign: Any) -> Any:
    """out[start + k] = left[start + k] + sign * right[start + k], for 64 values. All float64."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        one, two = (_load(context, builder, left, array, arguments[1]) for array in arguments[2:4])
        sums = builder.fadd(one, builder.fmul(_splat(builder, arguments[4]), two))
        return _store(context, builder, out, arguments[0], arguments[1], sums)

    return types.void(out, types.intp, left, left, types.float64), build


@intrinsic
def put_chosen(typing_context: Any, out: Any, start: Any, chosen: Any, left: Any, right: Any) -> Any:
    """out[start + k] = left[start + k] if bit k of `chosen` else right[start + k], for 64 values. All float64."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        one, two = (_load(context, builder, left, array, arguments[1]) for array in arguments[3:])
        values = builder.select(builder.bitcast(arguments[2], _vector(ir.IntType(1))), one, two)
        return _store(context, builder, out, arguments[0], arguments[1], values)

    return types.void(out, types.intp, types.uint64, left, left), build


@intrinsic
def word_at(typing_context: Any, content: Any, byte: Any) -> Any:
    """The eight bytes from content[byte] on, wherever they lie. content: uint8."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        first = builder.gep(context.make_array(content)(context, builder, arguments[0]).data, [arguments[1]])
        return builder.load(builder.bitcast(first, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(content, types.intp), build


@intrinsic
def add_popcounts(
    typing_context: Any, counts: Any, first: Any, cells: Any, place: Any, masks: Any, mask: Any, groups: Any
) -> Any:
    """counts[first + k] += the people of some groups who are in cells[g, place + k], for k from 0 to 7.

    A group is up to 64 people, a bit each; those of group g who count at all are masks[mask + g]. counts: int64; cells: uint64
    (at least `groups`, w); masks: uint64; all contiguous. first, mask: places as if there were one axis.
    """
    eight = ir.VectorType(ir.IntType(64), 8)

    def pointer(context: Any, builder: ir.IRBuilder, kind: Any, array: Any, place: Any) -> Any:
        return builder.gep(context.make_array(kind)(context, builder, array).data, [place])

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        count, start, cell, column, chosen, at, number = arguments
        sums = builder.bitcast(pointer(context, builder, counts, count, start), eight.as_pointer())
        width = builder.extract_value(context.make_array(cells)(context, builder, cell).shape, 1)
        popcount = cgutils.get_or_insert_function(builder.module, ir.FunctionType(eight, [eight]), "llvm.ctpop.v8i64")
        total = cgutils.alloca_once_value(builder, builder.load(sums, align=8))
        with cgutils.for_range(builder, number) as loop:
            place = builder.add(builder.mul(loop.index, width), column)
            planes = builder.load(builder.bitcast(pointer(context, builder, cells, cell, place), eight.as_pointer()), align=8)
            group = builder.load(pointer(context, builder, masks, chosen, builder.add(at, loop.index)))
            one = builder.insert_element(ir.Constant(eight, ir.Undefined), group, ir.Constant(ir.IntType(32), 0))
            everywhere = ir.Constant(ir.VectorType(ir.IntType(32), 8), [0] * 8)
            people = builder.call(popcount, [builder.and_(planes, builder.shuffle_vector(one, one, everywhere))])
            builder.store(builder.add(builder.load(total), people), total)
        builder.store(builder.load(total), sums, align=8)
        return context.get_dummy_value()

    return types.void(counts, types.intp, cells, types.intp, masks, types.intp, types.intp), build


@intrinsic
def transpose(typing_context: Any, block: Any, start: Any) -> Any:
    """Transpose the 64 x 64 bits of block[start : start + 64] in place. block: uint64.

    By halves, as in Hacker's Delight, section 7-3, with all 64 rows at once: each row trades half of its bits with the row
    `half` away.
    """
    wide = ir.VectorType(ir.IntType(64), _LANES)

    def constant(values: Any) -> Any:
        return ir.Constant(wide, list(values))

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        rows = _load(context, builder, block, arguments[0], arguments[1])
        for half in (32, 16, 8, 4, 2, 1):
            low = sum(((1 << half) - 1) << place for place in range(0, 64, 2 * half))
            far = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), [row ^ half for row in range(_LANES)])
            others = builder.shuffle_vector(rows, rows, far)
            is_second = [bool(row & half) for row in range(_LANES)]
            kept = constant((~low & (2**64 - 1)) if second else low for second in is_second)
            shifted = builder.select(
                ir.Constant(_vector(ir.IntType(1)), is_second),
                builder.and_(builder.lshr(others, constant([half] * _LANES)), constant([low] * _LANES)),
                builder.and_(builder.shl(others, constant([half] * _LANES)), constant([~low & (2**64 - 1)] * _LANES)),
            )
            rows = builder.or_(builder.and_(rows, kept), shifted)
        return _store(context, builder, block, arguments[0], arguments[1], rows)

    return types.void(block, types.intp), build


@intrinsic
def copy(typing_context: Any, out: Any, place: Any, source: Any, start: Any) -> Any:
    """out[place : place + 64] = source[start : start + 64], two arrays of one type."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        vector = _load(context, builder, source, arguments[2], arguments[3])
        return _store(context, builder, out, arguments[0], arguments[1], vector)

    return types.void(out, types.intp, source, types.intp), build
