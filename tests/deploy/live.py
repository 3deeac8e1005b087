"""A real Prometheus over real servers, with the time of its rules scaled down."""

import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.programs import program

RULES = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "rules.yml"

#: Five minutes of the rules are two and a half seconds here, an hour is half a minute.
FASTER = 120
SCRAPE_SECONDS = 0.5
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def scaled(rules: str, faster: int = FASTER) -> str:
    """The rules with every range and every `for` divided; names of recorded series keep the windows that they stand for."""

    def divide(found: re.Match[str]) -> str:
        milliseconds = 1_000 * int(found[2]) * _UNITS[found[3]] // faster
        return f"{found[1]}{milliseconds}ms{found[4]}"

    return re.sub(r"^(\s+for: )(\d+)([smhd])($)", divide, re.sub(r"(\[)(\d+)([smhd])(\])", divide, rules), flags=re.MULTILINE)


class Prometheus:
    """Asked over its HTTP interface."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str, **asked: str) -> Any:
        """The data of an answer. Fails with Prometheus' own words."""
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(asked)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{asked}: {error.read().decode()}") from None

    def query(self, expr: str) -> list[dict[str, Any]]:
        """Series and their values now; those that are no number left out."""
        return [found for found in self.get("query", query=expr)["result"] if found["value"][1] != "NaN"]

    def alerts(self) -> dict[str, str]:
        """The state of each alert that is not inactive."""
        return {found["labels"]["alertname"]: found["state"] for found in self.get("alerts")["alerts"]}

    def names(self) -> set[str]:
        """Every metric that there is."""
        return set(self.get("label/__name__/values"))


def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait for it. Fails where it does not happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.2)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def prometheus(folder: Path, targets: list[str]) -> Iterator[Prometheus]:
    """A Prometheus that scrapes these addresses, for as long as it is wanted."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.yml").write_text(scaled(RULES.read_text(encoding="utf-8")), encoding="utf-8")
    every = f"{round(1_000 * SCRAPE_SECONDS)}ms"
    configuration = {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "core20plus5", "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yml").write_text(json.dumps(configuration), encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = [program("prometheus", "Debian's package prometheus"), "--config.file=prometheus.yml"]
    command += [f"--web.listen-address={address}", "--storage.tsdb.path=data", "--log.level=warn"]
    with (folder / "log").open("w") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            found = Prometheus(address)
            until(lambda: _is_ready(address), "Prometheus is ready")
            yield found
        finally:
            process.terminate()
            process.wait(30)


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
