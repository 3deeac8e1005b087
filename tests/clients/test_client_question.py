"""Arguments and descriptions as messages, and back."""

from datetime import date, datetime
from typing import Any

import pytest

from core20plus5_client import descriptions
from core20plus5_client.errors import RequestError, RulesetError
from core20plus5_client.messages import fields_of, parameter_value, read_record, read_ruleset, read_server_info
from core20plus5_client.question import make_count_begin
from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import rulesets_pb2 as rulesets
from core20plus5_proto.v1 import service_pb2 as service
from tests.clients import client_fake as fake
from tests.clients.test_client_columns import question


def test_every_argument_is_on_the_wire() -> None:
    asked = question(
        plus_groups=["autism", "coastal"],
        indicators=["smi"],
        imd_from="imd_rank",
        null_means_no=("homeless",),
        parameters={"a": 1, "b": 2.5, "c": "09-01"},
        allow_later_facts=True,
    )
    assert asked.reference_date == "2026-03-31"
    assert (asked.imd_version, asked.ruleset, asked.imd_from) == ("2025", "core20plus5-adults", "imd_rank")
    assert list(asked.plus_groups) == ["autism", "coastal"]
    assert list(asked.indicators.names) == ["smi"]
    assert list(asked.null_means_no) == ["homeless"]
    values = {name: parameter_value(value) for name, value in asked.parameters.items()}
    assert values == {"a": 1, "b": 2.5, "c": "09-01"}
    assert asked.allow_later_facts


def test_what_is_left_out_is_unset() -> None:
    asked = question(plus_groups="all", null_means_no=None)
    assert not asked.HasField("indicators")
    assert not asked.HasField("imd_from")
    assert list(asked.plus_groups) == ["all"]
    begin = make_count_begin(asked, strata=(), cohorts=None, disclosure="hes")
    assert not begin.HasField("cohorts")
    assert (list(begin.strata), begin.disclosure) == ([], "hes")


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("reference_date", None, "reference_date is missing"),
        ("reference_date", datetime(2026, 3, 31), "must be a datetime.date"),
        ("reference_date", "2026-03-31", "must be a datetime.date"),
        ("imd_version", 2025, "imd_version must be text"),
        ("imd_version", "\ud800", "imd_version must be text"),
        ("plus_groups", "autism", "plus_groups must be a list of names"),
        ("plus_groups", ["autism", 1], "plus_groups must be a list of names"),
        ("indicators", [], "indicators is an empty list"),
        ("indicators", "smi", "indicators must be a list of names"),
        ("imd_from", 1, "imd_from must be text"),
        ("null_means_no", {"homeless"}, "null_means_no must be a list of names"),
        ("parameters", {"a": True}, "parameters: a must be a number"),
        ("parameters", {"a": None}, "parameters: a must be a number"),
        ("parameters", {"a": 2**63}, "parameters: a must be a number"),
        ("parameters", {"a": "\ud800"}, "parameters: a must be a number"),
        ("parameters", {1: 1}, "parameters must be text"),
    ],
)
def test_what_no_message_can_say_is_refused(argument: str, value: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        question(**{argument: value})


def test_empty_text_is_not_the_default() -> None:
    with pytest.raises(RulesetError, match="empty"):
        question(ruleset="")
    with pytest.raises(RequestError, match="empty"):
        make_count_begin(question(), strata=(), cohorts=None, disclosure="")


def test_begin_refuses_what_no_message_can_say() -> None:
    with pytest.raises(RequestError, match="strata must be a list of names"):
        make_count_begin(question(), strata="sex", cohorts=None, disclosure="hes")
    with pytest.raises(RequestError, match="cohorts is an empty list"):
        make_count_begin(question(), strata=(), cohorts=[], disclosure="hes")


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        (descriptions.ServerInfo, service.GetServerInfoResponse),
        (descriptions.ImdTable, service.ImdTableInfo),
        (descriptions.RulesetSummary, rulesets.RulesetSummary),
        (descriptions.Ruleset, rulesets.Ruleset),
        (descriptions.Parameter, rulesets.Parameter),
        (descriptions.Rule, rulesets.Rule),
        (descriptions.IndicatorDefinition, rulesets.IndicatorDefinition),
        (descriptions.RecordColumn, records.RecordColumn),
        (descriptions.RecordDescription, service.DescribeRecordResponse),
    ],
)
def test_descriptions_have_the_fields_of_the_wire(plain: Any, message: Any) -> None:
    assert list(plain.__dataclass_fields__) == [field.name for field in message.DESCRIPTOR.fields]


def test_unset_is_none_and_lists_are_tuples() -> None:
    found = fields_of(rulesets.IndicatorDefinition(name="smi", windows=["a", "b"], caveat=""))
    assert (found["name"], found["windows"]) == ("smi", ("a", "b"))
    assert (found["caveat"], found["area"], found["kind"]) == ("", None, "")


def test_descriptions_are_read_to_their_last_part() -> None:
    ruleset = read_ruleset(fake.ruleset())
    assert ruleset.summary.name == "core20plus5-adults"
    assert [parameter.value for parameter in ruleset.parameters] == [18, 2.5, "09-01"]
    assert ruleset.exclusions[0] == descriptions.Rule("died", "is_dead", None, ("death_date",))
    assert ruleset.definitions["is_dead"] == "recorded(death_date)"
    assert ruleset.indicators[-1].columns == ("cancer_dx_latest", "cancer_stage")
    record = read_record(fake.record())
    assert record.by_name["bp_systolic"].paired_with == "bp_date"
    assert record.knows("plus_farm")
    assert not record.knows("plus_")
    assert not record.knows("Sex")
    table = service.ImdTableInfo(version="2025", rows=33_755)
    info = read_server_info(fake.info(imd_tables=[table], rulesets=[fake.SUMMARY]))
    assert info.imd_tables[0].rows == 33_755
    assert info.rulesets == (ruleset.summary,)


def test_a_parameter_of_a_kind_not_known_yet_is_no_value() -> None:
    assert parameter_value(questions.ParameterValue()) is None


def test_a_date_is_sent_as_it_is_written() -> None:
    assert question(reference_date=date(999, 1, 2)).reference_date == "0999-01-02"
