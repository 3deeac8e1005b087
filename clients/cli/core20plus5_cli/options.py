"""The options that commands share, as types."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

WHAT, HOW, ANSWER = "What is asked", "How it is read", "What comes back"
SERVER = "Who is asked, with --server"

File: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FILE", help="Parquet (a file or a folder), Arrow IPC or CSV: one row per person.")
]
ReferenceDate: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="YYYY-MM-DD", help="Every answer is as at this date. Required.", rich_help_panel=WHAT),
]
ImdVersion: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="2019|2025", help="Version of the deprivation index. Required.", rich_help_panel=WHAT),
]
ImdTable: TypeAlias = Annotated[
    Path | None,
    typer.Option(help="IMD table of that version, as published: needed for lsoa_code.", rich_help_panel=HOW),
]
ImdFrom: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="lsoa_code|imd_rank|imd_decile", help="Which column gives deprivation.", rich_help_panel=HOW),
]
Plus: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="GROUP,...|all", help="The PLUS groups of your system. No default.", rich_help_panel=WHAT),
]
Indicators: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME,...", help="Only these indicators. Default: all.", rich_help_panel=WHAT)
]
Cohorts: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME,...", help="Only these cohorts. Default: all.", rich_help_panel=WHAT)
]
By: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME,...", help="Strata, such as imd_quintile,ethnic_group or a column.", rich_help_panel=WHAT),
]
NullMeansNo: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="COLUMN,...", help="PLUS columns whose null is a no, not unknown.", rich_help_panel=HOW),
]
Settings: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PARAMETER=VALUE", help="Override a threshold or window. Repeatable.", rich_help_panel=WHAT),
]
RulesetName: TypeAlias = Annotated[
    str,
    typer.Option("--ruleset", metavar="NAME", help="NAME, NAME@VERSION or a .toml file.", rich_help_panel=WHAT),
]
AllowLaterFacts: TypeAlias = Annotated[
    bool,
    typer.Option("--allow-later-facts", help="Accept an extract with many dates after the reference date.", rich_help_panel=HOW),
]
Disclosure: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="POLICY", help="hes, opensafely, midpoint6, threshold10, or none for exact counts.", rich_help_panel=ANSWER
    ),
]
CountsOut: TypeAlias = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write to .csv, .parquet or .arrow.", rich_help_panel=ANSWER),
]
InequalityOut: TypeAlias = Annotated[
    Path | None,
    typer.Option("--inequality", metavar="FILE", help="Write rates, gaps and slopes with intervals.", rich_help_panel=ANSWER),
]
CompletenessOut: TypeAlias = Annotated[
    Path | None,
    typer.Option("--completeness", metavar="FILE", help="Write how complete each column is.", rich_help_panel=ANSWER),
]
Report: TypeAlias = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write a page for a board as well, to .html.", rich_help_panel=ANSWER),
]
FlagsOut: TypeAlias = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write to .parquet, .arrow or .csv. Required.", rich_help_panel=ANSWER),
]
Server: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="HOST:PORT,...",
        help="Ask this server instead of counting here, or whichever of several answers.",
        rich_help_panel=HOW,
    ),
]
Tls: TypeAlias = Annotated[bool, typer.Option("--tls", help="Encrypt; implied by the next four.", rich_help_panel=SERVER)]
ServerCa: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="CORE20PLUS5_SERVER_CA", help="Who certifies the server, PEM.", rich_help_panel=SERVER),
]
ClientCert: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="CORE20PLUS5_CLIENT_CERT", help="Your certificate, PEM.", rich_help_panel=SERVER),
]
ClientKey: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="CORE20PLUS5_CLIENT_KEY", help="Its private key, PEM.", rich_help_panel=SERVER),
]
TokenFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="CORE20PLUS5_TOKEN_FILE", help="Holds your bearer token.", rich_help_panel=SERVER),
]
