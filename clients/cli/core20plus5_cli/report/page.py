"""The page: everything in one file of HTML, without scripts, fonts, images or styles from elsewhere."""

from __future__ import annotations

from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

from core20plus5.disclosure import POLICIES
from core20plus5_cli.report import breakdowns, story
from core20plus5_cli.report.releases import Picture
from core20plus5_cli.report.words import day


def make_page(picture: Picture) -> str:
    """The whole page as text."""
    files = resources.files("core20plus5_cli.report")
    read = {name: files.joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "page.css")}
    # What a template prints is escaped, unless it is one of our own charts.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page: str = environment.from_string(read["page.html"]).render(
        css=read["page.css"],
        provenance=picture.provenance,
        day=day(picture.provenance["reference_date"]),
        policy=_policy(picture.provenance),
        exact=picture.provenance["disclosure"] == "none",
        tables=len(picture.releases),
        headlines=story.headlines(picture),
        widest=story.widest(picture),
        areas=story.areas(picture),
        gradient=breakdowns.gradient(picture),
        ethnic_groups=breakdowns.ethnic_groups(picture),
        missing=breakdowns.missing(picture),
        organisations=breakdowns.organisations(picture),
        facts=_facts(picture.provenance),
        overridden=[f"{name} = {picture.provenance['parameters'][name]}" for name in picture.provenance["parameters_overridden"]],
    )
    return page


def _policy(provenance: dict[str, Any]) -> str:
    name = provenance["disclosure"]
    return POLICIES[name].title if name in POLICIES else str(name)


def _facts(provenance: dict[str, Any]) -> list[tuple[str, str]]:
    """What the numbers depend on, by name."""
    source = provenance["imd_from"] or "not in the records"
    table = f", table {provenance['imd_table']} (SHA-256 {provenance['imd_table_sha256']})" if provenance["imd_table"] else ""
    protection = provenance["disclosure_protection"]
    protection = protection[:1].upper() + protection[1:] + "."
    asserted = "; that it is of this version is the sender's word" if provenance["imd_version_asserted_by_caller"] else ""
    return [
        ("As at", day(provenance["reference_date"])),
        ("Rules", f"{provenance['ruleset']}, version {provenance['ruleset_version']} (SHA-256 {provenance['ruleset_sha256']})"),
        ("Deprivation", f"Index of Multiple Deprivation {provenance['imd_version']}, from {source}{table}{asserted}"),
        ("PLUS groups", ", ".join(name.replace("_", " ") for name in provenance["plus_groups"]) or "none were chosen"),
        ("Disclosure control", f"{provenance['disclosure']}: {_policy(provenance)}. {protection}"),
        ("Columns where nothing recorded means no", ", ".join(provenance["null_means_no"]) or "none"),
        ("Columns not sent", ", ".join(provenance["columns_absent"]) or "none"),
        ("Counted by", f"core20plus5 {provenance['engine_version']}"),
    ]
