"""`core20plus5 rulesets`: every rule in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import core20plus5.rulesets
from core20plus5.rulesets import find_ruleset, list_rulesets
from core20plus5_cli.app import app

NAME = "core20plus5-adults"


def told(*arguments: str, width: int = 100) -> str:
    result = CliRunner().invoke(app, ["rulesets", *arguments], env={"COLUMNS": str(width)})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_list() -> None:
    rulesets = list_rulesets()
    lines = told().splitlines()
    assert len(rulesets) >= 1
    for ruleset, line in zip(rulesets, lines, strict=False):
        assert line.split()[0] == f"{ruleset.name}@{ruleset.version}"
        assert ruleset.title in line
        assert line.split()[-1] == ruleset.sha256[:12]


@pytest.mark.parametrize("width", [60, 100, 200])
def test_all_of_a_ruleset_is_told_at_any_width(width: int) -> None:
    ruleset = find_ruleset(NAME)
    text = " ".join(told(NAME, width=width).split())
    for indicator in ruleset.indicators.values():
        assert f"{indicator.name} {indicator.title} kind {indicator.kind}" in text
        for words in (*indicator.texts.values(), indicator.source, indicator.caveat or ""):
            assert " ".join(words.split()) in text
    for name, spec in ruleset.parameters.items():
        assert f"{name} = {spec.value} {spec.unit} since {spec.since} source {' '.join(spec.source.split())}" in text
    for name, sentence in ruleset.definitions.items():
        assert f"{name} {sentence}" in text
    assert "died death_date <= reference_date" in text
    assert "implausible_age age >= implausible_from_age" in text
    assert ruleset.sha256 in text
    assert f"no more than {ruleset.sensitive.small_base} of these" in text
    assert f"indicators {', '.join(ruleset.sensitive.indicators)} source {ruleset.sensitive.source}" in text


def test_an_indicator_says_what_it_stands_on() -> None:
    text = told(NAME, width=200)
    block = text.split("  hypertension_to_target  ")[1].split("\n\n")[0]
    lines = dict(re.findall(r"^    (\w+) +(.*)$", block, re.MULTILINE))
    assert lines["kind"] == "measure, area hypertension, higher is better"
    assert lines["among"] == "hypertension"
    assert "bp_target_systolic_older = 150 mmHg" in lines["with"]
    assert "bp_home_reduction = 5 mmHg" in lines["with"]
    assert lines["window"] == "bp_recorded_months = 12 months"
    assert "target" not in lines
    target = text.split("  smi_full_check  ")[1].split("\n\n")[0]
    assert "smi_full_check_target = 75 %" in target


def test_no_web_address_is_broken() -> None:
    addresses = {word for spec in find_ruleset(NAME).parameters.values() for word in spec.source.split() if "://" in word}
    assert addresses
    words = set(told(NAME, width=60).split())
    assert addresses <= words


def test_a_file_of_your_own(tmp_path: Path) -> None:
    shipped = Path(core20plus5.rulesets.__file__).parent / find_ruleset(NAME).file
    mine = tmp_path / "mine.toml"
    mine.write_text(shipped.read_text(encoding="utf-8").replace('reason = "died"', 'reason = "gone"'), encoding="utf-8")
    assert "gone" in told(str(mine))


def test_one_that_there_is_not() -> None:
    result = CliRunner().invoke(app, ["rulesets", "nonesuch"])
    assert result.exit_code == 2
    assert result.stderr.startswith("core20plus5: there is no ruleset 'nonesuch'; known are core20plus5-adults@")
