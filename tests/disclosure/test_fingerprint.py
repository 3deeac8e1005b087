"""The fingerprint of a request: the same for the same question, another for any other one."""

import re
from datetime import date
from typing import Any

import pytest

import core20plus5
from core20plus5_client import Client
from tests.service.in_process import local_server
from tests.tables import people

TABLE = people(30, imd_decile=[1] * 10 + [9] * 20, homeless=[True] * 30, autism=[False] * 30, ltc_count=[3] * 30)
ASK: dict[str, Any] = {"reference_date": date(2026, 3, 31), "imd_version": "2025", "plus_groups": ["homeless", "autism"]}
OTHERS: list[dict[str, Any]] = [
    {"reference_date": date(2026, 4, 1)},
    {"imd_version": "2019"},
    {"plus_groups": ["homeless"]},
    {"strata": ["sex"]},
    {"disclosure": "none"},
    {"cohorts": ["everyone"]},
    {"indicators": ["core20"]},
    {"null_means_no": ["homeless"]},
    {"parameters": {"core20_max_decile": 1}},
    {"allow_later_facts": True},
]


def fingerprint(**asked: Any) -> str:
    return str(core20plus5.count_cohorts(TABLE, **ASK | asked).provenance["request_fingerprint"])


def test_it_is_a_hash_of_the_question_alone() -> None:
    found = fingerprint()
    assert re.fullmatch("[0-9a-f]{64}", found)
    assert found == fingerprint(
        plus_groups=["autism", "homeless"], disclosure="hes", cohorts=None, parameters={"core20_max_decile": 2}
    )
    other = core20plus5.count_cohorts(TABLE.slice(0, 7), **ASK).provenance["request_fingerprint"]
    assert found == other


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: next(iter(other)))
def test_whatever_changes_an_answer_changes_it(other: dict[str, Any]) -> None:
    assert fingerprint(**other) != fingerprint()


def test_a_server_gives_the_same() -> None:
    with local_server() as server, Client(server.address) as client:
        assert client.count_cohorts(TABLE, **ASK).provenance["request_fingerprint"] == fingerprint()
