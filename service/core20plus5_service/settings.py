"""Every setting of the server: from flags, else from the environment (CORE20PLUS5_…), else the default here."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, CliImplicitFlag, NoDecode, SettingsConfigDict

from core20plus5.records import IMD_VERSIONS
from core20plus5_service.machine import usable_cpus, usable_memory
from core20plus5_service.settings_access import AccessSettings
from core20plus5_service.sizing import default_calls, default_cells, memory_needed

_MIB, _GIB = 1 << 20, 1 << 30

#: People whose flags may be asked for in one message: their answer is no larger than a message of any other call.
MAX_FEW_ROWS = 1_000


class Settings(AccessSettings, BaseSettings):
    """What the server is told when it starts. A value that cannot work is refused with the setting's name."""

    model_config = SettingsConfigDict(
        env_prefix="CORE20PLUS5_", cli_kebab_case=True, cli_prog_name="core20plus5 serve", extra="forbid"
    )

    metrics_listen: str = Field("127.0.0.1:9464", description="address of /metrics, /livez, /readyz and /startupz; empty: none")
    imd_table: Annotated[dict[str, Path], NoDecode] = Field(
        default_factory=dict, description="IMD tables to load, VERSION=FILE, with commas between several"
    )
    allow_exact: CliImplicitFlag[bool] = Field(False, description="give exact counts to those who ask for them")
    reflection: CliImplicitFlag[bool] = Field(False, description="tell callers the methods of the service")
    log_format: Literal["text", "json"] = Field(
        "text", description="text: lines to read, json: one object a line, the same fields"
    )
    threads: int = Field(default_factory=usable_cpus, ge=1, le=256, description="threads that work on records")
    memory_bytes: int = Field(default_factory=usable_memory, ge=1, description="memory that the process may use, see sizing.md")
    max_calls: int = Field(
        default_factory=default_calls, ge=1, le=1_024, description="calls with records under way at once; more are refused"
    )
    max_calls_per_caller: int = Field(0, ge=0, description="those of one caller; 0: as many as of all together")
    max_buffered_bytes: int = Field(
        0,
        ge=0,
        description="bytes of batches that wait to be counted, of all calls: at so many, calls wait before they read on, and new"
        " ones are refused; 0: no limit but the two messages of each call",
    )
    max_buffered_bytes_per_caller: int = Field(0, ge=0, description="those of one caller; 0: as many as of all together")
    max_message_bytes: int = Field(12 * _MIB, ge=64 << 10, le=256 * _MIB, description="bytes of the largest message")
    recommended_message_bytes: int = Field(8 * _MIB, ge=16 << 10, le=256 * _MIB, description="what clients should aim at")
    max_batch_rows: int = Field(1_000_000, ge=1, description="rows in one batch")
    max_stream_rows: int = Field(200_000_000, ge=1, description="rows in one stream")
    max_stream_bytes: int = Field(64 << 30, ge=1, description="bytes of all batches in one stream")
    max_columns: int = Field(500, ge=1, description="columns in a batch")
    max_metadata_bytes: int = Field(_MIB, ge=4_096, description="bytes of names, types and layout (Arrow's metadata) in a batch")
    max_strata: int = Field(8, ge=0, description="strata in a question")
    max_cells: int = Field(
        default_factory=default_cells, ge=1, le=1 << 34, description="numbers of 8 bytes that one count may hold"
    )
    idle_seconds: float = Field(60, gt=0, description="a stream that sends nothing, or takes no answers, for so long is ended")
    max_call_seconds: float = Field(3_600, gt=0, description="a call with records that takes longer is ended")
    connection_seconds: float = Field(
        0, ge=0, description="a connection is closed after so long, so that clients find new servers; calls finish; 0: never"
    )
    drain_seconds: float = Field(
        0, ge=0, description="how long calls are still taken after SIGTERM, until load balancers know that the server goes"
    )
    stop_seconds: float = Field(30, ge=0, description="how long running calls may take to finish after SIGTERM")

    @field_validator("imd_table", mode="before")
    @classmethod
    def _read_tables(cls, value: object) -> object:
        """2025=imd2025.csv, as text, as a list of such texts, or as it is."""
        if isinstance(value, str):
            value = [part for part in value.split(",") if part]
        if isinstance(value, list):
            pairs = [str(part).partition("=") for part in value]
            if not all(equals and path for _, equals, path in pairs):
                raise ValueError("each is VERSION=FILE, such as 2025=imd2025.csv")
            return {version: path for version, _, path in pairs}
        return value

    @field_validator("imd_table")
    @classmethod
    def _know_versions(cls, value: dict[str, Path]) -> dict[str, Path]:
        unknown = sorted(set(value) - set(IMD_VERSIONS))
        if unknown:
            raise ValueError(f"versions are {' and '.join(IMD_VERSIONS)}")
        return value

    @field_validator("listen", "metrics_listen")
    @classmethod
    def _is_address(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if value and not (host and colon and port.isdigit() and int(port) < 65_536):
            raise ValueError("must be HOST:PORT")
        return value

    @field_validator("recommended_message_bytes")
    @classmethod
    def _fits(cls, value: int, info: object) -> int:
        largest = getattr(info, "data", {}).get("max_message_bytes")
        if largest is not None and value > largest * 3 // 4:
            raise ValueError("must be at most three quarters of max_message_bytes, so that a message fits its envelope")
        return value

    @model_validator(mode="after")
    def _work_together(self) -> "Settings":
        """What each setting alone does not show."""
        if self.metrics_listen and self.metrics_listen == self.listen and not self.listen.endswith(":0"):
            raise ValueError("metrics_listen: must be another address than that of --listen")
        needed = memory_needed(self.threads, self.max_calls, self.max_message_bytes, self.max_cells, self.max_buffered_bytes)
        if needed > self.memory_bytes:
            raise ValueError(
                f"max_calls: {self.max_calls} calls with messages of {self.max_message_bytes} bytes and counts of"
                f" {self.max_cells} cells need {needed / _GIB:.2f} GiB, and there are {self.memory_bytes / _GIB:.2f}:"
                " lower one of them, or give more memory"
            )
        return self
