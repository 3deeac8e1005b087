"""The sample population: the same for the same seed, legal in every column, and like the figures it is made from."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from core20plus5_cli.population import sample_people, sample_schema, write_sample
from core20plus5_cli.population.assumptions import Assumptions, assumptions
from core20plus5_cli.population.block import BLOCK, Recipe
from core20plus5_cli.population.conditions import ENDS
from core20plus5_cli.population.plus import GROUPS

REFERENCE = date(2026, 3, 31)
TODAY = REFERENCE.toordinal() - date(1970, 1, 1).toordinal()
NEVER = -(10**6)
PEOPLE = 200_000
TEXT, DAY, BOOL, INTEGER, NUMBER = "text", "date32[day]", "bool", "integer", "double"

BOOLS = """learning_disability autism homeless drug_alcohol_dependence vulnerable_migrant gypsy_roma_traveller sex_worker
    justice_contact modern_slavery coastal plus_carer covid_vaccine_eligible coc_pathway coc_named_midwife coc_named_team"""
DATES = """birth_date registration_start registration_end death_date hypertension_dx_latest hypertension_resolved_latest
    copd_dx_latest copd_resolved_latest smi_dx_latest smi_remission_latest cvd_dx_latest cancer_dx_latest bp_date alcohol_date
    glucose_date bmi_date lipid_date smoking_status_date smoking_support_latest statin_latest other_lipid_lowering_latest
    cholesterol_date flu_vaccine_latest pneumococcal_vaccine_latest covid_vaccine_latest preg_booking_date preg_end_date
    coc_plan_date"""
TEXTS = """sex ethnic_category no_imd_reason practice_code pcn_code place_code sub_icb_code icb_code cancer_stage bp_setting
    smoking_status"""
INTEGERS = "person_id ltc_count bp_systolic bp_diastolic preg_gestation_at_booking_days"
RECORD = {
    **dict.fromkeys(BOOLS.split(), BOOL),
    **dict.fromkeys(DATES.split(), DAY),
    **dict.fromkeys(TEXTS.split(), TEXT),
    **dict.fromkeys(INTEGERS.split(), INTEGER),
    **dict.fromkeys(("ldl_mmol", "non_hdl_mmol"), NUMBER),
}


@dataclass(frozen=True)
class ImdTable:
    ranks: NDArray[np.int32]
    version: str = "2025"


def table_of(people: int, seed: int = 1, **more: Any) -> pa.Table:
    return pa.Table.from_batches(list(sample_people(people, seed, **more)), sample_schema(imd_table=more.get("imd_table")))


@pytest.fixture(scope="module")
def sample() -> pa.Table:
    return table_of(PEOPLE)


def days(table: pa.Table, name: str) -> NDArray[np.int32]:
    """Days since 1970; NEVER for null and for dates after the reference date."""
    values = table[name].cast(pa.int32()).fill_null(NEVER).to_numpy()
    return np.where(values > TODAY, NEVER, values)


def yes(table: pa.Table, name: str) -> NDArray[np.bool_]:
    return np.asarray(table[name].fill_null(False).to_numpy())


def texts(table: pa.Table, name: str) -> NDArray[np.object_]:
    return np.array(table[name].cast(pa.string()).fill_null("").to_pylist(), dtype=object)


def small(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(table[name].cast(pa.float64()).fill_null(float("nan")).to_numpy())


def ages(table: pa.Table) -> NDArray[np.float64]:
    return np.floor((TODAY - table["birth_date"].cast(pa.int32()).to_numpy()) / 365.2425)


def core20(table: pa.Table) -> NDArray[np.int8]:
    """1 in the most deprived fifth, 0 not, -1 unknown."""
    rank = table["imd_rank_2025"].fill_null(0).to_numpy()
    return np.where(rank < 1, -1, rank <= 6_751).astype(np.int8)


def on_register(table: pa.Table, name: str) -> NDArray[np.bool_]:
    diagnosed = days(table, f"{name}_dx_latest")
    ended = days(table, ENDS[name]) if name in ENDS else np.full(len(diagnosed), NEVER)
    return (diagnosed != NEVER) & (diagnosed >= ended)


def within(table: pa.Table, name: str, window: int = 365) -> NDArray[np.bool_]:
    return days(table, name) > TODAY - window


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_same_arguments_give_the_same_people(sample: pa.Table, threads: int) -> None:
    assert table_of(PEOPLE, threads=threads).equals(sample)


def test_another_seed_gives_other_people() -> None:
    one, other = table_of(50_000, seed=1), table_of(50_000, seed=2)
    assert [name for name in one.column_names if one[name].equals(other[name])] == ["person_id"]


@pytest.mark.parametrize("fewer", [1, 999, BLOCK, BLOCK + 1])
def test_fewer_people_are_the_first_of_more(sample: pa.Table, fewer: int) -> None:
    assert table_of(fewer).combine_chunks().equals(sample.slice(0, fewer).combine_chunks())


@pytest.mark.parametrize("people", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_as_many_as_asked(people: int) -> None:
    batches = list(sample_people(people, 5))
    assert all(batch.schema.equals(sample_schema()) and batch.validate(full=True) is None for batch in batches)
    assert [number for batch in batches for number in batch["person_id"].to_pylist()] == list(range(1, people + 1))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"people": -1}, "people must be at least 0, not -1"),
        ({"people": 1, "seed": -1}, "seed must be at least 0"),
        ({"people": 1, "icbs": 101}, "icbs must be from 1 to 100, not 101"),
        ({"people": 1, "imd_table": ImdTable(np.zeros(9, np.int32))}, "no LSOA with a rank"),
    ],
)
def test_wrong_arguments_are_refused_at_once(wrong: dict[str, Any], words: str) -> None:
    arguments = {"seed": 1, **wrong}
    with pytest.raises(ValueError, match=words):
        sample_people(arguments.pop("people"), arguments.pop("seed"), **arguments)


def kind(type_: pa.DataType) -> str:
    if pa.types.is_dictionary(type_):
        return TEXT if pa.types.is_string(type_.value_type) else str(type_)
    return INTEGER if pa.types.is_integer(type_) else str(type_)


def test_every_column_of_the_record_is_there() -> None:
    found = {field.name: kind(field.type) for field in sample_schema()}
    assert found == {**RECORD, "imd_rank_2025": INTEGER}
    given = {field.name: kind(field.type) for field in sample_schema(imd_table=ImdTable(np.ones(9, np.int32)))}
    assert given == {**RECORD, "lsoa_code": TEXT}


@pytest.mark.parametrize(
    ("name", "legal", "least"),
    [
        ("sex", r"[1290X]", 1.0),
        ("ethnic_category", r"[A-HJ-NPRSZ]|[A-HJ-NPRS][1-3]|99", 0.998),
        ("no_imd_reason", r"outside_england|no_fixed_abode", 1.0),
        ("practice_code", r"[A-Z]\d{5}", 1.0),
        ("pcn_code", r"U(\d{5})?", 1.0),
        ("sub_icb_code", r"\d\d[A-Z]|[A-Z]\d[A-Z]\d[A-Z]", 1.0),
        ("icb_code", r"Q[A-Z0-9]{2}|[A-Z]\d[A-Z]\d[A-Z]", 1.0),
        ("cancer_stage", r"\s?[1-4]([A-Ca-c]\d?)?|[UX?6]", 1.0),
        ("bp_setting", r"clinic|home|hbpm|abpm", 0.99),
        ("smoking_status", r"current|ex|never", 1.0),
    ],
)
def test_texts_are_codes_with_few_exceptions(sample: pa.Table, name: str, legal: str, least: float) -> None:
    found = [value for value in texts(sample, name) if value]
    good = sum(bool(re.fullmatch(legal, value)) for value in found)
    assert least <= good / len(found) <= 1
    assert least == 1.0 or good < len(found), "some dirt is wanted"


def test_ranks_are_1_to_33755_and_even(sample: pa.Table) -> None:
    rank = sample["imd_rank_2025"].drop_null().to_numpy()
    assert 0 < (rank == 0).sum() < 1e-4 * PEOPLE
    share = np.bincount((10 * rank[rank > 0] + 33_754) // 33_755, minlength=11)[1:] / len(rank)
    assert np.abs(share - 0.1).max() < 0.006
    reason = texts(sample, "no_imd_reason")
    assert not sample["imd_rank_2025"].is_valid().to_numpy()[reason != ""].any()
    assert (yes(sample, "homeless") & (reason == "no_fixed_abode")).sum() > 100


def test_organisations_are_a_tree(sample: pa.Table) -> None:
    levels = ("practice_code", "pcn_code", "place_code", "sub_icb_code", "icb_code")
    for lower, upper in itertools.pairwise(levels):
        pairs = set(zip(texts(sample, lower), texts(sample, upper), strict=True))
        below = [low for low, _ in pairs if low not in {"", "U"}]
        assert len(below) == len(set(below)), (lower, upper)
    practices = set(texts(sample, "practice_code"))
    assert 6_300 < len(practices) <= 6_600
    assert "V81999" in practices
    assert len(set(texts(sample, "icb_code")) - {""}) == 42


@pytest.mark.parametrize("icbs", [1, 2, 100])
def test_as_many_systems_as_asked(icbs: int) -> None:
    found = set(texts(table_of(20_000, icbs=icbs), "icb_code")) - {""}
    assert len(found) == icbs
    assert any(len(code) == 5 for code in found) == (icbs > 1)


def test_an_imd_table_gives_only_its_codes() -> None:
    ranks = np.zeros(40_000, np.int32)
    ranks[[7, 1_000, 20_000, 39_999]] = [4, 1, 2, 2]
    lsoa = texts(table_of(40_000, imd_table=ImdTable(ranks)), "lsoa_code")
    found, count = np.unique(lsoa[lsoa != ""], return_counts=True)
    assert found.tolist() == ["E01000007", "E01001000", "E01020000", "E01039999"]
    assert np.abs(count / count.sum() - 0.25).max() < 0.02
    assert 0.004 < (lsoa == "").mean() < 0.015


@pytest.mark.parametrize("reference", [date(2024, 2, 29), date(2025, 3, 1), date(2025, 9, 1), date(1999, 12, 31)])
def test_dates_follow_the_reference_date(reference: date) -> None:
    table = table_of(5_000, reference_date=reference)
    birth = [day for day in table["birth_date"].to_pylist() if day != date(1900, 1, 1)]
    at = [reference.year - day.year - ((reference.month, reference.day) < (day.month, day.day)) for day in birth]
    assert -1 <= min(at) < max(at) <= 105
    for name in ("bp_date", "flu_vaccine_latest", "preg_booking_date"):
        after = [day > reference for day in table[name].drop_null().to_pylist()]
        assert sum(after) <= 0.002 * len(after)


def test_few_dates_lie_after_the_reference_date(sample: pa.Table) -> None:
    facts = [name for name in DATES.split() if name not in {"birth_date", "registration_start", "registration_end"}]
    for first in (100, 1_000, 5_000, PEOPLE):
        for name in facts:
            values = sample[name].slice(0, first).cast(pa.int32()).drop_null().to_numpy()
            assert (values > TODAY).sum() <= 0.002 * len(values), (name, first)
    assert pc.max(sample["bp_date"]).as_py() > REFERENCE


def test_some_dirt_is_there(sample: pa.Table) -> None:
    dated, upper, lower = (sample[name].is_valid().to_numpy() for name in ("bp_date", "bp_systolic", "bp_diastolic"))
    half = upper ^ lower
    assert 0.002 < half.sum() / dated.sum() < 0.006
    assert not (upper & ~dated).any()
    assert 0 < (small(sample, "bp_systolic") < 50).sum() < 0.001 * PEOPLE
    assert 0 < (small(sample, "preg_gestation_at_booking_days") < 1).sum() < 0.001 * PEOPLE
    assert 0 < (ages(sample) >= 120).sum() < 0.001 * PEOPLE
    assert 0.01 < (days(sample, "registration_end") != NEVER).mean() < 0.03


def test_people_are_as_many_as_the_settings_say(sample: pa.Table) -> None:
    settings, age = assumptions(), ages(sample)
    adult = age >= 18
    new_cancer = days(sample, "cancer_dx_latest") > TODAY - 365
    found = {
        **{f"condition.{name}.overall": on_register(sample, name).mean() for name in ("hypertension", "copd", "smi", "cvd")},
        "condition.new_cancer.overall": new_cancer.mean(),
        "death.overall": (days(sample, "death_date") != NEVER).mean(),
        "smoking.current": (texts(sample, "smoking_status") == "current")[adult].mean(),
        "bp.to_target": to_target(sample)[on_register(sample, "hypertension") & within(sample, "bp_date")].mean(),
        "pregnancy.bookings": within(sample, "preg_booking_date").mean(),
    }
    for name, share in found.items():
        assert share == pytest.approx(settings.number(name), rel=0.1), name
    assert (small(sample, "ltc_count") >= 2)[adult].mean() == pytest.approx(0.272, abs=0.02)  # as the source of the means


@pytest.mark.parametrize("name", GROUPS)
def test_plus_groups_are_as_recorded(sample: pa.Table, name: str) -> None:
    settings = assumptions()
    expected = settings.number(f"plus.{name}.overall") * settings.number(f"plus.{name}.recorded")
    noise = 4 * np.sqrt(expected / PEOPLE)
    assert yes(sample, name).mean() == pytest.approx(expected, rel=0.12, abs=noise)
    others = sample[name].is_valid().to_numpy()[~yes(sample, name)].mean()
    assert others == pytest.approx(settings.number(f"plus.{name}.recorded_no"), abs=0.005)


def test_ethnic_groups_have_their_national_shares(sample: pa.Table) -> None:
    names, expected = assumptions().shares("ethnicity.shares")
    letter = np.array([code[:1] for code in texts(sample, "ethnic_category")])
    count = np.array([(letter == name).sum() for name in names])
    assert count / count.sum() == pytest.approx(expected, rel=0.1, abs=0.001)


def test_ages_are_those_of_england_and_core20_is_younger(sample: pa.Table) -> None:
    age, deprived = ages(sample), core20(sample)
    assert 0.17 < (age >= 65).mean() < 0.21
    assert 0.19 < (age < 18).mean() < 0.23
    assert np.median(age[deprived == 0]) - np.median(age[deprived == 1]) >= 4


def to_target(table: pa.Table) -> NDArray[np.bool_]:
    home = 5 * np.isin(texts(table, "bp_setting"), ["home", "hbpm", "abpm"])
    limit = np.where(ages(table) >= 80, 150, 140) - home
    return (small(table, "bp_systolic") <= limit) & (small(table, "bp_diastolic") <= 90 - home)


def measures(table: pa.Table) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.bool_], int]]:
    """Name, who is asked, who has it, and 1 where Core20 has less of it or -1 where it has more."""
    adult, everyone = ages(table) >= 18, np.ones(table.num_rows, np.bool_)
    hypertension, smi, copd = (on_register(table, name) for name in ("hypertension", "smi", "copd"))
    read = within(table, "bp_date")
    six = ("bp_date", "alcohol_date", "glucose_date", "bmi_date", "lipid_date", "smoking_status_date")
    stage = np.array([value.strip()[:1] for value in texts(table, "cancer_stage")])
    yield "bp recorded", hypertension, read, 1
    yield "bp to target", hypertension & read, to_target(table), 1
    yield "all six smi checks", smi & adult, np.all([within(table, name) for name in six], axis=0), 1
    yield "flu with copd", copd & adult, within(table, "flu_vaccine_latest", 212), 1
    yield "pneumococcal with copd", copd & adult, days(table, "pneumococcal_vaccine_latest") != NEVER, 1
    yield "covid, eligible", yes(table, "covid_vaccine_eligible"), within(table, "covid_vaccine_latest"), 1
    yield "early stage", np.isin(stage, list("1234")), np.isin(stage, ["1", "2"]), 1
    yield "statin with cvd", on_register(table, "cvd"), within(table, "statin_latest", 181), 1
    yield "smokers supported", texts(table, "smoking_status") == "current", within(table, "smoking_support_latest"), 1
    yield "smoking", adult, texts(table, "smoking_status") == "current", -1
    yield "copd", adult, copd, -1
    yield "smi", adult, smi, -1
    yield "dependence", everyone, yes(table, "drug_alcohol_dependence"), -1
    yield "not White British", everyone, ~np.isin([c[:1] for c in texts(table, "ethnic_category")], ["A", ""]), -1


def test_core20_is_worse_off(sample: pa.Table) -> None:
    deprived = core20(sample)
    for name, among, has, direction in measures(sample):
        poor, rest = has[among & (deprived == 1)].mean(), has[among & (deprived == 0)].mean()
        assert direction * (rest - poor) > 0.01 * rest, (name, poor, rest)
        assert 0 < poor < 1, name


def settings_in(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, node in tree.items():
        if {"value", "unit", "source"} <= set(node):
            yield path + name, node
        else:
            yield from settings_in(node, f"{path}{name}.")


def test_every_setting_has_its_unit_and_source() -> None:
    tree = dict(assumptions().tree)
    sources: dict[str, str] = tree.pop("sources")
    found = dict(settings_in(tree))
    assert len(found) > 200
    for name, setting in found.items():
        origin, _, words = setting["source"].partition(":")
        assert setting["unit"], name
        assert origin in sources or (origin == "assumption" and len(words.split()) >= 2), (name, setting["source"])
    assert {setting["source"].partition(":")[0] for setting in found.values()} - {"assumption"} == set(sources)


def test_every_setting_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    value = Assumptions.value
    monkeypatch.setattr(Assumptions, "value", lambda self, name: (read.add(name), value(self, name))[1])
    Recipe(REFERENCE, None, 42).block(1, 0)
    tree = {name: node for name, node in assumptions().tree.items() if name != "sources"}
    assert {name for name, _ in settings_in(tree)} == read


def read_back(path: Path) -> pa.Table:
    if path.suffix == ".PARQUET":
        return pq.read_table(path)
    if path.suffix == ".arrow":
        with pa.ipc.open_file(path) as file:
            return file.read_all()
    types = {field.name: pa.string() if kind(field.type) == TEXT else field.type for field in sample_schema()}
    return pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=True))


@pytest.mark.parametrize("ending", [".PARQUET", ".arrow", ".csv"])
@pytest.mark.parametrize("people", [0, 1, 700])
def test_files_hold_the_sample(tmp_path: Path, ending: str, people: int) -> None:
    path = tmp_path / f"people{ending}"
    write_sample(path, people, 4)
    found = read_back(path)
    assert found.column_names == sample_schema().names
    assert found.to_pylist() == table_of(people, seed=4).to_pylist()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_file_of_several_row_groups_is_the_same_bytes_again(tmp_path: Path) -> None:
    told: list[int] = []
    for name in ("a.parquet", "b.parquet"):
        write_sample(tmp_path / name, 4 * BLOCK + 1, 9, on_progress=told.append)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert told[:5] == [BLOCK, 2 * BLOCK, 3 * BLOCK, 4 * BLOCK, 4 * BLOCK + 1]
    with pq.ParquetFile(tmp_path / "a.parquet") as file:
        assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [4 * BLOCK, 1]


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.parquet, \.arrow, \.csv, not '\.xlsx'"):
        write_sample(tmp_path / "people.xlsx", 1, 1)


def test_what_breaks_off_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    path.write_text("old")

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample(path, 3 * BLOCK, 1, on_progress=stop)
    assert [entry.name for entry in tmp_path.iterdir()] == ["people.parquet"]
    assert path.read_text() == "old"
