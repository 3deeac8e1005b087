"""Settings: flags over environment over defaults, and plain words for what cannot work."""

import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core20plus5_service import sizing
from core20plus5_service.__main__ import main
from core20plus5_service.malloc import tune_malloc
from core20plus5_service.settings import Settings


def read(*flags: str) -> Settings:
    return Settings(_cli_parse_args=list(flags))  # type: ignore[call-arg]


def test_defaults() -> None:
    found = read()
    assert (found.listen, found.metrics_listen) == ("127.0.0.1:50051", "127.0.0.1:9464")
    assert found.allow_exact is found.reflection is False
    assert found.imd_table == {}
    assert found.threads >= 1


@pytest.mark.parametrize(("gib", "calls"), [(1, 1), (1.5, 3), (2, 5), (4, 12), (64, 16)])
def test_defaults_fit_the_machine(monkeypatch: pytest.MonkeyPatch, gib: float, calls: int) -> None:
    memory = int(gib * (1 << 30))
    monkeypatch.setattr(sizing, "usable_memory", lambda: memory)
    found = Settings(memory_bytes=memory, threads=2)
    assert calls <= found.max_calls <= 16
    assert sizing.memory_needed(2, found.max_calls, found.max_message_bytes, found.max_cells) <= memory
    with pytest.raises(ValidationError, match=r"max_calls: 64 calls .* need 1\d\.\d\d GiB, and there are"):
        Settings(memory_bytes=min(memory, 8 << 30), threads=2, max_calls=64)


def test_flags_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORE20PLUS5_MAX_CALLS", "3")
    monkeypatch.setenv("CORE20PLUS5_ALLOW_EXACT", "true")
    monkeypatch.setenv("CORE20PLUS5_IMD_TABLE", "2019=a.csv,2025=b=c.csv")
    assert (read().max_calls, read().allow_exact) == (3, True)
    assert read().imd_table == {"2019": Path("a.csv"), "2025": Path("b=c.csv")}
    assert read("--max-calls", "5").max_calls == 5
    assert read("--no-allow-exact").allow_exact is False
    assert read("--imd-table", "2025=d.csv").imd_table["2025"] == Path("d.csv")


@pytest.mark.parametrize("flags", [["2019=a.csv,2025=b.csv"], ["2019=a.csv", "--imd-table", "2025=b.csv"]])
def test_several_tables(flags: list[str]) -> None:
    assert read("--imd-table", *flags).imd_table == {"2019": Path("a.csv"), "2025": Path("b.csv")}


BAD: list[tuple[str, str, str]] = [
    ("listen", "50051", "must be HOST:PORT"),
    ("listen", ":50051", "must be HOST:PORT"),
    ("listen", "localhost:", "must be HOST:PORT"),
    ("listen", "localhost:65536", "must be HOST:PORT"),
    ("metrics_listen", "here", "must be HOST:PORT"),
    ("imd_table", "2025", "each is VERSION=FILE, such as 2025=imd2025.csv"),
    ("imd_table", "2025=", "each is VERSION=FILE, such as 2025=imd2025.csv"),
    ("imd_table", "2015=a.csv", "versions are 2019 and 2025"),
    ("threads", "0", "greater than or equal to 1"),
    ("threads", "x", "valid integer"),
    ("max_calls", "-1", "greater than or equal to 1"),
    ("max_message_bytes", "1", "greater than or equal to 65536"),
    ("recommended_message_bytes", "12000000", "must be at most three quarters of max_message_bytes"),
    ("idle_seconds", "0", "greater than 0"),
    ("stop_seconds", "-1", "greater than or equal to 0"),
    ("metrics_listen", "127.0.0.1:50051", "must be another address"),
    ("max_message_bytes", "268435456", "lower one of them, or give more memory"),
    ("max_cells", "2147483648", "lower one of them, or give more memory"),
    ("max_calls", "1024", "lower one of them, or give more memory"),
]


@pytest.mark.parametrize(("name", "value", "words"), BAD)
def test_what_cannot_work_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, words: str
) -> None:
    monkeypatch.setenv("CORE20PLUS5_MEMORY_BYTES", str(8 << 30))
    chosen: dict[str, Any] = {name: value}
    with pytest.raises(ValidationError, match=words):
        Settings(**chosen)
    flag = f"--{name.replace('_', '-')}"
    assert main([f"{flag}={value}"]) == 2
    by_flag = capsys.readouterr().err
    monkeypatch.setenv(f"CORE20PLUS5_{name.upper()}", value)
    assert main([]) == 2
    assert capsys.readouterr().err == by_flag
    assert by_flag.startswith((f"{flag}: ", "--max-calls: "))  # which names what the memory is for
    assert words in by_flag
    assert len(by_flag.splitlines()) == 1


def test_a_flag_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--no-such-flag", "1"])
    assert stopped.value.code == 2
    assert "--no-such-flag" in capsys.readouterr().err


def test_help_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    for name, field in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in text
        assert field.description


def test_a_mistyped_argument_of_the_code() -> None:
    mistyped: dict[str, Any] = {"max_call": 3}
    with pytest.raises(ValidationError):
        Settings(**mistyped)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is on Linux")
def test_malloc_is_tuned_on_linux() -> None:
    assert tune_malloc() is True


def test_malloc_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert tune_malloc() is False
