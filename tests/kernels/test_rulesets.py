"""Ruleset files: what is checked when one is loaded, what a newcomer does with one, and what a request may override."""

import re
import runpy
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import core20plus5
from core20plus5.errors import RulesetError
from core20plus5.expressions import parameters_of
from core20plus5.rulesets import find_ruleset, list_rulesets, load_ruleset
from tests.ask import cell, count
from tests.tables import people

FOLDER = Path(core20plus5.__file__).parent / "rulesets"
ADULTS = FOLDER / "core20plus5-adults-2025.toml"
README = FOLDER / "README.md"


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """The adult ruleset with one passage replaced."""

    def change(old: str, new: str) -> Path:
        text = ADULTS.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        path = tmp_path / "my-rules.toml"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path

    return change


def test_what_comes_with_the_engine() -> None:
    assert [ruleset.name for ruleset in list_rulesets()] == ["core20plus5-adults"]
    ruleset = find_ruleset("core20plus5-adults")
    assert find_ruleset(f"core20plus5-adults@{ruleset.version}").sha256 == ruleset.sha256
    assert len(ruleset.indicators) == 46


def test_every_parameter_is_used() -> None:
    ruleset = find_ruleset("core20plus5-adults")
    rules = [rule.where for rule in (*ruleset.exclusions, *ruleset.checks)]
    used = set().union(*(parameters_of(rule) for rule in rules))
    for indicator in ruleset.indicators.values():
        used |= {indicator.target, *indicator.windows}
        used |= parameters_of(indicator.among) | parameters_of(indicator.where) | parameters_of(indicator.known)
    assert set(ruleset.parameters) <= used


def test_every_number_in_a_sentence_is_a_named_parameter() -> None:
    """0 may stand for itself."""
    ruleset = find_ruleset("core20plus5-adults")
    texts = [*ruleset.definitions.values(), *(t for i in ruleset.indicators.values() for t in i.texts.values())]
    for text in texts:
        without_codes = re.sub(r"'[^']*'", "", text)
        assert set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", without_codes)) <= {"0"}, text


