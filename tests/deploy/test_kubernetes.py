"""The manifests: rendered, validated strictly, and what they say held against what the service does."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from cryptography import x509

from core20plus5_cli.population import sample_people
from core20plus5_client import Client, Core20Plus5Error, ServerUnavailableError, secure
from core20plus5_service.callers import read_callers
from core20plus5_service.settings import Settings
from core20plus5_service.sizing import default_cells, memory_needed
from tests.deploy import dockerfile
from tests.e2e.asking import ASK
from tests.e2e.process import running_server
from tests.programs import missing, program
from tests.service.certificates import Authority

KUBERNETES = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"
OVERLAYS = ("single-node", "production")
_UNITS = {"Mi": 1 << 20, "Gi": 1 << 30}


@cache
def rendered(overlay: str) -> str:
    command = [program("kubectl", "kubectl"), "kustomize", str(KUBERNETES / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def kinds(overlay: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for manifest in yaml.safe_load_all(rendered(overlay)):
        found.setdefault(manifest["kind"], []).append(manifest)
    return found


def pod(overlay: str) -> dict[str, Any]:
    (deployment,) = kinds(overlay)["Deployment"]
    spec: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return spec


def service_container(overlay: str) -> dict[str, Any]:
    (container,) = pod(overlay)["containers"]
    found: dict[str, Any] = container
    return found


def settings(overlay: str) -> Settings:
    """As the container reads them: its variables over those of the image. Raises where they cannot work."""
    container = service_container(overlay)
    image = dockerfile.environment(dockerfile.read((KUBERNETES.parent / "Dockerfile").read_text(encoding="utf-8"))[-1])
    variables = image | {variable["name"]: variable["value"] for variable in container["env"]}
    limits = container["resources"]["limits"]
    given: dict[str, Any] = {
        name.removeprefix("CORE20PLUS5_").lower(): value for name, value in variables.items() if name.startswith("CORE20PLUS5_")
    }
    memory = in_bytes(limits["memory"])
    return Settings(**given, threads=int(limits["cpu"]), memory_bytes=memory, max_cells=default_cells(memory))


def in_bytes(text: str) -> int:
    return int(text[:-2]) * _UNITS[text[-2:]]


def is_valid(manifests: str, version: str, folder: Path) -> bool:
    """By the schemas of a version of Kubernetes, which know every field."""
    validate = Path(sys.executable).parent / "kubernetes-validate"
    if not validate.exists():
        missing("needs kubernetes-validate, see deploy/requirements.txt")
    (folder / "all.yaml").write_text(manifests, encoding="utf-8")
    command = [validate, "-k", version, "--strict", folder / "all.yaml"]
    return subprocess.run(command, capture_output=True, timeout=100, check=False).returncode == 0


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("version", ["1.32", "1.37"])
def test_strictly_valid(overlay: str, version: str, tmp_path: Path) -> None:
    assert is_valid(rendered(overlay), version, tmp_path)


def test_a_misspelt_field_is_noticed(tmp_path: Path) -> None:
    assert not is_valid(rendered("single-node").replace("readOnlyRootFilesystem", "readOnlyRoot"), "1.37", tmp_path)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_settings_work_within_the_limits(overlay: str) -> None:
    found = settings(overlay)
    memory = in_bytes(service_container(overlay)["resources"]["limits"]["memory"])
    assert memory_needed(found.threads, found.max_calls, found.max_message_bytes, found.max_cells) <= memory


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_call_is_cut_off(overlay: str) -> None:
    found = settings(overlay)
    assert pod(overlay)["terminationGracePeriodSeconds"] > found.drain_seconds + found.stop_seconds
    if overlay == "production":
        assert found.drain_seconds > service_container(overlay)["readinessProbe"]["periodSeconds"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_container_is_confined(overlay: str) -> None:
    spec = pod(overlay)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"] + spec.get("initContainers", []):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}
        assert ":" in container["image"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_ask_for_pages_that_there_are(overlay: str) -> None:
    container = service_container(overlay)
    paths = {container[f"{what}Probe"]["httpGet"]["path"] for what in ("startup", "readiness", "liveness")}
    assert paths == {"/startupz", "/readyz", "/livez"}
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports["metrics"] == int(settings(overlay).metrics_listen.rpartition(":")[2])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_finds_its_pods(overlay: str) -> None:
    found = kinds(overlay)
    (deployment,) = found["Deployment"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    selectors = [service["spec"]["selector"] for service in found["Service"]]
    selectors += [policy["spec"]["podSelector"]["matchLabels"] for policy in found["NetworkPolicy"]]
    selectors += [budget["spec"]["selector"]["matchLabels"] for budget in found.get("PodDisruptionBudget", [])]
    assert len(selectors) >= 3
    for selector in selectors:
        assert selector == {"app.kubernetes.io/name": "core20plus5"}
        assert selector.items() <= labels.items()
    by_name = {service["metadata"]["name"]: service["spec"] for service in found["Service"]}
    assert by_name["core20plus5-pods"]["clusterIP"] == "None"
    assert "clusterIP" not in by_name["core20plus5"]


def test_production_scales_and_survives() -> None:
    found = kinds("production")
    (scaler,), (budget,), (deployment,) = (
        found[kind] for kind in ("HorizontalPodAutoscaler", "PodDisruptionBudget", "Deployment")
    )
    assert "replicas" not in deployment["spec"]
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert budget["spec"]["maxUnavailable"] < scaler["spec"]["minReplicas"]
    resource, streams = scaler["spec"]["metrics"]
    assert resource["resource"]["name"] == "cpu"
    assert streams["pods"]["metric"]["name"] in (KUBERNETES / "adapter-rule.yaml").read_text(encoding="utf-8")
    assert int(streams["pods"]["target"]["averageValue"]) < settings("production").max_calls
    keys = [constraint["topologyKey"] for constraint in pod("production")["topologySpreadConstraints"]]
    assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]


def test_production_encrypts_and_knows_who_calls() -> None:
    found, spec = settings("production"), pod("production")
    assert not found.insecure_plaintext_on_network
    assert found.identifies
    mounted = {mount["name"]: mount["mountPath"] for mount in service_container("production")["volumeMounts"]}
    assert {str(path.parent) for path in (found.tls_cert, found.tls_key, found.tls_client_ca) if path} == {mounted["tls"]}
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert str(found.callers) == f"{mounted['callers']}/callers.toml"
    (configured,) = kinds("production")["ConfigMap"]
    assert configured["metadata"]["name"] == volumes["callers"]["configMap"]["name"]  # the same after a change: it is read anew
    assert read_callers(configured["data"]["callers.toml"].encode())
    (policy,) = kinds("production")["NetworkPolicy"]
    assert policy["spec"]["egress"] == []
    assert {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]} == {"grpc", "metrics"}


def test_production_as_it_is_set(tmp_path: Path) -> None:
    """A server with the very variables of the container, and the files of its volumes as cert-manager would write them."""
    authority = Authority(tmp_path)
    authority.make("server", file="tls")
    friend = authority.make("warehouse", [x509.UniformResourceIdentifier("spiffe://icb.example/warehouse")])
    stranger = Authority(tmp_path, "other").make("stranger", [x509.UniformResourceIdentifier("spiffe://icb.example/warehouse")])
    (configured,) = kinds("production")["ConfigMap"]
    (tmp_path / "callers.toml").write_text(configured["data"]["callers.toml"], encoding="utf-8")
    variables = {variable["name"]: variable["value"] for variable in service_container("production")["env"]}
    for mount in [found for found in service_container("production")["volumeMounts"] if found["name"] in ("tls", "callers")]:
        variables = {name: value.replace(f"{mount['mountPath']}/", f"{tmp_path}/") for name, value in variables.items()}
    variables |= {"CORE20PLUS5_DRAIN_SECONDS": "0", "CORE20PLUS5_MAX_CALLS": "2"}
    people = pa.Table.from_batches(list(sample_people(50_000, 1)))
    with running_server(**variables) as server:
        with Client(server.listen, credentials=secure(authority.ca, *friend)) as client:
            assert client.count_cohorts(people, **ASK).provenance["rows_received"] == 50_000
            with client.flag_patients(people, **ASK) as flags:
                assert sum(batch.num_rows for batch in flags) == 50_000
        for files in ((None, None), stranger):
            other = Client(server.listen, credentials=secure(authority.ca, *files), deadline=10)
            with other as client, pytest.raises(Core20Plus5Error):
                client.server_info()
        with Client(server.listen, deadline=10) as client, pytest.raises(ServerUnavailableError):
            client.server_info()
        server.stop()
        # Nothing is written past the loggers, not of a handshake that failed either.
        assert all(re.match(r"20\d\d-|\{\"time\": ", line) for line in server.lines), server.lines
