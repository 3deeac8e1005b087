"""What a case has to say, and how it is written down."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Claim:
    """A figure beside what was wanted of it: at least `wanted`, or at most where `most`."""

    text: str
    value: float
    wanted: float
    unit: str = "x"
    most: bool = False

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.value <= self.wanted if self.most else self.value >= self.wanted

    def __str__(self) -> str:
        sign, word = ("<=", "met" if self.met else "MISSED") if self.most else (">=", "met" if self.met else "MISSED")
        return f"{self.text}: {self.value:.3g} {self.unit} (wanted {sign} {self.wanted:g}): {word}"


@dataclass
class Result:
    """One case: rows of times, claims, and remarks."""

    case: str
    title: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"claims": [asdict(claim) | {"met": claim.met} for claim in self.claims]}


def markdown(result: Result) -> str:
    """Table, claims and remarks of a case."""
    lines = [f"### {result.title}", ""]
    if result.rows:
        lines += ["| who | what | seconds: median (min to max) | million people/s |", "| --- | --- | --- | --- |"]
        lines += [_row(row) for row in result.rows]
        lines.append("")
    lines += [f"* {claim}" for claim in result.claims]
    lines += [f"* {remark}" for remark in result.remarks]
    return "\n".join(lines) + "\n"


def _row(row: dict[str, Any]) -> str:
    rate = row.get("million_per_second")
    return (
        f"| {row['contestant']} | {row['part']} | {row['seconds']:.3f} ({row['least']:.3f} to {row['most']:.3f}) |"
        f" {'' if rate is None else f'{rate:.2f}'} |"
    )