MISTAKES = [
    ('where = "deprivation_decile <= core20_max_decile"', 'where = "deprivation_decile <= core20_max"',
     "indicator core20, where: position 23: 'core20_max' is no column"),
    ('where = "deprivation_decile <= core20_max_decile"', 'where = "deprivation_decile"',
     "indicator core20, where: position 1: expected a yes, no or unknown, found a number"),
    ('where = "core20 or plus_any"', 'where = "core20 or hypertension"',
     "indicator core20plus: uses 'hypertension', which must come before it"),
    ('where = "core20 or plus_any"', 'where = "core20 or core20plus"',
     "indicator core20plus: uses 'core20plus', which must come before it"),
    ('adult = "age >= adult_min_age"', 'adult = "age >= adult_age"',
     "definition adult, text: position 8: 'adult_age' is no column"),
    ('adult = "age >= adult_min_age"', 'autism = "age >= adult_min_age"',
     "name autism: is not a free name"),
    ('title = "Smokes"', 'titel = "Smokes"', "indicator smoker: unknown key 'titel'"),
    ('title = "Smokes"\n', "", "indicator smoker: 'title' is missing"),
    ('title = "Smokes"\nkind = "supporting"', 'title = "Smokes"\nkind = "group"', "indicator smoker: 'kind' must be one of"),
    ('target = "smi_full_check_target"', 'target = "seventy_five"',
     "indicator smi_full_check: there is no parameter 'seventy_five'"),
    ('target = "smi_full_check_target"', 'area = "heart"', "not a TOML file"),
    ('value = 2\nunit = "IMD decile"', 'value = "two"\nunit = "IMD decile"',
     "parameter core20_max_decile: 'value' must be a month-day"),
    ('value = 2\nunit = "IMD decile"', 'value = 2', "parameter core20_max_decile: 'unit' is missing"),
    ('value = 2\nunit = "IMD decile"\nsince = 2021-11-01', 'value = 2\nunit = "IMD decile"\nsince = "then"',
     "parameter core20_max_decile: 'since' must be a date"),
    ('where = "death_date <= reference_date"', 'where = "smoker"', "exclusion died: cannot depend on an indicator"),
    ("[indicators.everyone]", "[indicators.everybody]", "indicators: there is no cohort 'everyone'"),
    ('title = "Everyone alive and registered"', 'title = "Everyone"\namong = "adult"',
     "indicator everyone: a cohort is asked of everyone"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=[message[:60] for _, _, message in MISTAKES])
def test_a_mistake_names_file_indicator_and_position(
    changed: Callable[[str, str], Path], old: str, new: str, message: str
) -> None:
    with pytest.raises(RulesetError) as caught:
        load_ruleset(changed(old, new))
    assert str(caught.value).startswith(f"my-rules.toml: {message}")


def test_files_that_are_no_rulesets(tmp_path: Path) -> None:
    with pytest.raises(RulesetError, match=r"none\.toml: cannot be read"):
        find_ruleset(str(tmp_path / "none.toml"))
    for content in (b"\xff\xfe", b"name = ", b"name = 'a'"):
        (tmp_path / "bad.toml").write_bytes(content)
        with pytest.raises(RulesetError, match=r"bad\.toml"):
            find_ruleset(str(tmp_path / "bad.toml"))


def example(name: str) -> str:
    """A block of the README, by the comment before it."""
    match = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None
    return match.group(1)


def test_a_newcomer_adds_an_indicator_as_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my-rules.toml").write_text(ADULTS.read_text(encoding="utf-8") + "\n" + example("indicator"), encoding="utf-8")
    born, given = [date(1961, 3, 31), date(1961, 4, 1), date(1950, 1, 1)], [date(2025, 10, 1)] * 2 + [None]
    table = people(3, birth_date=born, imd_decile=[1, 1, 1], flu_vaccine_latest=given)
    Path("use.py").write_text(example("use"), encoding="utf-8")
    result = runpy.run_path("use.py", init_globals={"people": table})["result"]
    assert cell(result.counts, cohort="core20", indicator="flu_vaccine_65_and_over") == (1, 1, 0)
    assert result.provenance["ruleset_sha256"] != find_ruleset("core20plus5-adults").sha256


def test_a_mistake_of_the_newcomer_reads_as_the_readme_says(tmp_path: Path) -> None:
    text = ADULTS.read_text(encoding="utf-8") + "\n" + example("indicator").replace('flu_older_min_age"', 'flu_min"')
    (tmp_path / "my-rules.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RulesetError) as caught:
        load_ruleset(tmp_path / "my-rules.toml")
    assert str(caught.value) in README.read_text(encoding="utf-8").replace(" …", " that a sentence can use")


def test_overrides_change_the_answer_and_are_echoed() -> None:
    table = people(2, birth_date=[date(2008, 3, 31), date(2010, 3, 31)], smoking_status=["current", "current"])
    assert cell(count(table).counts, indicator="smoker") == (1, 0, 0)
    result = count(table, parameters={"adult_min_age": 16})
    assert cell(result.counts, indicator="smoker") == (2, 0, 0)
    assert result.provenance["parameters"]["adult_min_age"] == 16
    assert result.provenance["parameters_overridden"] == ["adult_min_age"]


@pytest.mark.parametrize("target", [3, 4.0])
def test_a_number_is_echoed_in_the_type_of_the_ruleset_whoever_asked_before(target: float) -> None:
    table = people(1, smoking_status=["current"])
    for asked in (target, int(target), float(target)):
        found = count(table, parameters={"ldl_target": asked, "adult_min_age": 18.0}).provenance
        assert [type(found["parameters"][name]) for name in ("ldl_target", "adult_min_age")] == [float, int]
        assert found["parameters_overridden"] == ["ldl_target"]


def test_a_season_that_is_still_open_is_said() -> None:
    def caveat(day: date) -> str:
        rows = count(people(1), reference_date=day).indicators.to_pylist()
        return next(row["caveat"] for row in rows if row["name"] == "copd_flu_vaccine")

    assert "still open" in caveat(date(2025, 12, 31))
    assert "still open" not in caveat(date(2026, 3, 31))
    assert "still open" not in caveat(date(2026, 8, 31))
    assert "still open" in caveat(date(2026, 9, 1))
