"""The table of the root README, from the figures of a run."""

import re
from pathlib import Path
from typing import Any

README = Path(__file__).resolve().parents[2] / "README.md"
_PLACE = re.compile(r"(<!-- generated: benchmarks -->\n).*?(<!-- end -->)", re.DOTALL)


def write_readme(report: dict[str, Any]) -> None:
    """Put the table between its markers."""
    text = README.read_text(encoding="utf-8")
    README.write_text(with_table(text, report), encoding="utf-8")


def with_table(text: str, report: dict[str, Any]) -> str:
    """The README with this table."""
    assert _PLACE.search(text)
    table = "\n".join([*_rates(report), "", *_claims(report), "", _machine(report), ""])
    return _PLACE.sub(lambda place: place.group(1) + table + place.group(2), text)


def _rates(report: dict[str, Any]) -> list[str]:
    """Million people a second, of those cases that count everyone."""
    lines = ["| million people a second | flags | counts | to the tidy table |", "| --- | --- | --- | --- |"]
    for case in report["cases"]:
        if case["case"] not in ("engine", "service"):
            continue
        for name in dict.fromkeys(row["contestant"] for row in case["rows"]):
            if case["case"] == "service" and "floor" not in name and "service" not in name:
                continue
            parts = {row["part"]: f"{row['million_per_second']:.1f}" for row in case["rows"] if row["contestant"] == name}
            total = parts.get("total", "")
            lines.append(f"| {name} | {parts.get('flags', '')} | {parts.get('counts', parts.get('reads', ''))} | {total} |")
    return lines


def _claims(report: dict[str, Any]) -> list[str]:
    lines = ["| case | what was wanted | measured | wanted | |", "| --- | --- | --- | --- | --- |"]
    for case in report["cases"]:
        for claim in case["claims"]:
            unit = "" if claim["unit"] == "x" else f" {claim['unit']}"
            sign, verdict = "≤" if claim["most"] else "≥", "met" if claim["met"] else "**not met**"
            figures = f"{claim['value']:.3g}{unit} | {sign} {claim['wanted']:.3g}{unit} | {verdict}"
            lines.append(f"| `{case['case']}` | {claim['text']} | {figures} |")
    return lines


def _machine(report: dict[str, Any]) -> str:
    machine = report["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{report['people']:,} people, {report['bytes_per_person']} bytes each, {report['text']} text; medians of"
        f" {report['repetitions']} interleaved repetitions. {machine['processor']}, {machine['cores']} cores,"
        f" {machine['memory_gib']} GiB; {machine['system']}, Python {machine['python']}; {versions}. {machine['when'][:10]}."
    )
