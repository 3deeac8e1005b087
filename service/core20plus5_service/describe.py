"""What the server says of itself, its rulesets and the record."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from core20plus5.deprivation import ImdTable
from core20plus5.disclosure import POLICIES
from core20plus5.flags.plan import SEGMENT
from core20plus5.records import COLUMNS, LOCAL_GROUP_PREFIX, Column
from core20plus5.result.provenance import engine_version
from core20plus5.rulesets import Indicator, Rule, Ruleset, indicator_columns, list_rulesets, rule_columns, ruleset_columns
from core20plus5.strata.values import LABELS, READS
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import rulesets_pb2 as rulesets
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service.callers import Right
from core20plus5_service.messages import write_parameter, write_tables
from core20plus5_service.settings import MAX_FEW_ROWS, Settings


def server_info(settings: Settings, tables: Mapping[str, ImdTable], rights: AbstractSet[Right]) -> service.GetServerInfoResponse:
    """Limits, versions and tables; policies and rights are those of the caller who asks."""
    exact = settings.allow_exact and Right.EXACT in rights
    return service.GetServerInfoResponse(
        server_version=engine_version(),
        engine_version=engine_version(),
        max_message_bytes=settings.max_message_bytes,
        recommended_message_bytes=settings.recommended_message_bytes,
        max_batch_rows=settings.max_batch_rows,
        max_stream_rows=settings.max_stream_rows,
        max_stream_bytes=settings.max_stream_bytes,
        max_columns=settings.max_columns,
        max_strata=settings.max_strata,
        max_metadata_bytes=settings.max_metadata_bytes,
        max_cells=settings.max_cells,
        max_calls=settings.max_calls,
        idle_seconds=settings.idle_seconds,
        max_call_seconds=settings.max_call_seconds,
        max_few_rows=MAX_FEW_ROWS,
        max_calls_per_caller=min(settings.max_calls_per_caller or settings.max_calls, settings.max_calls),
        disclosure_policies=[name for name in POLICIES if Right.COUNT in rights and (exact or name != "none")],
        rights=sorted(rights if exact else rights - {Right.EXACT}),
        imd_tables=write_tables(tables.values()),
        rulesets=[summary(ruleset) for ruleset in list_rulesets()],
    )


def summary(ruleset: Ruleset) -> rulesets.RulesetSummary:
    """A ruleset in a line."""
    return rulesets.RulesetSummary(name=ruleset.name, version=ruleset.version, title=ruleset.title, sha256=ruleset.sha256)


def whole_ruleset(ruleset: Ruleset) -> rulesets.Ruleset:
    """A ruleset with every sentence, threshold and source."""
    columns = indicator_columns(ruleset)
    return rulesets.Ruleset(
        summary=summary(ruleset),
        source=ruleset.source,
        parameters=[
            rulesets.Parameter(
                name=spec.name,
                value=write_parameter(spec.value),
                unit=spec.unit,
                since=spec.since.isoformat(),
                source=spec.source,
            )
            for spec in ruleset.parameters.values()
        ],
        definitions=dict(ruleset.definitions),
        exclusions=[_rule(rule) for rule in ruleset.exclusions],
        checks=[_rule(rule) for rule in ruleset.checks],
        indicators=[_indicator(indicator, columns[name]) for name, indicator in ruleset.indicators.items()],
        columns=ruleset_columns(ruleset),
        local_group=rulesets.LocalGroup(**ruleset.local_group),
    )


def _rule(rule: Rule) -> rulesets.Rule:
    return rulesets.Rule(reason=rule.reason, where=rule.text, column=rule.column, columns=rule_columns(rule))


def _indicator(indicator: Indicator, columns: tuple[str, ...]) -> rulesets.IndicatorDefinition:
    return rulesets.IndicatorDefinition(
        name=indicator.name,
        title=indicator.title,
        kind=indicator.kind,
        area=indicator.area,
        direction=indicator.direction,
        target=indicator.target,
        windows=indicator.windows,
        source=indicator.source,
        caveat=indicator.caveat,
        among=indicator.texts.get("among"),
        where=indicator.texts["where"],
        known=indicator.texts.get("known"),
        columns=columns,
    )


def record() -> service.DescribeRecordResponse:
    """The columns that a record may have."""
    return service.DescribeRecordResponse(
        columns=[_column(column) for column in COLUMNS.values()],
        local_group_prefix=LOCAL_GROUP_PREFIX,
        derived_strata=[_stratum(name) for name in LABELS],
    )


def _stratum(name: str) -> records.DerivedStratum:
    reads = READS[name]
    return records.DerivedStratum(
        name=name,
        reads=sorted(reads - {"deprivation_decile"}),
        reads_deprivation="deprivation_decile" in reads or name == SEGMENT,
        values=LABELS[name],
    )


def _column(column: Column) -> records.RecordColumn:
    return records.RecordColumn(
        name=column.name,
        type=column.kind.value,
        meaning=column.meaning,
        null_means=column.null_means,
        accepts=column.accepts,
        optional_column=column.optional,
        paired_with=column.paired_with,
        enough=column.enough,
        null_may_mean_no=column.local_no,
    )
