"""The example is run as it stands, cell after cell."""

import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "clients" / "spark" / "example.py"


@pytest.mark.usefixtures("spark")
def test_the_example(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    names = runpy.run_path(str(EXAMPLE))
    said = capsys.readouterr().out
    assert "20000 people" in said
    assert "20000 received = " in said
    assert "systems have people to call" in said
    assert [row.imd_quintile for row in names["rates"].collect()] == ["1", "2", "3", "4", "5", "unknown"]
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) < 70
