"""Tables of released counts and of indicators, written by hand."""

from typing import Any

import pyarrow as pa

_INDICATORS = pa.schema(
    [
        pa.field(name, pa.float64() if name == "target" else pa.string())
        for name in ("name", "title", "kind", "area", "direction", "target", "window", "source", "caveat")
    ]
)
#: A measure with a target, one where lower is better, a prevalence, and a cohort.
INDICATORS = pa.Table.from_pylist(
    [
        {"name": "core20", "kind": "cohort", "title": "In Core20", "source": "x"},
        {"name": "smi", "kind": "area", "area": "smi", "title": "On the register", "source": "x"},
        {
            "name": "check",
            "kind": "measure",
            "area": "smi",
            "direction": "higher",
            "target": 0.75,
            "title": "Checked",
            "source": "x",
        }
        | {"caveat": "Not everyone."},
        {"name": "harm", "kind": "measure", "area": "smi", "direction": "lower", "target": 0.1, "title": "Harmed", "source": "x"},
    ],
    schema=_INDICATORS,
)


def counts(rows: list[dict[str, Any]], *strata: str) -> pa.Table:
    """Rows of the table of counts; what is left out is of everyone, and of the indicator `check`."""
    whole = [{"cohort": "everyone", "cohort_answer": "yes", "indicator": "check", "unknown": 0} | row for row in rows]
    names = (*strata, "cohort", "cohort_answer", "indicator")
    columns: dict[str, Any] = {name: pa.array([row[name] for row in whole], pa.string()) for name in names}
    for answer in ("yes", "no", "unknown"):
        columns[answer] = pa.array([row[answer] for row in whole], pa.int64())
    absent = [row.get("status") == "column_absent" for row in whole]
    hidden = [not gone and None in (row["yes"], row["no"], row["unknown"]) for row, gone in zip(whole, absent, strict=True)]
    columns["suppressed"] = pa.array(hidden, pa.bool_())
    columns["status"] = pa.array(["column_absent" if gone else "ok" for gone in absent], pa.string())
    return pa.table(columns)


def cohort(yes: tuple[int | None, int | None], no: tuple[int | None, int | None], **more: Any) -> list[dict[str, Any]]:
    """Yes and no of those in Core20 and of those known not to be in it."""
    return [
        {"cohort": "core20", "cohort_answer": answer, "yes": counted[0], "no": counted[1]} | more
        for answer, counted in (("yes", yes), ("no", no))
    ]


def only(table: pa.Table, **where: Any) -> dict[str, Any]:
    """The one row with these values."""
    found = [row for row in table.to_pylist() if all(row[name] == value for name, value in where.items())]
    assert len(found) == 1, found
    return found[0]
