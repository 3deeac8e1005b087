"""The log: fixed words and listed fields, as text or JSON, whatever is logged by whomever."""

import json
import logging
import subprocess
import sys
from typing import Any

import grpc
import pytest

from core20plus5_service.logs import AUDIT, SERVICE, Allowed, fields
from tests.e2e.process import COMMAND, environment
from tests.service.wire import assert_answers

SECRET = "9434765919"


def record(name: str, words: str, *arguments: Any, error: bool = False, **extra: Any) -> logging.LogRecord:
    try:
        raise ValueError(SECRET)
    except ValueError:
        info = sys.exc_info() if error else None
    made = logging.LogRecord(name, logging.ERROR, __file__, 1, words, arguments, info)
    made.__dict__ |= extra
    return made


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_only_what_is_listed(log_format: str) -> None:
    lines = [
        Allowed(log_format).format(made)
        for made in (
            record("asyncio", f"Task exception {SECRET}", error=True),
            record("grpc", "%s", SECRET),
            record("root", SECRET, stack_info=SECRET),
            record(SERVICE, "internal error", error=True, **fields(id="ab", type="ValueError", value=SECRET)),
            record(SERVICE, "internal error", SECRET),
            record(AUDIT, "call", who=SECRET, **fields(who="somebody", age=SECRET)),
        )
    ]
    assert SECRET not in str(lines)
    assert not any("\n" in line for line in lines)
    assert "ValueError" in lines[0]
    assert "ab" in lines[3]
    assert json.loads(lines[5])["who"] == "somebody"


def test_a_line_stays_a_line() -> None:
    line = Allowed("text").format(
        record(SERVICE, "reloaded", **fields(what="a b", problem='x\nERROR core20plus5.service "forged"', rows=3))
    )
    assert line.endswith(r'reloaded what="a b" problem="x\nERROR core20plus5.service \"forged\"" rows=3')


def test_every_line_of_a_server_is_json_where_that_is_wanted() -> None:
    settings = ("--listen", "127.0.0.1:0", "--metrics-listen", "", "--log-format", "json")
    with subprocess.Popen([*COMMAND, *settings], env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(json.loads(line))
            if lines[-1]["event"] == "serving":
                with grpc.insecure_channel(lines[-1]["listen"]) as channel:
                    assert_answers(channel)
                process.terminate()
    assert [line["event"] for line in lines] == ["settings", "serving", "call", "stopping", "stopped"]
    assert lines[0]["settings"]["log_format"] == "json"
    assert lines[2] | {"time": 0, "fingerprint": 0, "ruleset": 0} == {
        "time": 0,
        "level": "INFO",
        "logger": AUDIT,
        "event": "call",
        "who": None,
        "method": "CountCohorts",
        "fingerprint": 0,
        "ruleset": 0,
        "policy": "hes",
        "rows": 3,
        "outcome": "OK",
    }
