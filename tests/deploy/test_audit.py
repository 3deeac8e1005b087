"""The bill of materials and the licences of what the image holds."""

import json
import sys
from pathlib import Path

import pytest

from deploy import audit
from tests.programs import missing


def test_bill_of_materials(tmp_path: Path) -> None:
    if not (Path(sys.executable).parent / "cyclonedx-py").exists():
        missing("needs cyclonedx-bom, see deploy/requirements.txt")
    components = audit.write_sbom(tmp_path / "sbom.json")
    found = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    locked = audit.packages(audit.LOCK.read_text(encoding="utf-8"))
    assert components == sum(map(len, locked.values()))
    assert {one["name"] for one in found["components"]} == set(locked)
    assert all(one["purl"].startswith("pkg:pypi/") for one in found["components"])


def test_licences() -> None:
    assert audit.unfit(set(audit.packages(audit.LOCK.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("told", "fit"), [("MIT", True), ("GPL-3.0-or-later", False), ("LGPL-2.1", False), ("", False), ("MIT AND AGPL-3.0", False)]
)
def test_licences_that_are_not_on_the_list(monkeypatch: pytest.MonkeyPatch, told: str, fit: bool) -> None:
    monkeypatch.setattr(audit, "licence", lambda name: told)
    assert (audit.unfit({"x"}) == []) is fit


def test_a_package_that_is_not_there() -> None:
    assert audit.unfit({"no-such-package-anywhere"}) == ["no-such-package-anywhere: not installed, so nothing is known of it"]
