"""Names for Arrow's types (its classes are generic to the type checker only), and questions about them."""

from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    ArrowArray: TypeAlias = pa.Array[Any]
    ArrowField: TypeAlias = pa.Field[Any]
else:
    ArrowArray = pa.Array
    ArrowField = pa.Field


def is_text(kind: Any) -> bool:
    """Any of Arrow's text types."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def value_type(kind: Any) -> Any:
    """The type of the values, dictionary-encoded or not."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def buffer(values: Any) -> pa.Buffer:
    """The memory of a NumPy array, as it is."""
    return pa.py_buffer(values)
