"""The table of inequality: one tidy row for each measure of each group, with a value or the reason why there is none."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.inequality import gaps, lines
from core20plus5.inequality.blocks import REASON, REASONS, VERDICTS, WITHOUT_VERDICT, Block, Facts
from core20plus5.inequality.cells import ANSWERS, Cells
from core20plus5.inequality.rules import RULES, Rules

#: Kinds of indicators that tell how many people have something, and not how they are cared for.
_PREVALENCES = ("area", "supporting", "case finding")

_METADATA = b"core20plus5.inequality"


def inequality_table(counts: pa.Table, indicators: pa.Table, rules: Rules = RULES) -> pa.Table:
    """Measures of inequality from released counts: whatever is hidden there is hidden here.

    counts, indicators: the tables of a result. One row for each statistic of each stratum, cohort, cohort answer and indicator,
    cohorts as indicators left out. Texts are dictionary-encoded, numbers are float64 or int64:

    * the strata: as in the counts, null for the one that the row runs over;
    * cohort, cohort_answer, indicator: whose answers;
    * statistic: `rate`; `gap` (group less reference), `ratio` (group / reference), `people_to_close_gap` (how many more people of
      the group would need the better answer, 0 if it is no worse); `sii`, `rii`; `standardised_rate`, `standardised_gap`,
      `standardised_ratio`;
    * over: what the row compares along or runs over: `cohort`, or the name of a stratum; null for a rate;
    * against: the reference: `no` for those known not to be in the cohort, `White`, `A`; null where there is none;
    * value, lower, upper: with its 95 % interval of chance; error from rounded counts is not in it;
    * people, reference_people: those whose answer is known (yes + no), of the group and of the reference;
    * unknown_share: of a rate, people whose answer is unknown; else, of people whose answer is known, those who cannot be placed
      in a group: their cohort, ethnic group, deprivation or age is unknown;
    * standard_share: of an age-standardised value, the share of the European Standard Population 2013 (of the ages at which
      anyone is asked) that it covers: bands with hidden counts are left out. Compare only values that cover the same;
    * direction, target, caveat: of the indicator;
    * verdict: `worse`, `better` or `no_clear_difference` (the interval of the gap holds 0) for a gap and, for the more deprived,
      a slope; `target_met`, `target_not_met` or `near_target` (the interval holds the target) for a rate;
    * reason: why value is null or, where there is a value, why there is no verdict; null where nothing is missing.

    Prevalences get no verdict: Core20 is younger, so that crude ones mislead.
    """
    described = {row["name"]: row for row in indicators.to_pylist()}
    asked = [name for name, row in described.items() if not row["kind"].startswith("cohort")]
    cells = Cells(counts, asked)
    facts = _facts(cells, described)
    blocks = [gaps.rates(cells, facts, rules), *gaps.cohort_gaps(cells, facts, rules)]
    for name in cells.strata:
        if name in gaps.REFERENCES:
            blocks += gaps.group_gaps(cells, facts, rules, name)
        elif name in lines.QUANTILES:
            blocks += lines.slopes(cells, facts, name)
        elif name == lines.AGE_BANDS:
            blocks += lines.standardised_rates(cells, facts, rules)
    # By place and not by name: a stratum may have the name of a measure's column.
    arrays = [*_strata(cells, blocks), *_columns(cells, blocks, described).items()]
    table = pa.Table.from_arrays([array for _, array in arrays], names=[name for name, _ in arrays])
    return table.replace_schema_metadata({_METADATA: json.dumps(asdict(rules)).encode()})


def _facts(cells: Cells, described: dict[str, Any]) -> Facts:
    signs = {name: {"higher": 1.0, "lower": -1.0}.get(row["direction"], 0.0) for name, row in described.items()}
    targets = {name: np.nan if row["target"] is None else row["target"] for name, row in described.items()}
    prevalent = {name: row["kind"] in _PREVALENCES for name, row in described.items()}
    return Facts(cells.having(signs, 0.0), cells.having(targets, np.nan), cells.having(prevalent, False))


def _strata(cells: Cells, blocks: list[Block]) -> Iterator[tuple[str, ArrowArray]]:
    rows = np.concatenate([block.rows for block in blocks])
    for name, text in cells.columns.items():
        gone = [np.full(len(block.rows), block.runs_over and block.over == name) for block in blocks]
        yield name, _texts(text.labels, text.codes[rows], np.concatenate(gone))


def _columns(cells: Cells, blocks: list[Block], described: dict[str, Any]) -> dict[str, ArrowArray]:
    rows = np.concatenate([block.rows for block in blocks])
    columns: dict[str, ArrowArray] = {}
    columns["cohort"] = _texts(cells.cohort.labels, cells.cohort.codes[rows])
    columns["cohort_answer"] = _texts(ANSWERS, cells.answer[rows])
    columns["indicator"] = _texts(cells.indicator.labels, cells.indicator.codes[rows])
    for name in ("statistic", "over", "against"):
        columns[name] = _of_blocks([getattr(block, name) for block in blocks], blocks)
    reason = np.concatenate([block.reason for block in blocks])
    valueless = (reason != REASON[""]) & (reason < WITHOUT_VERDICT)
    for name, numbers in (
        ("value", [block.value for block in blocks]),
        ("lower", [block.limits[0] for block in blocks]),
        ("upper", [block.limits[1] for block in blocks]),
    ):
        columns[name] = _floats(np.concatenate(numbers), valueless)
    columns["people"] = _whole(np.concatenate([block.people for block in blocks]))
    columns["reference_people"] = _whole(np.concatenate([_or_nan(block.reference_people, block) for block in blocks]))
    columns["unknown_share"] = _floats(np.concatenate([block.unknown_share for block in blocks]))
    columns["standard_share"] = _floats(np.concatenate([_or_nan(block.standard_share, block) for block in blocks]))
    for name in ("direction", "target", "caveat"):
        columns[name] = _of_indicators(name, cells, described, rows)
    verdict = np.concatenate([block.verdict if block.verdict.size else np.zeros(len(block.rows), np.int8) for block in blocks])
    columns["verdict"] = _texts(VERDICTS, verdict, verdict == 0)
    columns["reason"] = _texts(REASONS, reason, reason == REASON[""])
    return columns


def _or_nan(values: npt.NDArray[np.float64] | None, block: Block) -> npt.NDArray[np.float64]:
    return np.full(len(block.rows), np.nan) if values is None else values


def _texts(labels: tuple[str, ...], codes: npt.NDArray[Any], null: npt.NDArray[np.bool_] | None = None) -> ArrowArray:
    indices = pa.array(codes.astype(np.int32), pa.int32(), mask=null)
    texts: ArrowArray = pa.DictionaryArray.from_arrays(indices, pa.array(labels, pa.string()))
    return texts


def _of_blocks(texts: list[str | None], blocks: list[Block]) -> ArrowArray:
    labels = tuple(dict.fromkeys(text for text in texts if text is not None))
    codes = [labels.index(text) if text is not None else -1 for text in texts]
    each = np.repeat(codes, [len(block.rows) for block in blocks])
    return _texts(labels, each, each < 0)


def _of_indicators(name: str, cells: Cells, described: dict[str, Any], rows: npt.NDArray[np.int64]) -> ArrowArray:
    values = [described[label][name] for label in cells.indicator.labels]
    if name == "target":
        numbers = np.array([np.nan if value is None else value for value in values], np.float64)
        return _floats(numbers[cells.indicator.codes[rows]])
    labels = tuple(dict.fromkeys(value for value in values if value is not None))
    codes = np.array([labels.index(value) if value is not None else -1 for value in values], np.int64)
    each = codes[cells.indicator.codes[rows]]
    return _texts(labels, each, each < 0)


def _floats(values: npt.NDArray[np.float64], null: npt.NDArray[np.bool_] | None = None) -> ArrowArray:
    gone = np.isnan(values) if null is None else null | np.isnan(values)
    return pa.array(values, pa.float64(), mask=gone)


def _whole(values: npt.NDArray[np.float64]) -> ArrowArray:
    gone = np.isnan(values)
    return pa.array(np.where(gone, 0, values).astype(np.int64), pa.int64(), mask=gone)
