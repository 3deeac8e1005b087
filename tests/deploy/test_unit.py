"""The systemd unit: valid, confined, and in agreement with the service's settings and its image."""

import shlex
import subprocess
from pathlib import Path

from core20plus5_service.settings import Settings
from core20plus5_service.sizing import default_calls, default_cells, memory_needed
from tests.deploy import dockerfile
from tests.programs import program

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TEXT = (DEPLOY / "core20plus5.service").read_text(encoding="utf-8")


def values(name: str) -> list[str]:
    return [line.partition("=")[2] for line in TEXT.splitlines() if line.startswith(f"{name}=")]


def analyze(folder: Path, *arguments: str) -> str:
    """With a program that is there in the place of the service's."""
    unit = folder / "core20plus5.service"
    unit.write_text(TEXT.replace("/opt/core20plus5/bin/core20plus5", "/bin/true"), encoding="utf-8")
    command = [program("systemd-analyze", "systemd"), *arguments, str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_valid(tmp_path: Path) -> None:
    assert analyze(tmp_path, "verify").strip() == ""


def test_confined(tmp_path: Path) -> None:
    """Of 10, by systemd's own measure; 10 is a service that may do anything."""
    analyze(tmp_path, "security", "--offline=yes", "--threshold=20")


def test_same_environment_as_the_image() -> None:
    pairs = [pair.partition("=") for text in values("Environment") for pair in shlex.split(text)]
    unit = {name: value for name, _, value in pairs}
    image = dockerfile.environment(dockerfile.read((DEPLOY / "Dockerfile").read_text(encoding="utf-8"))[-1])
    shared = {name: value for name, value in image.items() if name != "PATH" and not name.startswith("CORE20PLUS5_")}
    assert unit == shared


def test_time_and_memory_are_enough() -> None:
    chosen = Settings()
    assert int(values("TimeoutStopSec")[0]) > chosen.drain_seconds + chosen.stop_seconds
    memory = int(values("MemoryMax")[0].removesuffix("G")) << 30
    assert memory_needed(4, default_calls(memory), chosen.max_message_bytes, default_cells(memory)) <= memory
    assert values("RestartPreventExitStatus") == ["2"]
