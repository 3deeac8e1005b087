"""Names for Arrow's types: its classes are generic to the type checker only."""

from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    ArrowArray: TypeAlias = pa.Array[Any]
    ArrowField: TypeAlias = pa.Field[Any]
else:
    ArrowArray = pa.Array
    ArrowField = pa.Field
