"""One real Spark for all tests of this folder: in this process, two threads, a task tried up to four times."""

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[2]
#: What its own code gives rise to.
OF_SPARK_3_5 = (
    "distutils Version classes:DeprecationWarning",
    "is_datetime64tz_dtype is deprecated:DeprecationWarning",
    "unclosed <socket:ResourceWarning",
    "Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning",
)
PATHS = ("kernels", "clients/spark", "clients/cli", "proto/gen", ".")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker, where tests run on several: Spark takes the processors of them all."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("spark"))
            for warning in OF_SPARK_3_5:
                item.add_marker(pytest.mark.filterwarnings(f"ignore:{warning}"))


def _lacking() -> str | None:
    if find_spec("pyspark") is None:
        return "needs pyspark: pip install 'core20plus5[spark]'"
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        return "needs Java 17, such as the package openjdk-17-jre-headless"
    return None


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[SparkSession]":
    reason = _lacking()
    if reason:
        if os.environ.get("CORE20PLUS5_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch:
        # What Spark's Python workers import: this checkout and no other.
        patch.setenv("PYTHONPATH", os.pathsep.join(str(ROOT / path) for path in PATHS))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = start("local[2, 4]", tmp_path_factory.mktemp("spark"))
        yield session
        session.stop()


def start(master: str, folder: Path, **more: Any) -> "SparkSession":
    """A session that writes to `folder` only, whose zone is far from London, and whose tasks get few rows at a time."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": False,
        "spark.driver.memory": "1g",
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.sql.shuffle.partitions": 4,
        "spark.sql.session.timeZone": "Pacific/Auckland",
        "spark.sql.execution.arrow.maxRecordsPerBatch": 777,
        "spark.ui.showConsoleProgress": False,
    }
    builder = SparkSession.builder.master(master)
    for name, value in (settings | more).items():
        builder = builder.config(name, str(value))
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session
