"""The commands and their options. What a command does is in the module of its name."""
# ruff: noqa: PLC0415 - imports wait for the command that needs them: --help must not load Arrow or the engine.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core20plus5_cli import options
from core20plus5_cli.connection import Connection, connection
from core20plus5_cli.errors import CliError, plain_errors
from core20plus5_cli.request import day, engine_arguments, names

DEFAULT_RULESET = "core20plus5-adults"
SAMPLE_DATE = "2026-03-31"

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"core20plus5 {version('core20plus5')}")
        except PackageNotFoundError:
            typer.echo("core20plus5, not installed")
        raise typer.Exit


@app.callback()
def core20plus5(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Who is in Core20PLUS5, and where each care measure stands: exact, three-valued, safe to publish."""


@app.command()
def demo() -> None:
    """Count 100,000 made-up people and show what comes out."""
    with plain_errors():
        from core20plus5_cli import demo

        demo.run()


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A .parquet, .arrow or .csv file; replaced if it is there.")],
    people: Annotated[int, typer.Option(help="How many.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    reference_date: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The records are as at this date.")] = SAMPLE_DATE,
    imd_table: Annotated[
        str | None,
        typer.Option(metavar="2025=PATH", help="Give homes as LSOA codes of this IMD table, not as ranks of IMD 2025."),
    ] = None,
    imd_version: Annotated[str | None, typer.Option(metavar="2019|2025", help="Version of --imd-table PATH.")] = None,
) -> None:
    """Write a file of made-up people to try things on."""
    with plain_errors():
        from core20plus5_cli import sample

        sample.run(out, people, seed, day("--reference-date", reference_date), imd_table, imd_version)


@app.command()
def count(
    file: options.File,
    reference_date: options.ReferenceDate = None,
    imd_version: options.ImdVersion = None,
    by: options.By = None,
    plus: options.Plus = None,
    cohorts: options.Cohorts = None,
    indicators: options.Indicators = None,
    settings: options.Settings = None,
    ruleset: options.RulesetName = DEFAULT_RULESET,
    imd_table: options.ImdTable = None,
    imd_from: options.ImdFrom = None,
    null_means_no: options.NullMeansNo = None,
    allow_later_facts: options.AllowLaterFacts = False,
    disclosure: options.Disclosure = "hes",
    out: options.CountsOut = None,
    inequality: options.InequalityOut = None,
    completeness: options.CompletenessOut = None,
    report: options.Report = None,
    server: options.Server = None,
    tls: options.Tls = False,
    server_ca: options.ServerCa = None,
    client_cert: options.ClientCert = None,
    client_key: options.ClientKey = None,
    token_file: options.TokenFile = None,
) -> None:
    """Count people by cohort and indicator; small numbers are hidden."""
    with plain_errors():
        arguments = engine_arguments(
            reference_date=reference_date,
            imd_version=imd_version,
            imd_table=imd_table,
            plus=plus,
            indicators=indicators,
            imd_from=imd_from,
            null_means_no=null_means_no,
            settings=settings or (),
            ruleset=ruleset,
            allow_later_facts=allow_later_facts,
        )
        from core20plus5_cli import count

        asked = connection(server, tls, server_ca, client_cert, client_key, token_file)
        more = {"strata": names(by) or (), "cohorts": names(cohorts), "disclosure": disclosure}
        count.run(file, count.Targets(out, inequality, completeness, report), asked, arguments | more)


@app.command()
def report(
    files: Annotated[
        list[Path], typer.Argument(metavar="COUNTS...", help="Files of count --out, .arrow or .parquet, of the same people.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The page to write, .html.")],
) -> None:
    """Make a page for a board from saved counts: where the gaps are, in one file that needs no network."""
    with plain_errors():
        from core20plus5_cli.report import command

        command.run(files, out)


@app.command()
def flag(
    file: options.File,
    out: options.FlagsOut = None,
    reference_date: options.ReferenceDate = None,
    imd_version: options.ImdVersion = None,
    plus: options.Plus = None,
    indicators: options.Indicators = None,
    settings: options.Settings = None,
    ruleset: options.RulesetName = DEFAULT_RULESET,
    imd_table: options.ImdTable = None,
    imd_from: options.ImdFrom = None,
    null_means_no: options.NullMeansNo = None,
    allow_later_facts: options.AllowLaterFacts = False,
    server: options.Server = None,
    tls: options.Tls = False,
    server_ca: options.ServerCa = None,
    client_cert: options.ClientCert = None,
    client_key: options.ClientKey = None,
    token_file: options.TokenFile = None,
) -> None:
    """Answer every indicator for every person: personal data, one row back for each row in."""
    with plain_errors():
        arguments = engine_arguments(
            reference_date=reference_date,
            imd_version=imd_version,
            imd_table=imd_table,
            plus=plus,
            indicators=indicators,
            imd_from=imd_from,
            null_means_no=null_means_no,
            settings=settings or (),
            ruleset=ruleset,
            allow_later_facts=allow_later_facts,
        )
        if out is None:
            raise CliError("--out is missing: flags are one row for each person, and are written to a file")
        from core20plus5_cli import flag

        asked = connection(server, tls, server_ca, client_cert, client_key, token_file)
        flag.run(file, out, asked, arguments)


@app.command()
def check(
    file: options.File,
    reference_date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Find dates after this one as well.")] = None,
) -> None:
    """Say which columns are recognised, which are absent, and what is wrong."""
    with plain_errors():
        from core20plus5_cli import check

        check.run(file, None if reference_date is None else day("--reference-date", reference_date))


@app.command()
def rulesets(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Tell this one in full.")] = None,
) -> None:
    """List the rulesets, or tell one in words, with sources."""
    with plain_errors():
        from core20plus5_cli import rulesets

        rulesets.run(name)


@app.command()
def loadtest(
    server: Annotated[str, typer.Option(metavar="HOST:PORT", help="A server that is yours: this is load, and real work for it.")],
    seconds: Annotated[float, typer.Option(help="No call begins after so long.")] = 30.0,
    calls: Annotated[int, typer.Option(help="No more calls than this.")] = 10_000,
    streams: Annotated[int, typer.Option(help="Calls at once, each on a connection of its own.")] = 4,
    people: Annotated[int, typer.Option(help="Sample people in each call.")] = 200_000,
    by: options.By = "imd_quintile",
    flags: Annotated[bool, typer.Option("--flags", help="Ask for flags, one row back for each row, not for counts.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the summary as JSON as well.")] = None,
    tls: options.Tls = False,
    server_ca: options.ServerCa = None,
    client_cert: options.ClientCert = None,
    client_key: options.ClientKey = None,
    token_file: options.TokenFile = None,
) -> None:
    """Send bounded load of sample people to a server of yours, and say what it bears."""
    with plain_errors():
        from core20plus5_cli import loadtest

        asked = Connection(server, tls, server_ca, client_cert, client_key, token_file)
        plan = loadtest.Plan(asked, seconds, calls, streams, people, tuple(names(by) or ()), flags)
        if not loadtest.run(plan, report):
            raise typer.Exit(2)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
def serve(context: typer.Context) -> None:
    """Run the service: core20plus5 serve --help lists its settings."""
    with plain_errors():
        from core20plus5_service.__main__ import main

        raise typer.Exit(main(context.args))
